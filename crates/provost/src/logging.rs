//! Log lines, on stderr.

use crate::config::LogFormat;
use anyhow::Context;
use std::io::{self, IsTerminal, Write};
use tracing_subscriber::EnvFilter;

/// The driver's debug lines show the parameters of statements, which are what people are called.
const NOT_LOGGED: [&str; 2] = ["tokio_postgres=info", "postgres_protocol=info"];

/// Takes every line: one that cannot be written, to a full disk for example, is lost, and nothing else fails for it.
struct Stderr;

impl Write for Stderr {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let _ = io::stderr().write_all(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Starts logging what `filter` lets through; values of attributes never, whatever it says.
///
/// # Errors
/// A filter that cannot be read.
pub fn start(filter: &str, format: LogFormat) -> anyhow::Result<()> {
    let mut filter = EnvFilter::builder().parse(filter).with_context(|| format!("`{filter}` is not a log filter"))?;
    for directive in NOT_LOGGED {
        filter = filter.add_directive(directive.parse().expect("the directives are written correctly"));
    }
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(|| Stderr);
    match format {
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).init(),
        LogFormat::Json => lines.json().init(),
    }
    Ok(())
}
