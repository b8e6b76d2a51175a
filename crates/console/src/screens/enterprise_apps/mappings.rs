//! What an application sends: the tables of rows, the list of target attributes, scoping filters.

use super::{App, Section, below, of_app};
use crate::{
    Filled, Shell, address,
    components::{
        button_link,
        field::{Check, Confirmation, Field, boxes, confirmation, form, submit, token},
        mark::{Mark, state, tag},
        message::refusal,
        nothing, section,
        table::{ACTS, act as act_cell, bare, cell, free, head, head_opt, lead, opt, row, table},
    },
};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The mappings of an application, as the management API shows them.
#[derive(Clone, Debug, Deserialize)]
pub struct Mappings {
    /// The rows of users.
    pub users: Vec<Row>,
    /// The rows of groups.
    pub groups: Vec<Row>,
    /// For whom, and what may be done.
    pub settings: Both,
}

/// The settings of users and of groups.
#[derive(Clone, Debug, Deserialize)]
pub struct Both {
    /// Of users.
    pub users: Settings,
    /// Of groups.
    pub groups: Settings,
}

/// For whom rows are used, and what may be done.
#[derive(Clone, Debug, Deserialize)]
pub struct Settings {
    /// Whether such objects are provisioned at all.
    pub enabled: bool,
    /// What may be done at the target.
    pub actions: Actions,
    /// Scoping filters.
    pub filters: Vec<FilterGroup>,
    /// The attributes that the target has.
    pub target_attributes: Vec<Attribute>,
}

/// What may be done at the target.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Actions {
    /// Making.
    pub create: bool,
    /// Changing.
    pub update: bool,
    /// Removing.
    pub delete: bool,
}

/// A scoping filter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FilterGroup {
    /// Its name.
    pub name: String,
    /// Clauses that hold together.
    pub clauses: Vec<Clause>,
}

/// A clause of a scoping filter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Clause {
    /// The attribute.
    pub source: String,
    /// The operator.
    pub operator: String,
    /// What it is compared with.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub value: String,
}

/// An attribute of the target.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attribute {
    /// As in a PATCH path.
    pub name: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether it has several values.
    #[serde(default)]
    pub multi_valued: bool,
    /// Whether a resource cannot do without it.
    #[serde(default)]
    pub required: bool,
    /// Whether upper and lower case differ.
    #[serde(default)]
    pub case_exact: bool,
}

/// One row.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Row {
    /// The target's attribute.
    pub target: String,
    /// An attribute of the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Always this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constant: Option<Value>,
    /// An expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    /// Nothing but the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub none: Option<bool>,
    /// The value where the source gives none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// Place among the matching attributes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matching: Option<u32>,
    /// `always` or `on_create`.
    pub apply: String,
}

impl Row {
    /// Whether it sends the roles of assignments.
    pub fn sends_roles(&self) -> bool {
        const ROLES: &str = "approleassignments";
        let reads = |text: &String| text.to_ascii_lowercase().contains(ROLES);
        self.source.as_ref().is_some_and(reads) || self.expression.as_ref().is_some_and(reads)
    }
}

/// Users or groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objects {
    /// Users.
    Users,
    /// Groups.
    Groups,
}

impl Objects {
    /// Its name in addresses and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Groups => "groups",
        }
    }

    /// Those of a name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Users, Self::Groups].into_iter().find(|of| of.name() == name)
    }

    /// Where its table is, in an application.
    pub fn rest(self) -> String {
        format!("/mappings/{}", self.name())
    }
}

impl Mappings {
    /// The rows of users or groups.
    pub fn rows(&self, of: Objects) -> &[Row] {
        match of {
            Objects::Users => &self.users,
            Objects::Groups => &self.groups,
        }
    }

    /// The settings of users or groups.
    pub fn settings(&self, of: Objects) -> &Settings {
        match of {
            Objects::Users => &self.settings.users,
            Objects::Groups => &self.settings.groups,
        }
    }
}

impl Row {
    /// Its type, and where its value comes from.
    pub fn gives(&self) -> (&'static str, Markup) {
        match (&self.source, &self.constant, &self.expression) {
            (Some(source), _, _) => ("Direct", html! { code.expr { span.attr { "[" (source) "]" } } }),
            (_, Some(constant), _) => ("Constant", html! { code.expr { span.str { (text(constant)) } } }),
            (_, _, Some(expression)) => ("Expression", html! { code.expr { (expression) } }),
            (None, None, None) => ("None", html! { span.none { "nothing but the default" } }),
        }
    }
}

/// A value as it is typed.
pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Both mappings: which there are, and whether they are enabled.
pub fn overview(shell: &Shell, app: &App, mappings: &Mappings, may_manage: bool) -> Markup {
    let rows = html! { @for (of, label) in [(Objects::Users, "Provision users"), (Objects::Groups, "Provision groups")] {
        @let settings = mappings.settings(of);
        (row(!settings.enabled, html! {
            (lead(html! { a href=(app.path(shell, &of.rest())) { (label) } }))
            (bare(if settings.enabled { state(Mark::On, "Enabled") } else { state(Mark::Off, "Disabled") }))
            (cell("Mappings", mappings.rows(of).len().to_string()))
            (opt("Scoping filters", settings.filters.len().to_string()))
        }))
    } };
    let heads = [head("Name"), head("State"), head("Mappings"), head_opt("Scoping filters")];
    let acts =
        html! { @if may_manage { (button_link(&app.path(shell, "/mappings/restore"), "Restore default mappings")) } };
    of_app(shell, app, Section::AttributeMapping, table("Mappings", &heads, rows)).acts(acts).render(shell)
}

/// The table of one mapping.
pub struct Table<'a> {
    /// Of users or groups.
    pub of: Objects,
    /// The mappings.
    pub mappings: &'a Mappings,
    /// Whether advanced options are shown.
    pub advanced: bool,
    /// Whether whoever looks may change it.
    pub may_manage: bool,
}

/// The table.
pub fn table_of(shell: &Shell, app: &App, view: &Table<'_>) -> Markup {
    let (of, settings) = (view.of, view.mappings.settings(view.of));
    let at = app.path(shell, &of.rest());
    let heads = [head("Target attribute"), head("Source"), head_opt("Type"), ACTS];
    let rows = html! { @for one in view.mappings.rows(of) { (row(false, one_row(&at, one, view.may_manage))) } };
    let (label, word) = match of {
        Objects::Users => ("Provision users", "users"),
        Objects::Groups => ("Provision groups", "groups"),
    };
    let switch = if settings.enabled { ("Disable", "no") } else { ("Enable", "yes") };
    let beside = html! { span.buttons { @if view.may_manage { a.button.button--small href=(format!("{at}/edit")) { "Add mapping" } } } };
    let done: Vec<&str> =
        [(settings.actions.create, "create"), (settings.actions.update, "update"), (settings.actions.delete, "delete")]
            .into_iter()
            .filter_map(|(on, word)| on.then_some(word))
            .collect();
    let body = html! {
        (section("map", label, beside, html! {
            p.small.quiet {
                (if settings.enabled { state(Mark::On, "Enabled") } else { state(Mark::Off, "Disabled") })
                ". " (view.mappings.rows(of).len()) " mappings. What stands under Source is computed for each object and written to the \
                    attribute before it. \
                 Target actions: " (if done.is_empty() { "none".to_owned() } else { done.join(", ") }) "."
            }
            (table(label, &heads, rows))
        }))
        (section("who", "Source object scope", html! { @if view.may_manage { a.small href=(format!("{at}/scope")) {
            "Edit scope and actions" } } }, scope(settings, word)))
        form.links.small method="get" action=(at) {
            label.check { input type="checkbox" name="advanced" value="yes" checked[view.advanced]; " " span { "Show advanced options" } }
            button.button.button--small type="submit" { "Show" }
        }
        @if view.advanced {
            p.small.links {
                a href=(format!("{at}/attributes")) { "Edit attribute list for " (app.name) } " "
                @if view.may_manage { a href=(app.path(shell, "/mappings/restore")) { "Restore default mappings" } }
            }
        }
    };
    let acts = html! { @if view.may_manage {
        form.inline method="post" action=(format!("{at}/enabled")) {
            (token(&shell.csrf))
            input type="hidden" name="enabled" value=(switch.1);
            button.button type="submit" { (switch.0) " provisioning of " (word) }
        }
    } };
    of_app(shell, app, Section::AttributeMapping, body)
        .below("Attribute mapping", app.path(shell, "/mappings"))
        .acts(acts)
        .render(shell)
}

fn one_row(at: &str, one: &Row, may_manage: bool) -> Markup {
    let (kind, gives) = one.gives();
    let edit = address(&format!("{at}/edit"), &[("target", &one.target)]);
    html! {
        (lead(html! {
            @if may_manage { a href=(edit) { code { (one.target) } } } @else { code { (one.target) } }
            @if let Some(place) = one.matching { " " (tag(&format!("Matching {place}"))) }
            @if one.apply == "on_create" { " " (tag("On create")) }
        }))
        (free("Source", gives))
        (opt("Type", kind))
        (act_cell(html! { @if may_manage {
            a href=(address(&format!("{at}/delete"), &[("target", &one.target)])) { "Delete" span.hidden-text { " " (one.target) } }
        } }))
    }
}

fn scope(settings: &Settings, word: &str) -> Markup {
    html! {
        @if settings.filters.is_empty() { p.quiet { "No scoping filter: all " (word) " in scope are provisioned." } }
        @else {
            ul.prose { @for filter in &settings.filters { li { b { (filter.name) } ": " code { (clauses(filter)) } } } }
        }
    }
}

fn clauses(filter: &FilterGroup) -> String {
    let one = |clause: &Clause| format!("{} {} {}", clause.source, clause.operator, clause.value).trim().to_owned();
    filter.clauses.iter().map(one).collect::<Vec<_>>().join(" AND ")
}

/// The filters as text: one a line, `name: attribute OPERATOR value AND …`.
pub fn filter_lines(filters: &[FilterGroup]) -> String {
    filters.iter().map(|filter| format!("{}: {}", filter.name, clauses(filter))).collect::<Vec<_>>().join("\n")
}

const ACTIONS: [Check<'static>; 3] = [
    Check { value: "create", label: "Create", hint: None },
    Check {
        value: "update",
        label: "Update",
        hint: Some("Disabling is an update: without it, nobody is disabled either."),
    },
    Check { value: "delete", label: "Delete", hint: None },
];

/// The form of scope and actions.
pub fn edit_scope(shell: &Shell, app: &App, of: Objects, filled: &Filled) -> Markup {
    let fields = html! {
        (boxes("actions", "Target object actions", &ACTIONS, filled))
        (Field::lines("filters", "Scoping filters", 6).mono().optional().hint(html! {
            "One filter a line: its name, then its clauses. An object is in scope when one of the filters holds, or when there is none. "
            "Operators: EQUALS, NOT EQUALS, IS TRUE, IS FALSE, IS NULL, IS NOT NULL, REGEX MATCH, NOT REGEX MATCH, Greater_Than, "
            "Greater_Than_OR_EQUALS, Includes, ENDS_WITH, & and !&. Example: " code {
                "Sales: department EQUALS Sales AND country EQUALS NO" }
        }).row(filled))
    };
    let body = html! {
        (refusal(filled, "The scope was not saved"))
        (form(&app.path(shell, &format!("{}/scope", of.rest())), &shell.csrf, fields, submit("Save")))
    };
    below(shell, app, ("Attribute mapping", &of.rest()), "Scope and actions", body).render(shell)
}

/// The types of target attributes.
const TYPES: [(&str, &str); 6] = [
    ("string", "String"),
    ("boolean", "Boolean"),
    ("integer", "Integer"),
    ("date_time", "DateTime"),
    ("binary", "Binary"),
    ("reference", "Reference"),
];

const PROPERTIES: [Check<'static>; 3] = [
    Check { value: "multi_valued", label: "Multi-Value?", hint: None },
    Check { value: "required", label: "Required?", hint: None },
    Check { value: "case_exact", label: "Exact case?", hint: None },
];

/// The list of target attributes, with a form for another one.
pub fn attributes(
    shell: &Shell,
    app: &App,
    of: Objects,
    list: &[Attribute],
    may_manage: bool,
    filled: &Filled,
) -> Markup {
    let at = app.path(shell, &format!("{}/attributes", of.rest()));
    let yes = |on: bool| if on { "Yes" } else { "No" };
    let word = |kind: &str| TYPES.iter().find(|(name, _)| *name == kind).map_or("", |(_, word)| word);
    let heads =
        [head("Name"), head("Type"), head("Multi-Value?"), head_opt("Required?"), head_opt("Exact case?"), ACTS];
    let rows = html! { @for one in list { (row(false, html! {
        (lead(html! { code { (one.name) } }))
        (cell("Type", word(&one.kind)))
        (cell("Multi-Value?", yes(one.multi_valued)))
        (opt("Required?", yes(one.required)))
        (opt("Exact case?", yes(one.case_exact)))
        (act_cell(html! { @if may_manage {
            form.inline method="post" action=(format!("{at}/remove")) {
                (token(&shell.csrf))
                input type="hidden" name="name" value=(one.name);
                button.row-action type="submit" { "Remove" span.hidden-text { " " (one.name) } }
            }
        } }))
    })) } };
    let fields = html! {
        (Field::text("name", "Name").hint("As in a PATCH path, such as roles or emails[type eq \"work\"].value.").mono().row(filled))
        (Field::choice("type", "Type", &TYPES).row(filled))
        (boxes("properties", "Properties", &PROPERTIES, filled))
    };
    let title = format!("Edit attribute list for {}", app.name);
    let body = html! {
        p.small.quiet { "Only attributes in this list can be mapped to. Remove what the application does not take." }
        @if may_manage { (section("add", "Add attribute", nothing(), html! {
            (refusal(filled, "The list was not saved"))
            (form(&at, &shell.csrf, fields, submit("Add attribute")))
        })) }
        (table("Attributes of the target", &heads, rows))
    };
    below(shell, app, ("Attribute mapping", &of.rest()), &title, body).render(shell)
}

/// The question before a row is removed.
pub fn ask_delete(shell: &Shell, app: &App, of: Objects, target: &str, filled: &Filled) -> Markup {
    let consequences = [
        format!("{target} is not sent any more; what the application has stays"),
        "the next cycle looks at everybody".to_owned(),
    ];
    let ask = Confirmation {
        question: &format!("Delete the mapping of {target}?"),
        consequences: &consequences,
        name: None,
        fields: html! { input type="hidden" name="target" value=(target); },
        button: "Delete mapping",
        action: &app.path(shell, &format!("{}/delete", of.rest())),
        back: &app.path(shell, &of.rest()),
    };
    let body = confirmation(&ask, &shell.csrf, filled);
    below(shell, app, ("Attribute mapping", &of.rest()), "Delete mapping", body).render(shell)
}

/// The question before the default mappings take the place of what is there.
pub fn ask_restore(shell: &Shell, app: &App, filled: &Filled) -> Markup {
    let consequences = [
        "all rows, scoping filters and target attributes of users and of groups are replaced by those of a new application".to_owned(),
        "the next cycle looks at everybody".to_owned(),
    ];
    let ask = Confirmation {
        question: &format!("Restore the default mappings of {}?", app.name),
        consequences: &consequences,
        name: None,
        fields: nothing(),
        button: "Restore default mappings",
        action: &app.path(shell, "/mappings/restore"),
        back: &app.path(shell, "/mappings"),
    };
    let body = confirmation(&ask, &shell.csrf, filled);
    below(shell, app, ("Attribute mapping", "/mappings"), "Restore default mappings", body).render(shell)
}
