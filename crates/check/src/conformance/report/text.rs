//! A report for people at a terminal.

use super::{TOLD, profiles, source, summary, wrong};
use crate::{
    conformance::outcome::{CaseReport, Report},
    script::{Exchange, Outcome},
};
use std::collections::BTreeMap;

/// Longest body that is shown, in characters.
const BODY_MAX: usize = 400;
/// Most cases that are named together.
const NAMES_MAX: usize = 6;

/// What did not hold, what was sent and came, and what to change; then the counts.
pub fn text(report: &Report) -> String {
    let seconds = report.duration_ms as f64 / 1_000.0;
    let mut out =
        format!("{}\nprofiles {}, {} requests in {seconds:.1} s\n", report.url, profiles(report), report.requests);
    for outcome in TOLD {
        for case in report.with(outcome) {
            out.push_str(&told(case));
        }
    }
    out.push_str(&unoffered(report));
    if report.with(Outcome::NotRun).next().is_some() {
        let why = if report.ended_early { "it was ended early" } else { "they write, and `--read-only` was asked for" };
        out.push_str(&format!("\nNot run: {} cases: {why}\n", report.counts.not_run));
    }
    if !report.left_behind.is_empty() {
        out.push_str("\nWhat was made and could not be removed; remove it by hand:\n");
        report.left_behind.iter().for_each(|path| out.push_str(&format!("  {path}\n")));
    }
    out.push_str(&format!("\n{}\n", summary(report)));
    out
}

fn told(case: &CaseReport) -> String {
    let mut out = format!("\n{}  {}: {}\n", case.outcome.word().to_uppercase(), case.id, case.title);
    let mut line = |label: &str, text: &str| {
        for (number, part) in text.lines().enumerate() {
            let label = if number == 0 { label } else { "" };
            out.push_str(&format!("  {label:<8}{part}\n"));
        }
    };
    line("says", &format!("{} ({})", case.says, source(case)));
    if let Some(exchange) = decisive(case) {
        line("sent", &sent(exchange));
        line("came", &came(exchange));
    }
    wrong(case).iter().for_each(|one| line("wrong", one));
    line("change", &case.change);
    out
}

/// The last exchange of the first step at which something did not hold.
fn decisive(case: &CaseReport) -> Option<&Exchange> {
    match case.findings.first() {
        Some(finding) => case.exchanges.iter().rfind(|exchange| exchange.step == finding.step),
        None => case.exchanges.last(),
    }
}

fn sent(exchange: &Exchange) -> String {
    let mut out = exchange.request.clone();
    exchange.request_headers.iter().for_each(|header| out.push_str(&format!("\n{header}")));
    if let Some(body) = &exchange.request_body {
        out.push_str(&format!("\n{}", short(body)));
    }
    out
}

fn came(exchange: &Exchange) -> String {
    let mut out = if exchange.status == 0 { "no answer".to_owned() } else { exchange.status.to_string() };
    exchange.headers.iter().for_each(|header| out.push_str(&format!("\n{header}")));
    if !exchange.body.is_empty() {
        out.push_str(&format!("\n{}", short(&exchange.body)));
    }
    out
}

/// What is not offered, each reason once.
fn unoffered(report: &Report) -> String {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for case in report.with(Outcome::NotOffered) {
        by_reason.entry(case.why.as_deref().unwrap_or_default()).or_default().push(&case.id);
    }
    let mut out = String::new();
    for (why, cases) in by_reason {
        let more = if cases.len() > NAMES_MAX { ", …" } else { "" };
        let names = cases[..cases.len().min(NAMES_MAX)].join(", ");
        out.push_str(&format!("\nNot offered, so not tried: {why}\n  {} cases: {names}{more}\n", cases.len()));
    }
    out
}

fn short(text: &str) -> String {
    if text.chars().count() <= BODY_MAX {
        return text.to_owned();
    }
    text.chars().take(BODY_MAX).chain("…".chars()).collect()
}
