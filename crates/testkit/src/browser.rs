//! A real Chromium, driven by what a person sees: visible labels, keys, and what stands on the screen.
//!
//! ```no_run
//! let page = provost_testkit::Browser::shared().page("http://127.0.0.1:8080");
//! page.open("/console/settings/admin-apps");
//! page.click("Add administrative app");
//! page.fill("Name", "SCIM Entra");
//! page.choose("Authentication method", "API key");
//! page.click("Create");
//! page.row("SCIM Entra").click("View API key details");
//! page.see("Shown once");
//! ```
//!
//! **Names** are accessible names, whole and exact (white space aside), as the browser itself computes them: what a screen reader says, and
//! what a person reads. Roles go with them: [`Page::click`] finds buttons, links, tabs, check boxes and the like, [`Page::fill`] what takes
//! text, [`Page::choose`] lists and groups of radio buttons. A name that is missing fails with all names that are there; one that is there
//! twice fails, too, and the test says which it means: `page.part("Filters").click("Search")`, `page.row("Alice").click("Edit")`.
//!
//! **Waiting** is part of every step, and never for a time: before and after it the page is settled, which is to say loaded, with no
//! request under way and no navigation begun. What is looked for may come later and is waited for within [`PATIENCE`].
//!
//! **Faults fail the test at the step after which they come**: a breach of the content security policy, an error on the console, a script
//! that throws, a script's dialog, a style sheet or script that does not load, an answer of 500 and above.
//!
//! Each [`Page`] that [`Browser::page`] gives has a profile of its own: no cookie passes from one test to another.

mod acts;
mod axe;
mod faults;
mod keys;
mod look;
mod page;
mod pipe;
mod scripts;
mod session;
mod tree;
mod watch;

pub use look::Stop;
pub use page::{PATIENCE, Page};

use pipe::Pipe;
use serde_json::json;
use session::Session;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// A running Chromium.
#[derive(Debug)]
pub struct Browser {
    pipe: Arc<Pipe>,
    /// Of the browser itself, beside those of its pages.
    session: Mutex<Session>,
}

impl Browser {
    /// The browser that all tests of this process share; it starts with the first of them, and ends with the process, however that ends.
    ///
    /// # Panics
    /// When Chromium is not installed or does not start: `cargo xtask setup` installs it.
    pub fn shared() -> &'static Arc<Self> {
        static SHARED: OnceLock<Arc<Browser>> = OnceLock::new();
        SHARED.get_or_init(|| Arc::new(Self::start()))
    }

    /// Starts one of its own, which ends when it is dropped with all of its pages.
    ///
    /// # Panics
    /// As [`Browser::shared`].
    pub fn start() -> Self {
        let pipe = Arc::new(Pipe::open());
        let session = Session::new(Arc::clone(&pipe), "");
        session.ask("Browser.getVersion", json!({}));
        Self { pipe, session: Mutex::new(session) }
    }

    /// A new page in a profile of its own; paths are relative to `base`, such as `http://127.0.0.1:8080`.
    ///
    /// # Panics
    /// When Chromium has ended.
    pub fn page(self: &Arc<Self>, base: &str) -> Page {
        Page::new(Arc::clone(self), base)
    }

    /// Where it keeps everything; gone with it.
    pub fn folder(&self) -> std::path::PathBuf {
        self.pipe.folder.clone()
    }

    /// Asks the browser itself.
    fn ask(&self, method: &str, parameters: serde_json::Value) -> serde_json::Value {
        self.session.lock().unwrap_or_else(PoisonError::into_inner).ask(method, parameters)
    }
}
