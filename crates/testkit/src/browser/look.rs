//! What a person sees, and what the page weighs.

use super::{
    page::Page,
    scripts,
    tree::{CLICKABLE, FILLABLE, TICKABLE, Tree, VALUED, reduced},
    watch::text,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::{ops::Range, path::Path};

/// A place where the Tab key stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Role and name, such as `link "Users"`.
    pub shown: String,
    /// Whether one sees that the focus is there.
    pub is_marked: bool,
}

impl Page {
    /// This text stands there, in one piece but for white space.
    ///
    /// # Panics
    /// When it does not come.
    #[track_caller]
    pub fn see(&self, wanted: &str) {
        let wanted = reduced(wanted);
        self.attempt(|tree, range| {
            let read = self.read(tree, &range)?;
            if read.contains(&wanted) { Ok(()) } else { Err(format!("{wanted:?} is not to be seen; this is: {read}")) }
        });
    }

    /// This text does not stand there.
    ///
    /// # Panics
    /// When it does, and does not go.
    #[track_caller]
    pub fn lacks(&self, unwanted: &str) {
        let unwanted = reduced(unwanted);
        self.attempt(|tree, range| {
            let read = self.read(tree, &range)?;
            if read.contains(&unwanted) { Err(format!("{unwanted:?} is to be seen: {read}")) } else { Ok(()) }
        });
    }

    /// All that is to be read there, its white space reduced.
    #[track_caller]
    pub fn text(&self) -> String {
        self.attempt(|tree, range| self.read(tree, &range))
    }

    /// The heading of the page is this.
    ///
    /// # Panics
    /// When it is another one, or there are several of the first level.
    #[track_caller]
    pub fn is_headed(&self, name: &str) {
        let found = self.evaluate(
            "[...document.querySelectorAll('h1')].filter(one => one.checkVisibility()).map(one => one.innerText)",
        );
        let shown: Vec<String> = found.as_array().into_iter().flatten().map(|one| reduced(text(one))).collect();
        assert_eq!(shown, [reduced(name)], "{}", self.path());
    }

    /// The title of the document.
    #[track_caller]
    pub fn title(&self) -> String {
        text(&self.evaluate("document.title")).to_owned()
    }

    /// There is something of this name to be clicked.
    ///
    /// # Panics
    /// When there is not.
    #[track_caller]
    pub fn offers(&self, name: &str) {
        self.attempt(|tree, range| {
            let node = tree.node(tree.find(range, CLICKABLE, name)?);
            if node.has("disabled") { Err(format!("{} cannot be used", node.shown())) } else { Ok(()) }
        });
    }

    /// Nothing of this name can be clicked.
    ///
    /// # Panics
    /// When something can.
    #[track_caller]
    pub fn withholds(&self, name: &str) {
        let wanted = reduced(name);
        self.attempt(|tree, range| {
            let mut found = tree.of(range, CLICKABLE).map(|index| tree.node(index));
            match found.find(|node| node.name == wanted && !node.has("disabled")) {
                Some(node) => Err(format!("{} can be used", node.shown())),
                None => Ok(()),
            }
        });
    }

    /// The field of this name holds this; a list its chosen option.
    ///
    /// # Panics
    /// When it holds something else.
    #[track_caller]
    pub fn holds(&self, name: &str, wanted: &str) {
        self.attempt(|tree, range| {
            let held = self.value(tree, range, name)?;
            if held == wanted { Ok(()) } else { Err(format!("{name:?} holds {held:?}, not {wanted:?}")) }
        });
    }

    /// What the field of this name holds.
    ///
    /// # Panics
    /// When there is no such field.
    #[track_caller]
    pub fn held(&self, name: &str) -> String {
        self.attempt(|tree, range| self.value(tree, range, name))
    }

    /// The field of this name is marked as wrong, and described by this.
    ///
    /// # Panics
    /// When it is not.
    #[track_caller]
    pub fn complains(&self, name: &str, about: &str) {
        let about = reduced(about);
        self.attempt(|tree, range| {
            let roles: Vec<&str> = FILLABLE.iter().chain(TICKABLE).chain(VALUED).copied().collect();
            let node = tree.node(tree.find(range, &roles, name)?);
            if !node.has("invalid") {
                return Err(format!("{} is not marked as wrong", node.shown()));
            }
            let told = node.description.contains(&about);
            if told {
                Ok(())
            } else {
                Err(format!("{} is described by {:?}, not by {about:?}", node.shown(), node.description))
            }
        });
    }

    /// Whether the check box, switch or radio button of this name is ticked.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn is_ticked(&self, name: &str) -> bool {
        let roles: Vec<&str> = TICKABLE.iter().copied().chain(["radio", "menuitemradio"]).collect();
        self.attempt(|tree, range| Ok(tree.node(tree.find(range, &roles, name)?).has("checked")))
    }

    /// The rows of the one table there with what stands in their cells, headings first.
    ///
    /// # Panics
    /// When there is no table, or more than one.
    #[track_caller]
    pub fn cells(&self) -> Vec<Vec<String>> {
        let rows = self.attempt(|tree, range| {
            let tables: Vec<usize> = tree.of(range, &["table", "grid"]).collect();
            match tables.as_slice() {
                [one] => self.call(tree.node(*one).dom, scripts::CELLS, &[]),
                several => Err(format!("there are {} tables", several.len())),
            }
        });
        let owned = |cells: &Value| cells.as_array().into_iter().flatten().map(|cell| text(cell).to_owned()).collect();
        rows.as_array().into_iter().flatten().map(owned).collect()
    }

    /// Role and name of what has the focus.
    pub fn focused(&self) -> Option<(String, String)> {
        let tree = self.tree();
        tree.focused().map(|node| (node.role.clone(), node.name.clone()))
    }

    /// Where the Tab key stops from here on, until it has been everywhere; at most 300 stops.
    ///
    /// # Panics
    /// When it never comes to an end.
    #[track_caller]
    pub fn stops(&self) -> Vec<Stop> {
        const MOST: usize = 300;
        let mut first = None;
        let mut stops = Vec::new();
        for _ in 0..MOST {
            self.press("Tab");
            let tree = self.tree();
            let Some(node) = tree.focused().filter(|node| node.role != "RootWebArea") else { return stops };
            if *first.get_or_insert(node.dom) == node.dom && !stops.is_empty() {
                return stops;
            }
            let is_marked = self.call(node.dom, scripts::RING, &[]).is_ok_and(|ring| ring == true);
            stops.push(Stop { shown: node.shown(), is_marked });
        }
        panic!("{}: Tab never comes back to where it began", self.path());
    }

    /// What reaches beyond the right edge, so that one would have to scroll; nothing, on a page that fits.
    pub fn overflow(&self) -> Vec<String> {
        let wide = self.evaluate(scripts::OVERFLOW);
        wide.as_array().into_iter().flatten().map(|one| text(one).to_owned()).collect()
    }

    /// Opens a path as if for the first time; tells each address that is loaded for it with its bytes as they are sent.
    #[track_caller]
    pub fn weigh(&self, path: &str) -> Vec<(String, u64)> {
        self.tab.session.ask("Network.setCacheDisabled", json!({ "cacheDisabled": true }));
        self.leave();
        self.tab.watch.borrow_mut().weigh();
        self.open(path);
        self.tab.session.ask("Network.setCacheDisabled", json!({ "cacheDisabled": false }));
        self.tab.watch.borrow().received.clone()
    }

    /// A picture (PNG) of what is to be seen, in a file.
    ///
    /// # Panics
    /// When the file cannot be written.
    #[track_caller]
    pub fn screenshot(&self, file: &Path) {
        let picture = self.picture();
        std::fs::write(file, picture).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }

    /// The same as bytes, once all fonts are there.
    #[track_caller]
    pub fn picture(&self) -> Vec<u8> {
        self.settle();
        self.evaluate("document.fonts.ready.then(() => null)");
        let shot = self.tab.session.ask("Page.captureScreenshot", json!({ "format": "png" }));
        STANDARD.decode(text(&shot["data"])).expect("Chromium sends base64")
    }

    fn value(&self, tree: &Tree, range: Range<usize>, name: &str) -> Result<String, String> {
        let node = tree.node(tree.find(range, VALUED, name)?);
        Ok(match self.call(node.dom, scripts::PICKED, &[])? {
            Value::String(picked) => picked,
            _ => match self.call(node.dom, "function () { return this.value; }", &[])? {
                Value::String(value) => value,
                _ => node.value.clone(),
            },
        })
    }
}
