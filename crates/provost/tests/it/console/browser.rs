//! What a browser does: it keeps cookies, fills forms in, and follows redirects when it is told to.

use crate::support::{Answer, Server};
use reqwest::{
    blocking::{Client, RequestBuilder},
    redirect::Policy,
};
use std::{cell::RefCell, collections::BTreeMap, sync::LazyLock, time::Duration};

static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .timeout(Duration::from_secs(60))
        .redirect(Policy::none())
        .no_proxy()
        .build()
        .expect("a client without special wishes is built")
});

/// A browser with cookies of its own.
#[derive(Clone, Default)]
pub struct Browser {
    base: String,
    cookies: RefCell<BTreeMap<String, String>>,
}

impl Browser {
    /// A browser that has been nowhere.
    pub fn new(server: &Server) -> Self {
        Self { base: server.base.clone(), cookies: RefCell::default() }
    }

    /// A browser that visits somebody else.
    pub fn elsewhere(base: &str) -> Self {
        Self { base: base.to_owned(), cookies: RefCell::default() }
    }

    /// The same browser, with its cookies, at a server that was started again.
    pub fn at(&self, server: &Server) -> Self {
        Self { base: server.base.clone(), ..self.clone() }
    }

    /// A page.
    pub fn get(&self, path: &str) -> Answer {
        self.send(CLIENT.get(self.url(path)))
    }

    /// The same with further headers; what comes is not unpacked.
    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let plain = CLIENT.get(self.url(path));
        self.send(headers.iter().fold(plain, |request, (name, value)| request.header(*name, *value)))
    }

    /// Sends a form, with nothing but these fields.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_with(path, fields, &[])
    }

    /// The same with further headers.
    pub fn post_with(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut request =
            CLIENT.post(self.url(path)).header("content-type", "application/x-www-form-urlencoded").body(form);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request)
    }

    /// Loads the page at `path` and sends its form for `action` with its hidden fields, and these in place of what it says.
    #[track_caller]
    pub fn submit(&self, path: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get(path).expect(200);
        self.submit_from(&page, action, fields)
    }

    /// Sends the form for `action` of a page that was loaded.
    #[track_caller]
    pub fn submit_from(&self, page: &Answer, action: &str, fields: &[(&str, &str)]) -> Answer {
        let mut all = hidden(&page.text, action);
        for (name, value) in fields {
            all.retain(|(known, _)| known != name);
            all.push(((*name).to_owned(), (*value).to_owned()));
        }
        let all: Vec<(&str, &str)> = all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post(action, &all)
    }

    /// Signs somebody in by password; the answer to the form.
    #[track_caller]
    pub fn sign_in(&self, account: &str, user: &str, password: &str) -> Answer {
        let fields = [("account", account), ("user_name", user), ("password", password)];
        self.submit("/console/sign-in", "/console/sign-in", &fields)
    }

    /// Whether it is signed in as a person.
    pub fn is_in(&self) -> bool {
        self.get("/console/you").status == 200
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.borrow().get(name).cloned()
    }

    /// Puts a cookie in.
    pub fn plant(&self, name: &str, value: &str) {
        self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
    }

    fn url(&self, path: &str) -> String {
        if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) }
    }

    fn send(&self, request: RequestBuilder) -> Answer {
        let cookies: Vec<String> =
            self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = if cookies.is_empty() { request } else { request.header("cookie", cookies.join("; ")) };
        let answer = request.send().expect("the server answers");
        for line in answer.headers().get_all("set-cookie") {
            let line = line.to_str().expect("a cookie is text");
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').expect("a cookie has a value");
            match attributes.contains("Max-Age=0") {
                true => drop(self.cookies.borrow_mut().remove(name)),
                false => drop(self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned())),
            }
        }
        Answer {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            // A body that is compressed is no text, and nobody looks for any in it.
            text: String::from_utf8_lossy(&answer.bytes().expect("a body comes whole")).into_owned(),
        }
    }
}

/// The hidden fields of the form for `action`; of the only form where none names it.
#[track_caller]
fn hidden(page: &str, action: &str) -> Vec<(String, String)> {
    let forms: Vec<&str> =
        page.split("<form").skip(1).map(|form| form.split("</form>").next().unwrap_or(form)).collect();
    let named = format!("action=\"{action}\"");
    // A form whose submission a script has to prepare comes first on some pages; the plain one is meant.
    let form = forms.iter().find(|form| form.contains(&named) && !form.contains("data-passkey"));
    let form = form.or_else(|| forms.iter().find(|form| form.contains(&named))).or_else(|| forms.first());
    let form = form.unwrap_or_else(|| panic!("no form for {action} in {page}"));
    let inputs = form.split("<input").skip(1).filter(|input| input.contains("type=\"hidden\""));
    inputs.map(|input| (attribute(input, "name"), attribute(input, "value"))).collect()
}

/// An attribute of an element, without what HTML escapes.
pub fn attribute(element: &str, name: &str) -> String {
    let begins = format!(" {name}=\"");
    let rest = element.split_once(&begins).map_or("", |(_, rest)| rest);
    let value = rest.split('"').next().unwrap_or_default();
    value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
