//! `provost enterprise-app assign`, `assignments` and `unassign`.

use super::Apps;
use crate::{client::body, commands::collection::Kind};
use anyhow::bail;
use reqwest::Method;
use serde_json::{Value, json};

/// Who is assigned.
pub(super) const ASSIGNMENTS: Kind = Kind {
    what: "assignment",
    segment: "assignments",
    names: &[],
    fields: &[
        ("Id", "/id"),
        ("User", "/user/name"),
        ("Group", "/group/name"),
        ("Role", "/app_role/display_name"),
        ("Since", "/created"),
    ],
    columns: &[
        ("ID", "/id"),
        ("USER", "/user/name"),
        ("GROUP", "/group/name"),
        ("ROLE", "/app_role/display_name"),
        ("SINCE", "/created"),
    ],
};

#[derive(clap::Args, Debug)]
pub(super) struct Assign {
    /// The app's id or name
    app: String,
    #[command(flatten)]
    who: Who,
    /// The role's id, value or display name [default: Default Access]
    #[arg(long)]
    role: Option<String>,
}

#[derive(clap::Args, Debug)]
pub(super) struct OnDemand {
    /// The app's id or name
    app: String,
    #[command(flatten)]
    who: Who,
}

#[derive(clap::Args, Debug)]
pub(super) struct Unassign {
    /// The app's id or name
    app: String,
    #[command(flatten)]
    who: Who,
}

#[derive(clap::Args, Debug)]
#[group(required = true, multiple = false)]
struct Who {
    /// A user, by id or userName
    #[arg(long)]
    user: Option<String>,
    /// A group, by id or displayName
    #[arg(long)]
    group: Option<String>,
}

impl Assign {
    pub(super) async fn run(self, apps: &Apps<'_>) -> anyhow::Result<()> {
        let request = body([
            ("user", self.who.user.map(Value::from)),
            ("group", self.who.group.map(Value::from)),
            ("app_role", self.role.map(Value::from)),
        ]);
        apps.find(&self.app).await?.all(&ASSIGNMENTS).create(&request).await
    }
}

impl OnDemand {
    pub(super) async fn run(self, apps: &Apps<'_>) -> anyhow::Result<Value> {
        let request = body([("user", self.who.user.map(Value::from)), ("group", self.who.group.map(Value::from))]);
        apps.find(&self.app).await?.place.at(&["provision-on-demand"]).send(Method::POST, &request).await
    }
}

impl Unassign {
    pub(super) async fn run(self, apps: &Apps<'_>) -> anyhow::Result<()> {
        let assignments = apps.find(&self.app).await?.all(&ASSIGNMENTS);
        let (kind, who) = match (&self.who.user, &self.who.group) {
            (Some(user), _) => ("user", user),
            (None, Some(group)) => ("group", group),
            (None, None) => bail!("name a user or a group"),
        };
        let is_of = |assignment: &Value| {
            let principal = &assignment[kind];
            let is_name = principal["name"].as_str().is_some_and(|name| name.eq_ignore_ascii_case(who));
            principal["id"] == json!(who) || is_name
        };
        let all = assignments.place.list(&[], usize::MAX).await?;
        let ids: Vec<&str> = all.iter().filter(|one| is_of(one)).filter_map(|one| one["id"].as_str()).collect();
        if ids.is_empty() {
            bail!("`{who}` is not assigned to this app");
        }
        for id in &ids {
            assignments.place.at(&[id]).delete(&[]).await?;
        }
        apps.output.sentence(&format!("Ended {} assignments of {who}.", ids.len()), &json!({ "deleted": ids }))
    }
}
