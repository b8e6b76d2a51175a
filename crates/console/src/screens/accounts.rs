//! All accounts of an installation: for the operator.

use crate::{
    Filled, Page, Place, Shell,
    components::{
        count,
        field::{Field, form, submit},
        message::{blank, refusal},
        nothing,
        paging::paging,
        primary_link,
        table::{head, head_num, head_opt, lead_link, num, opt, row, table},
    },
};
use maud::{Markup, html};
use serde::Deserialize;

/// An account, as the management API shows it.
#[derive(Debug, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The preset that its policy began as.
    pub preset: String,
    /// The version of its policy.
    pub policy_version: u32,
    /// How many of what it has.
    pub counts: Counts,
    /// What a SCIM client is given.
    pub tenant_url: String,
    /// How many enabled users it may have.
    #[serde(default)]
    pub max_users: Option<u32>,
    /// What is switched on for it.
    #[serde(default)]
    pub features: Vec<String>,
}

/// How many of what an account has.
#[derive(Debug, Deserialize)]
pub struct Counts {
    /// Users.
    pub users: i64,
    /// Enabled users.
    pub active_users: i64,
    /// Users that an identity provider manages.
    pub managed_users: i64,
    /// Groups.
    pub groups: i64,
    /// Custom roles.
    pub roles: i64,
    /// Admin apps.
    pub admin_apps: i64,
}

/// A preset for a policy.
#[derive(Debug, Deserialize)]
pub struct Preset {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub purpose: String,
}

/// The list.
pub fn list(shell: &Shell, accounts: &[Account], next: Option<&str>, is_first: bool) -> Markup {
    let is_empty = accounts.is_empty() && is_first;
    let body = if is_empty {
        blank(
            "No accounts yet",
            "An account holds the users of one customer, with a policy of its own.",
            primary_link("/console/accounts/new", "Add account"),
        )
    } else {
        let heads =
            [head("Name"), head_opt("Policy"), head_num("Users"), head_num("Managed"), head_num("Administrative apps")];
        let rows = html! { @for account in accounts {
            (row(false, html! {
                (lead_link(&format!("/console/accounts/{}", account.id), &account.name, None))
                (opt("Policy", html! { (account.preset) ", version " (account.policy_version) }))
                (num("Users", count(account.counts.users)))
                (num("Managed", count(account.counts.managed_users)))
                (num("Administrative apps", count(account.counts.admin_apps)))
            }))
        } };
        let next = next.map(|cursor| crate::address("/console/accounts", &[("cursor", cursor)]));
        let first = (!is_first).then_some("/console/accounts");
        html! {
            (table("Accounts", &heads, rows))
            (paging("Pages", &format!("{} on this page", count(accounts.len() as i64)), first, next.as_deref()))
        }
    };
    Page::new("Accounts", Place::Accounts, body)
        .acts(if is_empty { nothing() } else { primary_link("/console/accounts/new", "Add account") })
        .render(shell)
}

/// The form for another account.
pub fn add(shell: &Shell, presets: &[Preset], filled: &Filled) -> Markup {
    let options: Vec<(&str, &str)> =
        presets.iter().map(|preset| (preset.name.as_str(), preset.name.as_str())).collect();
    let fields = html! {
        (Field::text("name", "Name").hint("For people; usually the company that it is for.").row(filled))
        (Field::choice("policy", "Policy preset", &options).hint("What its policy begins as. It can be changed later.").row(filled))
    };
    let body = html! {
        (refusal(filled, "The account was not added"))
        (form("/console/accounts", &shell.csrf, fields, submit("Add account")))
        section.section aria-labelledby="presets" {
            div.section-head { h2 id="presets" { "Presets" } }
            dl.facts { @for preset in presets { div { dt { (preset.name) } dd { (preset.purpose) } } } }
        }
    };
    Page::new("Add account", Place::Accounts, body).below("Accounts", "/console/accounts").render(shell)
}
