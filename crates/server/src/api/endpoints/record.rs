//! What happened: the audit log, the request log, activity.

use crate::api::{
    activity::{self, ActivityQuery, ActivityView},
    audit::{self, AuditEntry, AuditQuery, Verified},
    endpoint::{Endpoint, delete, get, put},
    requests::{self, RequestQuery, RequestView},
    streams::{self, AuditStreamView, NewAuditStream},
};
use provost_accounts::Permission;

const AUDIT: &str = "/accounts/{account}/audit";
const AUDIT_VERIFY: &str = "/accounts/{account}/audit/verify";
const AUDIT_CSV: &str = "/accounts/{account}/audit/export.csv";
const AUDIT_LINES: &str = "/accounts/{account}/audit/export.jsonl";
const REQUESTS: &str = "/accounts/{account}/requests";
const REQUEST: &str = "/accounts/{account}/requests/{request}";
const ACTIVITY: &str = "/accounts/{account}/activity";
const AUDIT_STREAM: &str = "/accounts/{account}/audit/stream";

pub(super) fn of_the_record() -> Vec<Endpoint> {
    vec![
        get(AUDIT, audit::list, "Read the audit log")
            .query::<AuditQuery>()
            .lists::<AuditEntry>()
            .needs(Permission::GetAuditLog),
        get(
            ACTIVITY,
            activity::get,
            "Show how much was done and refused lately, and what failed and did not succeed since",
        )
        .query::<ActivityQuery>()
        .shows::<ActivityView>()
        .needs(Permission::GetAuditLog),
        get(REQUESTS, requests::list, "Read the request log: what SCIM clients asked and were answered")
            .query::<RequestQuery>()
            .lists::<RequestView>()
            .needs(Permission::GetAuditLog),
        get(REQUEST, requests::get, "Show a request of the log").shows::<RequestView>().needs(Permission::GetAuditLog),
        get(AUDIT_CSV, audit::export_csv, "Export the audit log as CSV; the export is an entry itself")
            .query::<AuditQuery>()
            .shows_text("text/csv")
            .needs(Permission::GetAuditLog),
        get(AUDIT_LINES, audit::export_lines, "Export the audit log as lines of JSON; the export is an entry itself")
            .query::<AuditQuery>()
            .shows_lines::<AuditEntry>()
            .needs(Permission::GetAuditLog),
        get(AUDIT_VERIFY, audit::verification, "Verify the hash chain of the audit log")
            .shows::<Verified>()
            .needs(Permission::GetAuditLog),
        get(AUDIT_STREAM, streams::get, "Show where the audit log is sent, and how far it has come (operator)")
            .shows::<AuditStreamView>()
            .by_operator(),
        put(AUDIT_STREAM, streams::put, "Send the audit log to a syslog server or a webhook (operator)")
            .takes::<NewAuditStream>()
            .shows::<AuditStreamView>()
            .by_operator(),
        delete(AUDIT_STREAM, streams::delete, "Send the audit log nowhere any more (operator)").by_operator(),
    ]
}
