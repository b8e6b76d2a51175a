//! The console over HTTP, as a browser without scripts would use it: pages, forms, ways on.

mod audit;
mod help;
mod requests;
mod shell;
mod users;
mod visitor;

use visitor::Visitor;
