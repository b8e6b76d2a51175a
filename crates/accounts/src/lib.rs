//! The receiving side: what a request changes in an account, decided purely.
//!
//! A request is judged against one [`Configuration`] (the account's policy, roles, admin apps and quorum policies at one
//! version) and the records that it names. The answer is a [`Decided`] with the change set to commit, or a [`Refused`] that
//! names the policy field. Nothing here knows HTTP, SQL or a clock: time, ids and salts come in a [`Call`].
//!
//! SCIM, the management API and, later, the console end in the same functions of [`users`].

pub mod account;
pub mod activity;
pub mod admin_app;
pub mod alerts;
pub mod api_key;
pub mod approvals;
pub mod assignments;
pub mod audit;
mod call;
mod configuration;
pub mod credentials;
pub mod definitions;
pub mod derived;
pub mod fingerprint;
pub mod groups;
pub mod id_token;
pub mod indexes;
pub mod mail;
mod ownership;
mod patching;
pub mod policy;
pub mod preview;
pub mod quorum;
mod refused;
pub mod resources;
pub mod role;
pub mod sessions;
pub mod sign_in;
pub mod sources;
pub mod stream;
pub mod token;
pub mod transfer;
pub mod users;
pub mod verification;

pub use account::Account;
pub use admin_app::AdminApp;
pub use call::{Actor, Call, Decided, Owner};
pub use configuration::{Configuration, Corrupt};
pub use groups::Group;
pub use ownership::Management;
pub use policy::Policy;
pub use quorum::{QuorumPolicy, QuorumTree};
pub use refused::Refused;
pub use role::{Permission, Role, RoleKey, SystemRole};
pub use users::{User, UserState};
