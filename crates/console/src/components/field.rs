//! Form rows: label, hint, field, error. What was typed stays; the error says what would be right.

use super::message::{marked, told};
use crate::Filled;
use maud::{Markup, Render, html};

/// What kind of control a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Control<'a> {
    /// One line, of an HTML input type.
    Line(&'a str),
    /// Several lines.
    Text(u16),
    /// One of several values, each with its label.
    Choice(&'a [(&'a str, &'a str)]),
}

/// Whether a field may stay empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    /// It may not.
    Required,
    /// It may, and its label says so.
    Optional,
    /// It depends, and its hint says on what.
    Depends,
}

/// A field of a form.
#[derive(Clone, Debug)]
pub struct Field<'a> {
    name: &'a str,
    label: &'a str,
    control: Control<'a>,
    hint: Option<Markup>,
    placeholder: Option<&'a str>,
    autocomplete: Option<&'a str>,
    need: Need,
    is_mono: bool,
    is_read_only: bool,
    max: usize,
    case: Option<&'a str>,
}

/// Fields whose values are never kept or shown again, whatever becomes of their form.
pub const SECRETS: [&str; 7] =
    ["again", "authorization", "client_secret", "current", "password", "secret_token", "token"];

/// Longest line that a browser lets through; the server has its own bounds.
const LINE_MAX: usize = 1_000;

impl<'a> Field<'a> {
    /// One line of text.
    pub fn text(name: &'a str, label: &'a str) -> Self {
        Self::new(name, label, Control::Line("text"))
    }

    /// An e-mail address, or whatever else one signs in with.
    pub fn email(name: &'a str, label: &'a str) -> Self {
        Self::new(name, label, Control::Line("email"))
    }

    /// A secret: never sent back.
    pub fn secret(name: &'a str, label: &'a str) -> Self {
        debug_assert!(SECRETS.contains(&name), "the field `{name}` is to stand among SECRETS");
        Self::new(name, label, Control::Line("password"))
    }

    /// A whole number.
    pub fn number(name: &'a str, label: &'a str) -> Self {
        Self::new(name, label, Control::Line("number"))
    }

    /// Several lines.
    pub fn lines(name: &'a str, label: &'a str, rows: u16) -> Self {
        Self { max: 200_000, ..Self::new(name, label, Control::Text(rows)) }
    }

    /// One of several values.
    pub fn choice(name: &'a str, label: &'a str, options: &'a [(&'a str, &'a str)]) -> Self {
        Self::new(name, label, Control::Choice(options))
    }

    fn new(name: &'a str, label: &'a str, control: Control<'a>) -> Self {
        Self {
            name,
            label,
            control,
            hint: None,
            placeholder: None,
            autocomplete: None,
            case: None,
            need: Need::Required,
            is_mono: false,
            is_read_only: false,
            max: LINE_MAX,
        }
    }

    /// What to know before filling it.
    pub fn hint(self, hint: impl Render) -> Self {
        Self { hint: Some(hint.render()), ..self }
    }

    /// An example of what is typed there.
    pub fn placeholder(self, placeholder: &'a str) -> Self {
        Self { placeholder: Some(placeholder), ..self }
    }

    /// What a browser may fill in.
    pub fn autocomplete(self, autocomplete: &'a str) -> Self {
        Self { autocomplete: Some(autocomplete), ..self }
    }

    /// It may stay empty.
    pub fn optional(self) -> Self {
        Self { need: Need::Optional, ..self }
    }

    /// May be left empty in a case that its hint tells.
    pub fn depends(self) -> Self {
        Self { need: Need::Depends, ..self }
    }

    /// Belongs to one choice of the field `kind` of its form: the style sheet hides it while another is chosen.
    pub fn of_kind(self, kind: &'a str) -> Self {
        Self { need: Need::Depends, case: Some(kind), ..self }
    }

    /// A machine reads it.
    pub fn mono(self) -> Self {
        Self { is_mono: true, ..self }
    }

    /// Nobody changes it here.
    pub fn read_only(self) -> Self {
        Self { is_read_only: true, ..self }
    }

    /// Its row, with what was typed.
    pub fn row(&self, filled: &Filled) -> Markup {
        let fault = filled.fault(self.name);
        html! {
            div.field.field--bad[fault.is_some()] data-kind=[self.case] {
                label for=(self.name) {
                    (self.label)
                    @if self.need == Need::Optional { " " span.optional { "(optional)" } }
                }
                @if let Some(hint) = &self.hint { p.hint id=(self.hint_id()) { (hint) } }
                (self.control(filled, fault))
                @if let Some(fault) = fault { p.field-error id=(self.error_id()) { (told(fault)) } }
            }
        }
    }

    fn control(&self, filled: &Filled, fault: Option<&str>) -> Markup {
        let class = if self.is_mono { "input input--mono" } else { "input" };
        let described = self.described_by(fault);
        let described = described.as_deref();
        let invalid = fault.map(|_| "true");
        let value = filled.value(self.name);
        let required = self.need == Need::Required && !self.is_read_only;
        match self.control {
            Control::Line(kind) => {
                let is_secret = kind == "password";
                let shown = Some(value).filter(|value| !is_secret && !value.is_empty());
                // Elsewhere "off" would keep browsers from giving back what was typed to who goes back to a form.
                let autocomplete = self.autocomplete.or(is_secret.then_some("off"));
                html! {
                    input class=(class) id=(self.name) name=(self.name) type=(kind) value=[shown] maxlength=(self.max)
                        placeholder=[self.placeholder] autocomplete=[autocomplete] required[required]
                        readonly[self.is_read_only] aria-describedby=[described] aria-invalid=[invalid];
                }
            }
            Control::Text(rows) => html! {
                textarea class=(class) id=(self.name) name=(self.name) rows=(rows) maxlength=(self.max) placeholder=[self.placeholder]
                    spellcheck="false" required[required] readonly[self.is_read_only] aria-describedby=[described]
                    aria-invalid=[invalid] { "\n" (value) }
            },
            Control::Choice(options) => html! {
                select class=(class) id=(self.name) name=(self.name) aria-describedby=[described] aria-invalid=[invalid] {
                    @for (option, label) in options { option value=(option) selected[*option == value] { (label) } }
                }
            },
        }
    }

    fn hint_id(&self) -> String {
        format!("{}-hint", self.name)
    }

    fn error_id(&self) -> String {
        format!("{}-error", self.name)
    }

    fn described_by(&self, fault: Option<&str>) -> Option<String> {
        let hint = self.hint.as_ref().map(|_| self.hint_id());
        let error = fault.map(|_| self.error_id());
        let ids: Vec<String> = hint.into_iter().chain(error).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}

/// A box or a circle of a set.
#[derive(Clone, Debug)]
pub struct Check<'a> {
    /// What is sent when it is ticked.
    pub value: &'a str,
    /// Its label.
    pub label: &'a str,
    /// What it means.
    pub hint: Option<&'a str>,
}

/// Any of several: boxes with one name.
pub fn boxes(name: &str, legend: &str, checks: &[Check<'_>], filled: &Filled) -> Markup {
    set("checkbox", name, legend, None, checks, filled)
}

/// Any of several, with what to know before choosing.
pub fn boxes_about(name: &str, legend: &str, about: &Markup, checks: &[Check<'_>], filled: &Filled) -> Markup {
    set("checkbox", name, legend, Some(about), checks, filled)
}

/// One of several: circles with one name.
pub fn circles(name: &str, legend: &str, checks: &[Check<'_>], filled: &Filled) -> Markup {
    set("radio", name, legend, None, checks, filled)
}

/// One of several, with what to know before choosing.
pub fn circles_about(name: &str, legend: &str, about: &Markup, checks: &[Check<'_>], filled: &Filled) -> Markup {
    set("radio", name, legend, Some(about), checks, filled)
}

fn set(kind: &str, name: &str, legend: &str, about: Option<&Markup>, checks: &[Check<'_>], filled: &Filled) -> Markup {
    let (fault, error) = (filled.fault(name), format!("{name}-error"));
    html! {
        fieldset.field id=(name) aria-describedby=[fault.map(|_| error.as_str())] {
            legend { (legend) }
            @if let Some(about) = about { p.hint { (about) } }
            div.checks {
                @for check in checks {
                    @let id = format!("{name}-{}", check.value);
                    @let described = check.hint.map(|_| format!("{id}-hint"));
                    div.check {
                        input id=(id) type=(kind) name=(name) value=(check.value) checked[filled.has(name, check.value)]
                            aria-describedby=[described.as_deref()];
                        " " label for=(id) { (check.label) }
                        @if let (Some(hint), Some(described)) = (check.hint, &described) {
                            " " span.hint id=(described) { (marked(hint)) }
                        }
                    }
                }
            }
            @if let Some(fault) = fault { p.field-error id=(error) { (told(fault)) } }
        }
    }
}

/// A form: where it goes, its token, its fields, its button.
pub fn form(action: &str, csrf: &str, fields: impl Render, button: impl Render) -> Markup {
    html! {
        form.form method="post" action=(action) {
            (token(csrf))
            (fields)
            div.buttons { (button) }
        }
    }
}

/// What proves that a form was ours.
pub fn token(csrf: &str) -> Markup {
    html! { input type="hidden" name="csrf" value=(csrf); }
}

/// The button of the one primary act.
pub fn submit(label: &str) -> Markup {
    html! { button.button.button--primary type="submit" { (label) } }
}

/// A form of nothing but a button, for what needs no more said.
pub fn act(action: &str, csrf: &str, class: &str, label: impl Render) -> Markup {
    html! { form.inline method="post" action=(action) { (token(csrf)) button class=(class) type="submit" { (label) } } }
}

/// Longest name that is typed whole, in characters.
const TYPED_MAX: usize = 64;

/// What of a name is typed to confirm: the whole, or the beginning of one that is very long.
pub fn to_type(name: &str) -> &str {
    let end = name.char_indices().nth(TYPED_MAX).map_or(name.len(), |(end, _)| end);
    name[..end].trim()
}

/// The page that asks again before something cannot be undone: it counts the consequences and wants the name typed.
pub struct Confirmation<'a> {
    /// The question: "Remove Dagfinn Aasen?"
    pub question: &'a str,
    /// What follows.
    pub consequences: &'a [String],
    /// What is to be typed; `None` where the button is enough.
    pub name: Option<&'a str>,
    /// Further fields.
    pub fields: Markup,
    /// The button repeats the verb.
    pub button: &'a str,
    /// Where the form goes.
    pub action: &'a str,
    /// Where Cancel leads.
    pub back: &'a str,
}

/// The confirmation as a page: it works without a script, and Back leads back.
pub fn confirmation(ask: &Confirmation<'_>, csrf: &str, filled: &Filled) -> Markup {
    html! {
        div.dialog role="group" aria-labelledby="question" {
            form method="post" action=(ask.action) {
                (token(csrf))
                div.dialog-body {
                    h2 id="question" { (ask.question) }
                    @if let Some(refusal) = filled.refusal() { div.callout.callout--bad role="alert" { p { (told(refusal)) } } }
                    @if !ask.consequences.is_empty() { ul.consequences { @for one in ask.consequences { li { (told(one)) } } } }
                    (ask.fields)
                    @if let Some(name) = ask.name {
                        div.field.field--bad[filled.fault("typed").is_some()] {
                            label for="typed" { "Type " b { (to_type(name)) } " to confirm" }
                            @let fault = filled.fault("typed");
                            input.input id="typed" name="typed" autocomplete="off" value=[filled.given("typed")]
                                aria-invalid=[fault.map(|_| "true")] aria-describedby=[fault.map(|_| "typed-error")];
                            @if let Some(fault) = fault { p.field-error id="typed-error" { (told(fault)) } }
                        }
                    }
                }
                div.dialog-foot {
                    a.button href=(ask.back) autofocus { "Cancel" } " "
                    button.button.button--final type="submit" { (ask.button) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_typed_in_part() {
        assert_eq!(to_type(" Ann "), "Ann");
        assert_eq!(to_type(&"é".repeat(10_000)), "é".repeat(TYPED_MAX));
    }

    #[test]
    fn a_field_keeps_what_was_typed_and_says_what_is_wrong() {
        let mut filled = Filled::with(&[("value", "Account <Member>"), ("token", "s3cret")]);
        filled.refuse_field("value", "the value has a space");
        let row = Field::text("value", "Value").hint("What is sent.").mono().row(&filled).into_string();
        for part in [
            "value=\"Account &lt;Member&gt;\"",
            "aria-invalid=\"true\"",
            "aria-describedby=\"value-hint value-error\"",
            "The value has a space.",
        ] {
            assert!(row.contains(part), "{part} in {row}");
        }
        assert!(!Field::secret("token", "Secret token").row(&filled).into_string().contains("s3cret"));
    }
}
