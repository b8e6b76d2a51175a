//! What a person typed stands in the form that is shown again, in every form of the console: each is found on the stage's screens, filled
//! in, and sent from a page of an earlier session, so that nothing is done.

use super::{PASSWORD, Stage, stage::ADMINISTRATOR};
use crate::{
    console::{Browser, Page, attribute},
    support::Answer,
};
use std::collections::BTreeSet;

/// Forms that are filled in at least: fewer would mean that they are not found.
const FORMS_MIN: usize = 48;

/// What these are sent is not kept, since there is nothing to lose, or nothing to be kept.
const OTHERS: [&str; 4] = [
    // The page of components shows forms that go nowhere.
    "#",
    // Who signs in has no session yet, and shows what it signs in with.
    "/console/sign-in",
    // Codes and passkeys prove who is there at the moment.
    "/console/you/",
    // It chooses the group whose form comes next, and does nothing.
    "/settings/quorum/groups",
];

/// Screens that show another form when the address asks for it.
const ASKED: [&str; 3] = [
    "/console/accounts/{account}/enterprise-apps/{app}/provisioning/connect?mode=automatic",
    "/console/accounts/{account}/enterprise-apps/{app}/mappings/users/edit?target=displayName",
    "/console/accounts/{account}/enterprise-apps/{app}/assignments/new?picked=user:{user}",
];

/// A form that is sent: the screen, where its form goes, and what is typed there.
type Sent<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

/// What shows a form that appears only there.
const SENT: [Sent; 3] = [
    (
        "/console/accounts/{account}/settings/quorum/account",
        "/console/accounts/{account}/settings/quorum/account",
        &[("do", "branch ")],
    ),
    (
        "/console/accounts/{account}/enterprise-apps/{vault}/provisioning/connect?mode=automatic",
        "/console/accounts/{account}/enterprise-apps/{vault}/provisioning/connection/test",
        &[("tenant_url", "https://127.0.0.1:1/scim/v2"), ("secret_token", "s3cret of mine")],
    ),
    (
        "/console/accounts/{account}/enterprise-apps/{vault}/mappings/users/edit?target=roles",
        "/console/accounts/{account}/enterprise-apps/{vault}/mappings/users/edit/check",
        &[
            ("kind", "expression"),
            ("expression", "AppRoleAssignmentsComplex([appRoleAssignments])"),
            ("target", "roles"),
        ],
    ),
];

/// A form, filled in.
#[derive(Default)]
struct Typed {
    /// What is sent.
    sent: Vec<(String, String)>,
    /// What must come back: all that was typed, ticked and chosen, but for secrets.
    comes_back: Vec<(String, String)>,
    /// What was unticked, and must stay so.
    unticked: Vec<(String, String)>,
}

impl Typed {
    /// Fills in whatever stands between `<form` and `</form>`, each field with something else than it has.
    fn of(form: &str) -> Self {
        let mut typed = Self::default();
        let mut circles: Vec<(String, String)> = Vec::new();
        for (number, element) in form.split('<').enumerate() {
            let (tag, head) = element.split_once([' ', '>']).unwrap_or((element, ""));
            let head = format!(" {}", head.split('>').next().unwrap_or_default());
            let read = |name: &str| attribute(&head, name);
            let (name, value) = (read("name"), read("value"));
            if name.is_empty() || name == "csrf" || head.contains(" disabled") || head.contains(" readonly") {
                continue;
            }
            match (tag, read("type").as_str()) {
                ("input", "hidden") => typed.sent.push((name, value)),
                ("button", _) if value == "save" => typed.sent.push((name, value)),
                ("input", "checkbox") if head.contains(" checked") => typed.unticked.push((name, value)),
                ("input", "checkbox") => typed.types(name, &value),
                ("input", "radio") => {
                    circles.retain(|(other, _)| *other != name);
                    circles.push((name, value));
                }
                ("input", "password") => typed.sent.push((name, "s3cret of mine".to_owned())),
                ("input", "number") => typed.types(name, "7"),
                ("input", "email") => typed.types(name, "kept+\"a&b\"@acme.example"),
                ("input", "datetime-local") => typed.types(name, "2026-01-02T03:04"),
                ("input", "date") => typed.types(name, "2026-01-02"),
                ("input", "submit" | "file") => {}
                ("input", _) => typed.types(name, &format!("kept <{number}> & \"so\"")),
                ("textarea", _) => typed.types(name, "kept <&\n  in two lines"),
                ("select", _) => {
                    let rest = &form[form.find(&format!("name=\"{name}\"")).unwrap_or(0)..];
                    let options = rest.split("</select>").next().unwrap_or_default().split("<option").skip(1);
                    let last = options.filter(|option| !option.contains(" disabled")).last();
                    let last = last.map(|option| attribute(option, "value"));
                    last.into_iter().for_each(|value| typed.types(name.clone(), &value));
                }
                _ => {}
            }
        }
        for (name, value) in circles {
            typed.types(name, &value);
        }
        typed
    }

    fn types(&mut self, name: String, value: &str) {
        self.sent.push((name.clone(), value.to_owned()));
        self.comes_back.push((name, value.to_owned()));
    }

    fn is_empty(&self) -> bool {
        self.comes_back.is_empty() && self.unticked.is_empty()
    }
}

/// Somebody who is signed in twice: the first session is the earlier one.
struct Twice {
    old_token: String,
    browser: Browser,
}

impl Twice {
    /// `page` is one that this person may see.
    fn new(page: &str, sign_in: impl Fn() -> Browser) -> Self {
        let (old, browser) = (sign_in(), sign_in());
        let page = old.get(page).expect(200);
        let token = page.text.split("name=\"csrf\"").nth(1).expect("a page has a form");
        Self { old_token: attribute(token, "value"), browser }
    }

    /// What is lost of what was typed into a form; nothing, where all of it comes back.
    fn lost(&self, action: &str, typed: &Typed) -> Option<String> {
        let mut sent: Vec<(&str, &str)> =
            typed.sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        sent.push(("csrf", &self.old_token));
        let answer = self.browser.post(action, &sent);
        if answer.status != 303 || !answer.header("location").starts_with("/console/kept/") {
            return Some(format!("it is answered with {} and not kept", answer.status));
        }
        let again = self.browser.get(answer.header("location"));
        let page = Page { status: again.status, at: action.to_owned(), headers: again.headers, html: again.text };
        // A name that is to be typed to confirm was typed wrongly: that is told at its field.
        let told = page.html.contains("role=\"alert\"") || page.html.contains("field-error");
        if page.html.contains("s3cret of mine") {
            return Some("a secret comes back".to_owned());
        }
        if !page.html.contains(&format!("action=\"{}\"", action.replace('&', "&amp;"))) {
            return Some(format!("{}: the form is not there: {:.300}", page.status, page.text()));
        }
        let shown = page.form(action);
        let missing: Vec<_> = typed.comes_back.iter().filter(|pair| !shown.contains(pair)).collect();
        let ticked: Vec<_> = typed.unticked.iter().filter(|pair| shown.contains(pair)).collect();
        match (missing.is_empty() && ticked.is_empty(), told) {
            (true, true) => None,
            (true, false) => Some("nobody is told that nothing was done".to_owned()),
            (false, _) => Some(format!("lost {missing:?}, ticked again {ticked:?}, and shown is {shown:?}")),
        }
    }
}

/// An address without what it names, so that a form is looked at once.
fn unnamed(path: &str) -> String {
    let is_name = |part: &&str| part.len() < 20;
    path.split(['/', '?']).map(|part| if is_name(&part) { part } else { "…" }).collect::<Vec<_>>().join("/")
}

#[test]
fn s_115_what_was_typed_comes_back_in_every_form() {
    let stage = Stage::shared();
    let (account, key) = (&stage.company.id, stage.server.operator_key.as_str());
    let people = [
        Twice::new("/console/you", || {
            let browser = Browser::new(&stage.server);
            browser.sign_in(account, ADMINISTRATOR, PASSWORD).expect(303);
            browser
        }),
        Twice::new("/console/accounts", || {
            let browser = Browser::new(&stage.server);
            browser.submit("/console/sign-in?as=operator", "/console/sign-in", &[("key", key)]).expect(303);
            browser
        }),
    ];
    let (mut seen, mut wrong) = (BTreeSet::new(), Vec::new());
    let mut look = |screen: &str, person: &Twice, page: &Answer| {
        let mut filled_in = 0;
        for form in page.text.split("<form").skip(1).filter(|_| matches!(page.status, 200 | 400)) {
            let form = form.split("</form>").next().unwrap_or(form);
            let head = form.split('>').next().unwrap_or_default();
            let action = attribute(head, "action");
            let typed = Typed::of(form);
            let is_other = OTHERS.iter().any(|other| action.starts_with(other) || action.ends_with(other));
            let is_meant = head.contains("method=\"post\"") && !typed.is_empty() && !is_other;
            if is_meant && seen.insert((screen.to_owned(), unnamed(&action))) {
                filled_in += 1;
                wrong.extend(person.lost(&action, &typed).map(|what| format!("{screen} to {action}: {what}")));
            }
        }
        filled_in
    };
    for template in provost_server::console::paths().into_iter().chain(ASKED.map(str::to_owned)) {
        for (path, person) in stage.paths(&template).iter().flat_map(|path| people.iter().map(move |one| (path, one))) {
            look(&template, person, &person.browser.get(path));
        }
    }
    for (screen, action, fields) in SENT {
        let [administrator, _] = &people;
        let answer = administrator.browser.submit(&stage.path(screen), &stage.path(action), fields);
        let filled_in = look(&format!("{screen} sent to {action}"), administrator, &answer);
        assert!(filled_in > 0, "{action} shows no form: {} {:.400}", answer.status, answer.text);
    }
    assert!(seen.len() >= FORMS_MIN, "only {}: {seen:?}", seen.len());
    assert!(wrong.is_empty(), "{} of {} forms:\n{}", wrong.len(), seen.len(), wrong.join("\n"));
}
