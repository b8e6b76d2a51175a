//! What is known of a page from what Chromium has told: whether it is settled, what it has loaded, what it has answered.

use super::session::Event;
use serde_json::Value;
use std::collections::HashMap;

/// Requests that stay open as long as the page does.
const ENDLESS: [&str; 3] = ["EventSource", "WebSocket", "Ping"];

/// The state of one page.
#[derive(Debug, Default)]
pub struct Watch {
    /// The one frame that counts: pages have no others.
    pub frame: String,
    /// A navigation was begun by the page and has not arrived.
    navigating: bool,
    loading: bool,
    requests: HashMap<String, Request>,
    /// Status of the document that is shown.
    pub status: u16,
    /// What came over the network since [`Watch::weigh`]: addresses with bytes as they were sent, headers included.
    pub received: Vec<(String, u64)>,
    /// What files were downloaded, or are on their way.
    pub downloads: Vec<Download>,
}

/// A download.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// Its name on the disk.
    pub guid: String,
    /// The name that the server gives it.
    pub name: String,
    /// Whether all of it is there.
    pub is_done: bool,
}

/// A request that is under way.
#[derive(Debug)]
pub struct Request {
    /// `Document`, `Stylesheet`, `Fetch`…
    pub kind: String,
    /// Where to.
    pub url: String,
    loader: String,
}

impl Watch {
    /// Of a page that shows nothing yet, in this frame.
    pub fn of(frame: &str) -> Self {
        Self { frame: frame.to_owned(), ..Self::default() }
    }

    /// Takes in what happened.
    pub fn hear(&mut self, event: &Event) {
        let told = &event.parameters;
        match event.method.as_str() {
            "Page.frameRequestedNavigation" if self.is_main(&told["frameId"]) => {
                self.navigating |= told["disposition"].as_str().is_none_or(|where_to| where_to == "currentTab");
            }
            "Page.frameStartedLoading" if self.is_main(&told["frameId"]) => self.loading = true,
            "Page.frameStoppedLoading" if self.is_main(&told["frameId"]) => {
                (self.loading, self.navigating) = (false, false)
            }
            "Page.frameNavigated" if told["frame"].get("parentId").is_none() => self.arrive(&told["frame"]),
            "Page.navigatedWithinDocument" if self.is_main(&told["frameId"]) => self.navigating = false,
            "Network.requestWillBeSent" => self.begin(told),
            "Network.responseReceived" => self.answer(told),
            "Network.loadingFinished" => self.finish(told),
            "Network.loadingFailed" => drop(self.requests.remove(text(&told["requestId"]))),
            "Page.downloadWillBegin" => {
                self.navigating = false;
                let (guid, name) = (text(&told["guid"]).to_owned(), text(&told["suggestedFilename"]).to_owned());
                self.downloads.push(Download { guid, name, is_done: false });
            }
            "Page.downloadProgress" if told["state"] == "completed" => {
                let guid = text(&told["guid"]);
                self.downloads.iter_mut().filter(|one| one.guid == guid).for_each(|one| one.is_done = true);
            }
            _ => {}
        }
    }

    /// Whether nothing is under way, by what was told so far.
    pub fn is_settled(&self) -> bool {
        !self.navigating && !self.loading && self.requests.is_empty()
    }

    /// What is under way, in words.
    pub fn under_way(&self) -> String {
        let mut parts: Vec<String> = self.requests.values().map(|one| format!("{} {}", one.kind, one.url)).collect();
        parts.extend(self.navigating.then(|| "a navigation".to_owned()));
        parts.extend(self.loading.then(|| "the page".to_owned()));
        parts.join(", ")
    }

    /// What a request is, while it is under way.
    pub fn request(&self, id: &str) -> Option<&Request> {
        self.requests.get(id)
    }

    /// Counts what is received from now on.
    pub fn weigh(&mut self) {
        self.received.clear();
    }

    fn is_main(&self, frame: &Value) -> bool {
        frame.as_str() == Some(self.frame.as_str())
    }

    /// Another document is shown: what the former one was waiting for does not count.
    fn arrive(&mut self, frame: &Value) {
        self.frame = text(&frame["id"]).to_owned();
        self.navigating = false;
        let loader = text(&frame["loaderId"]);
        self.requests.retain(|_, request| request.loader == loader);
    }

    fn begin(&mut self, told: &Value) {
        let kind = text(&told["type"]);
        if ENDLESS.contains(&kind) {
            return;
        }
        let request = Request {
            kind: kind.to_owned(),
            url: text(&told["request"]["url"]).to_owned(),
            loader: text(&told["loaderId"]).to_owned(),
        };
        self.requests.insert(text(&told["requestId"]).to_owned(), request);
    }

    fn answer(&mut self, told: &Value) {
        // Chromium knows only now that it does not end.
        if told["response"]["mimeType"] == "text/event-stream" {
            self.requests.remove(text(&told["requestId"]));
        }
        if told["type"] == "Document" && self.is_main(&told["frameId"]) {
            self.status = told["response"]["status"].as_u64().and_then(|status| status.try_into().ok()).unwrap_or(0);
        }
    }

    fn finish(&mut self, told: &Value) {
        let Some(request) = self.requests.remove(text(&told["requestId"])) else { return };
        // Whole, although the protocol counts in floating point.
        let bytes = told["encodedDataLength"].as_f64().unwrap_or(0.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a length is a whole number")]
        self.received.push((request.url, bytes as u64));
    }
}

/// The text, or nothing.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(events: &[(&str, Value)]) -> Watch {
        let mut watch = Watch::of("main");
        for (method, parameters) in events {
            watch.hear(&Event { method: (*method).to_owned(), parameters: parameters.clone() });
        }
        watch
    }

    fn sent(id: &str, kind: &str, loader: &str) -> (&'static str, Value) {
        let told = json!({ "requestId": id, "type": kind, "loaderId": loader, "request": { "url": "http://a/" } });
        ("Network.requestWillBeSent", told)
    }

    #[test]
    fn a_navigation_lasts_until_another_document_is_there() {
        let asked = ("Page.frameRequestedNavigation", json!({ "frameId": "main", "disposition": "currentTab" }));
        assert!(!told(std::slice::from_ref(&asked)).is_settled());
        let arrived = ("Page.frameNavigated", json!({ "frame": { "id": "main", "loaderId": "2" } }));
        assert!(told(&[asked.clone(), arrived]).is_settled());
        let download = ("Page.downloadWillBegin", json!({ "guid": "g", "suggestedFilename": "users.csv" }));
        assert!(told(&[asked, download]).is_settled());
        let elsewhere = ("Page.frameRequestedNavigation", json!({ "frameId": "main", "disposition": "newTab" }));
        assert!(told(&[elsewhere]).is_settled());
    }

    #[test]
    fn a_request_lasts_until_it_ends_or_its_document_does() {
        assert_eq!(told(&[sent("1", "Fetch", "1")]).under_way(), "Fetch http://a/");
        assert!(told(&[sent("1", "EventSource", "1")]).is_settled());
        let ended = ("Network.loadingFinished", json!({ "requestId": "1", "encodedDataLength": 312.0 }));
        assert_eq!(told(&[sent("1", "Fetch", "1"), ended]).received, [("http://a/".to_owned(), 312)]);
        let failed = ("Network.loadingFailed", json!({ "requestId": "1" }));
        assert!(told(&[sent("1", "Fetch", "1"), failed]).is_settled());
        let arrived = ("Page.frameNavigated", json!({ "frame": { "id": "main", "loaderId": "2" } }));
        assert!(told(&[sent("1", "Fetch", "1"), arrived.clone()]).is_settled());
        assert!(!told(&[sent("2", "Document", "2"), arrived]).is_settled());
    }
}
