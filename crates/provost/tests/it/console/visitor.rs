//! Somebody with a browser: keeps cookies, reads pages, fills forms in and sends them with whatever stands in them.

use crate::support::Server;
use reqwest::{
    blocking::{Client, Response},
    header::{CONTENT_TYPE, HeaderMap, HeaderValue},
    redirect,
};
use std::time::Duration;

/// Somebody who visits the console.
pub struct Visitor {
    base: String,
    client: Client,
}

/// A page that came back.
#[derive(Debug)]
pub struct Page {
    /// The HTTP status.
    pub status: u16,
    /// Where it is, behind the ways that led there: path and query.
    pub at: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The document.
    pub html: String,
}

impl Visitor {
    /// Somebody who is not signed in.
    pub fn new(server: &Server) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .timeout(Duration::from_secs(60))
            .no_proxy()
            .cookie_store(true)
            .redirect(redirect::Policy::limited(5))
            .build()
            .expect("a client without special wishes is built");
        Self { base: server.base.clone(), client }
    }

    /// The operator, signed in.
    pub fn operator(server: &Server) -> Self {
        let visitor = Self::new(server);
        let page = visitor.open("/console/sign-in").expect(200);
        visitor.send(&page, "/console/sign-in", &[("key", &server.operator_key)]).expect(200);
        visitor
    }

    /// Opens a page.
    pub fn open(&self, path: &str) -> Page {
        let sent = self.client.get(format!("{}{path}", self.base)).send();
        self.read(sent.expect("the server answers"))
    }

    /// Sends the form of a page that goes to `action`, with what is typed beside what stands in it.
    pub fn send(&self, page: &Page, action: &str, typed: &[(&str, &str)]) -> Page {
        let form = page.form(action);
        let mut pairs: Vec<(String, String)> =
            form.into_iter().filter(|(name, _)| !typed.iter().any(|(given, _)| given == name)).collect();
        pairs.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.post(action, &pairs, &[])
    }

    /// Sends whatever is wanted, with further headers.
    pub fn post(&self, path: &str, pairs: &[(String, String)], headers: &[(&'static str, &'static str)]) -> Page {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in pairs {
            body.append_pair(name, value);
        }
        let mut request = self
            .client
            .post(format!("{}{path}", self.base))
            .header(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.read(request.body(body.finish()).send().expect("the server answers"))
    }

    fn read(&self, answer: Response) -> Page {
        let at = answer.url().as_str().strip_prefix(&self.base).expect("the console stays on its server").to_owned();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Page { status, at, headers, html: answer.text().expect("a page is text") }
    }
}

impl Page {
    /// The page, if it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{} says\n{}", self.at, self.text());
        self
    }

    /// What a person reads, without markup: blanks are one blank.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut rest = self.html.as_str();
        while let Some((before, tag)) = rest.split_once('<') {
            text.push_str(before);
            let Some((tag, after)) = tag.split_once('>') else { break };
            // Inline markup does not part words.
            if !tag.trim_start_matches('/').starts_with("wbr") {
                text.push(' ');
            }
            rest = after;
        }
        text.push_str(rest);
        let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Fails unless a person reads this.
    #[track_caller]
    pub fn says(&self, words: &str) -> &Self {
        assert!(self.text().contains(words), "no “{words}” at {}:\n{}", self.at, self.text());
        self
    }

    /// Fails if a person reads this.
    #[track_caller]
    pub fn does_not_say(&self, words: &str) -> &Self {
        assert!(!self.text().contains(words), "“{words}” stands at {}:\n{}", self.at, self.text());
        self
    }

    /// Where the first link with this label leads.
    #[track_caller]
    pub fn link(&self, label: &str) -> String {
        let found = self.html.split("<a ").skip(1).find(|rest| {
            let inner = rest.split_once('>').map_or("", |(_, inner)| inner).split("</a>").next().unwrap_or("");
            plain(inner) == label
        });
        let attributes = found.unwrap_or_else(|| panic!("no link “{label}” at {}:\n{}", self.at, self.text()));
        attribute(attributes, "href").unwrap_or_else(|| panic!("the link “{label}” leads nowhere"))
    }

    /// What stands in the form that goes to `action`: hidden fields, texts, what is ticked and chosen.
    #[track_caller]
    pub fn form(&self, action: &str) -> Vec<(String, String)> {
        let wanted = format!("action=\"{}\"", action.replace('&', "&amp;"));
        let form = self
            .html
            .split("<form")
            .skip(1)
            .find(|form| form.split('>').next().is_some_and(|head| head.contains(&wanted)));
        let form = form.unwrap_or_else(|| panic!("no form to {action} at {}:\n{}", self.at, self.html));
        let form = form.split("</form>").next().unwrap_or("");
        let mut pairs = Vec::new();
        for input in form.split("<input").skip(1) {
            let head = input.split('>').next().unwrap_or("");
            let kind = attribute(head, "type").unwrap_or_default();
            let is_open = !matches!(kind.as_str(), "checkbox" | "radio") || head.contains(" checked");
            if let (Some(name), true) = (attribute(head, "name"), is_open) {
                pairs.push((name, attribute(head, "value").unwrap_or_default()));
            }
        }
        for select in form.split("<select").skip(1) {
            let (head, inner) = select.split_once('>').unwrap_or((select, ""));
            let inner = inner.split("</select>").next().unwrap_or("");
            let options: Vec<&str> = inner.split("<option").skip(1).collect();
            let chosen =
                options.iter().find(|option| option.split('>').next().is_some_and(|head| head.contains(" selected")));
            if let (Some(name), Some(option)) = (attribute(head, "name"), chosen.or(options.first())) {
                pairs.push((name, attribute(option, "value").unwrap_or_default()));
            }
        }
        for text in form.split("<textarea").skip(1) {
            let (head, inner) = text.split_once('>').unwrap_or((text, ""));
            let inner = inner.split("</textarea>").next().unwrap_or("").trim_start_matches('\n');
            if let Some(name) = attribute(head, "name") {
                pairs.push((name, unescaped(inner)));
            }
        }
        pairs
    }
}

/// An attribute of a tag that was cut off in front of its name.
fn attribute(head: &str, name: &str) -> Option<String> {
    let head = head.split('>').next()?;
    let head = format!(" {head}");
    let (_, rest) = head.split_once(&format!(" {name}=\""))?;
    Some(unescaped(rest.split('"').next()?))
}

fn plain(html: &str) -> String {
    let mut text = String::new();
    for (position, part) in html.split('<').enumerate() {
        text.push_str(if position == 0 { part } else { part.split_once('>').map_or("", |(_, text)| text) });
    }
    unescaped(text.trim())
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}
