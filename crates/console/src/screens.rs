//! The screens: each a view model, and a function that makes its page.

pub mod accounts;
pub mod audit;
pub mod enterprise_apps;
pub mod groups;
pub mod help;
pub mod overview;
pub mod requests;
pub mod roles;
pub mod settings;
pub mod sign_in;
pub mod specimens;
pub mod trouble;
pub mod user;
pub mod users;
pub mod you;
