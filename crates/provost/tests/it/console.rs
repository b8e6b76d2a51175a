//! The console over HTTP, as a browser without scripts would use it: pages, forms, ways on.

mod assignments;
mod audit;
mod enterprise_apps;
mod mappings;
mod plans;
mod shell;
mod users;
mod visitor;

use visitor::Visitor;
