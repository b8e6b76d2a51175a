//! What stands around a screen: rail, title, tabs, foot.

use crate::{
    assets,
    components::{breakable, field::token, message, short},
};
use jiff::Timestamp;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The drawn wordmark: two rings kept in step by the v between them.
const WORDMARK: PreEscaped<&str> = PreEscaped(include_str!("../assets/wordmark.svg"));

/// What a person's browser shows: the system's colours, or one set of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// Every theme with its word.
    pub const ALL: [(Self, &'static str); 3] = [(Self::System, "System"), (Self::Light, "Light"), (Self::Dark, "Dark")];

    /// Its name in a cookie.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of a name; the system's for any other.
    pub fn named(name: &str) -> Self {
        Self::ALL.into_iter().map(|(theme, _)| theme).find(|theme| theme.name() == name).unwrap_or_default()
    }

    fn attribute(self) -> Option<&'static str> {
        (self != Self::System).then(|| self.name())
    }
}

/// A place of the rail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// All accounts; for the operator.
    Accounts,
    /// How the account stands.
    Overview,
    /// Its users.
    Users,
    /// Its groups.
    Groups,
    /// Its roles.
    Roles,
    /// The applications that it provisions into.
    EnterpriseApps,
    /// What was sent to them.
    ProvisioningLogs,
    /// What happened in the account.
    AuditLog,
    /// What identity providers asked.
    RequestLog,
    /// Admin apps, policy, quorum.
    Settings,
    /// What whoever looks signs in with; it is reached by the name at the rail's foot.
    You,
}

impl Place {
    /// Its label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Accounts => "Accounts",
            Self::Overview => "Overview",
            Self::Users => "Users",
            Self::Groups => "Groups",
            Self::Roles => "Roles",
            Self::EnterpriseApps => "Enterprise applications",
            Self::ProvisioningLogs => "Provisioning logs",
            Self::AuditLog => "Audit log",
            Self::RequestLog => "Request log",
            Self::Settings => "Settings",
            Self::You => "Your sign-in",
        }
    }

    /// Where it is, in an account.
    fn path(self) -> &'static str {
        match self {
            Self::Accounts | Self::Overview | Self::You => "",
            Self::Users => "/users",
            Self::Groups => "/groups",
            Self::Roles => "/roles",
            Self::EnterpriseApps => "/enterprise-apps",
            Self::ProvisioningLogs => "/provisioning-logs",
            Self::AuditLog => "/audit",
            Self::RequestLog => "/requests",
            Self::Settings => "/settings",
        }
    }
}

/// An account, as a page names it.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl Account {
    /// Where something of the account is: `path` begins with `/`, or is empty.
    pub fn path(&self, path: &str) -> String {
        format!("/console/accounts/{}{path}", self.id)
    }
}

/// Who looks, at what, when: the same for all screens of one request.
#[derive(Clone, Debug)]
pub struct Shell {
    /// The account; `None` among all accounts.
    pub account: Option<Account>,
    /// The places that whoever looks may go to, besides the account's overview.
    pub places: Vec<Place>,
    /// Who looks.
    pub who: String,
    /// As what: "Operator", or the names of roles.
    pub role: String,
    /// Whether all accounts are open to whoever looks.
    pub is_operator: bool,
    /// The chosen colours.
    pub theme: Theme,
    /// What proves that a form is ours.
    pub csrf: String,
    /// The address of this page, to come back to.
    pub here: String,
    /// The host, for the foot.
    pub host: String,
    /// The version of the program.
    pub version: &'static str,
    /// What was just done.
    pub said: Option<String>,
    /// Whom to ask; `None` where the operator has named nobody.
    pub support: Option<String>,
    /// When the page is made.
    pub now: Timestamp,
}

/// A tab: a part of one thing.
#[derive(Clone, Debug)]
pub struct Tab<'a> {
    /// Its label.
    pub label: &'a str,
    /// Its address.
    pub href: String,
    /// How many there are, where that is counted.
    pub count: Option<i64>,
    /// Whether it is the one that is open.
    pub is_current: bool,
}

/// A screen.
pub struct Page<'a> {
    /// Its title.
    pub title: &'a str,
    /// The place of the rail that it belongs to.
    pub place: Place,
    /// What it lies below: label and address, outermost first.
    pub crumbs: Vec<(String, String)>,
    /// A line below the title.
    pub sub: Option<Markup>,
    /// Buttons beside the title.
    pub acts: Option<Markup>,
    /// Facts below the title.
    pub facts: Option<Markup>,
    /// Its tabs.
    pub tabs: Vec<Tab<'a>>,
    /// What it shows.
    pub body: Markup,
}

impl<'a> Page<'a> {
    /// A page of nothing but a title and a body.
    pub fn new(title: &'a str, place: Place, body: Markup) -> Self {
        Self { title, place, crumbs: Vec::new(), sub: None, acts: None, facts: None, tabs: Vec::new(), body }
    }

    /// What it lies below.
    pub fn below(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.crumbs.push((label.into(), href.into()));
        self
    }

    /// A line below the title.
    pub fn subtitle(self, sub: Markup) -> Self {
        Self { sub: Some(sub), ..self }
    }

    /// Buttons beside the title.
    pub fn acts(self, acts: Markup) -> Self {
        Self { acts: Some(acts), ..self }
    }

    /// Facts below the title.
    pub fn facts(self, facts: Markup) -> Self {
        Self { facts: Some(facts), ..self }
    }

    /// Its tabs.
    pub fn tabs(self, tabs: Vec<Tab<'a>>) -> Self {
        Self { tabs, ..self }
    }

    /// The whole document.
    pub fn render(&self, shell: &Shell) -> Markup {
        let account = shell.account.as_ref().map(|account| short(&account.name));
        let title = match account {
            Some(account) => format!("{} · {account} · Provost", short(self.title)),
            None => format!("{} · Provost", short(self.title)),
        };
        document(
            &title,
            shell.theme,
            "shell",
            &html! {
                a.skip href="#main" { "Skip to the content" }
                header.topbar {
                    a.wordmark href=(shell.home()) { (WORDMARK) }
                    span.where { (short(self.title)) }
                    button.button type="button" popovertarget="rail" { "Menu" }
                }
                (rail(shell, self.place))
                main.page id="main" tabindex="-1" {
                    (self.head())
                    div.page-body { (self.body) }
                    footer.page-foot {
                        span { "Times are UTC" } " " span { (shell.host) } " " span { "Provost " (shell.version) } " "
                        a href=(shell.help()) { "Help" }
                    }
                }
                @if let Some(said) = &shell.said { (message::toast(said)) }
            },
        )
    }

    fn head(&self) -> Markup {
        html! {
            header.page-head.head-line[self.facts.is_some()] {
                @if !self.crumbs.is_empty() {
                    nav.crumbs aria-label="Breadcrumb" {
                        ol { @for (label, href) in &self.crumbs { li { a href=(href) { (short(label)) } } } }
                    }
                }
                div.page-title {
                    div { h1 { (short(self.title)) } @if let Some(sub) = &self.sub { p.sub { (sub) } } }
                    @if let Some(acts) = &self.acts { div.buttons { (acts) } }
                }
                @if let Some(facts) = &self.facts { (facts) }
                @if !self.tabs.is_empty() {
                    nav.tabs aria-label="Sections" {
                        @for tab in &self.tabs {
                            a href=(tab.href) aria-current=[tab.is_current.then_some("page")] {
                                (tab.label)
                                @if let Some(count) = tab.count { " " span.num { (crate::components::count(count)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A page for somebody who is not signed in: a narrow column with the wordmark.
pub fn bare(title: &str, theme: Theme, version: &str, body: &Markup) -> Markup {
    document(
        &format!("{title} · Provost"),
        theme,
        "entry",
        &html! {
            main.entry-body id="main" {
                div { span.wordmark { (WORDMARK) } h1 { (title) } }
                (body)
            }
            footer.page-foot { span { "Provost " (version) } " " a href="/console/help" { "Help" } }
        },
    )
}

fn document(title: &str, theme: Theme, class: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" data-theme=[theme.attribute()] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (title) }
                link rel="icon" type="image/svg+xml" href=(assets::href("icon.svg"));
                link rel="stylesheet" href=(assets::href("console.css"));
                script src=(assets::href("console.js")) defer {}
            }
            body class=(class) { (body) }
        }
    }
}

impl Shell {
    /// Where something of the account is: `path` begins with `/`, or is empty. Among all accounts there is only their list.
    pub fn path(&self, path: &str) -> String {
        self.account.as_ref().map_or_else(|| "/console/accounts".to_owned(), |account| account.path(path))
    }

    /// Where help is: that of the account, if there is one.
    fn help(&self) -> String {
        self.account.as_ref().map_or_else(|| "/console/help".to_owned(), |account| account.path("/help"))
    }

    /// Where the wordmark leads.
    fn home(&self) -> String {
        self.account.as_ref().map_or_else(|| "/console".to_owned(), |account| account.path(""))
    }
}

/// The groups of the rail: their heading and their places.
const GROUPS: [(Option<&str>, &[Place]); 5] = [
    (None, &[Place::Overview]),
    (Some("People"), &[Place::Users, Place::Groups, Place::Roles]),
    (Some("Sending"), &[Place::EnterpriseApps, Place::ProvisioningLogs]),
    (Some("Record"), &[Place::AuditLog, Place::RequestLog]),
    (None, &[Place::Settings]),
];

fn rail(shell: &Shell, current: Place) -> Markup {
    html! {
        nav.rail id="rail" popover aria-label="Main" {
            div.rail-inner {
                div.rail-head {
                    a.wordmark.wide-only href=(shell.home()) { (WORDMARK) }
                    @if let Some(account) = &shell.account {
                        div.rail-account {
                            b { (short(&account.name)) } " "
                            @if shell.is_operator { a href="/console/accounts" { "Switch account" } }
                        }
                    }
                }
                @match &shell.account {
                    Some(account) => (places(shell, account, current)),
                    None if shell.is_operator => div.rail-group { ul { (entry("/console/accounts", Place::Accounts, current)) } },
                    None => {}
                }
                (foot(shell, current))
            }
        }
    }
}

fn places(shell: &Shell, account: &Account, current: Place) -> Markup {
    html! {
        @for (heading, group) in GROUPS {
            @let open: Vec<Place> = group.iter().copied().filter(|place| shell.places.contains(place)).collect();
            @if !open.is_empty() {
                div.rail-group {
                    @if let Some(heading) = heading { h2 { (heading) } }
                    ul aria-label=[heading] { @for place in open { (entry(&account.path(place.path()), place, current)) } }
                }
            }
        }
    }
}

fn entry(href: &str, place: Place, current: Place) -> Markup {
    html! { li { a href=(href) aria-current=[(place == current).then_some("page")] { (place.label()) } } }
}

fn foot(shell: &Shell, current: Place) -> Markup {
    html! {
        div.rail-foot {
            form method="post" action="/console/theme" {
                (token(&shell.csrf))
                input type="hidden" name="back" value=(shell.here);
                div.choice role="group" aria-label="Theme" {
                    @for (theme, word) in Theme::ALL {
                        button type="submit" name="theme" value=(theme.name())
                            aria-pressed=(if theme == shell.theme { "true" } else { "false" }) { (word) }
                    }
                }
            }
            div { b { (breakable(&shell.who)) } " " (shell.role) }
            div.links {
                @if !shell.is_operator {
                    a href="/console/you" aria-current=[(current == Place::You).then_some("page")] { (Place::You.label()) } " "
                }
                form.inline method="post" action="/console/sign-out" {
                    (token(&shell.csrf))
                    button.link-button type="submit" { "Sign out" }
                }
            }
        }
    }
}
