//! What no page may do: break its content security policy, log an error, throw, ask by a script's dialog, miss a part of itself.

use super::{
    session::Event,
    watch::{Watch, text},
};
use serde_json::Value;

/// Requests whose answer may be an error: whoever made them shows it.
const MAY_FAIL: [&str; 3] = ["Document", "Fetch", "XHR"];

/// What is wrong with what happened, in words. `watch` has not heard of it yet.
pub fn of(event: &Event, watch: &Watch) -> Option<String> {
    let told = &event.parameters;
    match event.method.as_str() {
        "Log.entryAdded" => logged(&told["entry"]),
        "Runtime.exceptionThrown" => {
            let details = &told["exceptionDetails"];
            let thrown = details["exception"]["description"].as_str().unwrap_or(text(&details["text"]));
            Some(format!("a script throws: {thrown} ({})", text(&details["url"])))
        }
        "Runtime.consoleAPICalled" if told["type"] == "error" || told["type"] == "assert" => {
            let words = told["args"].as_array().into_iter().flatten();
            let words: Vec<String> =
                words.map(|word| word["value"].as_str().map_or(word.to_string(), str::to_owned)).collect();
            Some(format!("an error on the console: {}", words.join(" ")))
        }
        "Page.javascriptDialogOpening" if told["type"] != "beforeunload" => {
            Some(format!("a script opens a dialog: {}", text(&told["message"])))
        }
        "Network.responseReceived" => {
            let (status, kind) = (told["response"]["status"].as_u64().unwrap_or(0), text(&told["type"]));
            let is_fault = status >= 500 || (status >= 400 && !MAY_FAIL.contains(&kind));
            is_fault.then(|| format!("{kind} {} answers {status}", text(&told["response"]["url"])))
        }
        "Network.loadingFailed" if told["canceled"] != true && told.get("blockedReason").is_none() => {
            let request = watch.request(text(&told["requestId"]))?;
            // A document that becomes a download is told as one that failed.
            let is_download = request.kind == "Document" && told["errorText"] == "net::ERR_ABORTED";
            (!is_download).then(|| format!("{} {} fails: {}", request.kind, request.url, text(&told["errorText"])))
        }
        "Inspector.targetCrashed" => Some("the page has crashed".to_owned()),
        _ => None,
    }
}

/// Failed requests are judged by what they were for; all else that is logged as an error is one.
fn logged(entry: &Value) -> Option<String> {
    let is_error = entry["level"] == "error" && entry["source"] != "network";
    is_error.then(|| format!("{}: {} ({})", text(&entry["source"]), text(&entry["text"]), text(&entry["url"])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(method: &str, parameters: Value, fault: Option<&str>) {
        let event = Event { method: method.to_owned(), parameters };
        assert_eq!(of(&event, &Watch::default()).as_deref(), fault);
    }

    #[test]
    fn what_counts_as_a_fault() {
        let entry = |level: &str, source: &str| json!({ "entry": { "level": level, "source": source, "text": "Refused", "url": "u" } });
        check("Log.entryAdded", entry("error", "security"), Some("security: Refused (u)"));
        check("Log.entryAdded", entry("warning", "deprecation"), None);
        check("Log.entryAdded", entry("error", "network"), None);
        let answer = |kind: &str, status: u16| json!({ "type": kind, "response": { "status": status, "url": "u" } });
        check("Network.responseReceived", answer("Document", 404), None);
        check("Network.responseReceived", answer("Fetch", 422), None);
        check("Network.responseReceived", answer("Document", 500), Some("Document u answers 500"));
        check("Network.responseReceived", answer("Stylesheet", 404), Some("Stylesheet u answers 404"));
        let dialog = |kind: &str| json!({ "type": kind, "message": "1" });
        check("Page.javascriptDialogOpening", dialog("alert"), Some("a script opens a dialog: 1"));
        check("Page.javascriptDialogOpening", dialog("beforeunload"), None);
        let called = json!({ "type": "error", "args": [{ "value": "no" }] });
        check("Runtime.consoleAPICalled", called, Some("an error on the console: no"));
    }
}
