//! `provost enterprise-app`.

mod assignment;
mod role;
mod run;

pub use run::LOG as LOG_COLUMNS;

use super::{
    collection::{Collection, Item, Kind},
    in_account::InAccount,
    read_document, read_text,
};
use crate::{
    client::body,
    output::{Field, Output, printable, write_out},
};
use assignment::ASSIGNMENTS;
use clap::Subcommand;
use reqwest::Method;
use serde_json::{Value, json};
use std::{path::PathBuf, process::ExitCode};

const EXAMPLES: &str = "\
Examples:
  provost enterprise-app create DSM https://dsm.example.com/scim/v2?aadOptscim062020 --secret-token-file token --account contoso
  provost enterprise-app test DSM --account contoso
  provost enterprise-app probe DSM --write --save --account contoso
  provost enterprise-app role create DSM \"Account Auditor\" ACCOUNTAUDITOR --description \"Sees everything\" --account contoso
  provost enterprise-app assign DSM --user ann@contoso.example --role ACCOUNTAUDITOR --account contoso
  provost enterprise-app mappings DSM > mappings.json
  provost enterprise-app start DSM --account contoso

An app is named by id or by its name.";

const FIELDS: [Field; 15] = [
    ("Id", "/id"),
    ("Name", "/name"),
    ("Tenant URL", "/tenant_url"),
    ("Secret token ends with", "/secret_token/ends_with"),
    ("Started", "/started"),
    ("Interval (s)", "/interval"),
    ("Scope", "/scope"),
    ("Deletion threshold", "/accidental_deletion_threshold"),
    ("Skip out-of-scope deletions", "/skip_out_of_scope_deletions"),
    ("Nested groups", "/nested_groups"),
    ("Clear nulls", "/clear_nulls"),
    ("Drift", "/drift"),
    ("Notify", "/notify"),
    ("Created", "/created"),
    ("Modified", "/modified"),
];
const COLUMNS: [Field; 5] =
    [("ID", "/id"), ("NAME", "/name"), ("TENANT URL", "/tenant_url"), ("STARTED", "/started"), ("SCOPE", "/scope")];
const TEST: [Field; 3] = [("Success", "/success"), ("Result", "/result"), ("Detail", "/detail")];
const PROBES: [Field; 4] =
    [("REQUEST", "/request"), ("STATUS", "/status"), ("MS", "/duration_ms"), ("RESULT", "/result")];

const APPS: Kind =
    Kind { what: "enterprise app", segment: "enterprise-apps", names: &["/name"], fields: &FIELDS, columns: &COLUMNS };

/// Options of `provost enterprise-app`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    account: InAccount,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Make an enterprise app: a target that the account provisions into
    Create {
        /// Its name for people
        name: String,
        /// The target's SCIM base; ?aadOptscim062020 behind it asks for the newer PATCH dialect
        tenant_url: String,
        #[command(flatten)]
        settings: Settings,
    },
    /// List enterprise apps
    List,
    /// Show an enterprise app (never its secret token)
    Show {
        /// Its id or name
        app: String,
    },
    /// Change an enterprise app
    Set {
        /// Its id or name
        app: String,
        /// A new name
        #[arg(long)]
        name: Option<String>,
        /// Another target; on another host, the secret token has to be given again
        #[arg(long, value_name = "URL")]
        tenant_url: Option<String>,
        #[command(flatten)]
        settings: Settings,
    },
    /// Remove an enterprise app; nothing is done at its target
    Delete {
        /// Its id or name
        app: String,
    },
    /// Ask the target whether it can be provisioned into
    Test {
        /// Its id or name
        app: String,
    },
    /// Find out what the target needs otherwise than Entra sends
    #[command(after_help = "Example:\n  provost enterprise-app probe DSM --write --save --account contoso")]
    Probe {
        /// Its id or name
        app: String,
        /// Make throw-away users and groups at the target, try everything on them, and remove them again
        #[arg(long)]
        write: bool,
        /// Give a throw-away user this app role, by id, value or display name; without one, roles are not tried
        #[arg(long, value_name = "ROLE", requires = "write")]
        role: Option<String>,
        /// Give the app the settings that are found
        #[arg(long, requires = "write")]
        save: bool,
    },
    /// Let it run by itself
    Start {
        /// Its id or name
        app: String,
    },
    /// Stop it
    Stop {
        /// Its id or name
        app: String,
    },
    /// Have it look at everything again; links survive
    Restart {
        /// Its id or name
        app: String,
        /// Forget links too: everybody is matched anew
        #[arg(long)]
        full: bool,
    },
    /// Show how its provisioning stands
    Status {
        /// Its id or name
        app: String,
    },
    /// Run a cycle now, and wait for its end
    Cycle {
        /// Its id or name
        app: String,
        /// Try failures again that are not due yet
        #[arg(long)]
        retry: bool,
    },
    /// Show what the next cycle would do; nothing is changed
    Plan {
        /// Its id or name
        app: String,
    },
    /// Do what a plan showed, exactly; nothing is done if anything else would be done by now
    #[command(
        after_help = "Example:\n  provost enterprise-app plan DSM > plan.json\n  provost enterprise-app apply DSM plan.json"
    )]
    Apply {
        /// Its id or name
        app: String,
        /// The plan, as `plan` showed it; `-` reads it from stdin
        plan: PathBuf,
    },
    /// Take back at the target what a cycle wrote there; without --yes only shown
    Undo {
        /// Its id or name
        app: String,
        /// The cycle's id, as the provisioning log names it
        cycle: String,
        /// Do it
        #[arg(long)]
        yes: bool,
    },
    /// Provision a user or a group now, and show it step by step
    ProvisionOnDemand(assignment::OnDemand),
    /// Let the disables and deletes that are held be sent, or let go of them
    Held {
        /// Its id or name
        app: String,
        /// What becomes of them
        #[arg(value_parser = ["allow", "reject"])]
        decision: String,
    },
    /// Read the provisioning log, newest first
    Logs(run::Logs),
    /// Show where the values come from that it sends of a user or a group
    #[command(
        after_help = "Example:\n  provost enterprise-app lineage DSM --user ann@contoso.example --account contoso"
    )]
    Lineage(run::Lineage),
    /// Show what it sends, or put a document in its place
    #[command(after_help = "Example:\n  provost enterprise-app mappings DSM --file mappings.json --account contoso")]
    Mappings {
        /// Its id or name
        app: String,
        /// What it is to send, as the command shows it: `users` and `groups` are rows; `-` reads it from stdin
        #[arg(long)]
        file: Option<PathBuf>,
    },
    /// App roles
    Role {
        #[command(subcommand)]
        command: role::Command,
    },
    /// Assign a user or a group
    Assign(assignment::Assign),
    /// List who is assigned
    Assignments {
        /// Its id or name
        app: String,
    },
    /// End the assignments of a user or a group
    Unassign(assignment::Unassign),
}

/// How an app works; what is left out stays.
#[derive(clap::Args, Debug)]
struct Settings {
    /// What authenticates at the target; `-` reads it from stdin
    #[arg(long, value_name = "FILE")]
    secret_token_file: Option<PathBuf>,
    /// The same in the environment, where other users of the machine do not see it
    #[arg(
        long,
        env = "PROVOST_SECRET_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN",
        conflicts_with = "secret_token_file"
    )]
    secret_token: Option<String>,
    /// Seconds from cycle to cycle [default: 2400]
    #[arg(long, value_name = "SECONDS")]
    interval: Option<u64>,
    /// Who is in scope: those who are assigned, or all [default: assigned]
    #[arg(long, value_parser = ["assigned", "all"])]
    scope: Option<String>,
    /// How many disables and deletes one cycle may bring; more are held
    #[arg(long, value_name = "NUMBER")]
    accidental_deletion_threshold: Option<u32>,
    /// Any number of disables and deletes
    #[arg(long, conflicts_with = "accidental_deletion_threshold")]
    any_deletions: bool,
    /// Whether those who leave the scope are left alone at the target
    #[arg(long, value_name = "BOOL")]
    skip_out_of_scope_deletions: Option<bool>,
    /// Whether members of groups inside an assigned group count
    #[arg(long, value_name = "BOOL")]
    nested_groups: Option<bool>,
    /// Whether what the source has no more is cleared at the target
    #[arg(long, value_name = "BOOL")]
    clear_nulls: Option<bool>,
    /// What is done about changes that somebody else made at the target
    #[arg(long, value_parser = ["ignore", "alert", "repair", "adopt"])]
    drift: Option<String>,
    /// Who is told of trouble, by mail; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    notify: Option<Vec<String>>,
}

impl Settings {
    fn body(self, name: Option<String>, tenant_url: Option<String>) -> anyhow::Result<Value> {
        let token = match self.secret_token_file {
            Some(file) => Some(read_text(&file)?.trim().to_owned()),
            None => self.secret_token,
        };
        let threshold =
            if self.any_deletions { Some(Value::Null) } else { self.accidental_deletion_threshold.map(Value::from) };
        Ok(body([
            ("name", name.map(Value::from)),
            ("tenant_url", tenant_url.map(Value::from)),
            ("secret_token", token.map(Value::from)),
            ("interval", self.interval.map(Value::from)),
            ("scope", self.scope.map(Value::from)),
            ("accidental_deletion_threshold", threshold),
            ("skip_out_of_scope_deletions", self.skip_out_of_scope_deletions.map(Value::from)),
            ("nested_groups", self.nested_groups.map(Value::from)),
            ("clear_nulls", self.clear_nulls.map(Value::from)),
            ("drift", self.drift.map(Value::from)),
            ("notify", self.notify.map(Value::from)),
        ]))
    }
}

/// The enterprise apps of an account.
struct Apps<'a> {
    all: Collection<'a>,
    output: Output,
}

impl Args {
    /// Does what was asked.
    ///
    /// # Errors
    /// What the server refuses, in its words.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let account = self.account.open().await?;
        let apps = Apps { all: account.all(&APPS), output: account.output };
        apps.run(self.command).await
    }
}

impl<'a> Apps<'a> {
    async fn run(&self, command: Command) -> anyhow::Result<ExitCode> {
        match command {
            Command::List => self.all.list(&[], usize::MAX).await?,
            Command::Create { name, tenant_url, settings } => {
                self.all.create(&settings.body(Some(name), Some(tenant_url))?).await?;
            }
            Command::Show { app } => self.find(&app).await?.show().await?,
            Command::Set { app, name, tenant_url, settings } => {
                let request = settings.body(name, tenant_url)?;
                self.find(&app).await?.change(&request).await?;
            }
            Command::Delete { app } => self.find(&app).await?.delete(&[]).await?,
            Command::Test { app } => return self.test(&app).await,
            Command::Probe { app, write, role, save } => return self.probe(&app, write, role, save).await,
            Command::Start { app } => self.find(&app).await?.act("start", &json!({})).await?,
            Command::Stop { app } => self.find(&app).await?.act("stop", &json!({})).await?,
            Command::Restart { app, full } => run::restart(self, &app, full).await?,
            Command::Status { app } => run::status(self, &app).await?,
            Command::Cycle { app, retry } => return run::cycle(self, &app, retry).await,
            Command::Plan { app } => run::plan(self, &app).await?,
            Command::Apply { app, plan } => return run::apply(self, &app, &read_document(&plan)?).await,
            Command::Undo { app, cycle, yes } => return run::undo(self, &app, &cycle, yes).await,
            Command::ProvisionOnDemand(on_demand) => run::show_action(self, &on_demand.run(self).await?)?,
            Command::Held { app, decision } => run::held(self, &app, decision == "allow").await?,
            Command::Logs(logs) => logs.run(self).await?,
            Command::Lineage(lineage) => lineage.run(self).await?,
            Command::Mappings { app, file } => {
                let document = file.as_deref().map(read_document).transpose()?;
                let mappings = self.find(&app).await?.place.at(&["mappings"]);
                let shown = match document {
                    None => mappings.get(&[]).await?,
                    Some(document) => mappings.send(Method::PUT, &document).await?,
                };
                self.output.document(&shown, &shown)?;
            }
            Command::Role { command } => command.run(self).await?,
            Command::Assign(assign) => assign.run(self).await?,
            Command::Assignments { app } => self.find(&app).await?.all(&ASSIGNMENTS).list(&[], usize::MAX).await?,
            Command::Unassign(unassign) => unassign.run(self).await?,
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn find(&self, app: &str) -> anyhow::Result<Item<'a>> {
        self.all.find(app).await
    }

    /// Exits with 1 when the target cannot be provisioned into.
    async fn test(&self, app: &str) -> anyhow::Result<ExitCode> {
        let found = self.find(app).await?.place.at(&["test-connection"]).act().await?;
        self.output.object(&found, &TEST)?;
        if let (Output::Plain, Some(probes)) = (self.output, found["probes"].as_array()) {
            self.output.list(probes, &PROBES)?;
            for detail in probes.iter().filter_map(|probe| probe["detail"].as_str()) {
                self.output.note(&printable(detail))?;
            }
        }
        Ok(if found["success"] == json!(true) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// Exits with 1 when something stands in the way that no setting helps with.
    async fn probe(&self, app: &str, write: bool, role: Option<String>, save: bool) -> anyhow::Result<ExitCode> {
        let app = self.find(app).await?;
        let request = json!({ "write": write, "app_role": role });
        let found = app.place.at(&["probe"]).send(Method::POST, &request).await?;
        match self.output {
            Output::Json => self.output.document(&found, &found)?,
            Output::Plain => {
                for line in found["text"].as_str().into_iter().flat_map(str::lines) {
                    write_out(&format!("{}\n", printable(line)))?;
                }
            }
        }
        if save {
            let change = json!({ "compatibility": found["report"]["compatibility"] });
            app.place.send(Method::PATCH, &change).await?;
        }
        let is_clear = found["report"]["obstacles"].as_array().is_some_and(Vec::is_empty);
        Ok(if is_clear { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
