//! What can be asked on the command line.

use crate::{commands, config::ServeArgs, demo, folder, migrate, rotate_key, serve};
use clap::{Parser, Subcommand};
use std::process::ExitCode;

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  it failed; one sentence on stderr says why
  2  the command line is wrong
  3  a verification found something broken (`audit verify`, `verify`)";

/// User provisioning over SCIM 2.0: a server, and the commands to manage it.
#[derive(Parser, Debug)]
#[command(name = "provost", version, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run the server
    Serve(ServeArgs),
    /// See it work: a server on a throw-away store, and the life of three users as Entra ID sends it
    Demo(demo::Args),
    /// Accounts: the organisations whose users are provisioned (operator's key only)
    Account(commands::account::Args),
    /// Admin apps: who provisions into an account, with which API key
    AdminApp(commands::admin_app::Args),
    /// Enterprise apps: what an account provisions into other systems
    EnterpriseApp(commands::enterprise_app::Args),
    /// Users of an account
    User(commands::user::Args),
    /// Groups of an account
    Group(commands::group::Args),
    /// Roles of an account
    Role(commands::role::Args),
    /// Schemas of an account's own: extensions of users and groups, and what its resource types are made of
    Schema(commands::schema::Args),
    /// Resource types of an account's own
    ResourceType(commands::resource_type::Args),
    /// Indexes that an account declares: attributes to find its resources by
    Index(commands::index::Args),
    /// The provisioning policy of an account
    Policy(commands::policy::Args),
    /// How people sign in to the console of an account
    SignIn(commands::sign_in::Args),
    /// Quorum policies: who must approve, and is therefore kept from being de-provisioned
    QuorumPolicy(commands::quorum_policy::Args),
    /// Approval requests: removals of approvers that wait for the others
    Approval(commands::approval::Args),
    /// Alerts: what administrators must hear of although nobody asked
    Alert(commands::alert::Args),
    /// Disables and removals that a brake keeps for an administrator
    HeldChange(commands::held_change::Args),
    /// The audit log of an account
    Audit(commands::audit::Args),
    /// Copy the database while the server serves
    Backup(folder::backup::Args),
    /// Put a backup into a new data folder
    Restore(folder::restore::Args),
    /// Check everything that lies in a data folder, and put right what can be
    Verify(folder::verify::Args),
    /// Move accounts to another database while the server serves
    Migrate(migrate::Args),
    /// Give the installation another operator's key, and seal everything with it
    RotateKey(rotate_key::Args),
    /// Check whether any SCIM server does what the standard, Entra and Okta ask of it
    Check(commands::check::Args),
    /// Drive any SCIM server as Entra, Okta or Google would, through whole lives
    Simulate(commands::simulate::Args),
    /// Put a load on any SCIM server, and see how it bears it
    Load(commands::load::Args),
}

impl Cli {
    /// Does what was asked.
    ///
    /// # Errors
    /// Whatever keeps it from being done, to be shown as one sentence.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Serve(args) => serve::run(args).await,
            Command::Demo(args) => demo::run(args).await,
            Command::Account(args) => args.run().await,
            Command::AdminApp(args) => args.run().await,
            Command::EnterpriseApp(args) => args.run().await,
            Command::User(args) => args.run().await,
            Command::Group(args) => args.run().await,
            Command::Role(args) => args.run().await,
            Command::Schema(args) => args.run().await,
            Command::ResourceType(args) => args.run().await,
            Command::Index(args) => args.run().await,
            Command::Policy(args) => args.run().await,
            Command::SignIn(args) => args.run().await,
            Command::QuorumPolicy(args) => args.run().await,
            Command::Approval(args) => args.run().await,
            Command::Alert(args) => args.run().await,
            Command::HeldChange(args) => args.run().await,
            Command::Audit(args) => args.run().await,
            Command::Backup(args) => args.run(),
            Command::Restore(args) => args.run(),
            Command::Verify(args) => args.run(),
            Command::Migrate(args) => args.run().await,
            Command::RotateKey(args) => args.run().await,
            Command::Check(args) => args.run().await,
            Command::Simulate(args) => args.run().await,
            Command::Load(args) => args.run().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
