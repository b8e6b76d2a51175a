//! The console over HTTP, as a browser without scripts would use it: pages, forms, ways on.

mod access;
mod audit;
mod browser;
mod help;
mod passkeys;
mod requests;
mod shell;
mod users;
mod visitor;

use browser::Browser;
use visitor::Visitor;
