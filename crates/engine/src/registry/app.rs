//! Making, changing and removing enterprise apps.

use super::{APPS_COUNT, APPS_MAX, Registered, about_app, checked, delete_of, derived, new, put, removal};
use crate::{Compatibility, Drift, EnterpriseApp, Mappings, ScopeMode, SecretToken, TargetAttribute, TargetType};
use provost_accounts::{
    Call, Configuration, Decided, Refused,
    account::name_of,
    audit::{self, Entry},
};
use provost_change::{Bound, ChangeSet, CountChange};
use serde_json::{Value, json};

/// What an app is made of; when one is changed, `None` leaves it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AppEdit {
    /// Its name.
    pub name: Option<String>,
    /// The target, as a URL that was found good.
    pub tenant_url: Option<String>,
    /// What authenticates there, or nothing.
    pub secret_token: Option<Option<SecretToken>>,
    /// Seconds from cycle to cycle.
    pub interval: Option<u64>,
    /// Who is in scope.
    pub scope: Option<ScopeMode>,
    /// How many disables and deletes a cycle may bring; `Some(None)` any number.
    pub accidental_deletion_threshold: Option<Option<u32>>,
    /// Whether those who leave the scope are left alone.
    pub skip_out_of_scope_deletions: Option<bool>,
    /// Whether members of inner groups count.
    pub nested_groups: Option<bool>,
    /// Whether what the source has no more is cleared.
    pub clear_nulls: Option<bool>,
    /// What is done about changes that somebody else made at the target.
    pub drift: Option<Drift>,
    /// Addresses that are told of trouble.
    pub notify: Option<Vec<String>>,
    /// What the target needs otherwise than Entra sends it.
    pub compatibility: Option<Compatibility>,
}

/// Makes an app that does not run yet.
///
/// # Errors
/// A name that is empty, too long or missing; a token without a tenant URL; a setting out of range. A name that is taken and one app
/// too many are refused by the commit.
pub fn create(
    config: &Configuration,
    call: &Call,
    edit: AppEdit,
) -> Result<Decided<Registered<EnterpriseApp>>, Refused> {
    let name = name_of("enterprise app", edit.name.as_deref().unwrap_or_default())?;
    let mut app = EnterpriseApp::new(name, edit.tenant_url.clone().unwrap_or_default());
    app.mappings = default_mappings();
    apply(config, &mut app, edit)?;
    let made = new(EnterpriseApp::kind(), call, app);
    let entry = differences(about_app("enterprise-app.create", &made), None, &made.value);
    let mut put = put(call, &made, None);
    put.claims = derived::app_keys(&made.value).into();
    let count = CountChange { name: APPS_COUNT.to_owned(), delta: 1, bound: Some(Bound::AtMost(APPS_MAX)) };
    let change =
        ChangeSet { puts: vec![put], counts: vec![count], log: vec![audit::entry(call, entry)], ..config.change() };
    Ok(Decided { change, outcome: made })
}

/// Changes an app. A token is for the host that it was given for: where the tenant URL names another one and no token comes with it, the
/// app has none any more.
///
/// # Errors
/// A name that is empty or too long; a setting out of range. A name that is taken is refused by the commit.
pub fn update(
    config: &Configuration,
    call: &Call,
    before: &Registered<EnterpriseApp>,
    mut edit: AppEdit,
) -> Result<Decided<Registered<EnterpriseApp>>, Refused> {
    let mut app = before.value.clone();
    let mut warnings = Vec::new();
    let leads_elsewhere = edit.tenant_url.as_deref().is_some_and(|url| host(url) != host(&app.tenant_url));
    if leads_elsewhere && edit.secret_token.is_none() && app.secret_token.is_some() {
        edit.secret_token = Some(None);
        warnings.push("the secret token was forgotten: the tenant URL names another host, so give it again".to_owned());
    }
    apply(config, &mut app, edit)?;
    let entry = differences(about_app("enterprise-app.update", before), Some(&before.value), &app).warned(warnings);
    Ok(changed(call, before, app, entry))
}

/// Removes an app; what stands below it goes in the background. Nothing is done at the target.
pub fn delete(config: &Configuration, call: &Call, app: &Registered<EnterpriseApp>) -> Decided<()> {
    let mut delete = delete_of(&app.record);
    delete.releases = derived::app_keys(&app.value).into();
    let change = ChangeSet {
        deletes: vec![delete],
        puts: vec![removal::put_of(call, app)],
        counts: vec![CountChange::by(APPS_COUNT, -1), CountChange::by(removal::COUNT, 1)],
        log: vec![audit::entry(call, about_app("enterprise-app.delete", app))],
        ..config.change()
    };
    Decided { change, outcome: () }
}

/// What a new app sends: Entra's defaults, with `roles` among the target's attributes.
pub fn default_mappings() -> Mappings {
    let mut mappings = Mappings::default();
    mappings.users.target.push(TargetAttribute {
        name: "roles".to_owned(),
        kind: TargetType::String,
        multi_valued: true,
        required: false,
        case_exact: false,
    });
    mappings
}

/// The change from one state of an app to the next.
pub(super) fn changed(
    call: &Call,
    before: &Registered<EnterpriseApp>,
    app: EnterpriseApp,
    entry: Entry,
) -> Decided<Registered<EnterpriseApp>> {
    let after = before.with(call, app);
    let mut put = put(call, &after, Some(&before.record));
    put.claims = derived::app_keys(&after.value).into();
    put.releases = derived::app_keys(&before.value).into();
    if put.claims == put.releases {
        (put.claims, put.releases) = (Vec::new(), Vec::new());
    }
    let change = ChangeSet { puts: vec![put], log: vec![audit::entry(call, entry)], ..ChangeSet::default() };
    Decided { change, outcome: after }
}

fn apply(config: &Configuration, app: &mut EnterpriseApp, edit: AppEdit) -> Result<(), Refused> {
    fn set<T>(of: &mut T, to: Option<T>) {
        if let Some(to) = to {
            *of = to;
        }
    }
    if let Some(name) = edit.name {
        app.name = name_of("enterprise app", &name)?;
    }
    set(&mut app.interval, edit.interval);
    set(&mut app.notify, edit.notify);
    set(&mut app.tenant_url, edit.tenant_url);
    set(&mut app.secret_token, edit.secret_token);
    set(&mut app.scope, edit.scope);
    set(&mut app.accidental_deletion_threshold, edit.accidental_deletion_threshold);
    set(&mut app.skip_out_of_scope_deletions, edit.skip_out_of_scope_deletions);
    set(&mut app.nested_groups, edit.nested_groups);
    set(&mut app.clear_nulls, edit.clear_nulls);
    set(&mut app.drift, edit.drift);
    set(&mut app.compatibility, edit.compatibility);
    checked(config, app)
}

/// The host of a URL: who is called, without the port.
fn host(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let port = authority.rfind(':').filter(|at| authority[at + 1..].bytes().all(|byte| byte.is_ascii_digit()));
    Some(authority[..port.unwrap_or(authority.len())].to_lowercase())
}

/// What the audit log says of a change: everything but mappings, which have an entry of their own.
fn differences(mut entry: Entry, before: Option<&EnterpriseApp>, after: &EnterpriseApp) -> Entry {
    let (old, new) = (before.map(shown), shown(after));
    for (name, new) in new {
        let old = old.as_ref().and_then(|old| old.iter().find(|(known, _)| *known == name));
        entry = entry.changed(name, old.map(|(_, old)| old.clone()).unwrap_or_default(), new);
    }
    entry
}

fn shown(app: &EnterpriseApp) -> [(&'static str, Value); 12] {
    let token = app.secret_token.as_ref().map(|token| format!("…{}", token.ends_with));
    [
        ("name", json!(app.name)),
        ("tenant_url", json!(app.tenant_url)),
        ("secret_token", json!(token)),
        ("interval", json!(app.interval)),
        ("scope", json!(app.scope)),
        ("accidental_deletion_threshold", json!(app.accidental_deletion_threshold)),
        ("skip_out_of_scope_deletions", json!(app.skip_out_of_scope_deletions)),
        ("nested_groups", json!(app.nested_groups)),
        ("clear_nulls", json!(app.clear_nulls)),
        ("drift", json!(app.drift)),
        ("notify", json!(app.notify)),
        ("compatibility", json!(app.compatibility)),
    ]
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn s_102_a_token_stays_with_the_host_whatever_port_path_or_flag() {
        for (url, expected) in [
            ("https://scim.example.com", "scim.example.com"),
            ("https://SCIM.example.com:8443/scim/v2?aadOptscim062020", "scim.example.com"),
            ("https://scim.example.com?x=https://evil.example", "scim.example.com"),
            ("https://[2606:4700::1111]:443/x", "[2606:4700::1111]"),
            ("https://[2606:4700::1111]/x", "[2606:4700::1111]"),
        ] {
            assert_eq!(host(url).as_deref(), Some(expected), "{url}");
        }
    }
}
