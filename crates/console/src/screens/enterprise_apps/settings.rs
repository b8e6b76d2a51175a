//! Settings of the provisioning of an application: scope, interval, threshold, mail, compatibility.

use super::{App, below};
use crate::{
    Filled, Shell,
    components::{
        code::document,
        field::{Check, Field, boxes, circles, form, submit, token},
        message::{Tone, callout, refusal},
        section,
    },
};
use maud::{Markup, html};

/// A setting for targets: its name, its label, and its values, of which the first is what Entra sends.
type Setting = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// What a target may need otherwise than Entra sends it.
const COMPATIBILITY: [Setting; 9] = [
    ("booleans", "Booleans", &[("text", "As texts: \"True\""), ("plain", "Plain: true")]),
    ("manager", "Manager", &[("text", "The id as text"), ("object", "An object with a value")]),
    ("schemas", "Schemas", &[("entra", "As Entra lists them"), ("present", "Those of what is sent")]),
    (
        "members",
        "Members",
        &[("batched", "Up to 100 at a time"), ("one", "One by one"), ("plain", "Without $ref, removed by path")],
    ),
    ("filters", "Filters", &[("entra", "As Entra asks"), ("standard", "As RFC 7644 asks")]),
    ("roles", "Roles that are added", &[("text", "JSON in a text"), ("plain", "Objects")]),
    (
        "elements",
        "New elements",
        &[("entra", "By a path, as Entra does"), ("standard", "As a whole, as RFC 7644 wants")],
    ),
    (
        "bulk",
        "Writes at the same moment",
        &[("never", "Each by itself"), ("offered", "Together, as the target offers")],
    ),
    ("searches", "Searches at the same moment", &[("one", "Each by itself"), ("together", "Up to 20 users in one")]),
];

/// The names of the compatibility settings.
pub fn compatibility_names() -> impl Iterator<Item = &'static str> {
    COMPATIBILITY.iter().map(|(name, _, _)| *name)
}

/// Whether a compatibility setting differs from what Entra sends.
pub fn is_other(name: &str, value: &str) -> bool {
    COMPATIBILITY
        .iter()
        .any(|(known, _, values)| *known == name && values.first().is_some_and(|(first, _)| *first != value))
}

/// Who is in scope.
const SCOPES: [Check<'static>; 2] = [
    Check {
        value: "assigned",
        label: "Sync only assigned users and groups",
        hint: Some("Who is assigned under Users and groups, and the members of assigned groups."),
    },
    Check {
        value: "all",
        label: "Sync all users and groups",
        hint: Some("Everybody in this account whom the scoping filters let pass. Roles cannot be sent then."),
    },
];

const DRIFTS: [(&str, &str); 4] = [
    ("ignore", "Leave it until the source changes"),
    ("alert", "Log it"),
    ("repair", "Undo it"),
    ("adopt", "Take it over"),
];

const SWITCHES: [Check<'static>; 3] = [
    Check { value: "nested_groups", label: "Members of groups inside an assigned group count", hint: None },
    Check {
        value: "skip_out_of_scope_deletions",
        label: "Leave those alone at the target who leave the scope",
        hint: None,
    },
    Check { value: "clear_nulls", label: "Clear attributes at the target that the source has no more", hint: None },
];

/// What the form begins with.
pub fn filled(app: &App) -> Filled {
    let mut values: Vec<(String, String)> = [
        ("scope", app.scope.clone()),
        ("interval", app.interval.to_string()),
        (
            "accidental_deletion_threshold",
            app.accidental_deletion_threshold.map(|most| most.to_string()).unwrap_or_default(),
        ),
        ("notify", app.notify.join("\n")),
        ("drift", app.drift.clone()),
        ("name", app.name.clone()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    let switches = [
        ("nested_groups", app.nested_groups),
        ("skip_out_of_scope_deletions", app.skip_out_of_scope_deletions),
        ("clear_nulls", app.clear_nulls),
    ];
    values.extend(switches.iter().filter(|(_, on)| *on).map(|(name, _)| ("switches".to_owned(), (*name).to_owned())));
    values.extend(app.compatibility.clone());
    Filled::new(values)
}

/// The form, and below it that of a probe.
pub fn page(shell: &Shell, app: &App, filled: &Filled, probe: &Filled) -> Markup {
    let at = app.path(shell, "/provisioning/settings");
    let fields = html! {
        (Field::text("name", "Name").row(filled))
        (circles("scope", "Scope", &SCOPES, filled))
        (Field::number("interval", "Seconds from one cycle to the next").hint("2,400 unless said: 40 minutes. At most a week.").row(filled))
        (Field::number("accidental_deletion_threshold", "Accidental deletion threshold").hint("More disables and deletes than this in \
            one cycle are held until somebody allows or rejects them. Empty: any number is sent.").optional().row(filled))
        (Field::lines("notify", "Notification mail", 2).hint("Addresses that are told of quarantine and of held deletions, one a \
            line.").optional().row(filled))
        (Field::choice("drift", "When somebody changes something at the target", &DRIFTS).row(filled))
        (boxes("switches", "Further", &SWITCHES, filled))
        fieldset.field {
            legend { "Compatibility" }
            p.hint { "What the target needs otherwise than Microsoft Entra ID sends it. Probe finds out." }
            @for (name, label, values) in COMPATIBILITY { (Field::choice(name, label, values).row(filled)) }
        }
    };
    let body = html! {
        (refusal(filled, "The settings were not saved"))
        (refusal(probe, "The target was not probed"))
        (form(&at, &shell.csrf, fields, submit("Save")))
        @if app.is_connected() { (section("probe", "Probe", "", html! {
            p.prose { "A probe asks the target what it needs. With consent it makes two throw-away users and a few groups there, whose \
                names begin with provost-probe-, and removes them again." }
            form.form method="post" action=(app.path(shell, "/provisioning/probe")) {
                (token(&shell.csrf))
                label.check {
                    input type="checkbox" name="write" value="yes" checked[probe.has("write", "yes")];
                    " " span { "It may write throw-away users and groups" }
                }
                div.buttons { button.button type="submit" { "Probe" } }
            }
        })) }
    };
    below(shell, app, ("Provisioning", "/provisioning"), "Settings", body).render(shell)
}

/// What a probe found, with a button that takes it over.
pub fn probed(shell: &Shell, app: &App, text: &str, found: &[(String, String)], may_save: bool) -> Markup {
    let body = html! {
        @if found.is_empty() { (callout(Tone::Info, "Nothing to change", html! { p {
            "The target takes what Microsoft Entra ID sends, or nothing was tried." } })) }
        (document("Report", text, "the report"))
        form.form method="post" action=(app.path(shell, "/provisioning/compatibility")) {
            (token(&shell.csrf))
            @for (name, value) in found { input type="hidden" name=(name) value=(value); }
            div.buttons {
                @if may_save { (submit("Use these settings")) " " }
                a.button href=(app.path(shell, "/provisioning/settings")) { "Back to the settings" }
            }
        }
    };
    below(shell, app, ("Provisioning", "/provisioning"), "Probe", body).render(shell)
}
