//! `cargo xtask capacity`: how many nodes and what database a hundred million users need, by simulation.

mod events;
mod figures;
mod histogram;
mod model;
mod outcome;
mod picture;
mod random;
mod search;
mod simulation;
mod station;
mod study;
mod table;
mod walls;
mod workload;
mod zipf;

use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::command::root;
use figures::Figures;
use outcome::Outcome;
use study::{Study, study};
use table::Table;

/// What the figures and tables are written to by `--docs`, and the picture.
const DOCUMENT: &str = "docs/capacity.md";
const PICTURE: &str = "docs/capacity.svg";

/// What was asked for.
#[derive(Debug, Default, PartialEq)]
struct Asked {
    seed: u64,
    replaced: Vec<(String, f64)>,
    docs: bool,
}

/// Simulates, prints the tables, and with `--docs` writes them to `docs/` together with the picture.
///
/// # Errors
/// For arguments that it does not know, figures that it cannot compute with, and files that it cannot write.
pub fn run(arguments: &[String]) -> Result<()> {
    let asked = asked(arguments)?;
    let figures = Figures::load(&asked.replaced)?;
    let begin = Instant::now();
    let study = study(&figures, asked.seed, &mut |what| eprintln!("{:>5.1} s  {what}", begin.elapsed().as_secs_f64()));
    for table in &study.tables {
        println!("{}", table.markdown());
    }
    if asked.docs {
        write(&study)?;
    }
    let events: u64 = study.hours.iter().map(|(_, outcome)| outcome.events).sum();
    eprintln!("{:>5.1} s  done; the hours above had {} events", begin.elapsed().as_secs_f64(), table::count(events));
    Ok(())
}

fn asked(arguments: &[String]) -> Result<Asked> {
    let mut asked = Asked { seed: 1, ..Asked::default() };
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("`{word}` wants a value"));
        match word.as_str() {
            "--docs" => asked.docs = true,
            "--seed" => asked.seed = value()?.parse().context("`--seed` wants a whole number")?,
            "--set" => {
                let (name, figure) = value()?.split_once('=').context("`--set` wants SECTION.NAME=VALUE")?;
                let figure = figure.parse().with_context(|| format!("`{figure}` is not a number"))?;
                asked.replaced.push((name.to_string(), figure));
            }
            other => bail!(
                "there is no option `{other}`: usage: cargo xtask capacity [--seed N] [--set NAME=VALUE]… [--docs]"
            ),
        }
    }
    if asked.docs && asked != (Asked { seed: 1, docs: true, ..Asked::default() }) {
        bail!("`--docs` writes what figures.toml says, with seed 1: leave out `--seed` and `--set`");
    }
    Ok(asked)
}

fn write(study: &Study) -> Result<()> {
    let hours: Vec<(&str, &Outcome)> = study.hours.iter().map(|(name, outcome)| (*name, outcome)).collect();
    let tables = study.tables.iter().map(|table| format!("\n{}", table.markdown()));
    let document = format!("{}{}", head(), tables.collect::<String>());
    std::fs::write(root().join(DOCUMENT), document).context(DOCUMENT)?;
    std::fs::write(root().join(PICTURE), picture::svg(&hours)).context(PICTURE)?;
    println!("{DOCUMENT} and {PICTURE} are written");
    Ok(())
}

/// The document's begin: what follows from `figures.toml` alone.
fn head() -> String {
    let note = "What the simulation computes with. Each is one line of `xtask/src/capacity/figures.toml`; `--set \
                SECTION.NAME=VALUE` tries another value.";
    let mut figures = Table::new("Figures", note, &["figure", "value", "unit", "kind", "source"]);
    for (section, rows) in Figures::sections() {
        for (name, figure) in rows {
            let row = [
                format!("`{section}.{name}`"),
                figure.value.to_string(),
                figure.unit,
                figure.kind.name().into(),
                figure.source,
            ];
            figures.row(row.to_vec());
        }
    }
    format!(
        "# Capacity: figures and tables\n\nMade by `cargo xtask capacity --docs`; [scaling.md](scaling.md) says what they mean. Of the \
         database's figures\nmost are assumed, so that what follows from them is a picture and no promise.\n\n\
         ![Requests and latency over the hour](capacity.svg)\n\n{}",
        figures.markdown()
    )
}

#[cfg(test)]
mod tests;
