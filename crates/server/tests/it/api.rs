//! The management API, endpoint by endpoint.

mod access;
mod accounts;
mod activity;
mod admin_apps;
mod audit;
mod bin;
mod description;
mod groups;
mod policies;
mod roles;
mod tokens;
mod users;
