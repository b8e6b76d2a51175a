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
mod cycle;
mod defaults;
mod diff;
mod document;
mod entitlement;
mod escrow;
mod exchange;
mod feed;
mod in_turn;
mod job;
mod key;
mod link;
mod log;
mod mapping;
mod object;
mod plan;
pub mod probe;
mod quarantine;
pub mod registry;
mod scope;
mod seen;
mod shared;
mod source;
mod target;
mod tenant_url;
mod undo;
mod wanted;
mod wire;

pub use app::{Drift, EnterpriseApp, INTERVAL_DEFAULT, Objects, ScopeMode, SecretToken};
pub use assignment::{AppRole, Assignment, MemberType};
pub use check::{
    At, CONSTANT_BYTES_MAX, FILTERS_MAX, INTERVAL_MAX, NAME_BYTES_MAX, NOTIFY_MAX, PRECEDENCE_MAX, Problem, ROWS_MAX,
    TARGET_ATTRIBUTES_MAX, check,
};
pub use compatibility::{
    Booleans, BulkForm, Compatibility, ElementsForm, FiltersForm, ManagerForm, MembersForm, RolesPatch, SchemasForm,
    SearchesForm,
};
pub use compile::{Compiled, CompiledObjects, Row};
pub use cycle::{
    Applied, Ask, Command, Commit, Decided, Ended, JobChange, Keys, Loaded, Notice, ON_DEMAND_MEMBERS_MAX, Place,
    REQUESTS_MAX, Refused, Running, Setting, Token, Told, Wish, apply, cycle, plan, provision_on_demand, revert,
};
pub use diff::{Change, ChangeKind};
pub use entitlement::Entitlement;
pub use escrow::Escrow;
pub use exchange::{Answer, Body, Content, Method, Reads, Reply, Request};
pub use feed::{CHANGED_MAX, Changes, Concern, GroupChange, UserChange};
use in_turn::InTurn;
pub use job::{
    CYCLES_MAX, CycleEnd, CycleReport, Deprovisioning, HeldDecision, Job, JobState, Phase, Progress, Reset, Tally,
};
pub use key::{Key, link_id};
pub use link::{Held, Link, LinkSet, Members, Standing, StoredLink, TOUCHED_MAX, Tried, link_change, target_key};
pub use log::{
    ACTIONS_KEPT, Action, ActionError, ActionKind, ActionSet, Identity, MODIFIED_MAX, Modified, Status, Step, StepKind,
    TEXT_MAX, cut,
};
pub use mapping::{
    Apply, AttributeMapping, Gives, Mappings, ObjectMapping, TargetActions, TargetAttribute, TargetType,
};
pub use plan::{Digest, Intent, PLAN_MAX, Plan, PlannedObject};
pub use quarantine::{QUARANTINE_MAX, Quarantine, QuarantineReason, by_count};
pub use scope::{Clause, FilterGroup, FilterOperator};
pub use seen::{id_of, listed};
pub use shared::Shared;
pub use source::{Alias, Assigned, SourceAttribute, SourceNames, SourceObject, SourceSchemas, SourceType, aliases};
pub use target::{Role, Roles, RolesForm, TargetName, TargetPath, TargetValue, Values};
pub use tenant_url::{Dialect, Flag, TenantUrl};
pub use undo::undo;
pub use wanted::{
    AttributeFault, Candidates, FaultCode, Lineage, MatchingValue, Moment, Purpose, Wanted, WantedReference,
};
pub use wire::{MEMBERS_MAX, Wire, bulk::BULK_MAX};
