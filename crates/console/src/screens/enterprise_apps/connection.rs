//! Connecting an application: the mode, the tenant URL and the secret token, and what the test of the connection found.

use super::{App, below};
use crate::{
    Filled, Shell,
    components::{
        field::{Field, submit, token},
        mark::{Mark, state},
        message::{Tone, callout, marked, refusal, sentence},
        nothing,
        table::{bare, free, head, head_num, lead, num, row, table},
    },
};
use maud::{Markup, html};
use serde::Deserialize;

/// What a test found, as the management API shows it.
#[derive(Debug, Deserialize)]
pub struct Verdict {
    /// Whether the target can be provisioned into.
    pub success: bool,
    /// What was found, for a machine.
    pub result: String,
    /// In words, with what to do.
    pub detail: String,
    /// Each question.
    pub probes: Vec<Probe>,
}

/// A question and its answer.
#[derive(Debug, Deserialize)]
pub struct Probe {
    /// The request.
    pub request: String,
    /// The status of the answer.
    pub status: Option<u16>,
    /// How long it took.
    pub duration_ms: u64,
    /// What it means.
    pub detail: String,
    /// For a machine.
    pub result: String,
}

/// The modes with their names in the address.
const MODES: [(&str, &str); 2] = [("manual", "Manual"), ("automatic", "Automatic")];

/// The page.
pub struct Connect<'a> {
    /// The application.
    pub app: &'a App,
    /// Whether the mode is automatic.
    pub is_automatic: bool,
    /// What was typed.
    pub filled: &'a Filled,
    /// The sealed token that was typed before.
    pub kept: Option<&'a str>,
    /// What the test found.
    pub verdict: Option<&'a Verdict>,
    /// Whether it may be saved though the test failed.
    pub may_insist: bool,
}

/// The page: first the mode, then the credentials.
pub fn page(shell: &Shell, view: &Connect<'_>) -> Markup {
    let app = view.app;
    let at = app.path(shell, "/provisioning/connect");
    let chosen = if view.is_automatic { "automatic" } else { "manual" };
    let body = html! {
        form.form method="get" action=(at) {
            (Field::choice("mode", "Provisioning mode", &MODES).row(&Filled::with(&[("mode", chosen)])))
            div.buttons { button.button type="submit" { "Choose" } }
        }
        @if view.is_automatic { (credentials(shell, view, &app.path(shell, "/provisioning/connection"))) } @else { (manual()) }
    };
    let title = if app.is_connected() { "Edit connection" } else { "Connect your application" };
    below(shell, app, ("Provisioning", "/provisioning"), title, body).render(shell)
}

fn manual() -> Markup {
    callout(
        Tone::Info,
        "Users are managed by hand",
        html! { p { "Nothing is sent to the application, and no cycle runs. Choose Automatic to connect it." } },
    )
}

fn credentials(shell: &Shell, view: &Connect<'_>, at: &str) -> Markup {
    let app = view.app;
    let hint = "The target’s SCIM base. Add ?aadOptscim062020 for the PATCH that RFC 7644 wants; without it the older form is sent.";
    let is_known = view.kept.is_some() || app.secret_token.is_some();
    let token_hint = match (view.kept, &app.secret_token) {
        (Some(_), _) => "The token that you typed is kept for this form. Type another one to replace it.".to_owned(),
        (None, Some(known)) => {
            format!("A token ending in {} is saved. Leave the field empty to keep it.", shown(&known.ends_with))
        }
        (None, None) => {
            "What the application calls API key or API token. It is stored sealed and never shown again.".to_owned()
        }
    };
    let secret = Field::secret("secret_token", "Secret token").hint(token_hint).autocomplete("new-password");
    let secret = if is_known { secret.depends() } else { secret };
    let save = if app.is_connected() { "Save" } else { "Create" };
    html! {
        (refusal(view.filled, "The connection was not saved"))
        @if let Some(verdict) = view.verdict { (found(verdict)) }
        form.form method="post" action=(at) {
            (token(&shell.csrf))
            @if let Some(kept) = view.kept { input type="hidden" name="kept" value=(kept); }
            @if view.may_insist { input type="hidden" name="insist" value="yes"; }
            (Field::text("tenant_url", "Tenant \
                URL").hint(hint).placeholder("https://host.example/scim/v2?aadOptscim062020").mono().row(view.filled))
            (secret.row(view.filled))
            div.buttons {
                button.button type="submit" formaction=(format!("{at}/test")) { "Test connection" } " "
                (if view.may_insist { submit(&format!("{save} anyway")) } else { submit(save) }) " "
                a.button.button--quiet href=(app.path(shell, "/provisioning")) { "Cancel" }
            }
        }
    }
}

fn shown(end: &str) -> String {
    if end.is_empty() { "characters that are not shown".to_owned() } else { format!("…{end}") }
}

/// What the test found, with each question.
pub fn found(verdict: &Verdict) -> Markup {
    let (tone, heading) = if verdict.success {
        (Tone::Ok, "The connection works".to_owned())
    } else {
        (Tone::Bad, heading(&verdict.result).to_owned())
    };
    let asked = html! {
        // The heading says the first words of some already.
        @let detail = verdict.detail.strip_prefix(heading.as_str()).and_then(|rest| rest.strip_prefix(": "));
        p role="status" { (marked(&sentence(detail.unwrap_or(&verdict.detail)))) }
        @if !verdict.probes.is_empty() {
            details.more {
                summary { "What was asked" }
                (table("What was asked", &[head("Request"), head("Answer"), head("What it means"), head_num("Took")], html! {
                    @for probe in &verdict.probes { (row(false, html! {
                        (lead(html! { code { (probe.request) } }))
                        (bare(match (probe.status, probe.result.as_str()) {
                            (Some(status), "success") => state(Mark::Good, &status.to_string()),
                            (Some(status), _) => state(Mark::Bad, &status.to_string()),
                            (None, _) => state(Mark::Bad, "None"),
                        }))
                        (free("What it means", sentence(&probe.detail)))
                        (num("Took", format!("{} ms", probe.duration_ms)))
                    })) }
                }))
            }
        } @else { (nothing()) }
    };
    callout(tone, &heading, asked)
}

/// What a finding is called.
fn heading(result: &str) -> &'static str {
    match result {
        "credentials_invalid" => "Credentials invalid",
        "credentials_missing" => "There is no secret token",
        "endpoint_not_found" => "Endpoint not found",
        "not_scim" => "The address answers, but not as a SCIM server",
        "filter_ignored" | "filter_refused" => "The application does not search as it has to",
        "groups_not_supported" => "The application takes no groups",
        "redirected" => "The application sends elsewhere",
        "throttled" => "The application wants to be left alone for now",
        "target_failing" => "The application fails",
        "certificate" => "The certificate cannot be trusted",
        "timed_out" => "The application does not answer in time",
        "unreachable" => "The application cannot be reached",
        "forbidden" => "This address must not be called from here",
        _ => "The connection does not work",
    }
}
