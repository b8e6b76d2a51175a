//! The account itself: name, address, limits, what is switched on, indexes, definitions, the stream of the audit log.

use super::{Part, below, page};
use crate::{
    Filled, Shell,
    components::{
        button_link,
        code::copyable,
        count,
        facts::facts,
        field::{Confirmation, Field, confirmation, form, submit},
        mark::{Mark, state},
        message::{Tone, blank, callout, refusal, sentence},
        nothing, section,
        table::{ACTS, act, cell, head, head_opt, lead, opt, row, table},
        time::ago,
    },
    screens::accounts::Account,
};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

/// An index that the account declares.
#[derive(Debug, Deserialize)]
pub struct Index {
    /// Its id.
    pub id: String,
    /// The resource type.
    pub resource_type: String,
    /// The attribute.
    pub attribute: String,
    /// `building`, `ready` or `removing`.
    pub state: String,
    /// How far it is.
    pub progress: Option<Progress>,
}

/// How far an index is built.
#[derive(Debug, Deserialize)]
pub struct Progress {
    /// Resources that are entered.
    pub entered: u64,
    /// Resources that there are.
    pub resources: u64,
}

/// A schema of the account's own.
#[derive(Debug, Deserialize)]
pub struct Schema {
    /// Its URN.
    pub urn: String,
    /// Its name.
    pub name: String,
    /// What it extends.
    #[serde(default)]
    pub extends: Vec<serde_json::Value>,
}

/// A resource type of the account's own.
#[derive(Debug, Deserialize)]
pub struct ResourceType {
    /// Its name.
    pub name: String,
    /// Where its resources are.
    pub endpoint: String,
    /// The URN of its schema.
    pub schema: String,
}

/// Where the audit log is sent.
#[derive(Debug, Deserialize)]
pub struct Stream {
    /// Where.
    pub target: Option<String>,
    /// The last entry that has arrived.
    pub watermark: u64,
    /// When it had.
    pub last_sent: Option<Timestamp>,
    /// Entries that have not arrived yet.
    pub lag: u64,
    /// Why nothing arrives at the moment.
    pub last_error: Option<StreamTrouble>,
}

/// Why a stream does not go on.
#[derive(Debug, Deserialize)]
pub struct StreamTrouble {
    /// What went wrong.
    pub problem: String,
    /// How often it was tried.
    pub attempts: u32,
}

/// The tab.
pub struct View<'a> {
    /// The parts that whoever looks may see.
    pub open: &'a [Part],
    /// The account.
    pub account: &'a Account,
    /// Indexes, schemas, resource types; `None` where whoever looks may not see them.
    pub definitions: Option<(&'a [Index], &'a [Schema], &'a [ResourceType])>,
    /// Where the audit log goes; outer `None` for those who are not the operator.
    pub stream: Option<Option<&'a Stream>>,
    /// Whether whoever looks may declare indexes.
    pub may_manage: bool,
}

/// Where something of the tab is.
fn place(shell: &Shell, rest: &str) -> String {
    shell.path(&format!("{}{rest}", Part::Account.path()))
}

/// The tab.
pub fn show(shell: &Shell, view: &View<'_>) -> Markup {
    let account = view.account;
    let features = html! { @if account.features.is_empty() { "None" } @else { (account.features.join(", ")) } };
    let users = html! {
        (count(account.counts.active_users))
        @match account.max_users { Some(most) => { " of " (count(i64::from(most))) }, None => ", no limit" }
    };
    let pairs = [
        ("Name", html! { (account.name) }),
        ("Id", html! { code { (account.id) } }),
        ("Enabled users", users),
        ("Features", features),
        ("Policy", html! { (account.preset) ", version " (account.policy_version) }),
    ];
    let edit = html! { @if shell.is_operator { a.small href=(place(shell, "/edit")) { "Edit account" } } };
    let body = html! {
        (section("account", "Account", edit, html! { (facts(&pairs)) (copyable("Tenant URL", &account.tenant_url, "the tenant URL")) }))
        @if let Some((found, schemas, types)) = view.definitions {
            @let about = html! { p { "A filter or an order on an attribute with an index is quick in an account of any size." } };
            (section("indexes", "Indexes", about, indexes(shell, found, view.may_manage)))
            @if !schemas.is_empty() || !types.is_empty() {
                (section("definitions", "Own schemas and resource types", nothing(), definitions(schemas, types)))
            }
        }
        @if let Some(found) = view.stream { (section("stream", "Audit stream", nothing(), stream(shell, found))) }
    };
    page(shell, view.open, Part::Account, body).render(shell)
}

fn indexes(shell: &Shell, indexes: &[Index], may_manage: bool) -> Markup {
    let add = if may_manage { button_link(&place(shell, "/indexes/new"), "Add index") } else { nothing() };
    if indexes.is_empty() {
        return blank(
            "No indexes of its own",
            "userName, externalId, displayName and e-mail addresses have one always.",
            add,
        );
    }
    let rows = html! { @for index in indexes {
        (row(index.state == "removing", html! {
            (lead(html! { code { (index.attribute) } }))
            (cell("Of", &index.resource_type))
            (cell("State", match (index.state.as_str(), &index.progress) {
                ("ready", _) => state(Mark::On, "Ready"),
                ("removing", _) => state(Mark::Off, "Being removed"),
                (_, Some(progress)) => state(Mark::Run, &format!("Building, {} of {}", progress.entered, progress.resources)),
                (_, None) => state(Mark::Run, "Building"),
            }))
            (act(html! { @if may_manage && index.state != "removing" {
                a href=(place(shell, &format!("/indexes/{}/remove", index.id))) { "Remove" span.hidden-text { " " (index.attribute) } }
            } }))
        }))
    } };
    html! { (table("Indexes", &[head("Attribute"), head("Of"), head("State"), ACTS], rows)) div.buttons { (add) } }
}

fn definitions(schemas: &[Schema], types: &[ResourceType]) -> Markup {
    let rows = html! {
        @for schema in schemas {
            (row(false, html! {
                (lead(html! { (schema.name) }))
                (cell("Kind", if schema.extends.is_empty() { "Schema" } else { "Extension" }))
                (opt("Where", html! { code { (schema.urn) } }))
            }))
        }
        @for own in types {
            (row(false, html! {
                (lead(html! { (own.name) })) (cell("Kind", "Resource type")) (opt("Where", html! { code { (own.endpoint) } }))
            }))
        }
    };
    table("Own schemas and resource types", &[head("Name"), head("Kind"), head_opt("Where")], rows)
}

fn stream(shell: &Shell, stream: Option<&Stream>) -> Markup {
    let set = button_link(&place(shell, "/stream"), "Set audit stream");
    let Some(stream) = stream else {
        return blank("Sent nowhere", "The log can go to a syslog server or a webhook as it is written.", set);
    };
    let target = html! { @match &stream.target {
        Some(target) => code { (target) },
        None => "Set under another operator’s key: set it again",
    } };
    html! {
        @if let Some(trouble) = &stream.last_error {
            (callout(Tone::Bad, "The audit log does not arrive", html! { p {
                (sentence(&trouble.problem)) " Tried " (trouble.attempts) " times."
            } }))
        }
        (facts(&[
            ("Target", target),
            ("Last entry that arrived", html! { (stream.watermark) @if let Some(at) = stream.last_sent { ", " (ago(at, shell.now)) } }),
            ("Not arrived yet", html! { (count(i64::try_from(stream.lag).unwrap_or(i64::MAX))) }),
        ]))
        div.buttons { (set) " " a.button.button--danger href=(place(shell, "/stream/remove")) { "Remove" } }
    }
}

/// The buttons of a form of this tab.
fn buttons(shell: &Shell, label: &str) -> Markup {
    html! { (submit(label)) " " a.button href=(place(shell, "")) { "Cancel" } }
}

/// The form for another name or limit; for the operator.
pub fn edit(shell: &Shell, filled: &Filled) -> Markup {
    let fields = html! {
        (Field::text("name", "Name").row(filled))
        (Field::number("max_users", "Enabled users at most").optional().hint("Empty: any number.").row(filled))
    };
    let body = html! {
        (refusal(filled, "The account was not changed"))
        (form(&place(shell, "/edit"), &shell.csrf, fields, buttons(shell, "Save")))
    };
    below(shell, Part::Account, "Edit account", body).render(shell)
}

/// The form for another index. `types` are the resource types of the account's own.
pub fn add_index(shell: &Shell, types: &[ResourceType], filled: &Filled) -> Markup {
    let options: Vec<(&str, &str)> = ["User", "Group"]
        .into_iter()
        .chain(types.iter().map(|own| own.name.as_str()))
        .map(|name| (name, name))
        .collect();
    let fields = html! {
        (Field::choice("resource_type", "Of", &options).row(filled))
        (Field::text("attribute", "Attribute").mono().placeholder("title")
            .hint("In attribute notation, such as name.familyName.").row(filled))
    };
    let body = html! {
        (refusal(filled, "The index was not added"))
        (form(&place(shell, "/indexes/new"), &shell.csrf, fields, buttons(shell, "Add index")))
    };
    below(shell, Part::Account, "Add index", body).render(shell)
}

/// The form for where the audit log goes; for the operator.
pub fn set_stream(shell: &Shell, filled: &Filled) -> Markup {
    let fields = html! {
        (Field::text("target", "Target").mono().placeholder("syslog+tls://logs.example.com:6514")
            .hint("syslog://HOST:PORT, syslog+tls://HOST:PORT or https://…").row(filled))
        (Field::secret("authorization", "Authorization header").optional()
            .hint("For an https target; kept sealed and not shown again.").row(filled))
    };
    let body = html! {
        (refusal(filled, "The audit stream was not set"))
        (form(&place(shell, "/stream"), &shell.csrf, fields, buttons(shell, "Set audit stream")))
    };
    below(shell, Part::Account, "Audit stream", body).render(shell)
}

/// What is asked again before it is removed.
#[derive(Clone, Copy, Debug)]
pub enum Removed<'a> {
    /// An index.
    Index(&'a Index),
    /// The stream of the audit log.
    Stream,
}

/// The page that asks again.
pub fn confirm(shell: &Shell, what: Removed<'_>, filled: &Filled) -> Markup {
    let (question, consequence, path, button) = match what {
        Removed::Index(index) => (
            format!("Remove the index on {} of {}?", index.attribute, index.resource_type),
            "filters and orders that need it are refused with tooMany where there are more than 10,000 resources",
            format!("/indexes/{}/remove", index.id),
            "Remove index",
        ),
        Removed::Stream => (
            "Send the audit log nowhere any more?".to_owned(),
            "entries from now on stay here only",
            "/stream/remove".to_owned(),
            "Remove audit stream",
        ),
    };
    let ask = Confirmation {
        question: &question,
        consequences: &[consequence.to_owned()],
        name: None,
        fields: nothing(),
        button,
        action: &place(shell, &path),
        back: &place(shell, ""),
    };
    below(shell, Part::Account, "Confirm", confirmation(&ask, &shell.csrf, filled)).render(shell)
}
