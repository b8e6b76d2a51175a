//! What is shown while it happens.

use crate::output::{printable, write_out};
use percent_encoding::percent_decode_str;
use provost_check::simulation::{Event, Exchange, StepReport};
use std::{
    fmt::Write as _,
    sync::{Mutex, PoisonError},
};

/// Shows what happens on stdout.
pub struct Screen {
    is_verbose: bool,
    /// What is going to happen, until something has.
    title: Mutex<Option<String>>,
    /// Why nothing can be shown any more.
    failed: Mutex<Option<anyhow::Error>>,
}

impl Screen {
    /// With bodies and headers where that is wanted. The title, and what names begin with, are shown with the first thing that happens.
    pub fn new(is_verbose: bool, title: &str, prefix: &str) -> Self {
        let title = format!("{}\nNames begin with {prefix}.\n", printable(title));
        Self { is_verbose, title: Mutex::new(Some(title)), failed: Mutex::new(None) }
    }

    /// Something that has happened.
    pub fn show(&self, event: &Event<'_>) {
        let text = match event {
            Event::Act { title, why_not: None } => format!("\n{}\n", printable(title)),
            Event::Act { title, why_not: Some(why) } => {
                format!("\n{}\n  not tried: {}\n", printable(title), printable(why))
            }
            Event::Step { says } => format!("  {}\n", printable(says)),
            Event::Exchange(exchange) => self.exchange(exchange),
            Event::Throttled(wait) => format!("    the server throttles: waiting {:.1} s\n", wait.as_secs_f64()),
            Event::Done(step) => done(step),
            Event::Removing => "\nRemoving what was made.\n".to_owned(),
        };
        let title = self.title.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.out(&(title.unwrap_or_default() + &text));
    }

    /// When nothing is going to happen any more.
    ///
    /// # Errors
    /// When something could not be shown.
    pub fn end(self) -> anyhow::Result<()> {
        self.failed.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }

    fn exchange(&self, exchange: &Exchange) -> String {
        let status = if exchange.status == 0 { "---".to_owned() } else { exchange.status.to_string() };
        let request = percent_decode_str(&exchange.request).decode_utf8_lossy();
        let mut out = format!("    {status}  {}  {} ms\n", printable(&request), exchange.duration_ms);
        if exchange.status == 0 && !self.is_verbose {
            writeln!(out, "         {}", printable(&exchange.body)).expect("a String takes every text");
        }
        if self.is_verbose {
            part(&mut out, '>', &exchange.request_headers, exchange.request_body.as_deref().unwrap_or_default());
            part(&mut out, '<', &exchange.headers, &exchange.body);
        }
        out
    }

    fn out(&self, text: &str) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.is_none() {
            *failed = write_out(text).err();
        }
    }
}

fn part(out: &mut String, mark: char, headers: &[String], body: &str) {
    for line in headers.iter().map(String::as_str).chain(body.lines()) {
        writeln!(out, "      {mark} {}", printable(line)).expect("a String takes every text");
    }
}

fn done(step: &StepReport) -> String {
    step.wrong().iter().map(|line| format!("      {}\n", printable(line))).collect()
}
