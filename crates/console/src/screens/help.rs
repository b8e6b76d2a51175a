//! Help: questions that come up, and what can be done about each refusal.

mod chapters;
mod guide;
mod questions;
mod remedies;

pub use guide::{Guide, OwnRole, Standing, guide};
pub use questions::{QUESTIONS, Question};
pub use remedies::{REMEDIES, Remedy, code_of, remedy};

use crate::{
    Page, Place, Shell, address,
    components::{
        message::{support, told},
        nothing, section,
    },
    screens::settings::guides::Provider,
};
use maud::{Markup, html};

/// Help for whoever is signed in. `has_groups` says whether the account takes groups: where it does not, nothing promises them.
pub fn page(shell: &Shell, has_groups: bool) -> Markup {
    let sub = html! { "Guides, questions that come up, and what to do when something is refused" };
    let body = html! {
        (section("guides", "Guides", nothing(), guides(shell)))
        (body(has_groups, shell.support.as_deref()))
    };
    Page::new("Help", Place::Overview, body).subtitle(sub).render(shell)
}

/// Where the guide of an identity provider is, with what this account has.
pub fn guide_path(shell: &Shell, provider: Provider) -> String {
    address(&shell.path("/help/guide"), &[("idp", provider.name())])
}

fn guides(shell: &Shell) -> Markup {
    html! {
        p.quiet { "From nothing to users who come by themselves, step by step, with the addresses and values of this account." }
        ul { @for (provider, _) in Provider::ALL {
            li { a href=(guide_path(shell, provider)) { (provider.label()) } }
        } }
    }
}

/// How groups are managed here: what the page of a managed group leads to.
fn groups() -> Markup {
    html! {
        p { "A group is made here or pushed by an identity provider, and the list of groups says which. "
            "One that is made here is filled, renamed and deleted here." }
        p { "A pushed group is the identity provider’s: who is in it is decided there, and its page here shows the members without a way "
            "to change them, unless the policy says otherwise (" code { "local_edits.groups" } "). To add somebody, add the person to the "
            "group at the identity provider; the next cycle brings the membership." }
        p { "What a group may do is decided here for both kinds: it can give its members a role, approve by a quorum policy, and be "
            "assigned to enterprise applications." }
    }
}

/// Its body, also for who is not signed in.
pub fn body(has_groups: bool, whom: Option<&str>) -> Markup {
    let questions = QUESTIONS.iter().filter(|question| has_groups || !question.is_about_groups);
    html! {
        section.section aria-labelledby="questions" {
            div.section-head { h2 id="questions" { "Questions" } }
            div.stack-small.prose {
                @for question in questions {
                    details.more { summary { (question.asked) } p { (told(question.answer)) } }
                }
            }
        }
        @if has_groups { (section("groups", "Managing groups", nothing(), html! { div.stack-small.prose { (groups()) } })) }
        section.section aria-labelledby="refusals" {
            div.section-head { h2 id="refusals" { "When something is refused" } }
            ul { @for remedy in REMEDIES { li { a href=(href(remedy)) { (remedy.title) } } } }
        }
        (support(whom))
    }
}

/// Where the page of a remedy is: what the management API gives as the `type` of a problem.
pub fn href(remedy: &Remedy) -> String {
    format!("/problems/{}", remedy.code)
}

/// The page of one kind of refusal, for anybody: it says nothing of an account.
pub fn remedy_body(remedy: &Remedy, whom: Option<&str>) -> Markup {
    html! {
        div.stack-small {
            p { b { "Why. " } (told(remedy.cause)) }
            p { b { "What to do. " } (told(remedy.remedy)) }
            p.fine { "Code " code { (remedy.code) } }
            p { a href="/console/help" { "All questions and refusals" } }
            (support(whom))
        }
    }
}
