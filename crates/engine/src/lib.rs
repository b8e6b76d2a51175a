//! The sending side: what an account provisions into other systems, by SCIM.
//!
//! An [`EnterpriseApp`] names a target and says what of the account goes there. [`Compiled::new`] checks it and makes it ready to run;
//! then, for each [`SourceObject`], [`CompiledObjects::entitlement`] says whether it shall be at the target,
//! [`CompiledObjects::wanted`] which values it shall have there, [`CompiledObjects::seen`] which it has, [`CompiledObjects::diff`]
//! what must change, and [`Wire`] which request does it. Everything here is a function of values: time, ids and what a target answered
//! are arguments, and nothing is read or sent.

mod app;
mod assignment;
mod check;
mod compatibility;
mod compile;
pub mod connection;
mod defaults;
mod diff;
mod entitlement;
mod exchange;
mod mapping;
pub mod probe;
pub mod registry;
mod scope;
mod seen;
mod source;
mod target;
mod tenant_url;
mod wanted;
mod wire;

pub use app::{Drift, EnterpriseApp, INTERVAL_DEFAULT, Objects, ScopeMode, SecretToken};
pub use assignment::{AppRole, Assignment, MemberType};
pub use check::{
    At, CONSTANT_BYTES_MAX, FILTERS_MAX, INTERVAL_MAX, NAME_BYTES_MAX, NOTIFY_MAX, PRECEDENCE_MAX, Problem, ROWS_MAX,
    TARGET_ATTRIBUTES_MAX, check,
};
pub use compatibility::{
    Booleans, Compatibility, ElementsForm, FiltersForm, ManagerForm, MembersForm, RolesPatch, SchemasForm,
};
pub use compile::{Compiled, CompiledObjects, Row};
pub use diff::{Change, ChangeKind};
pub use entitlement::Entitlement;
pub use exchange::{Answer, Body, Method, Reply, Request};
pub use mapping::{
    Apply, AttributeMapping, Gives, Mappings, ObjectMapping, TargetActions, TargetAttribute, TargetType,
};
pub use scope::{Clause, FilterGroup, FilterOperator};
pub use seen::{id_of, listed};
pub use source::{Alias, Assigned, SourceAttribute, SourceNames, SourceObject, SourceSchemas, SourceType, aliases};
pub use target::{Role, Roles, RolesForm, TargetPath, TargetValue, Values};
pub use tenant_url::{Dialect, Flag, TenantUrl};
pub use wanted::{
    AttributeFault, Candidates, FaultCode, Lineage, MatchingValue, Moment, Purpose, Wanted, WantedReference,
};
pub use wire::{MEMBERS_MAX, Wire};
