//! A page: opening it, waiting for it, and finding things in it.

use super::{
    Browser, faults, scripts,
    session::Session,
    tree::{PARTS, ROWS, Step, Tree},
    watch::{Watch, text},
};
use serde_json::{Value, json};
use std::{
    cell::{Cell, RefCell},
    ops::Range,
    path::PathBuf,
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

/// How long anything of a page may take before the test fails. Nothing waits for it that is right.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How long something that is looked for may come after its page, unless a page is [`impatient`](Page::impatient).
const LATE_MAX: Duration = Duration::from_secs(5);

/// Between two looks.
const LOOK_AGAIN: Duration = Duration::from_millis(40);

/// A page, or the part of it that [`Page::row`], [`Page::part`] and the like give: what is done and seen is within that part.
#[derive(Clone, Debug)]
pub struct Page {
    pub(super) tab: Rc<Tab>,
    within: Vec<Step>,
}

/// The tab that a page is in.
#[derive(Debug)]
pub(super) struct Tab {
    pub session: Session,
    pub watch: RefCell<Watch>,
    faults: RefCell<Vec<String>>,
    base: String,
    target: String,
    profile: Rc<Profile>,
    late_max: Cell<Duration>,
}

/// Cookies and all else that a browser keeps; other profiles know nothing of it.
#[derive(Debug)]
struct Profile {
    browser: Arc<Browser>,
    id: String,
    downloads: PathBuf,
}

impl Drop for Profile {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.browser.ask("Target.disposeBrowserContext", json!({ "browserContextId": self.id }));
        }
    }
}

impl Page {
    pub(super) fn new(browser: Arc<Browser>, base: &str) -> Self {
        let made = browser.ask("Target.createBrowserContext", json!({ "disposeOnDetach": true }));
        let id = text(&made["browserContextId"]).to_owned();
        let downloads = browser.pipe.folder.join("downloads").join(&id);
        let allowed = json!({ "behavior": "allowAndName", "browserContextId": id, "downloadPath": downloads });
        browser.ask("Browser.setDownloadBehavior", allowed);
        Self::opened(Rc::new(Profile { browser, id, downloads }), base)
    }

    fn opened(profile: Rc<Profile>, base: &str) -> Self {
        let wanted = json!({ "url": "about:blank", "browserContextId": profile.id });
        let target = text(&profile.browser.ask("Target.createTarget", wanted)["targetId"]).to_owned();
        let attached = profile.browser.ask("Target.attachToTarget", json!({ "targetId": target, "flatten": true }));
        let session = Session::new(Arc::clone(&profile.browser.pipe), text(&attached["sessionId"]));
        for domain in ["Page", "Network", "Runtime", "Log"] {
            session.ask(&format!("{domain}.enable"), json!({}));
        }
        let frame = text(&session.ask("Page.getFrameTree", json!({}))["frameTree"]["frame"]["id"]).to_owned();
        session.ask("Emulation.setFocusEmulationEnabled", json!({ "enabled": true }));
        let tab = Tab {
            session,
            watch: RefCell::new(Watch::of(&frame)),
            faults: RefCell::default(),
            base: base.to_owned(),
            target,
            profile,
            late_max: Cell::new(LATE_MAX),
        };
        let page = Self { tab: Rc::new(tab), within: Vec::new() };
        page.resize(1440, 900);
        page.light();
        page
    }

    /// Another tab of the same profile, for what happens when somebody works in two.
    pub fn another(&self) -> Self {
        Self::opened(Rc::clone(&self.tab.profile), &self.tab.base)
    }

    /// Opens a path, such as `/console/users?state=active`, and tells the status that it is answered with.
    #[track_caller]
    pub fn open(&self, path: &str) -> u16 {
        self.go(&format!("{}{path}", self.tab.base));
        self.status()
    }

    /// Shows a document of its own, which comes from nowhere: what another site would do.
    #[track_caller]
    pub fn open_foreign(&self, html: &str) {
        self.leave();
        let frame = self.tab.watch.borrow().frame.clone();
        self.tab.session.ask("Page.setDocumentContent", json!({ "frameId": frame, "html": html }));
        self.settle();
    }

    /// Loads the page again.
    #[track_caller]
    pub fn reload(&self) {
        self.tab.session.ask("Page.reload", json!({}));
        self.settle();
    }

    /// Goes back to where it was before.
    #[track_caller]
    pub fn back(&self) {
        let history = self.tab.session.ask("Page.getNavigationHistory", json!({}));
        let before =
            history["currentIndex"].as_u64().and_then(|index| index.checked_sub(1)).expect("there is a page before");
        let entry =
            usize::try_from(before).map(|index| history["entries"][index]["id"].clone()).expect("an index is small");
        let was = self.address();
        self.tab.session.ask("Page.navigateToHistoryEntry", json!({ "entryId": entry }));
        let deadline = Instant::now() + PATIENCE;
        while self.address() == was && Instant::now() < deadline {
            self.tab.session.wait(LOOK_AGAIN);
        }
        self.settle();
    }

    /// A size of the window's inside, in pixels.
    pub fn resize(&self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.tab.session.ask("Emulation.setDeviceMetricsOverride", size);
    }

    /// As for somebody whose system is dark.
    pub fn dark(&self) {
        self.theme(true);
    }

    /// As for somebody whose system is light, which is how a page begins.
    pub fn light(&self) {
        self.theme(false);
    }

    /// Runs none of the pages' scripts from now on.
    pub fn without_javascript(&self) {
        self.tab.session.ask("Emulation.setScriptExecutionDisabled", json!({ "value": true }));
    }

    /// Looks for everything once, and does not wait for it: for tests of what fails.
    pub fn impatient(&self) {
        self.tab.late_max.set(Duration::ZERO);
    }

    /// Loses all cookies, as when a session has ended in between.
    pub fn forget_cookies(&self) {
        self.tab.session.ask("Network.clearBrowserCookies", json!({}));
    }

    /// All cookies of the profile with their attributes, as the protocol shows them (`name`, `value`, `httpOnly`, `secure`, `sameSite`, …).
    pub fn cookies(&self) -> Vec<Value> {
        let cookies = self.browser().ask("Storage.getCookies", json!({ "browserContextId": self.profile() }));
        cookies["cookies"].as_array().cloned().unwrap_or_default()
    }

    /// The part that has this name: a region (a section by its heading), form, dialog, table, navigation, group, list…
    pub fn part(&self, name: &str) -> Self {
        self.narrowed(Step::Named(PARTS, name.to_owned()))
    }

    /// The table of this name.
    pub fn table(&self, name: &str) -> Self {
        self.narrowed(Step::Named(&["table", "grid"], name.to_owned()))
    }

    /// The dialog of this name.
    pub fn dialog(&self, name: &str) -> Self {
        self.narrowed(Step::Named(&["dialog", "alertdialog"], name.to_owned()))
    }

    /// The row of a table, or element of a list, in which something is named exactly so: its link, a cell, a text.
    pub fn row(&self, name: &str) -> Self {
        self.narrowed(Step::Holding(ROWS, name.to_owned()))
    }

    /// From the path on.
    pub fn path(&self) -> String {
        self.address().strip_prefix(&self.tab.base).map_or_else(|| self.address(), str::to_owned)
    }

    /// The status of the document that is shown.
    pub fn status(&self) -> u16 {
        self.tab.watch.borrow().status
    }

    /// What an expression of JavaScript gives, a promise awaited; for what no person sees.
    ///
    /// # Panics
    /// When it throws.
    #[track_caller]
    pub fn evaluate(&self, expression: &str) -> Value {
        self.evaluate_in(expression, None)
    }

    #[track_caller]
    pub(super) fn evaluate_in(&self, expression: &str, context: Option<&Value>) -> Value {
        let mut asked =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true, "userGesture": true });
        if let Some(context) = context {
            asked["contextId"] = context.clone();
        }
        let answer = self.tab.session.ask("Runtime.evaluate", asked);
        if let Some(details) = answer.get("exceptionDetails") {
            let thrown = details["exception"]["description"].as_str().unwrap_or(text(&details["text"]));
            panic!("{}: a script throws: {thrown}", self.path());
        }
        answer["result"]["value"].clone()
    }

    /// Where files go that are downloaded.
    pub(super) fn downloads(&self) -> PathBuf {
        self.tab.profile.downloads.clone()
    }

    pub(super) fn browser(&self) -> &Browser {
        &self.tab.profile.browser
    }

    pub(super) fn profile(&self) -> &str {
        &self.tab.profile.id
    }

    /// Shows nothing.
    #[track_caller]
    pub(super) fn leave(&self) {
        self.go("about:blank");
    }

    /// Waits until nothing is under way; fails when something went wrong meanwhile.
    #[track_caller]
    pub(super) fn settle(&self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            // What the last step has begun was told before this is answered. It may meet a page that is being replaced.
            let answered = self.tab.session.try_ask("Runtime.evaluate", json!({ "expression": "0" })).is_ok();
            self.hear();
            if answered && self.tab.watch.borrow().is_settled() {
                break;
            }
            let under_way = self.tab.watch.borrow().under_way();
            assert!(Instant::now() < deadline, "{}: still under way: {under_way}", self.path());
            self.tab.session.wait(LOOK_AGAIN);
        }
        let faults = std::mem::take(&mut *self.tab.faults.borrow_mut());
        assert!(faults.is_empty(), "{}:\n{}", self.path(), faults.join("\n"));
    }

    /// Does what `attempt` does with what is on the page, as soon as it can.
    #[track_caller]
    pub(super) fn attempt<T>(&self, attempt: impl Fn(&Tree, Range<usize>) -> Result<T, String>) -> T {
        let deadline = Instant::now() + self.tab.late_max.get();
        loop {
            self.settle();
            let tree = self.tree();
            match tree.part(&self.within).and_then(|range| attempt(&tree, range)) {
                Ok(done) => return done,
                Err(error) if Instant::now() > deadline => panic!("{}: {error}", self.path()),
                Err(_) => self.tab.session.wait(LOOK_AGAIN),
            }
        }
    }

    /// What is on the page now.
    pub(super) fn tree(&self) -> Tree {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.tab.session.try_ask("Accessibility.getFullAXTree", json!({})) {
                Ok(answer) => return Tree::read(&answer),
                Err(error) => assert!(Instant::now() < deadline, "Chromium shows no accessibility tree: {error}"),
            }
            self.settle();
        }
    }

    /// Calls a function of [`scripts`] with an element as `this`.
    pub(super) fn call(&self, dom: Option<i64>, function: &str, arguments: &[Value]) -> Result<Value, String> {
        let object = self.object(dom)?;
        let arguments: Vec<Value> = arguments.iter().map(|value| json!({ "value": value })).collect();
        let asked = json!({
            "objectId": object, "functionDeclaration": function, "arguments": arguments, "returnByValue": true, "userGesture": true,
        });
        let answer = self.tab.session.try_ask("Runtime.callFunctionOn", asked)?;
        match answer.get("exceptionDetails") {
            Some(details) => Err(format!("a script of the tests throws: {details}")),
            None => Ok(answer["result"]["value"].clone()),
        }
    }

    /// The protocol's handle of an element.
    pub(super) fn object(&self, dom: Option<i64>) -> Result<Value, String> {
        let dom = dom.ok_or("it is no element")?;
        let found = self.tab.session.try_ask("DOM.resolveNode", json!({ "backendNodeId": dom }))?;
        Ok(found["object"]["objectId"].clone())
    }

    /// What is to be read, its white space reduced.
    pub(super) fn read(&self, tree: &Tree, range: &Range<usize>) -> Result<String, String> {
        let read = self.call(tree.node(range.start).dom, scripts::READ, &[])?;
        Ok(super::tree::reduced(text(&read)))
    }

    #[track_caller]
    fn go(&self, url: &str) {
        let answer = self.tab.session.ask("Page.navigate", json!({ "url": url }));
        let error = text(&answer["errorText"]);
        // What becomes a download is told as given up.
        assert!(error.is_empty() || error == "net::ERR_ABORTED", "{url} does not open: {error}");
        self.settle();
    }

    fn hear(&self) {
        let mut watch = self.tab.watch.borrow_mut();
        for event in self.tab.session.happened() {
            self.tab.faults.borrow_mut().extend(faults::of(&event, &watch));
            watch.hear(&event);
        }
    }

    /// Where it is; while it is changing, where it was.
    fn address(&self) -> String {
        let deadline = Instant::now() + PATIENCE;
        let history = loop {
            match self.tab.session.try_ask("Page.getNavigationHistory", json!({})) {
                Ok(history) => break history,
                Err(error) => assert!(Instant::now() < deadline, "Chromium does not say where it is: {error}"),
            }
            self.tab.session.wait(LOOK_AGAIN);
        };
        let current = history["currentIndex"].as_u64().and_then(|index| usize::try_from(index).ok()).unwrap_or(0);
        text(&history["entries"][current]["url"]).to_owned()
    }

    fn theme(&self, dark: bool) {
        let scheme = if dark { "dark" } else { "light" };
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.tab.session.ask("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    fn narrowed(&self, step: Step) -> Self {
        let mut within = self.within.clone();
        within.push(step);
        Self { tab: Rc::clone(&self.tab), within }
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.profile.browser.ask("Target.closeTarget", json!({ "targetId": self.target }));
        }
    }
}
