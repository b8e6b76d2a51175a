//! The words of the browser tests, each on a page that is made for it.

use crate::site::{Answer, Site};
use provost_testkit::{Browser, Page};
use std::panic::{AssertUnwindSafe, catch_unwind};

const PAGES: &[Answer] = &[
    ("/", "200 OK", START),
    ("/favicon.ico", "204 No Content", ""),
    ("/form", "200 OK", FORM),
    ("/late", "200 OK", LATE),
    ("/late.txt", "200 OK", "Here it is"),
    ("/sent", "303 See Other\r\nlocation: /done", ""),
    ("/done", "200 OK", "<!doctype html><title>Done</title><h1>It is done</h1>"),
    ("/strict", "200 OK\r\ncontent-security-policy: default-src 'none'; style-src 'self'", STRICT),
    ("/missing-style", "200 OK", "<!doctype html><link rel=stylesheet href=/nowhere.css><h1>Bare</h1>"),
    ("/broken", "500 Internal Server Error", "<!doctype html><h1>Broken</h1>"),
    ("/throws", "200 OK", "<!doctype html><script>throw new Error('oh')</script>"),
    ("/asks", "200 OK", "<!doctype html><h1>Asks</h1><script>alert(1)</script>"),
    (
        "/file.csv",
        "200 OK\r\ncontent-type: text/csv\r\ncontent-disposition: attachment; filename=\"people.csv\"",
        "a,b\r\n",
    ),
    ("/cookie", "200 OK\r\nset-cookie: who=ann; Path=/", "<!doctype html><h1>Known</h1>"),
    ("/scripted", "200 OK", "<!doctype html><p id=p>plain</p><script>p.textContent = 'scripted'</script>"),
];

const START: &str = r#"<!doctype html><html lang=en><title>Start</title>
<nav aria-label=Main><a href=/form>Form</a> <a href=/late>Late</a></nav>
<main><h1>Start</h1>
<table aria-label=People><tr><th>Name<th>Act</tr>
<tr><th scope=row><a href=/done>Alice  Ng</a><td><button>Edit</button></tr>
<tr><th scope=row>Bob<td><button disabled>Edit</button></tr></table>
<p>One <b>two</b>
three</p><p hidden>four</p>
<button onclick="navigator.clipboard.writeText('a key')">Copy</button>
<a href=/file.csv>Export</a>
<div style="position:relative"><button>Under</button><div style="position:absolute;inset:0;background:#fff">a veil</div></div>
</main>"#;

const FORM: &str = r#"<!doctype html><html lang=en><title>Form</title><h1>Form</h1>
<form method=post action=/sent>
<label>Name <input name=name value=before aria-describedby=why aria-invalid=true></label><span id=why>A name is too long</span>
<label>Note <textarea name=note></textarea></label>
<label>Preset <select name=preset><option value=s>standard<option value=d>dsm</select></label>
<fieldset><legend>Method</legend><label><input type=radio name=m value=k checked>API key</label>
<label><input type=radio name=m value=o>OAuth</label></fieldset>
<label><input type=checkbox name=all> All of it</label>
<label>From <input type=date name=from></label>
<label>File <input type=file></label>
<label>Fixed <input readonly value=fixed></label>
<button>Send</button></form>"#;

const LATE: &str = r#"<!doctype html><html lang=en><title>Late</title><h1>Late</h1><p id=p></p>
<button onclick="fetch('/late.txt').then(it => it.text()).then(it => setTimeout(() => p.textContent = it, 300))">Load</button>"#;

const STRICT: &str = "<!doctype html><style>h1 { color: red }</style><h1>Strict</h1>";

fn page() -> (Site, Page) {
    let site = Site::of(PAGES);
    let page = Browser::shared().page(&site.base);
    page.open("/");
    (site, page)
}

/// What a step fails with.
#[track_caller]
fn failure(step: impl FnOnce()) -> String {
    let failed = catch_unwind(AssertUnwindSafe(step)).expect_err("the step fails");
    failed
        .downcast_ref::<String>()
        .cloned()
        .unwrap_or_else(|| (*failed.downcast_ref::<&str>().expect("a text")).to_owned())
}

#[test]
fn things_are_found_by_what_they_are_called() {
    let (_site, page) = page();
    page.is_headed("Start");
    page.row("Alice Ng").click("Edit");
    page.part("Main").offers("Form");
    page.withholds("Delete");
    assert_eq!(page.cells(), [["Name", "Act"], ["Alice Ng", "Edit"], ["Bob", "Edit"]]);
    page.click("Alice Ng");
    assert_eq!((page.path().as_str(), page.title().as_str()), ("/done", "Done"));
    page.back();
    page.see("One two three");
    page.lacks("four");
}

#[test]
fn what_cannot_be_done_says_why() {
    let (_site, page) = page();
    page.impatient();
    assert!(
        failure(|| page.click("Alice")).contains("nothing is named \"Alice\"; there are link \"Form\", link \"Late\"")
    );
    assert!(failure(|| page.click("Edit")).contains("more than one is named \"Edit\": button \"Edit\" in"));
    assert!(failure(|| page.row("Bob").click("Edit")).contains("button \"Edit\" (disabled) cannot be used"));
    assert!(failure(|| page.click("Under")).contains("a veil covers it"));
    assert!(failure(|| page.see("four")).contains("\"four\" is not to be seen"));
    page.open("/form");
    assert!(failure(|| page.fill("Fixed", "other")).contains("is read only"));
    assert!(failure(|| page.choose("Preset", "fulcrum")).contains("standard, dsm"));
}

#[test]
fn a_form_is_filled_and_sent() {
    let (site, page) = page();
    page.click("Form");
    page.complains("Name", "A name is too long");
    page.holds("Name", "before");
    page.fill("Name", "Zoë 🌱 \"<b>");
    page.fill("Note", "two\nlines");
    page.choose("Preset", "dsm");
    page.holds("Preset", "dsm");
    page.choose("Method", "OAuth");
    page.tick("All of it");
    assert!(page.is_ticked("All of it") && page.is_ticked("OAuth") && !page.is_ticked("API key"));
    page.fill("From", "2031-05-17");
    page.attach("File", &std::env::current_exe().expect("a test knows where it is"));
    page.click("Send");
    page.is_headed("It is done");
    let sent = site.asked().into_iter().find(|line| line.starts_with("POST")).expect("it was sent");
    let form = "name=Zo%C3%AB+%F0%9F%8C%B1+%22%3Cb%3E&note=two%0D%0Alines&preset=d&m=o&all=on&from=2031-05-17";
    assert_eq!(sent, format!("POST /sent {form}"));
}

#[test]
fn what_comes_late_is_waited_for() {
    let (_site, page) = page();
    page.click("Late");
    page.click("Load");
    page.see("Here it is");
}

#[test]
fn what_no_page_may_do_fails_the_step() {
    for (path, fault) in [
        ("/strict", "security: "),
        ("/missing-style", "Stylesheet "),
        ("/broken", "answers 500"),
        ("/throws", "Error: oh"),
        ("/asks", "a script opens a dialog: 1"),
    ] {
        let (_site, page) = page();
        let told = failure(|| {
            page.open(path);
            page.text();
        });
        assert!(told.contains(fault), "{path}: {told}");
    }
    let (_site, page) = page();
    assert_eq!(page.open("/nowhere"), 404, "a page that is not there is a page");
}

#[test]
fn keys_go_where_the_focus_is() {
    let (_site, page) = page();
    page.tab_to("Alice Ng");
    assert_eq!(page.focused(), Some(("link".to_owned(), "Alice Ng".to_owned())));
    page.press("Shift+Tab");
    page.press("Shift+Tab");
    page.press("Enter");
    page.is_headed("Form");
    page.tab_to("Name");
    page.press("Control+a");
    page.types("after");
    page.holds("Name", "after");
    page.open("/");
    let stops = page.stops();
    let shown: Vec<&str> = stops.iter().map(|stop| stop.shown.as_str()).collect();
    let all = [
        "link \"Form\"",
        "link \"Late\"",
        "link \"Alice Ng\"",
        "button \"Edit\"",
        "button \"Copy\"",
        "link \"Export\"",
        "button \"Under\"",
    ];
    assert_eq!(shown, all);
    assert!(stops.iter().all(|stop| stop.is_marked), "{stops:?}");
}

#[test]
fn files_and_the_clipboard_come_out() {
    let (_site, page) = page();
    assert_eq!(page.downloaded_by("Export"), ("people.csv".to_owned(), "a,b\r\n".to_owned()));
    assert_eq!(page.copied_by("Copy"), "a key");
    page.is_headed("Start");
}

#[test]
fn each_page_has_a_profile_of_its_own_and_each_tab_its_pages() {
    let (site, page) = page();
    page.open("/cookie");
    let (other, stranger) = (page.another(), Browser::shared().page(&site.base));
    other.open("/done");
    stranger.open("/done");
    page.is_headed("Known");
    let asked = site.asked();
    let of_done: Vec<&String> = asked.iter().filter(|line| line.starts_with("GET /done")).collect();
    assert_eq!(of_done, ["GET /done who=ann", "GET /done"]);
    page.forget_cookies();
    assert!(page.cookies().is_empty());
}

#[test]
fn scripts_can_be_kept_from_running() {
    let (_site, page) = page();
    page.open("/scripted");
    page.see("scripted");
    page.without_javascript();
    page.open("/scripted");
    page.see("plain");
    page.open("/form");
    page.fill("Name", "ann");
    page.choose("Preset", "dsm");
    page.click("Send");
    page.is_headed("It is done");
}

#[test]
fn sizes_themes_and_weights_are_told() {
    let (site, page) = page();
    assert_eq!(page.evaluate("[innerWidth, innerHeight].join()"), "1440,900");
    page.resize(360, 800);
    assert_eq!((page.evaluate("innerWidth").as_u64(), page.overflow()), (Some(360), Vec::new()));
    page.evaluate("document.body.append(Object.assign(document.createElement('hr'), { style: 'width: 500px' }))");
    assert_eq!(page.overflow().len(), 1);
    page.dark();
    assert_eq!(page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"), true);
    let loaded = page.weigh("/done");
    assert!(matches!(&loaded[0], (address, 100..400) if *address == format!("{}/done", site.base)), "{loaded:?}");
    assert!(loaded[1..].iter().all(|(address, _)| address.ends_with("/favicon.ico")), "{loaded:?}");
    assert!(page.picture().starts_with(b"\x89PNG"));
}

#[test]
fn axe_tells_what_is_serious() {
    let (_site, page) = page();
    page.open("/form");
    assert_eq!(page.axe(), Vec::<String>::new());
    page.evaluate("document.querySelector('select').parentElement.replaceWith(document.querySelector('select'))");
    let found = page.axe();
    assert!(found.iter().any(|finding| finding.starts_with("select-name: ")), "{found:?}");
}

#[test]
fn a_browser_ends_with_whoever_started_it_and_leaves_nothing() {
    let browser = std::sync::Arc::new(Browser::start());
    let folder = browser.folder();
    assert!(folder.join("profile").is_dir());
    let page = browser.page("http://127.0.0.1:9");
    drop((page, browser));
    assert!(!folder.exists(), "{} is still there", folder.display());
}
