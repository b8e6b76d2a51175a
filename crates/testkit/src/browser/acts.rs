//! What a person does: clicks, fills, chooses, presses keys.

use super::{
    keys,
    page::Page,
    scripts,
    tree::{CHOOSABLE, CLICKABLE, FILLABLE, Node, TICKABLE},
};
use serde_json::{Value, json};
use std::path::Path;

/// Stops of the Tab key on a page, at most.
const STOPS_MAX: usize = 300;

impl Page {
    /// Clicks the button, link, tab, option, check box or radio button of this name.
    ///
    /// # Panics
    /// When it is not there, there twice, disabled, or covered by something.
    #[track_caller]
    pub fn click(&self, name: &str) {
        self.click_some(CLICKABLE, name, 1);
    }

    /// The same twice in a row, as impatient people do.
    ///
    /// # Panics
    /// As [`Page::click`].
    #[track_caller]
    pub fn double_click(&self, name: &str) {
        self.click_some(CLICKABLE, name, 2);
    }

    /// Clicks a link only, where a button has the same name.
    ///
    /// # Panics
    /// As [`Page::click`].
    #[track_caller]
    pub fn click_link(&self, name: &str) {
        self.click_some(&["link"], name, 1);
    }

    /// Clicks a button only, where a link or tab has the same name.
    ///
    /// # Panics
    /// As [`Page::click`].
    #[track_caller]
    pub fn click_button(&self, name: &str) {
        self.click_some(&["button"], name, 1);
    }

    /// Puts a text into the field of this name, in place of what is there.
    ///
    /// # Panics
    /// When there is no such field, or it takes nothing.
    #[track_caller]
    pub fn fill(&self, name: &str, text: &str) {
        let set_whole = self.attempt(|tree, range| {
            let node = tree.node(tree.find(range, FILLABLE, name)?);
            if node.has("readonly") {
                return Err(format!("{} is read only", node.shown()));
            }
            self.usable(node)?;
            if self.call(node.dom, scripts::TAKES_KEYS, &[])? == false {
                return self.call(node.dom, scripts::SET, &[json!(text)]).map(|_| true);
            }
            self.point(node, 1)?;
            self.call(node.dom, scripts::SELECT_ALL, &[]).map(|_| false)
        });
        match (set_whole, text) {
            (true, _) => {}
            (false, "") => self.press("Delete"),
            (false, text) => self.types(text),
        }
        self.settle();
    }

    /// Chooses an option of a list, or a radio button of a group, by what both are called.
    ///
    /// # Panics
    /// When one of them is not there.
    #[track_caller]
    pub fn choose(&self, name: &str, option: &str) {
        self.attempt(|tree, range| {
            let index = tree.find(range, CHOOSABLE, name)?;
            let node = tree.node(index);
            if ["radiogroup", "group"].contains(&node.role.as_str()) {
                let group = tree.part_at(index);
                let radio = tree.node(tree.find(group, &["radio"], option)?);
                self.usable(radio)?;
                return self.point(radio, 1);
            }
            self.usable(node)?;
            match self.call(node.dom, scripts::PICK, &[json!(option)])? {
                Value::Null => Ok(()),
                why => Err(format!("{}: {}", node.shown(), why.as_str().unwrap_or_default())),
            }
        });
        self.settle();
    }

    /// Ticks the check box or switch of this name, unless it is.
    ///
    /// # Panics
    /// As [`Page::click`].
    #[track_caller]
    pub fn tick(&self, name: &str) {
        self.make_ticked(name, true);
    }

    /// Takes the tick away, if there is one.
    ///
    /// # Panics
    /// As [`Page::click`].
    #[track_caller]
    pub fn untick(&self, name: &str) {
        self.make_ticked(name, false);
    }

    /// Gives a file to the field for files whose label is this.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn attach(&self, label: &str, file: &Path) {
        self.attempt(|tree, range| {
            let node = tree.node(tree.find_beginning(range, &["button"], label)?);
            let object = self.object(node.dom)?;
            let files = json!({ "objectId": object, "files": [file] });
            self.tab.session.try_ask("DOM.setFileInputFiles", files).map(drop)
        });
        self.settle();
    }

    /// Presses a key: `Tab`, `Shift+Tab`, `Enter`, `Space`, `Escape`, `ArrowDown`, `k`, `Control+a`…
    ///
    /// # Panics
    /// When there is no such key.
    #[track_caller]
    pub fn press(&self, key: &str) {
        let stroke = keys::stroke(key).unwrap_or_else(|error| panic!("{error}"));
        for event in stroke {
            self.tab.session.ask("Input.dispatchKeyEvent", event);
        }
        self.settle();
    }

    /// Puts text where the focus is.
    #[track_caller]
    pub fn types(&self, text: &str) {
        self.tab.session.ask("Input.insertText", json!({ "text": text }));
        self.settle();
    }

    /// Presses Tab until what has this name has the focus.
    ///
    /// # Panics
    /// When nothing of this name gets it, with all that did.
    #[track_caller]
    pub fn tab_to(&self, name: &str) {
        let mut passed = Vec::new();
        for _ in 0..STOPS_MAX {
            self.press("Tab");
            let focused = self.focused();
            if focused.as_ref().is_some_and(|(_, focused)| focused == name) {
                return;
            }
            let shown = focused.map_or_else(String::new, |(role, name)| format!("{role} {name:?}"));
            if !shown.is_empty() && passed.first() == Some(&shown) {
                break;
            }
            passed.push(shown);
        }
        panic!("{}: Tab does not lead to {name:?}, but to {}", self.path(), passed.join(", "));
    }

    /// Clicks a button that copies, and tells what is in the clipboard then. All pages have one clipboard: one test at a time has it.
    ///
    /// # Panics
    /// As [`Page::click`].
    #[track_caller]
    pub fn copied_by(&self, name: &str) -> String {
        static CLIPBOARD: std::sync::Mutex<()> = std::sync::Mutex::new(());
        let _mine = CLIPBOARD.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let may = ["clipboardReadWrite", "clipboardSanitizedWrite"];
        let granted = json!({ "permissions": may, "browserContextId": self.profile() });
        self.browser().ask("Browser.grantPermissions", granted);
        self.evaluate("navigator.clipboard.writeText('nothing was copied')");
        self.click(name);
        self.evaluate("navigator.clipboard.readText()").as_str().unwrap_or_default().to_owned()
    }

    /// Clicks what downloads a file; tells the file's name and what is in it.
    ///
    /// # Panics
    /// As [`Page::click`], and when no file comes.
    #[track_caller]
    pub fn downloaded_by(&self, name: &str) -> (String, String) {
        let before = self.tab.watch.borrow().downloads.len();
        self.click(name);
        let download = self.attempt(|_, _| {
            let watch = self.tab.watch.borrow();
            let done = watch.downloads[before..].iter().find(|one| one.is_done);
            done.cloned().ok_or_else(|| format!("{name:?} downloads nothing"))
        });
        let file = self.downloads().join(&download.guid);
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        (download.name, text)
    }

    #[track_caller]
    fn click_some(&self, roles: &[&str], name: &str, times: u32) {
        self.attempt(|tree, range| {
            let node = tree.node(tree.find(range, roles, name)?);
            self.usable(node)?;
            self.point(node, times)
        });
        self.settle();
    }

    #[track_caller]
    fn make_ticked(&self, name: &str, ticked: bool) {
        self.attempt(|tree, range| {
            let node = tree.node(tree.find(range, TICKABLE, name)?);
            if node.has("checked") == ticked {
                return Ok(());
            }
            self.usable(node)?;
            self.point(node, 1)
        });
        self.settle();
    }

    fn usable(&self, node: &Node) -> Result<(), String> {
        if node.has("disabled") { Err(format!("{} cannot be used", node.shown())) } else { Ok(()) }
    }

    /// Clicks into the middle of what is to be seen of it.
    fn point(&self, node: &Node, times: u32) -> Result<(), String> {
        let why = |error: String| format!("{}: {error}", node.shown());
        let session = &self.tab.session;
        let object = self.object(node.dom).map_err(why)?;
        session.try_ask("DOM.scrollIntoViewIfNeeded", json!({ "objectId": object })).map_err(why)?;
        let quads = session.try_ask("DOM.getContentQuads", json!({ "objectId": object })).map_err(why)?;
        let (x, y) = middle(&quads["quads"]).ok_or_else(|| why("it has no size".to_owned()))?;
        if let Value::String(cover) = self.call(node.dom, scripts::COVERED, &[json!(x), json!(y)]).map_err(why)? {
            return Err(why(cover));
        }
        let event = |kind: &str, button: &str, count: u32| json!({ "type": kind, "x": x, "y": y, "button": button, "clickCount": count });
        session.try_ask("Input.dispatchMouseEvent", event("mouseMoved", "none", 0))?;
        for count in 1..=times {
            session.try_ask("Input.dispatchMouseEvent", event("mousePressed", "left", count))?;
            // The page may be gone already.
            let _ = session.try_ask("Input.dispatchMouseEvent", event("mouseReleased", "left", count));
        }
        Ok(())
    }
}

/// The middle of the first of these quadrilaterals that has an area: four corners each, x before y.
fn middle(quads: &Value) -> Option<(f64, f64)> {
    let corners = |quad: &Value| -> Option<Vec<f64>> { quad.as_array()?.iter().map(Value::as_f64).collect() };
    let size = |of: &[f64]| {
        (of[2] - of[0]).abs().max((of[4] - of[0]).abs()) * (of[5] - of[1]).abs().max((of[7] - of[1]).abs())
    };
    let quads = quads.as_array()?.iter().filter_map(corners).filter(|quad| quad.len() == 8);
    let quad = quads.into_iter().find(|quad| size(quad) > 1.0)?;
    let mean = |first: usize| (quad[first] + quad[first + 2] + quad[first + 4] + quad[first + 6]) / 4.0;
    Some((mean(0), mean(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_the_first_part_that_has_a_size() {
        let nothing = json!([3, 3, 3, 3, 3, 3, 3, 3]);
        let square = json!([10, 20, 30, 20, 30, 40, 10, 40]);
        assert_eq!(middle(&json!([nothing, square])), Some((20.0, 30.0)));
        assert_eq!(middle(&json!([nothing])), None);
    }
}
