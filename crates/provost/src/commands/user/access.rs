//! `provost user invite`, `sessions`, `end-sessions`, `reset-factors`: how a user signs in to the console.

use super::find;
use crate::{
    commands::{collection::Kind, in_account::Account},
    output::Field,
};
use clap::Subcommand;
use reqwest::Method;
use serde_json::json;

const SESSIONS: Kind = Kind {
    what: "session",
    segment: "sessions",
    names: &[],
    fields: &[],
    columns: &[
        ("ID", "/id"),
        ("FACTORS", "/factors"),
        ("BEGAN", "/created"),
        ("LAST USED", "/seen"),
        ("ENDS", "/expires"),
        ("FROM", "/client_ip"),
        ("BROWSER", "/user_agent"),
    ],
};

/// The commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Let a user set a password for the console, by a link that works once
    #[command(after_help = "Example:\n  provost user invite ann@acme.example --account acme --print-link")]
    Invite {
        /// Id or userName
        user: String,
        /// Print the link instead of sending it by mail; for the operator
        #[arg(long)]
        print_link: bool,
    },
    /// List a user's sessions in the console
    Sessions {
        /// Id or userName
        user: String,
    },
    /// End a user's sessions in the console
    EndSessions {
        /// Id or userName
        user: String,
        /// Only this one, by id
        #[arg(long, value_name = "ID")]
        session: Option<String>,
    },
    /// Forget a user's authenticator app and passkeys, and end the user's sessions
    ResetFactors {
        /// Id or userName
        user: String,
    },
}

impl Command {
    /// Does what was asked.
    ///
    /// # Errors
    /// What the server refuses, in its words.
    pub async fn run(self, account: &Account) -> anyhow::Result<()> {
        let (Self::Invite { user, .. }
        | Self::Sessions { user }
        | Self::EndSessions { user, .. }
        | Self::ResetFactors { user }) = &self;
        let (user, output) = (find(account, user).await?, account.output);
        let (sessions, id) = (user.all(&SESSIONS), &user.id);
        match &self {
            Self::Invite { print_link, .. } => {
                let request = json!({ "show_link": print_link });
                let made = user.place.at(&["invitations"]).send(Method::POST, &request).await?;
                let fields: &[Field] = if *print_link {
                    &[("Link", "/link"), ("Works until", "/expires")]
                } else {
                    &[("Sent to", "/to"), ("Link works until", "/expires")]
                };
                output.object(&made, fields)
            }
            Self::Sessions { .. } => sessions.list(&[], usize::MAX).await,
            Self::EndSessions { session: Some(session), .. } => {
                sessions.place.at(&[session]).delete(&[]).await?;
                output.sentence(&format!("Ended session {session}."), &json!({ "ended": session }))
            }
            Self::EndSessions { session: None, .. } => {
                sessions.place.delete(&[]).await?;
                output.sentence(&format!("Ended all sessions of user {id}."), &json!({ "ended": "all" }))
            }
            Self::ResetFactors { .. } => {
                user.place.at(&["second-factors"]).delete(&[]).await?;
                output.sentence(&format!("Forgot the second factors of user {id}."), &json!({ "reset": id }))
            }
        }
    }
}
