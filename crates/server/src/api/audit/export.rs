//! The audit log as a file: every entry that the filters take, in order. That somebody took it along is an entry itself.

use super::{AuditQuery, CHUNK, go_behind};
use crate::{
    api::{
        Answer,
        asked::InAccount,
        transfer::{Broken, CHUNK_BYTES, JSON_LINES, WAITING_MAX},
    },
    app::{About, App, Failure, Target},
};
use axum::{
    body::Body,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE},
    response::IntoResponse,
};
use bytes::{Bytes, BytesMut};
use http_body_util::channel::{Channel, Sender};
use provost_accounts::{
    Decided,
    audit::{self, Entry},
};
use provost_change::{AccountId, ChangeSet, Kind};
use provost_console::screens::users::csv_field;
use provost_store::LogQuery;
use serde_json::Value;

/// The columns of a CSV file; what is nested is JSON.
const COLUMNS: [&str; 13] = [
    "seq",
    "time",
    "action",
    "outcome",
    "severity",
    "actor",
    "target",
    "target_name",
    "request_id",
    "client_ip",
    "attributes",
    "changes",
    "detail",
];

/// The form of a file.
#[derive(Clone, Copy)]
enum Form {
    Csv,
    Lines,
}

pub(in crate::api) async fn export_csv(asked: InAccount) -> Answer {
    export(asked, Form::Csv).await
}

pub(in crate::api) async fn export_lines(asked: InAccount) -> Answer {
    export(asked, Form::Lines).await
}

async fn export(asked: InAccount, form: Form) -> Answer {
    let target = Some(Target::Record(Kind::ACCOUNT, asked.config.account_record()));
    let about = About { action: "audit.export", target };
    let query: AuditQuery = asked.or_recorded(&about, asked.request.query()).await?;
    let account = asked.account();
    let walk = query.walk(&asked.request.app, account, None).await?;
    asked
        .write(about, |config, call| {
            let name = &config.account.name;
            let entry = Entry::done("audit.export").about(&Kind::ACCOUNT, config.account_record(), name);
            let change = ChangeSet { log: vec![audit::entry(call, entry)], ..ChangeSet::default() };
            Ok(Decided { change, outcome: () })
        })
        .await?;
    let (out, body) = Channel::<Bytes, Broken>::new(WAITING_MAX);
    let app = asked.request.app.clone();
    tokio::spawn(async move {
        let mut out = out;
        if let Err(failure) = write(&app, account, &query, walk, form, &mut out).await {
            tracing::error!(account.id = %account, cause = %failure, "An audit log could not be exported to its end.");
            out.abort(Broken);
        }
    });
    let (media_type, file) = match form {
        Form::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"audit.csv\""),
        Form::Lines => (JSON_LINES, "attachment; filename=\"audit.jsonl\""),
    };
    let headers = [(CONTENT_TYPE, media_type), (CACHE_CONTROL, "no-store"), (CONTENT_DISPOSITION, file)];
    Ok((headers, Body::new(body)).into_response())
}

async fn write(
    app: &App,
    account: AccountId,
    query: &AuditQuery,
    mut walk: LogQuery,
    form: Form,
    out: &mut Sender<Bytes, Broken>,
) -> Result<(), Failure> {
    let mut text = BytesMut::new();
    if let Form::Csv = form {
        text.extend_from_slice(format!("{}\r\n", COLUMNS.join(",")).as_bytes());
    }
    loop {
        let entries = app.store().log(account, &walk).await?;
        for entry in &entries {
            let shown = audit::shown(account, entry);
            if query.accepts(&shown) {
                text.extend_from_slice(line(&shown, form).as_bytes());
            }
            go_behind(&mut walk, entry.seq);
        }
        let is_last = (entries.len() as u64) < CHUNK;
        // Whoever does not read any more does not want it any more.
        let is_due = is_last || text.len() >= CHUNK_BYTES;
        let is_gone = is_due && out.send_data(text.split().freeze()).await.is_err();
        if is_gone || is_last {
            return Ok(());
        }
    }
}

fn line(shown: &Value, form: Form) -> String {
    match form {
        Form::Lines => format!("{shown}\n"),
        Form::Csv => {
            let field = |name: &&str| match &shown[*name] {
                Value::Null => String::new(),
                Value::String(text) => csv_field(text),
                actor if *name == "actor" => csv_field(actor["name"].as_str().unwrap_or("")),
                other => csv_field(&other.to_string()),
            };
            format!("{}\r\n", COLUMNS.iter().map(field).collect::<Vec<_>>().join(","))
        }
    }
}
