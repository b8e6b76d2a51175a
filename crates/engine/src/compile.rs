//! An app whose mappings, filters and settings are understood: what runs, made once for many objects.

use crate::{
    Apply, Compatibility, Dialect, EnterpriseApp, Objects, Problem, ScopeMode, SourceAttribute, SourceSchemas,
    TargetActions, TargetPath, TargetType, TargetValue, TenantUrl, check,
    check::{CompiledGroup, Problems},
};
use provost_expression::Program;
use std::{collections::BTreeMap, sync::Arc};

/// A checked app. Patterns and paths are compiled in it: keep it for as long as the app and the account's schemas stay as they are.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// Where the target is.
    pub tenant: TenantUrl,
    /// What is sent of users.
    pub users: CompiledObjects,
    /// What is sent of groups.
    pub groups: CompiledObjects,
}

/// What is sent of one kind of object.
#[derive(Clone, Debug)]
pub struct CompiledObjects {
    /// Which kind.
    pub of: Objects,
    /// Whether such objects are provisioned at all.
    pub is_enabled: bool,
    /// What may be done at the target.
    pub actions: TargetActions,
    /// Who is in scope before filters are asked.
    pub scope: ScopeMode,
    pub(crate) rows: Vec<Row>,
    pub(crate) filters: Vec<CompiledGroup>,
    pub(crate) clear_nulls: bool,
    pub(crate) compatibility: Compatibility,
}

/// One row of a mapping.
#[derive(Clone, Debug)]
pub struct Row {
    /// The target's attribute.
    pub target: Arc<TargetPath>,
    /// What it holds.
    pub kind: TargetType,
    /// Whether it has several values.
    pub multi_valued: bool,
    /// Whether a resource cannot do without it.
    pub required: bool,
    /// Whether upper and lower case differ.
    pub case_exact: bool,
    /// When it is sent.
    pub apply: Apply,
    /// Place among the attributes by which an existing resource is looked for, from 1.
    pub matching: Option<u32>,
    pub(crate) gives: RowSource,
    pub(crate) default: Option<TargetValue>,
}

/// Where the value of a row comes from.
#[derive(Clone, Debug)]
pub(crate) enum RowSource {
    /// A source attribute, under the name in the mapping.
    Attribute(String, SourceAttribute),
    Constant(TargetValue),
    /// An expression, with the attributes that it reads.
    Program(Box<Program>, BTreeMap<String, SourceAttribute>),
    /// Nothing but the default.
    Nothing,
    /// The members of a group, which are sent one by one.
    Members,
}

impl Compiled {
    /// Checks an app beside the account's resource types, and compiles it.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of its fields.
    pub fn new(app: &EnterpriseApp, schemas: SourceSchemas<'_>) -> Result<Self, Vec<Problem>> {
        let mut list = Vec::new();
        let mut problems = Problems::of(&mut list);
        let tenant = check::settings(app, &mut problems);
        let mut mappings = problems.member("mappings");
        let users = CompiledObjects::new(app, Objects::Users, schemas, &mut mappings.member("users"));
        let groups = CompiledObjects::new(app, Objects::Groups, schemas, &mut mappings.member("groups"));
        match tenant {
            Some(tenant) if list.is_empty() => Ok(Self { tenant, users, groups }),
            Some(_) | None => Err(list),
        }
    }

    /// What is sent of users or groups.
    pub fn objects(&self, of: Objects) -> &CompiledObjects {
        match of {
            Objects::Users => &self.users,
            Objects::Groups => &self.groups,
        }
    }

    /// How PATCH requests are written: cycles look at the tenant URL's flag, provision on demand does not.
    pub fn dialect(&self, is_on_demand: bool) -> Dialect {
        if is_on_demand { self.tenant.dialect_on_demand() } else { self.tenant.dialect() }
    }
}

impl CompiledObjects {
    fn new(app: &EnterpriseApp, of: Objects, schemas: SourceSchemas<'_>, problems: &mut Problems<'_>) -> Self {
        let mapping = app.mappings.of(of);
        let names = schemas.names(of);
        let filters = check::groups(&mapping.filters, &names, &mut problems.member("filters"));
        let rows = check::rows(mapping, app.scope, &names, problems);
        Self {
            of,
            is_enabled: mapping.enabled,
            actions: mapping.actions,
            scope: app.scope,
            rows,
            filters,
            clear_nulls: app.clear_nulls,
            compatibility: app.compatibility,
        }
    }

    /// The rows, in order.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Rows by which an existing resource is looked for, in the order in which they are tried.
    pub fn matching(&self) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.rows.iter().filter(|row| row.matching.is_some()).collect();
        rows.sort_by_key(|row| row.matching);
        rows
    }

    /// The target's attribute that a group's members go to; `None` when they are not sent.
    pub fn members(&self) -> Option<&TargetPath> {
        self.rows.iter().find(|row| matches!(row.gives, RowSource::Members)).map(|row| &*row.target)
    }

    /// Whether a change at `IsSoftDeleted` reaches the target: without such a row, who leaves is neither disabled nor enabled.
    pub fn disables(&self) -> bool {
        self.rows.iter().any(Row::reads_is_soft_deleted)
    }

    /// Whether this attribute of the target follows `IsSoftDeleted`.
    pub(crate) fn disabling(&self, target: &str) -> bool {
        self.row(target).is_some_and(Row::reads_is_soft_deleted)
    }

    pub(crate) fn row(&self, target: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.target.as_str() == target)
    }
}

impl Row {
    fn reads_is_soft_deleted(&self) -> bool {
        match &self.gives {
            RowSource::Attribute(name, _) => name == "IsSoftDeleted",
            RowSource::Program(_, attributes) => attributes.contains_key("IsSoftDeleted"),
            RowSource::Constant(_) | RowSource::Nothing | RowSource::Members => false,
        }
    }

    /// The source attributes that it reads, by their names in the mapping.
    pub(crate) fn reads(&self) -> impl Iterator<Item = (&str, &SourceAttribute)> {
        let (one, several) = match &self.gives {
            RowSource::Attribute(name, attribute) => (Some((name.as_str(), attribute)), None),
            RowSource::Program(_, attributes) => (None, Some(attributes)),
            RowSource::Constant(_) | RowSource::Nothing | RowSource::Members => (None, None),
        };
        let several = several.into_iter().flatten().map(|(name, attribute)| (name.as_str(), attribute));
        one.into_iter().chain(several)
    }

    /// Whether its value is the id of another object at the target.
    pub fn is_reference(&self) -> bool {
        self.kind == TargetType::Reference
    }
}
