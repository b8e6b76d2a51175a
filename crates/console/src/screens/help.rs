//! Help: questions that come up, and what can be done about each refusal.

mod questions;
mod remedies;

pub use questions::{QUESTIONS, Question};
pub use remedies::{REMEDIES, Remedy, code_of, remedy};

use crate::{Page, Place, Shell, components::message::told};
use maud::{Markup, html};

/// Help for whoever is signed in. `has_groups` says whether the account takes groups: where it does not, nothing promises them.
pub fn page(shell: &Shell, has_groups: bool) -> Markup {
    let sub = html! { "Questions that come up, and what to do when something is refused" };
    Page::new("Help", Place::Overview, body(has_groups)).subtitle(sub).render(shell)
}

/// Its body, also for who is not signed in.
pub fn body(has_groups: bool) -> Markup {
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
        section.section aria-labelledby="refusals" {
            div.section-head { h2 id="refusals" { "When something is refused" } }
            ul { @for remedy in REMEDIES { li { a href=(href(remedy)) { (remedy.title) } } } }
        }
    }
}

/// Where the page of a remedy is: what the management API gives as the `type` of a problem.
pub fn href(remedy: &Remedy) -> String {
    format!("/problems/{}", remedy.code)
}

/// The page of one kind of refusal, for anybody: it says nothing of an account.
pub fn remedy_body(remedy: &Remedy) -> Markup {
    html! {
        div.stack-small {
            p { b { "Why. " } (told(remedy.cause)) }
            p { b { "What to do. " } (told(remedy.remedy)) }
            p.fine { "Code " code { (remedy.code) } }
            p { a href="/console/help" { "All questions and refusals" } }
        }
    }
}
