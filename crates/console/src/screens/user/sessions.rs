//! The sessions of a user, and of whoever looks at its own.

use super::{below, place};
use crate::{
    Shell,
    components::{
        field::{act as button, token},
        mark::tag,
        message::blank,
        nothing, short,
        table::{ACTS, act, cell, free, head, head_opt, lead, opt, row, table},
        time::{ago, time},
    },
    screens::users::User,
};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

/// A session, as the management API shows it.
#[derive(Clone, Debug, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// By what the person proved to be this user.
    pub factors: Vec<String>,
    /// When it began.
    pub created: Timestamp,
    /// When it was used last.
    pub seen: Timestamp,
    /// When it ends at the latest.
    pub expires: Timestamp,
    /// From where it began.
    pub client_ip: String,
    /// What the browser called itself.
    pub user_agent: Option<String>,
}

/// The page of a user's sessions.
pub fn sessions(shell: &Shell, user: &User, sessions: &[Session], may_manage: bool) -> Markup {
    let end = |session: &Session| may_manage.then(|| place(shell, user, &format!("/sessions/{}/end", session.id)));
    let body = html! {
        @if sessions.is_empty() {
            (blank("Not signed in", "A session appears here when the user signs in to the console.", nothing()))
        } @else {
            (list(shell, sessions, None, end))
            @if may_manage {
                div.buttons { (button(&place(shell, user, "/sessions/end"), &shell.csrf, "button button--danger", "End all sessions")) }
            }
        }
    };
    below(shell, user, "Sessions", body)
}

/// Sessions as a table. `this` is the one that asks; `end` says where a session is ended, if it may be.
pub(crate) fn list(
    shell: &Shell,
    sessions: &[Session],
    this: Option<&str>,
    end: impl Fn(&Session) -> Option<String>,
) -> Markup {
    let heads = [head("Browser"), head("Last used"), head("Began"), head_opt("Proved by"), head_opt("Ends"), ACTS];
    let rows = html! { @for session in sessions {
        @let browser = browser(session.user_agent.as_deref().unwrap_or_default());
        (row(false, html! {
            (lead(html! {
                (short(&browser))
                @if this == Some(session.id.as_str()) { " " (tag("This one")) }
                " " span.second { (session.client_ip) }
            }))
            (cell("Last used", ago(session.seen, shell.now)))
            (free("Began", time(session.created, shell.now)))
            (opt("Proved by", factors(&session.factors)))
            (opt("Ends", time(session.expires, shell.now)))
            (act(html! { @if let Some(to) = end(session) {
                form.inline method="post" action=(to) {
                    (token(&shell.csrf))
                    button.row-action type="submit" { "End" span.hidden-text { " the session in " (short(&browser)) } }
                }
            } }))
        }))
    } };
    table("Sessions", &heads, rows)
}

fn factors(factors: &[String]) -> String {
    let word = |factor: &String| match factor.as_str() {
        "password" => "Password".to_owned(),
        "totp" => "Authenticator app".to_owned(),
        "recovery_code" => "Recovery code".to_owned(),
        "passkey" => "Passkey".to_owned(),
        "identity_provider" => "Identity provider".to_owned(),
        other => other.to_owned(),
    };
    factors.iter().map(word).collect::<Vec<_>>().join(", ")
}

/// A browser in a few words; what it calls itself, where none is known.
fn browser(agent: &str) -> String {
    // The order counts: browsers name those that they want to be taken for.
    let names =
        [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
    let systems = [
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    let found =
        |known: &[(&str, &'static str)]| known.iter().find(|(part, _)| agent.contains(part)).map(|(_, name)| *name);
    match (found(&names), found(&systems)) {
        (Some(name), Some(system)) => format!("{name} on {system}"),
        (Some(name), None) => name.to_owned(),
        (None, _) if agent.is_empty() => "A browser without a name".to_owned(),
        (None, _) => agent.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::browser;

    #[test]
    fn browsers_are_told_in_a_few_words() {
        for (agent, told) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605 Version/17.0 Safari/604.1",
                "Safari on iPhone",
            ),
            ("curl/8.5.0", "curl/8.5.0"),
            ("", "A browser without a name"),
        ] {
            assert_eq!(browser(agent), told);
        }
    }
}
