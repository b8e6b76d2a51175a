//! Pictures of the screens, with the people of the [`Stage`]. The test takes all of them; `cargo xtask screenshots` keeps them.

use super::{Stage, administrator, operator};
use provost_testkit::{Browser, Page};
use std::path::PathBuf;

/// Where the pictures are kept; nowhere, unless it is set.
const FOLDER: &str = "PROVOST_TEST_PICTURES";
/// Names of the pictures that are wanted, with commas between; all, unless it is set.
const ONLY: &str = "PROVOST_TEST_PICTURES_ONLY";

/// Largest picture, in bytes: they are part of the repository.
const BYTES_MAX: usize = 200_000;

/// How a picture is taken.
struct Picture {
    /// The name of its file.
    name: &'static str,
    /// The path on the stage.
    path: &'static str,
    size: (u32, u32),
    is_dark: bool,
    /// What is done there first.
    first: fn(&Page),
}

const WIDE: (u32, u32) = (1280, 800);
const NARROW: (u32, u32) = (390, 844);

const fn light(name: &'static str, path: &'static str, size: (u32, u32)) -> Picture {
    Picture { name, path, size, is_dark: false, first: |_| () }
}

const fn doing(name: &'static str, path: &'static str, first: fn(&Page)) -> Picture {
    Picture { name, path, size: WIDE, is_dark: false, first }
}

const fn dark(name: &'static str, path: &'static str, size: (u32, u32)) -> Picture {
    Picture { name, path, size, is_dark: true, first: |_| () }
}

/// Every picture; the sign-in is the one that nobody is signed in for.
const PICTURES: &[Picture] = &[
    light("sign-in", "/console/sign-in", WIDE),
    light("accounts", "/console/accounts", WIDE),
    light("overview", "/console/accounts/{account}", WIDE),
    dark("overview-dark", "/console/accounts/{account}", WIDE),
    light("overview-narrow", "/console/accounts/{account}", NARROW),
    light("users", "/console/accounts/{account}/users", WIDE),
    light("users-narrow", "/console/accounts/{account}/users", NARROW),
    light("invitations", "/console/accounts/{account}/users/invitations", WIDE),
    light("audit-log", "/console/accounts/{account}/audit", WIDE),
    light("audit-entry", "/console/accounts/{account}/audit/{seq}", WIDE),
    light("request-log", "/console/accounts/{account}/requests", WIDE),
    light("user", "/console/accounts/{account}/users/{user}", WIDE),
    light("user-narrow", "/console/accounts/{account}/users/{user}", NARROW),
    light("groups", "/console/accounts/{account}/groups", WIDE),
    light("group", "/console/accounts/{account}/groups/{group}", WIDE),
    light("roles", "/console/accounts/{account}/roles", WIDE),
    light("role", "/console/accounts/{account}/roles/{role}", WIDE),
    light("role-mapping", "/console/accounts/{account}/roles/mapping", WIDE),
    light("applications", "/console/accounts/{account}/enterprise-apps", WIDE),
    light("application", "/console/accounts/{account}/enterprise-apps/{vault}", WIDE),
    light(
        "connection",
        "/console/accounts/{account}/enterprise-apps/{vault}/provisioning/connect?mode=automatic",
        WIDE,
    ),
    light("provisioning", "/console/accounts/{account}/enterprise-apps/{vault}/provisioning", WIDE),
    light("provisioning-narrow", "/console/accounts/{account}/enterprise-apps/{vault}/provisioning", NARROW),
    light("held-deletions", "/console/accounts/{account}/enterprise-apps/{surveys}/provisioning", WIDE),
    light("quarantine", "/console/accounts/{account}/enterprise-apps/{ledger}/provisioning", WIDE),
    light("assignments", "/console/accounts/{account}/enterprise-apps/{vault}/assignments", WIDE),
    light("app-roles", "/console/accounts/{account}/enterprise-apps/{vault}/app-roles", WIDE),
    light("attribute-mapping", "/console/accounts/{account}/enterprise-apps/{vault}/mappings/users?advanced=yes", WIDE),
    doing(
        "expression",
        "/console/accounts/{account}/enterprise-apps/{vault}/mappings/users/edit?target=roles",
        |page| {
            page.fill("Try it for a user (optional)", "giorgos.vasileiou@larkfield.example");
            page.click("Check");
        },
    ),
    dark(
        "expression-dark",
        "/console/accounts/{account}/enterprise-apps/{vault}/mappings/users/edit?target=roles",
        WIDE,
    ),
    light(
        "expression-narrow",
        "/console/accounts/{account}/enterprise-apps/{vault}/mappings/users/edit?target=roles",
        NARROW,
    ),
    light("attribute-list", "/console/accounts/{account}/enterprise-apps/{vault}/mappings/users/attributes", WIDE),
    doing("on-demand", "/console/accounts/{account}/enterprise-apps/{vault}/on-demand", |page| {
        page.fill("Select a user or group", "agnes.szoke3@larkfield.example");
        page.click("Provision");
    }),
    doing("plan", "/console/accounts/{account}/enterprise-apps/{vault}/plan", |page| page.click("Make a plan")),
    light("provisioning-logs", "/console/accounts/{account}/enterprise-apps/{vault}/logs", WIDE),
    light("provisioning-logs-narrow", "/console/accounts/{account}/enterprise-apps/{vault}/logs", NARROW),
    light("admin-apps", "/console/accounts/{account}/settings/admin-apps", WIDE),
    light("admin-app", "/console/accounts/{account}/settings/admin-apps/{app}", WIDE),
    light("policy", "/console/accounts/{account}/settings/policy", WIDE),
    light("help", "/console/help", WIDE),
    light("guide", "/console/accounts/{account}/help/guide", WIDE),
    light("guide-narrow", "/console/accounts/{account}/help/guide", NARROW),
    light("admin-app-narrow", "/console/accounts/{account}/settings/admin-apps/{app}", NARROW),
    light("add-admin-app", "/console/accounts/{account}/settings/admin-apps/new", WIDE),
    light("api-tokens", "/console/accounts/{field}/settings/api", WIDE),
    light("hand-over", "/console/accounts/{field}/settings/admin-apps/{field_app}/owner", WIDE),
    light("migration", "/console/accounts/{account}/settings/admin-apps/{app}/migrate", WIDE),
    light("policy-form", "/console/accounts/{account}/settings/policy/edit", WIDE),
    light("simulator", "/console/accounts/{account}/settings/policy/simulator", WIDE),
    light("sign-in-settings", "/console/accounts/{account}/settings/sign-in", WIDE),
    light("account-settings", "/console/accounts/{account}/settings/account", WIDE),
    light("alerts", "/console/accounts/{archive}", WIDE),
    dark("alerts-dark", "/console/accounts/{archive}", WIDE),
    light("alerts-narrow", "/console/accounts/{archive}", NARROW),
    light("held-changes", "/console/accounts/{archive}/held-changes", WIDE),
    light("held-changes-narrow", "/console/accounts/{archive}/held-changes", NARROW),
    light("limits", "/console/accounts/{archive}/settings/admin-apps/{archive_app}/limits", WIDE),
    light("quorum", "/console/accounts/{archive}/settings/quorum", WIDE),
    light("quorum-narrow", "/console/accounts/{archive}/settings/quorum", NARROW),
    light("your-sign-in", "/console/you", WIDE),
    light("components", "/console/_components", WIDE),
];

#[test]
fn every_picture_can_be_taken() {
    let only = std::env::var(ONLY).unwrap_or_default();
    let only: Vec<&str> = only.split(',').filter(|name| !name.is_empty()).collect();
    let unknown: Vec<&&str> =
        only.iter().filter(|name| PICTURES.iter().all(|picture| picture.name != **name)).collect();
    assert!(unknown.is_empty(), "there is no picture {unknown:?}");
    let folder = std::env::var_os(FOLDER).map(PathBuf::from);
    let stage = Stage::shared();
    let (administrator, operator) = (administrator(&stage), operator(&stage.server));
    for picture in PICTURES.iter().filter(|picture| only.is_empty() || only.contains(&picture.name)) {
        let page = match picture.path {
            "/console/sign-in" => Browser::shared().page(&stage.server.base),
            path if path == "/console/accounts" || ["{archive}", "{field}"].iter().any(|one| path.contains(one)) => {
                operator.clone()
            }
            _ => administrator.clone(),
        };
        let taken = taken(&stage, &page, picture);
        assert!(taken.len() < BYTES_MAX, "{}: {} bytes", picture.name, taken.len());
        if let Some(folder) = &folder {
            let file = folder.join(format!("{}.png", picture.name));
            std::fs::write(&file, taken).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        }
    }
}

fn taken(stage: &Stage, page: &Page, picture: &Picture) -> Vec<u8> {
    let (width, height) = picture.size;
    page.resize(width, height);
    if picture.is_dark {
        page.dark()
    } else {
        page.light()
    }
    let status = page.open(&stage.path(picture.path));
    assert_eq!(status, 200, "{}", picture.name);
    (picture.first)(page);
    page.picture()
}
