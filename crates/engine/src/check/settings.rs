//! Settings of an app that are no mapping.

use super::{INTERVAL_MAX, NAME_BYTES_MAX, NOTIFY_MAX, Problems};
use crate::{EnterpriseApp, TenantUrl};

/// Checks name, tenant URL, interval and addresses; gives the tenant URL.
pub(crate) fn settings(app: &EnterpriseApp, problems: &mut Problems<'_>) -> Option<TenantUrl> {
    if app.name.trim().is_empty() {
        problems.member("name").add("an app needs a name");
    } else if app.name.len() > NAME_BYTES_MAX {
        problems.member("name").add(format!("a name may have {NAME_BYTES_MAX} bytes, and this one has more"));
    }
    let tenant = problems.member("tenant_url").take(TenantUrl::parse(&app.tenant_url));
    if !(1..=INTERVAL_MAX).contains(&app.interval) {
        let problem = format!("the interval must be from 1 to {INTERVAL_MAX} seconds, not {}", app.interval);
        problems.member("interval").add(problem);
    }
    let mut notify = problems.member("notify");
    notify.is_few(app.notify.len(), NOTIFY_MAX, "addresses");
    for (index, address) in app.notify.iter().enumerate().take(NOTIFY_MAX) {
        if !is_address(address) {
            notify.element(index).add("this is no e-mail address; write it as somebody@example.com");
        }
    }
    tenant
}

fn is_address(text: &str) -> bool {
    let parts = text.rsplit_once('@');
    text.len() <= 320
        && parts.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
        && !text.contains(|letter: char| letter.is_whitespace() || letter.is_control())
}
