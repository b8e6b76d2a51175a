//! The main paths by the keyboard alone.

use super::{PASSWORD, Stage, stage};
use provost_testkit::Browser;

#[test]
fn s_111_signing_in_and_finding_somebody_needs_no_mouse() {
    let stage = Stage::shared();
    let page = Browser::shared().page(&stage.server.base);
    page.open("/console");
    page.tab_to("Account");
    page.types(stage::COMPANY);
    page.tab_to("Email address or user name");
    page.types(stage::ADMINISTRATOR);
    page.tab_to("Password");
    page.types(PASSWORD);
    page.press("Enter");
    page.offers("Sign out");
    page.tab_to("Users");
    page.press("Enter");
    page.is_headed("Users");
    page.tab_to("Search users");
    page.types("ines.okafor");
    page.press("Enter");
    page.see("ines.okafor@larkfield.example");
    page.tab_to("Sign out");
    page.press("Enter");
    page.is_headed("Sign in");
}

#[test]
fn s_111_the_first_stop_skips_to_the_content() {
    let stage = Stage::shared();
    let page = super::operator(&stage.server);
    page.open(&stage.path("/console/accounts/{account}/users"));
    page.press("Tab");
    let (role, name) = page.focused().expect("Tab leads somewhere");
    assert_eq!((role.as_str(), name.as_str()), ("link", "Skip to the content"));
    page.press("Enter");
    page.press("Tab");
    let within = page.evaluate("document.querySelector('main').contains(document.activeElement)");
    assert_eq!(within, true, "{:?}", page.focused());
}
