//! The sending side: what an account provisions into other systems, by SCIM.
//!
//! An [`EnterpriseApp`] names a target and says what of the account goes there. Everything here is a function of values: time, ids and
//! what a target answered are arguments, and nothing is read or sent.

mod app;
mod assignment;
mod exchange;
mod mapping;
mod scope;
mod source;

pub use app::{Drift, EnterpriseApp, INTERVAL_DEFAULT, Objects, ScopeMode, SecretToken};
pub use assignment::{AppRole, Assignment, MemberType};
pub use exchange::{Answer, Body, Method, Reply, Request};
pub use mapping::{
    Apply, AttributeMapping, Gives, Mappings, ObjectMapping, TargetActions, TargetAttribute, TargetType,
};
pub use scope::{Clause, FilterGroup, FilterOperator};
pub use source::{Assigned, SourceObject};
