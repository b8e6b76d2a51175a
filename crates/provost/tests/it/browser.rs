//! The console in a real Chromium, against the real binary.
//!
//! How the test of a screen is written:
//!
//! ```ignore
//! #[test]
//! fn f_5_3_2_add_administrative_app_opens_a_form() {
//!     let stage = Stage::shared();                          // 500 people with six weeks behind them; only looked at
//!     let page = administrator(&stage);                     // signed in, in a profile of its own; or `operator`
//!     page.open(&stage.path("/console/accounts/{account}/settings/admin-apps"));
//!     page.click("Add administrative app");                 // by what a person reads
//!     page.holds("Authentication method", "API key");
//! }
//! ```
//!
//! - **Names are accessible names, whole.** A name that is missing or there twice fails with what is there; `page.part("Filters")`,
//!   `page.row("Alice")`, `page.table("Users")`, `page.dialog("Remove 3 users")` say which is meant. All words of the language stand in
//!   [`provost_testkit::browser`].
//! - **No waiting**: every step waits until the page is loaded and no request is under way; what is looked for may come five seconds late.
//! - **Faults need no assertion**: a breach of the content security policy, an error on the console, an answer of 500 and the like fail the
//!   step that they come with.
//! - **What is only looked at** is on the [`Stage`]; ids in paths are filled in by name. A test that changes something makes an account of
//!   its own: `stage.server.account(json!("dsm"))`, which takes no time.
//! - **A new screen** is in the server's table of screens and thereby in every test of [`walk`], in both themes and at two widths; it
//!   does not build there while the stage has nothing for a name in its path. Whoever adds it adds a line to the table of [`pictures`], too.
//! - **Text that came from somewhere** is tried with [`hostile`]: whoever stores a new kind of text adds it there.
//!
//! `cargo test -p provost --test it browser::` runs them; `cargo xtask screenshots` keeps the pictures.

mod admin_apps;
mod audit;
mod forms;
mod groups;
mod help;
mod hostile;
mod kept;
mod keyboard;
mod overview;
mod pictures;
mod policy;
mod quorum;
mod requests;
mod roles;
mod sending;
mod sessions;
mod stage;
mod tokens;
mod user;
mod users;
mod walk;

use crate::{
    console::access::{PASSWORD as KNOWN, person},
    support::{Account, Lodger, Server, shared},
};
use provost_testkit::{Browser, Page};
use serde_json::Value;
pub use stage::Stage;

/// What the people of the [`Stage`] who may sign in know.
const PASSWORD: &str = "four words nobody says";

/// A page on which the operator is signed in.
#[track_caller]
pub fn operator(server: &Server) -> Page {
    let page = Browser::shared().page(&server.base);
    page.open("/console");
    with_key(&page, &server.operator_key);
    page.offers("Sign out");
    page
}

/// From the page for signing in on.
#[track_caller]
fn with_key(page: &Page, key: &str) {
    page.is_headed("Sign in");
    page.click("Sign in as the operator");
    page.fill("Operator's key", key);
    page.click("Sign in");
}

/// A page on which an administrator of the company is signed in.
#[track_caller]
pub fn administrator(stage: &Stage) -> Page {
    let page = Browser::shared().page(&stage.server.base);
    page.open("/console");
    with_password(&page, stage::ADMINISTRATOR, PASSWORD);
    page.offers("Sign out");
    page
}

/// The same for somebody of the company.
#[track_caller]
fn with_password(page: &Page, who: &str, password: &str) {
    page.is_headed("Sign in");
    page.fill("Account", stage::COMPANY);
    page.fill("Email address or user name", who);
    page.fill("Password", password);
    page.click("Sign in");
}

/// An account of its own under a policy (the name of a preset, or a document), and a page on which the operator is signed in.
#[track_caller]
pub fn lodging(policy: Value) -> (Lodger, Page) {
    let server = shared();
    let account = server.account(policy);
    let page = operator(&server);
    (Lodger { account, server }, page)
}

/// A page on which somebody of the account is signed in who is made for it, with this role.
#[track_caller]
pub fn somebody(account: &Lodger, email: &str, role: &str) -> Page {
    person(&account.server, account, email, role);
    let page = Browser::shared().page(&account.base);
    page.open("/console");
    page.is_headed("Sign in");
    page.fill("Account", &account.id);
    page.fill("Email address or user name", email);
    page.fill("Password", KNOWN);
    page.click("Sign in");
    page.offers("Sign out");
    page
}

/// Where something of an account is in the console.
pub fn at(account: &Account, rest: &str) -> String {
    format!("/console/accounts/{}{rest}", account.id)
}
