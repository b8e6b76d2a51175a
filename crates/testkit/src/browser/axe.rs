//! Accessibility by machine: axe-core, which `cargo xtask setup` puts below the target folder.

use super::{page::Page, scripts, watch::text};
use serde_json::json;
use std::{path::PathBuf, sync::OnceLock};

/// Below the target folder.
const SCRIPT: &str = "axe/node_modules/axe-core/axe.min.js";

impl Page {
    /// What axe-core finds serious or critical, one line each.
    ///
    /// # Panics
    /// When axe-core is not installed: `cargo xtask setup` does that.
    #[track_caller]
    pub fn axe(&self) -> Vec<String> {
        self.settle();
        let frame = self.tab.watch.borrow().frame.clone();
        // A world of its own: what the page forbids itself does not concern it, and the page does not see it.
        let world = self.tab.session.ask("Page.createIsolatedWorld", json!({ "frameId": frame, "worldName": "axe" }));
        let world = &world["executionContextId"];
        self.evaluate_in(source(), Some(world));
        let found = self.evaluate_in(scripts::AXE, Some(world));
        self.settle();
        found.as_array().into_iter().flatten().map(|one| text(one).to_owned()).collect()
    }
}

fn source() -> &'static str {
    static SOURCE: OnceLock<String> = OnceLock::new();
    SOURCE.get_or_init(|| {
        let program = std::env::current_exe().expect("a test knows where it is");
        let found: Option<PathBuf> = program.ancestors().map(|folder| folder.join(SCRIPT)).find(|file| file.is_file());
        let file = found.unwrap_or_else(|| panic!("{SCRIPT} is missing in the target folder: run `cargo xtask setup`"));
        let script = std::fs::read_to_string(file).expect("a script is text");
        // What it leaves is its last value otherwise, which is much.
        format!("{script}\n;null")
    })
}
