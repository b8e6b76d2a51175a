//! What a probe has found.

use crate::{Apply, Compatibility, Dialect, Flag, ObjectMapping, Objects};
use serde::Serialize;
use std::fmt;

/// What a probe has found.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ProbeReport)]
pub struct Report {
    /// The settings that the target needs.
    pub compatibility: Compatibility,
    /// How PATCH requests have to be written: in the app's own dialect, if the target takes that. The tenant URL says it.
    #[serde(serialize_with = "as_flag")]
    #[schema(value_type = String)]
    pub dialect: Dialect,
    /// Whether the target says that it takes PATCH requests.
    pub patch: Option<bool>,
    /// The most resources that it says it answers a search with.
    pub filter_results_max: Option<u64>,
    /// What it says of bulk requests.
    pub bulk: Option<Bulk>,
    /// Whether it has groups.
    pub groups: bool,
    /// The URNs of the schemas that it names.
    pub schemas: Vec<String>,
    /// Each thing that was tried.
    pub settings: Vec<Setting>,
    /// What it keeps of the mapped attributes.
    pub attributes: Vec<Attribute>,
    /// What no setting helps with.
    pub obstacles: Vec<String>,
    /// Paths of what could not be removed again.
    pub left_behind: Vec<String>,
}

/// What a target says of bulk requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ProbedBulk)]
pub struct Bulk {
    /// Most operations in one request.
    pub operations_max: Option<u64>,
    /// Most bytes of one request.
    pub bytes_max: Option<u64>,
}

/// One setting: what was tried and what was chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ProbedSetting)]
pub struct Setting {
    /// Its name in the app's `compatibility`, or of what was asked beside that: `dialect`.
    pub name: &'static str,
    /// The form that is chosen; `None` when none works, and the default stays.
    pub chosen: Option<String>,
    /// The forms in the order in which they were tried; the first that holds is chosen.
    pub tried: Vec<Tried>,
}

/// One form, and what came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ProbedForm)]
pub struct Tried {
    /// The form's name.
    pub form: String,
    /// What came back, for people.
    pub came: String,
    /// Whether the target did what was asked.
    pub holds: bool,
}

/// What a target keeps of an attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ProbedAttribute)]
pub struct Attribute {
    /// Of which objects.
    #[schema(value_type = String)]
    pub of: Objects,
    /// As the mapping writes it.
    pub target: String,
    /// Whether a POST brought the value about.
    pub on_create: bool,
    /// Whether a PATCH did.
    pub on_change: bool,
    /// What came back.
    pub came: String,
}

impl Report {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            compatibility: Compatibility::default(),
            dialect,
            patch: None,
            filter_results_max: None,
            bulk: None,
            groups: false,
            schemas: Vec::new(),
            settings: Vec::new(),
            attributes: Vec::new(),
            obstacles: Vec::new(),
            left_behind: Vec::new(),
        }
    }

    /// A mapping without what the target does not keep: rows that no request brings about go, unless they are what objects are matched
    /// by; rows that only a POST brings about are sent on creation only.
    pub fn fitted(&self, of: Objects, mapping: &ObjectMapping) -> ObjectMapping {
        let mut fitted = mapping.clone();
        let kept = |target: &str| self.attributes.iter().find(|one| one.of == of && one.target == target);
        fitted.attributes.retain(|row| {
            row.matching.is_some()
                || kept(&row.target).is_none_or(|attribute| attribute.on_create || attribute.on_change)
        });
        for row in &mut fitted.attributes {
            if kept(&row.target).is_some_and(|attribute| attribute.on_create && !attribute.on_change) {
                row.apply = Apply::OnCreate;
            }
        }
        fitted
    }
}

/// What stands in the tenant URL's query; nothing for the older dialect.
fn flag(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Legacy => "",
        Dialect::Compliant => Flag::AadOptscim062020.as_str(),
    }
}

fn as_flag<S: serde::Serializer>(dialect: &Dialect, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(flag(*dialect))
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stated = |stated: Option<bool>| stated.map_or("not said", |yes| if yes { "yes" } else { "no" });
        let most = |number: Option<u64>| number.map_or("not said".to_owned(), |number| number.to_string());
        writeln!(out, "PATCH: {}", stated(self.patch))?;
        writeln!(out, "groups: {}", stated(Some(self.groups)))?;
        writeln!(out, "most resources found: {}", most(self.filter_results_max))?;
        match self.bulk {
            Some(Bulk { operations_max, bytes_max }) => {
                writeln!(out, "bulk: {} operations, {} bytes", most(operations_max), most(bytes_max))?;
            }
            None => writeln!(out, "bulk: no")?,
        }
        writeln!(
            out,
            "schemas: {}",
            if self.schemas.is_empty() { "none named".to_owned() } else { self.schemas.join(", ") }
        )?;
        for setting in &self.settings {
            let chosen = setting.chosen.as_deref().unwrap_or("nothing works; the default stays");
            writeln!(out, "{}: {chosen}", setting.name)?;
            for Tried { form, came, .. } in &setting.tried {
                writeln!(out, "  {form}: {came}")?;
            }
        }
        for attribute in self.attributes.iter().filter(|attribute| !attribute.on_create || !attribute.on_change) {
            let Attribute { target, came, .. } = attribute;
            let collection = match attribute.of {
                Objects::Users => "users",
                Objects::Groups => "groups",
            };
            let kept = if attribute.on_create {
                "kept on creation only"
            } else if attribute.on_change {
                "kept on change only"
            } else {
                "not kept"
            };
            writeln!(out, "{collection}, {target}: {kept}; {came}")?;
        }
        for obstacle in &self.obstacles {
            writeln!(out, "obstacle: {obstacle}")?;
        }
        for path in &self.left_behind {
            writeln!(out, "left behind: {path}; remove it by hand")?;
        }
        Ok(())
    }
}
