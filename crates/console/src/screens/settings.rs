//! Settings: who may write here, by which policy, who approves, the account itself. Each part is a tab with an address of its own.

pub mod account;
pub mod admin_app;
pub mod admin_apps;
pub mod guides;
pub mod migration;
pub mod policy;
pub mod policy_fields;
pub mod policy_history;
pub mod quorum;
pub mod set_up;
pub mod sign_in;
pub mod simulator;
pub mod tokens;

use crate::{Page, Place, Shell, Tab};
use maud::Markup;

/// A part of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Whom identity providers are here.
    AdminApps,
    /// Tokens of people.
    Tokens,
    /// How SCIM clients are answered.
    Policy,
    /// Who approves.
    Quorum,
    /// How people come into the console.
    SignIn,
    /// The account itself.
    Account,
}

impl Part {
    /// Every part, in the order of the tabs.
    pub const ALL: [Self; 6] = [Self::AdminApps, Self::Tokens, Self::Policy, Self::Quorum, Self::SignIn, Self::Account];

    /// Its label.
    pub fn label(self) -> &'static str {
        match self {
            Self::AdminApps => "Administrative apps",
            Self::Tokens => "API",
            Self::Policy => "Provisioning policy",
            Self::Quorum => "Quorum policy",
            Self::SignIn => "Sign-in",
            Self::Account => "Account",
        }
    }

    /// Where it is, in an account.
    pub fn path(self) -> &'static str {
        match self {
            Self::AdminApps => "/settings/admin-apps",
            Self::Tokens => "/settings/api",
            Self::Policy => "/settings/policy",
            Self::Quorum => "/settings/quorum",
            Self::SignIn => "/settings/sign-in",
            Self::Account => "/settings/account",
        }
    }
}

/// The page of a part: the tabs are those parts that whoever looks may see.
pub fn page<'a>(shell: &Shell, open: &[Part], current: Part, body: Markup) -> Page<'a> {
    let tab = |part: &Part| Tab {
        label: part.label(),
        href: shell.path(part.path()),
        count: None,
        is_current: *part == current,
    };
    Page::new("Settings", Place::Settings, body).tabs(open.iter().map(tab).collect())
}

/// A page below a part.
pub fn below<'a>(shell: &Shell, part: Part, title: &'a str, body: Markup) -> Page<'a> {
    Page::new(title, Place::Settings, body)
        .below("Settings", shell.path("/settings"))
        .below(part.label(), shell.path(part.path()))
}
