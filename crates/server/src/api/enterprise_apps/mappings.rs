//! What an enterprise app sends: which attribute comes from where, for whom, and what may be done.

use super::{app_of, write};
use crate::{
    api::{
        Answer,
        asked::InAccount,
        body::{given, member},
        ok,
    },
    app::Failure,
};
use axum::body::Body;
use provost_accounts::{Call, Configuration};
use provost_engine::{
    Apply, AttributeMapping, EnterpriseApp, FilterGroup, Gives, Mappings, ObjectMapping, TargetActions,
    TargetAttribute,
    registry::{self, MappingsEdit, ObjectEdit, Registered},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// What is to be sent; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct MappingsChange {
    /// The rows of users, in place of those that there were.
    users: Option<Vec<MappingRow>>,
    /// The rows of groups, in place of those that there were.
    groups: Option<Vec<MappingRow>>,
    /// For whom, and what may be done.
    settings: Option<MappingSettingsChange>,
}

/// For whom rows are used, and what may be done; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MappingSettingsChange {
    /// Of users.
    users: Option<ObjectSettingsChange>,
    /// Of groups.
    groups: Option<ObjectSettingsChange>,
}

/// The same of one kind of object; what is left out stays.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ObjectSettingsChange {
    /// Whether such objects are provisioned at all.
    enabled: Option<bool>,
    /// What may be done at the target.
    actions: Option<TargetActions>,
    /// Scoping filters: an object passes when one of them holds, or when there is none.
    filters: Option<Vec<FilterGroup>>,
    /// The attributes that the target has: only these can be mapped to.
    target_attributes: Option<Vec<TargetAttribute>>,
}

/// What is sent.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct MappingsView {
    /// The rows of users.
    users: Vec<MappingRow>,
    /// The rows of groups.
    groups: Vec<MappingRow>,
    /// For whom, and what may be done.
    settings: MappingSettings,
}

/// For whom rows are used, and what may be done.
#[derive(Serialize, ToSchema)]
struct MappingSettings {
    /// Of users.
    users: ObjectSettings,
    /// Of groups.
    groups: ObjectSettings,
}

/// The same of one kind of object.
#[derive(Serialize, ToSchema)]
struct ObjectSettings {
    /// Whether such objects are provisioned at all.
    enabled: bool,
    /// What may be done at the target.
    actions: TargetActions,
    /// Scoping filters: an object passes when one of them holds, or when there is none.
    filters: Vec<FilterGroup>,
    /// The attributes that the target has: only these can be mapped to.
    target_attributes: Vec<TargetAttribute>,
}

/// One row: an attribute of the target, and exactly one of `source`, `constant`, `expression` and `none`.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MappingRow {
    /// Attribute of the target as in a PATCH path, such as `emails[type eq "work"].value`.
    target: String,
    /// An attribute of the source, by Entra's name (`userPrincipalName`) or as a SCIM path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// Always this value.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    constant: Option<Value>,
    /// An expression of the mapping language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expression: Option<String>,
    /// `true`: nothing but the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    none: Option<bool>,
    /// The value of what is created when the source gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default: Option<Value>,
    /// Place among the attributes by which an existing resource is looked for, from 1; left out, it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    matching: Option<u32>,
    /// `always`, which it is unless said, or `on_create`.
    #[serde(default)]
    apply: Apply,
}

impl MappingRow {
    fn of(row: AttributeMapping) -> Self {
        let AttributeMapping { target, gives, default, matching, apply } = row;
        let row = Self { target, default, matching, apply, ..Self::default() };
        match gives {
            Gives::Source(source) => Self { source: Some(source), ..row },
            Gives::Constant(constant) => Self { constant: Some(constant), ..row },
            Gives::Expression(expression) => Self { expression: Some(expression), ..row },
            Gives::None(none) => Self { none: Some(none), ..row },
        }
    }

    pub(super) fn read(self) -> Result<AttributeMapping, &'static str> {
        let Self { target, source, constant, expression, none, default, matching, apply } = self;
        let gives = match (source, constant, expression, none.filter(|none| *none)) {
            (Some(source), None, None, None) => Gives::Source(source),
            (None, Some(constant), None, None) => Gives::Constant(constant),
            (None, None, Some(expression), None) => Gives::Expression(expression),
            (None, None, None, Some(_)) => Gives::None(true),
            _ => return Err("give exactly one of `source`, `constant`, `expression` and `none`"),
        };
        Ok(AttributeMapping { target, gives, default, matching, apply })
    }
}

impl MappingsView {
    fn of(mappings: Mappings) -> Self {
        let rows = |of: &ObjectMapping| of.attributes.iter().cloned().map(MappingRow::of).collect();
        let (users, groups) = (rows(&mappings.users), rows(&mappings.groups));
        let settings = |of: ObjectMapping| ObjectSettings {
            enabled: of.enabled,
            actions: of.actions,
            filters: of.filters,
            target_attributes: of.target,
        };
        let settings = MappingSettings { users: settings(mappings.users), groups: settings(mappings.groups) };
        Self { users, groups, settings }
    }
}

impl MappingsChange {
    pub(super) fn read(self) -> Result<MappingsEdit, Failure> {
        let settings = self.settings.unwrap_or(MappingSettingsChange { users: None, groups: None });
        Ok(MappingsEdit {
            users: edit("users", self.users, settings.users)?,
            groups: edit("groups", self.groups, settings.groups)?,
        })
    }
}

fn edit(
    name: &str,
    rows: Option<Vec<MappingRow>>,
    settings: Option<ObjectSettingsChange>,
) -> Result<ObjectEdit, Failure> {
    let read = |(position, row): (usize, MappingRow)| {
        row.read().map_err(|problem| member(&format!("{name}/{position}"), problem))
    };
    let attributes = rows.map(|rows| rows.into_iter().enumerate().map(read).collect()).transpose()?;
    let ObjectSettingsChange { enabled, actions, filters, target_attributes } = settings.unwrap_or_default();
    Ok(ObjectEdit { attributes, enabled, actions, filters, target: target_attributes })
}

pub(in crate::api) async fn get(asked: InAccount) -> Answer {
    ok(&MappingsView::of(app_of(&asked).await?.value.mappings))
}

/// Puts back what a new app sends; the app's name, connection and scope stay.
pub(in crate::api) async fn restore(asked: InAccount) -> Answer {
    let (id, about) = asked.target("enterprise-app.mappings", EnterpriseApp::kind()).await?;
    let whole = |of: ObjectMapping| ObjectEdit {
        attributes: Some(of.attributes),
        enabled: Some(of.enabled),
        actions: Some(of.actions),
        filters: Some(of.filters),
        target: Some(of.target),
    };
    let Mappings { users, groups } = registry::default_mappings();
    let edit = &MappingsEdit { users: whole(users), groups: whole(groups) };
    let decide = |config: &Configuration, call: &Call, before: &Registered<EnterpriseApp>| {
        registry::set_mappings(config, call, before, edit.clone())
    };
    ok(&MappingsView::of(write(&asked, id, about, decide).await?.value.mappings))
}

pub(in crate::api) async fn put(asked: InAccount, body: Body) -> Answer {
    let (id, about) = asked.target("enterprise-app.mappings", EnterpriseApp::kind()).await?;
    let change: MappingsChange = asked.body(&about, body).await?;
    let edit = &asked.or_recorded(&about, change.read()).await?;
    let decide = |config: &Configuration, call: &Call, before: &Registered<EnterpriseApp>| {
        registry::set_mappings(config, call, before, edit.clone())
    };
    ok(&MappingsView::of(write(&asked, id, about, decide).await?.value.mappings))
}
