//! Every screen that there is: what holds for all of them.

use super::{Stage, administrator, operator};
use provost_testkit::{Browser, Page};
use serde_json::{Value, json};

/// Bytes of a screen as they are sent, once the browser has the files that all screens share.
const BYTES_MAX: u64 = 100_000;
/// The same with those files, which are loaded once.
const FIRST_BYTES_MAX: u64 = 130_000;

/// Where an account's identity provider comes in: without one there is nothing to see. `console::access::provider` has one.
const OF_PROVIDERS: [&str; 2] = ["/console/sign-in/oidc/callback", "/console/sign-in/oidc/{account}"];

/// Screens that show more when the address asks for it.
const ASKED: [&str; 5] = [
    "/console/accounts/{account}/users?state=disabled&q=a",
    "/console/accounts/{account}/audit?outcome=refused",
    "/console/accounts/{account}/help/guide?idp=okta",
    "/console/accounts/{account}/enterprise-apps/{app}/mappings/users/edit?target=roles",
    "/console/accounts/{account}/enterprise-apps/{app}/logs?status=failure",
];

/// A screen, and the page of whoever may see it.
struct Screen {
    template: String,
    path: String,
    page: Page,
}

/// Every screen: what answers with HTML to GET, to one of those who look. Others are files, ways on, and acts that only POST does.
fn screens(stage: &Stage) -> Vec<Screen> {
    let nobody = Browser::shared().page(&stage.server.base);
    nobody.open("/console/sign-in");
    let pages = [administrator(stage), operator(&stage.server), nobody];
    let mut screens = Vec::new();
    let paths = provost_server::console::paths().into_iter().chain(ASKED.map(str::to_owned));
    for template in paths.filter(|path| !OF_PROVIDERS.contains(&path.as_str())) {
        let mut told = Vec::new();
        let shown = stage.paths(&template).into_iter().find_map(|path| {
            let answers = pages.each_ref().map(|page| answer(page, &path));
            let shown = answers.iter().position(|(status, kind)| *status == 200 && kind.starts_with("text/html"));
            told.extend(answers);
            shown.map(|index| (path, pages[index].clone()))
        });
        match shown {
            Some((path, page)) => screens.push(Screen { template, path, page }),
            // 0 is a way on, which may lead elsewhere.
            None => assert!(told.iter().any(|(status, _)| [0, 200, 405].contains(status)), "{template}: {told:?}"),
        }
    }
    assert!(screens.len() > 5, "there are only {}", screens.len());
    screens
}

/// Status and type of what a path answers with.
pub fn answer(page: &Page, path: &str) -> (u64, String) {
    let asked = format!(
        "fetch({path:?}, {{ redirect: 'manual' }}).then(it => [it.status, it.headers.get('content-type') ?? ''])"
    );
    let answer = page.evaluate(&asked);
    (answer[0].as_u64().expect("a status is a number"), answer[1].as_str().unwrap_or_default().to_owned())
}

/// Looks at every screen and collects what is wrong there, so that one run names all.
#[track_caller]
fn all_hold(what: impl Fn(&Page) -> Vec<String>, dark: bool, width: u32) {
    let stage = Stage::shared();
    let mut wrong = Vec::new();
    for Screen { template, path, page } in screens(&stage) {
        if dark {
            page.dark()
        } else {
            page.light()
        }
        page.resize(width, 900);
        page.open(&path);
        wrong.extend(what(&page).into_iter().map(|finding| format!("{template}: {finding}")));
    }
    assert!(wrong.is_empty(), "{} findings:\n{}", wrong.len(), wrong.join("\n"));
}

/// What a machine can say of how a screen is to be used, for everybody.
fn usable(page: &Page) -> Vec<String> {
    let mut wrong = page.axe();
    wrong.extend(page.overflow().into_iter().map(|part| format!("too wide: {part}")));
    let headings = page.evaluate("document.querySelectorAll('h1').length");
    if headings != 1 {
        wrong.push(format!("{headings} headings of the first level"));
    }
    if !page.title().ends_with(" · Provost") {
        wrong.push(format!("the title is {:?}", page.title()));
    }
    wrong
}

#[test]
fn s_111_every_screen_can_be_used_light_and_wide() {
    all_hold(usable, false, 1440);
}

#[test]
fn s_111_every_screen_can_be_used_light_and_narrow() {
    all_hold(usable, false, 360);
}

#[test]
fn s_111_every_screen_can_be_used_dark_and_wide() {
    all_hold(usable, true, 1440);
}

#[test]
fn s_111_every_screen_can_be_used_dark_and_narrow() {
    all_hold(usable, true, 360);
}

#[test]
fn s_111_on_every_screen_one_sees_where_the_keyboard_is() {
    let unmarked = |page: &Page| {
        let stops = page.stops();
        assert!(!stops.is_empty(), "Tab leads to nothing");
        stops.into_iter().filter(|stop| !stop.is_marked).map(|stop| format!("{} is not marked", stop.shown)).collect()
    };
    all_hold(unmarked, false, 1440);
}

#[test]
fn every_screen_is_under_100_kilobytes_and_loads_only_from_here() {
    let stage = Stage::shared();
    for Screen { template, path, page } in screens(&stage) {
        let loaded = page.weigh(&path);
        let all: u64 = loaded.iter().map(|(_, bytes)| bytes).sum();
        let own: u64 = loaded.iter().filter(|(address, _)| !address.contains("/assets/")).map(|(_, bytes)| bytes).sum();
        assert!(
            own > 1_000 && own < BYTES_MAX && all < FIRST_BYTES_MAX,
            "{template}: {own} bytes, in all {all}: {loaded:?}"
        );
        assert!(loaded.iter().all(|(address, _)| address.starts_with(&stage.server.base)), "{template}: {loaded:?}");
    }
}

#[test]
fn every_screen_is_protected_by_its_headers() {
    let stage = Stage::shared();
    for Screen { template, path, page } in screens(&stage) {
        let names = ["content-security-policy", "x-content-type-options", "referrer-policy", "cache-control"];
        let asked = format!("fetch({path:?}).then(it => {}.map(name => it.headers.get(name)))", json!(names));
        let answer = page.evaluate(&asked);
        let policy = answer[0].as_str().unwrap_or_default();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{template}: {policy}");
        assert_eq!(answer[1], json!("nosniff"), "{template}");
        assert_ne!(answer[2], Value::Null, "{template}");
        assert_eq!(answer[3], json!("no-store"), "{template}");
    }
}

#[test]
fn every_screen_is_the_same_without_javascript() {
    let stage = Stage::shared();
    for Screen { template, path, page } in screens(&stage) {
        page.open(&path);
        let plain = page.another();
        plain.without_javascript();
        plain.open(&path);
        // Copying needs a script: its buttons are not there without one, and what they copy is.
        page.evaluate("document.querySelectorAll('[data-copy]').forEach(button => button.hidden = true)");
        let (all, plain) = (page.text(), plain.text());
        // What a script adds is comfort: nothing that is to be read is missing without it.
        assert!(plain.len() * 10 > all.len() * 9, "{template}: with scripts:\n{all}\nwithout:\n{plain}");
    }
}
