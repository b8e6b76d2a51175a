//! What every user of such a system expects: requirements S-…, for users, credentials and the audit log.

mod audit;
mod credentials;
mod discovery;
mod errors;
mod filters;
mod lifecycle;
mod patches;
mod resources;
mod roles;
mod secrets;
