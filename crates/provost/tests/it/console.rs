//! The console over HTTP, as a browser without scripts would use it: pages, forms, ways on.

pub mod access;
mod admin_apps;
mod assignments;
mod audit;
mod browser;
mod enterprise_apps;
mod groups;
mod help;
mod mappings;
mod passkeys;
mod plans;
mod policy;
mod quorum;
mod requests;
mod roles;
mod settings;
mod shell;
mod user;
mod users;
mod visitor;

pub use browser::{Browser, attribute};
pub use visitor::{Page, Visitor};
