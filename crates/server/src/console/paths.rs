//! The table of all paths: the router is made of it, and so are the tests that look at every screen.

use crate::app::App;
use axum::{Router, routing::MethodRouter};

/// Paths with their handlers.
pub(super) struct Paths {
    names: Vec<String>,
    router: Router<App>,
}

impl Paths {
    /// None.
    pub fn new() -> Self {
        Self { names: Vec::new(), router: Router::new() }
    }

    /// One more.
    pub fn route(mut self, path: &str, handler: MethodRouter<App>) -> Self {
        self.names.push(path.to_owned());
        Self { router: self.router.route(path, handler), ..self }
    }

    /// Those of another table, too.
    pub fn merge(mut self, other: Self) -> Self {
        self.names.extend(other.names);
        Self { router: self.router.merge(other.router), ..self }
    }

    /// As a router.
    pub fn router(self) -> Router<App> {
        self.router
    }

    /// As they are written down, with `{name}` where something is named.
    pub fn names(self) -> Vec<String> {
        self.names
    }
}
