//! Where people come in.

use crate::{
    Filled,
    components::{
        field::{Field, submit},
        message::refusal,
    },
};
use maud::{Markup, html};

/// The form, to be put into [`layout::bare`](crate::layout::bare).
pub fn body(filled: &Filled) -> Markup {
    html! {
        (refusal(filled, "You are not signed in"))
        form.form method="post" action="/console/sign-in" {
            input type="hidden" name="next" value=(filled.value("next"));
            (Field::secret("key", "Operator key").hint("It stands in the file operator.key of the data folder.").row(filled))
            (submit("Sign in"))
        }
    }
}
