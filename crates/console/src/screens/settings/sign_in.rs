//! How people sign in to the account's console: the rules, and the identity provider.

use super::{Part, below, page};
use crate::{
    Filled, Shell,
    components::{
        button_link,
        code::copyable,
        counted,
        facts::facts,
        field::{Check, Confirmation, Field, circles, confirmation, form, submit, token},
        mark::{Mark, state, tag_warn},
        message::{Tone, blank, callout, refusal, told},
        nothing, section,
    },
};
use maud::{Markup, html};
use serde::Deserialize;

/// The rules, as the management API shows them.
#[derive(Debug, Deserialize)]
pub struct Rules {
    /// `optional` or `required`.
    pub second_factor: String,
    /// `everybody`, `administrators` or `nobody`.
    pub passwords: String,
    /// Minutes without a request after which a session ends.
    pub idle_minutes: u16,
    /// Hours after which a session ends.
    pub session_hours: u16,
    /// The identity provider.
    pub provider: Option<Provider>,
    /// What the provider has to be told.
    pub redirect_uri: String,
}

/// An identity provider.
#[derive(Debug, Deserialize)]
pub struct Provider {
    /// Its issuer identifier.
    pub issuer: String,
    /// By what it knows this installation.
    pub client_id: String,
    /// Whether a client secret is kept.
    pub has_client_secret: bool,
    /// What of its assertion names the user.
    pub claim: String,
}

/// What a try of the provider showed.
#[derive(Debug, Deserialize)]
pub struct Tested {
    /// Whether people could sign in there.
    pub works: bool,
    /// What is wrong.
    pub problem: Option<String>,
    /// Where people would be sent.
    pub authorization_endpoint: Option<String>,
    /// How many keys it signs with.
    pub keys: Option<u64>,
    /// `accepted`, `refused` or `unknown`.
    pub client: Option<String>,
}

/// The tab.
pub struct View<'a> {
    /// The parts that whoever looks may see.
    pub open: &'a [Part],
    /// The rules.
    pub rules: &'a Rules,
    /// Whether whoever looks may change them.
    pub may_manage: bool,
    /// What a try of the provider has just shown.
    pub tested: Option<&'a Tested>,
}

/// Who may use a password, in words.
const PASSWORDS: [Check<'static>; 3] = [
    Check { value: "everybody", label: "Everybody", hint: Some("Whoever has set one.") },
    Check {
        value: "administrators",
        label: "Administrators",
        hint: Some("Those who may do everything in the account, for the day on which the provider is not there."),
    },
    Check { value: "nobody", label: "Nobody", hint: Some("Only passkeys and the provider let people in.") },
];

/// Whether a password alone is enough, in words.
const SECOND_FACTOR: [Check<'static>; 2] = [
    Check { value: "optional", label: "Optional", hint: Some("Each person decides.") },
    Check {
        value: "required",
        label: "Required",
        hint: Some("Whoever signs in with a password sets one up at the next sign-in."),
    },
];

/// What names the user, in words.
const CLAIMS: [(&str, &str); 4] = [
    ("email", "email: the address, where the provider has verified it"),
    ("preferred_username", "preferred_username: the name people sign in with there"),
    ("sub", "sub: the provider's own id of the person"),
    ("oid", "oid: the object id, as Microsoft Entra ID has it"),
];

fn place(shell: &Shell, rest: &str) -> String {
    shell.path(&format!("{}{rest}", Part::SignIn.path()))
}

/// The tab.
pub fn show(shell: &Shell, view: &View<'_>) -> Markup {
    let rules = view.rules;
    let label = |checks: &[Check<'static>], value: &str| {
        checks
            .iter()
            .find(|check| check.value == value)
            .map_or_else(|| value.to_owned(), |check| check.label.to_owned())
    };
    let pairs = [
        ("Second factor", html! { (label(&SECOND_FACTOR, &rules.second_factor)) }),
        ("Passwords", html! { (label(&PASSWORDS, &rules.passwords)) }),
        ("A session ends unused after", html! { (rules.idle_minutes) " minutes" }),
        ("A session ends at the latest after", html! { (rules.session_hours) " hours" }),
    ];
    let edit = html! { @if view.may_manage { a.small href=(place(shell, "/edit")) { "Edit rules" } } };
    let about = html! { p { "OpenID Connect, authorization code with PKCE. Users must be there already: none is made by signing in." } };
    let body = html! {
        @if let Some(tested) = view.tested { (outcome(tested)) }
        (section("rules", "Rules", edit, facts(&pairs)))
        (section("provider", "Identity provider", about, provider(shell, view)))
    };
    page(shell, view.open, Part::SignIn, body).render(shell)
}

fn provider(shell: &Shell, view: &View<'_>) -> Markup {
    let redirect = copyable("Redirect URL", &view.rules.redirect_uri, "the redirect URL");
    let Some(provider) = &view.rules.provider else {
        let set = html! { @if view.may_manage { (button_link(&place(shell, "/provider"), "Set identity provider")) } };
        return blank("None", "People sign in with a password or a passkey of this account.", set);
    };
    let secret = if provider.has_client_secret {
        html! { "Kept, and never shown" }
    } else {
        tag_warn("None")
    };
    html! {
        (facts(&[
            ("Issuer", html! { code { (provider.issuer) } }),
            ("Client id", html! { code { (provider.client_id) } }),
            ("Client secret", secret),
            ("Names the user by", html! { code { (provider.claim) } }),
        ]))
        (redirect)
        @if view.may_manage {
            div.buttons {
                form.inline method="post" action=(place(shell, "/test")) {
                    (token(&shell.csrf)) button.button type="submit" { "Test connection" }
                } " "
                (button_link(&place(shell, "/provider"), "Change")) " "
                a.button.button--danger href=(place(shell, "/provider/remove")) { "Remove" }
            }
        }
    }
}

/// What a try showed.
fn outcome(tested: &Tested) -> Markup {
    let tone = if tested.works { Tone::Ok } else { Tone::Bad };
    let heading = if tested.works { "The identity provider answers" } else { "People could not sign in there" };
    let client = match tested.client.as_deref() {
        Some("accepted") => Some(state(Mark::On, "It takes the client id and the secret")),
        Some("refused") => Some(state(Mark::Bad, "It refuses the client")),
        Some(_) => Some(state(Mark::Warn, "Its answer does not say whether it takes the client")),
        None => None,
    };
    callout(
        tone,
        heading,
        html! {
            @if let Some(problem) = &tested.problem { p { (told(problem)) } }
            @if let Some(endpoint) = &tested.authorization_endpoint { p { "People are sent to " code { (endpoint) } "." } }
            @if let Some(keys) = tested.keys {
                p { "It signs with " (counted(i64::try_from(keys).unwrap_or(i64::MAX), "key", "keys")) "." }
            }
            @if let Some(client) = client { p { (client) } }
        },
    )
}

/// The form for other rules.
pub fn edit(shell: &Shell, filled: &Filled) -> Markup {
    let fields = html! {
        (circles("second_factor", "Second factor", &SECOND_FACTOR, filled))
        (circles("passwords", "Who may sign in with a password", &PASSWORDS, filled))
        (Field::number("idle_minutes", "Minutes without a request after which a session ends").hint("1 to 1,440.").row(filled))
        (Field::number("session_hours", "Hours after which a session ends").hint("1 to 168.").row(filled))
    };
    let body = html! {
        (refusal(filled, "The rules were not changed"))
        (form(&place(shell, "/edit"), &shell.csrf, fields, buttons(shell, "Save rules")))
    };
    below(shell, Part::SignIn, "Edit rules", body).render(shell)
}

/// The form for the identity provider. `has_secret` says that one is kept; `tested` is what a try of what was typed has just shown.
pub fn edit_provider(
    shell: &Shell,
    redirect_uri: &str,
    has_secret: bool,
    tested: Option<&Tested>,
    filled: &Filled,
) -> Markup {
    let secret = if has_secret {
        "One is kept. Empty: it stays, as long as issuer and client id do."
    } else {
        "As the provider shows it. It is kept sealed and never shown again."
    };
    let fields = html! {
        (copyable("Redirect URL", redirect_uri, "the redirect URL"))
        (Field::text("issuer", "Issuer").mono().placeholder("https://login.example.com/acme")
            .hint("What the provider calls itself; its metadata are found below it.").row(filled))
        (Field::text("client_id", "Client id").mono().row(filled))
        (Field::secret("client_secret", "Client secret").optional().autocomplete("new-password").hint(secret).row(filled))
        (Field::choice("claim", "Names the user by", &CLAIMS).hint("It must be the user's userName or externalId.").row(filled))
    };
    let acts = html! {
        (submit("Save identity provider")) " "
        button.button type="submit" name="do" value="test" { "Test connection" } " "
        a.button href=(place(shell, "")) { "Cancel" }
    };
    let body = html! {
        (refusal(filled, "The identity provider was not set"))
        @if let Some(tested) = tested { (outcome(tested)) }
        (form(&place(shell, "/provider"), &shell.csrf, fields, acts))
    };
    below(shell, Part::SignIn, "Identity provider", body).render(shell)
}

fn buttons(shell: &Shell, label: &str) -> Markup {
    html! { (submit(label)) " " a.button href=(place(shell, "")) { "Cancel" } }
}

/// The page that asks again before the provider goes.
pub fn confirm(shell: &Shell, filled: &Filled) -> Markup {
    let ask = Confirmation {
        question: "Remove the identity provider?",
        consequences: &[
            "people sign in with a password or a passkey of this account from then on".to_owned(),
            "whoever has neither needs a link to set a password".to_owned(),
            "everybody may use a password again".to_owned(),
        ],
        name: None,
        fields: nothing(),
        button: "Remove identity provider",
        action: &place(shell, "/provider/remove"),
        back: &place(shell, ""),
    };
    below(shell, Part::SignIn, "Confirm", confirmation(&ask, &shell.csrf, filled)).render(shell)
}
