//! The console over HTTP, as a browser without scripts would use it: pages, forms, ways on.

mod admin_apps;
mod audit;
mod help;
mod policy;
mod quorum;
mod requests;
mod settings;
mod shell;
mod users;
mod visitor;

use visitor::{Page, Visitor};
