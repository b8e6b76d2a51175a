//! A report as one page that needs nothing else: no script, no network.

use super::{TOLD, profiles, source, summary, wrong};
use crate::{
    conformance::outcome::{CaseReport, Report},
    script::{Exchange, Outcome},
    xml::escaped,
};

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #5b6570; --line: #dfe3e8; --paper: #fff; --panel: #f6f7f9;
  --failed: #a4262c; --warning: #8a5a00; --passed: #1f6f43; --quiet: #5b6570; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #9aa4af; --line: #31373e; --paper: #15181c; --panel: #1d2126;
  --failed: #f1707b; --warning: #e0b050; --passed: #6cc494; --quiet: #9aa4af; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 2.5rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 15px/1.55 system-ui, sans-serif; }
h1 { font-size: 1.45rem; font-weight: 600; margin: 0 0 .25rem; }
h2 { font-size: 1.05rem; font-weight: 600; margin: 2.5rem 0 .5rem; }
p { margin: .25rem 0; }
.soft { color: var(--soft); }
ul.counts { display: flex; flex-wrap: wrap; gap: .5rem 1.75rem; list-style: none; margin: 1.25rem 0; padding: 0; }
ul.counts b { display: block; font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; }
details { border-top: 1px solid var(--line); padding: .6rem 0; }
summary { cursor: pointer; }
summary code { font-size: .9em; color: var(--soft); }
.failed, .unsettled { color: var(--failed); } .warning { color: var(--warning); } .passed { color: var(--passed); }
.information, .not_offered, .not_run { color: var(--quiet); }
.mark { display: inline-block; min-width: 6.5rem; font-size: .85rem; font-weight: 600; }
.inside { padding: .4rem 0 .4rem 1.1rem; }
pre { background: var(--panel); border-radius: 4px; padding: .6rem .75rem; margin: .4rem 0; white-space: pre-wrap;
  overflow-wrap: anywhere; font: 12.5px/1.5 ui-monospace, monospace; }
table { border-collapse: collapse; width: 100%; }
td { border-top: 1px solid var(--line); padding: .35rem .6rem .35rem 0; vertical-align: top; }
td:first-child { white-space: nowrap; }
";

/// The page: what did not hold first, with what was sent and came, then every case in its chapter.
pub fn html(report: &Report) -> String {
    let url = escaped(&report.url);
    let seconds = report.duration_ms as f64 / 1_000.0;
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>SCIM check of {url}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1>SCIM check of {url}</h1>\n\
         <p class=\"soft\">profiles {}; {} requests in {seconds:.1} s; {}</p>\n{}",
        escaped(&profiles(report)),
        report.requests,
        escaped(&summary(report)),
        counts(report)
    );
    if report.ended_early {
        out.push_str("<p>It was ended before its end.</p>\n");
    }
    for outcome in TOLD {
        let cases: Vec<String> = report.with(outcome).map(told).collect();
        if !cases.is_empty() {
            out.push_str(&format!("<h2 class=\"{}\">{}</h2>\n{}", class(outcome), heading(outcome), cases.concat()));
        }
    }
    if !report.left_behind.is_empty() {
        out.push_str("<h2>Could not be removed</h2>\n<ul>\n");
        report.left_behind.iter().for_each(|path| out.push_str(&format!("<li><code>{}</code></li>\n", escaped(path))));
        out.push_str("</ul>\n");
    }
    out.push_str(&chapters(report));
    out.push_str("</body>\n</html>\n");
    out
}

fn counts(report: &Report) -> String {
    let counts = &report.counts;
    let rows = [
        (Outcome::Passed, counts.passed),
        (Outcome::Failed, counts.failed),
        (Outcome::Unsettled, counts.unsettled),
        (Outcome::Warning, counts.warnings),
        (Outcome::Information, counts.information),
        (Outcome::NotOffered, counts.not_offered),
        (Outcome::NotRun, counts.not_run),
    ];
    let rows = rows
        .iter()
        .map(|(outcome, count)| format!("<li class=\"{}\"><b>{count}</b>{}</li>\n", class(*outcome), outcome.word()));
    format!("<ul class=\"counts\">\n{}</ul>\n", rows.collect::<String>())
}

fn class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed => "failed",
        Outcome::Warning => "warning",
        Outcome::Information => "information",
        Outcome::Unsettled => "unsettled",
        Outcome::NotOffered => "not_offered",
        Outcome::NotRun => "not_run",
    }
}

fn heading(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Failed => "What must change",
        Outcome::Unsettled => "What could not be tried",
        Outcome::Warning => "What should change",
        Outcome::Information => "What is otherwise than most do it",
        Outcome::Passed | Outcome::NotOffered | Outcome::NotRun => "",
    }
}

fn told(case: &CaseReport) -> String {
    let wrong: String = wrong(case).iter().map(|one| format!("<p>{}</p>\n", escaped(one))).collect();
    let exchanges: String = case.exchanges.iter().map(exchange).collect();
    format!(
        "<details>\n<summary>{} <code>{}</code></summary>\n<div class=\"inside\">\n\
         <p class=\"soft\">{} ({})</p>\n{wrong}<p><b>Change:</b> {}</p>\n{exchanges}</div>\n</details>\n",
        escaped(&case.title),
        escaped(&case.id),
        escaped(&case.says),
        escaped(&source(case)),
        escaped(&case.change)
    )
}

fn exchange(exchange: &Exchange) -> String {
    let lines = |first: String, headers: &[String], body: &str| {
        let mut out = first;
        headers.iter().for_each(|header| out.push_str(&format!("\n{header}")));
        if !body.is_empty() {
            out.push_str(&format!("\n\n{body}"));
        }
        escaped(&out)
    };
    let sent = exchange.request_body.as_deref().unwrap_or_default();
    let status = if exchange.status == 0 { "no answer".to_owned() } else { exchange.status.to_string() };
    format!(
        "<pre>{}</pre>\n<pre>{}</pre>\n",
        lines(format!("step {}: {}", exchange.step, exchange.request), &exchange.request_headers, sent),
        lines(status, &exchange.headers, &exchange.body)
    )
}

fn chapters(report: &Report) -> String {
    let mut out = String::from("<h2>All cases</h2>\n");
    let mut chapter = "";
    for case in &report.cases {
        if case.chapter != chapter {
            if !chapter.is_empty() {
                out.push_str("</table>\n</details>\n");
            }
            chapter = &case.chapter;
            out.push_str(&format!("<details>\n<summary>{}</summary>\n<table>\n", escaped(chapter)));
        }
        let why = case.why.as_deref().map(|why| format!("<br><span class=\"soft\">{}</span>", escaped(why)));
        out.push_str(&format!(
            "<tr><td><span class=\"mark {}\">{}</span></td><td>{}{}</td><td class=\"soft\">{}</td></tr>\n",
            class(case.outcome),
            case.outcome.word(),
            escaped(&case.title),
            why.unwrap_or_default(),
            escaped(&source(case))
        ));
    }
    if !chapter.is_empty() {
        out.push_str("</table>\n</details>\n");
    }
    out
}
