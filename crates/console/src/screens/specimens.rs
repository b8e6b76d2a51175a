//! Every component in its states, on one page: what is looked at when a component is changed.

use crate::{
    Filled, Page, Place, Shell,
    components::{
        button_link,
        chart::{Bar, Share, bars, progress, shares},
        code::{copyable, document, secret_end},
        diff::{Change, created, diff},
        facts::{Figure, facts, facts_line, figure, figures},
        field::{Check, Confirmation, Field, boxes, circles, confirmation, form, submit},
        filters::{Filter, Filters, filters},
        mark::{Mark, managed, state, tag, tag_warn},
        message::{Tone, blank, callout, refusal},
        nothing,
        paging::paging,
        primary_link, section,
        table::{cell, head, head_num, lead_link, num, open_row, row, table},
        time::{ago, exact, time},
    },
};
use maud::{Markup, html};

/// The page.
pub fn page(shell: &Shell) -> Markup {
    let body = html! {
        (section("marks", "State and tag", nothing(), marks()))
        (section("buttons", "Button", nothing(), buttons()))
        (section("fields", "Form row", nothing(), fields(shell)))
        (section("find", "Filters", nothing(), find()))
        (section("rows", "Table", nothing(), rows()))
        (section("read", "Facts, figures and times", nothing(), read(shell)))
        (section("charts", "Chart", nothing(), charts()))
        (section("carry", "Code and diff", nothing(), carry()))
        (section("say", "Messages", nothing(), say(shell)))
    };
    let sub = html! { "Every part of the console in every state. A screen uses these and nothing else." };
    Page::new("Components", Place::Overview, body).subtitle(sub).render(shell)
}

fn marks() -> Markup {
    let all = [
        (Mark::On, "Active"),
        (Mark::Wait, "Pending verification"),
        (Mark::Off, "Disabled"),
        (Mark::Hold, "Held"),
        (Mark::Run, "Cycle running, 61 %"),
        (Mark::Warn, "Warning"),
        (Mark::Bad, "Failure"),
        (Mark::Good, "Verified"),
    ];
    html! {
        div.side-by-side { @for (mark, word) in all { (state(mark, word)) " " } }
        div.side-by-side { (managed(Some("SCIM Entra"))) " " (managed(None)) " " (tag("Protected")) " " (tag_warn("Override")) }
    }
}

fn buttons() -> Markup {
    html! { div.buttons {
        (primary_link("#buttons", "Add user")) " " (button_link("#buttons", "Export CSV")) " "
        button.button.button--danger type="button" { "Revoke key" } " "
        button.button.button--primary type="button" aria-busy="true" { "Saving" } " "
        button.button type="button" disabled { "Not available" }
    } }
}

fn fields(shell: &Shell) -> Markup {
    let mut filled =
        Filled::with(&[("value", "Account Member"), ("reason", "Moved"), ("method", "key"), ("types", "users")]);
    filled.refuse_field("value", "the value has a space: use ACCOUNTMEMBER or the id of a custom role");
    let options = [("assigned", "Sync only assigned users and groups"), ("all", "Sync all users and groups")];
    let one = Check { value: "key", label: "API key", hint: Some("Default. One key, sent as a bearer token.") };
    let other = Check { value: "oauth", label: "OAuth client credentials", hint: None };
    let users = Check { value: "users", label: "Users", hint: None };
    let groups = Check { value: "groups", label: "Groups", hint: None };
    let rows = html! {
        (Field::text("name", "Name").row(&filled))
        (Field::text("value", "Value").mono().hint("What the identity provider sends for this role.").row(&filled))
        (Field::secret("token", "Secret token").hint("Stored, and never shown again.").optional().row(&filled))
        (Field::choice("scope", "Scope", &options).row(&filled))
        (Field::lines("reason", "Reason", 3).hint("Written to the audit log.").row(&filled))
        (circles("method", "Authentication method", &[one, other], &filled))
        (boxes("types", "Allowed member types", &[users, groups], &filled))
    };
    html! { (refusal(&filled, "The app role was not created")) (form("#fields", &shell.csrf, rows, submit("Create app role"))) }
}

fn find() -> Markup {
    let options = vec![(String::new(), "Any".to_owned()), ("on".to_owned(), "Active".to_owned())];
    let form = Filters {
        action: "#find",
        label: "Search users",
        placeholder: Some("Name, email or external id"),
        filters: vec![Filter { name: "state", label: "State", options }],
    };
    html! {
        (filters(&form, &Filled::with(&[("q", "lind"), ("state", "on")])))
        (paging("Pages", "20 on this page", Some("#find"), Some("#find")))
    }
}

fn rows() -> Markup {
    let heads = [head("Name"), head("State"), head_num("Entries")];
    let cells = |name: &str, mark: Markup, number: &str| {
        html! { (lead_link("#rows", name, Some("aino.virtanen@larkfield.example"))) (cell("State", mark)) (num("Entries", number)) }
    };
    table(
        "Row states",
        &heads,
        html! {
            (row(false, cells("Aino Virtanen", state(Mark::On, "Active"), "481")))
            (open_row(cells("Chiara Monti", state(Mark::Hold, "Disable held"), "444")))
            (row(true, cells("Dagfinn Aasen", state(Mark::Off, "Disabled"), "12")))
        },
    )
}

fn read(shell: &Shell) -> Markup {
    let pairs = [
        ("Users", html! { "Create, link, update, disable" }),
        ("Id", html! { code { "0199e1c4-7a20-7c41-8f6e-2b90d7a3c41e" } }),
        ("Times", html! { (time(shell.now, shell.now)) ", " (ago(shell.now, shell.now)) ", " (exact(shell.now)) }),
    ];
    html! {
        (facts(&pairs)) (facts_line(&pairs))
        (figures(&[
            Figure { is_bad: true, ..figure("Failures to act on", "17", "in 4 causes") },
            figure("Success rate", "98.8 %", "of 1,714 operations"),
        ]))
    }
}

fn charts() -> Markup {
    let bar = |hour: u64| Bar {
        label: format!("{hour:02}:00"),
        good: hour * hour,
        bad: if hour % 7 == 6 { hour } else { 0 },
    };
    let all: Vec<Bar> = (0..24).map(bar).collect();
    let part = |label, number| Share { label, number, href: Some("#charts".to_owned()) };
    html! {
        (bars("Operations in 24 hours, most at 23:00", "Hour from", &all))
        (shares("94 per cent active", &[part("Active", 1_131), part("Pending verification", 38), part("Disabled", 35)]))
        (progress("cycle", "Initial cycle, 251 of 412 users", 251, 412))
    }
}

fn carry() -> Markup {
    let change = |attribute: &str, was: Option<&str>, becomes: Option<&str>| Change {
        attribute: attribute.to_owned(),
        was: was.map(str::to_owned),
        becomes: becomes.map(str::to_owned),
    };
    html! {
        (copyable("Tenant URL", "https://provost.larkfield.example/scim/v2", "the tenant URL"))
        (secret_end("API key, later", "…uYp0rMz4", button_link("#carry", "Rotate")))
        (document("Request body", "{ \"active\": false }", "the request body"))
        (diff(&[change("title", Some("Head"), Some("Director")), change("phone", Some("+47"), None), change("language", None, Some("sv"))]))
        (created(&[change("userName", None, Some("kofi.mensah@larkfield.example"))]))
    }
}

fn say(shell: &Shell) -> Markup {
    let ask = Confirmation {
        question: "Remove Dagfinn Aasen?",
        consequences: &["membership of this account and of 3 groups ends".to_owned()],
        name: Some("Dagfinn Aasen"),
        fields: nothing(),
        button: "Remove user",
        action: "#say",
        back: "#say",
    };
    html! {
        (callout(Tone::Info, "Groups are off in this account", html! { p { "The policy does not accept groups." } }))
        (callout(Tone::Ok, "The connection works", html! { p { "It understood the answer." } }))
        (callout(Tone::Warn, "The key expires in 7 days", html! { p { "Rotate it now." } }))
        (callout(Tone::Bad, "Provisioning is in quarantine", html! { p { "Enter a new token and test the connection." } }))
        (blank("No administrative apps yet", "Add one for each identity provider.", primary_link("#say", "Add administrative app")))
        (confirmation(&ask, &shell.csrf, &Filled::default()))
    }
}
