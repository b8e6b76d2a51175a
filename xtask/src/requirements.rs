//! `cargo xtask requirements`: which entries of `docs/requirements.md` a test names.

mod document;
pub mod scan;

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

use crate::command::root;
use crate::tidy::repository_files;
use document::{Document, Entry, SIDES};
use scan::{Claim, Found};

const DOCUMENT: &str = "docs/requirements.md";

/// What of the table is shown.
#[derive(Default)]
struct Options {
    side: Option<String>,
    missing: bool,
    summary: bool,
}

/// For each entry, by its place in the document, where tests name it.
type Coverage = Vec<Vec<String>>;

/// Prints the table by section and the totals by part and side.
///
/// # Errors
/// When the document has a malformed entry, or a test names an id that the document does not know.
pub fn run(arguments: &[String]) -> Result<()> {
    let options = parse(arguments)?;
    let text = std::fs::read_to_string(root().join(DOCUMENT)).context(DOCUMENT)?;
    let document = Document::parse(&text).context(DOCUMENT)?;
    let mut claims = Vec::new();
    for file in repository_files()? {
        claims.extend(scan::claims(&file.path, &file.text));
    }
    let (coverage, unknown) = judge(&document, &claims);
    if !options.summary {
        print!("{}", table(&document, &coverage, &options));
    }
    print!("{}", totals(&document, &coverage));
    for one in &unknown {
        println!("{one}");
    }
    if !unknown.is_empty() {
        bail!("tests name {} ids that {DOCUMENT} does not know", unknown.len());
    }
    Ok(())
}

fn parse(arguments: &[String]) -> Result<Options> {
    let mut options = Options::default();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--missing" => options.missing = true,
            "--summary" => options.summary = true,
            "--side" => {
                let side = words.next().filter(|side| SIDES.contains(&side.as_str()));
                options.side = Some(side.with_context(|| format!("--side takes one of {}", SIDES.join(", ")))?.clone());
            }
            other => bail!("`{other}` is no option of `requirements`"),
        }
    }
    Ok(options)
}

/// Where each entry is named, and what is named but does not exist.
fn judge(document: &Document, claims: &[Claim]) -> (Coverage, Vec<String>) {
    let mut coverage = vec![Vec::new(); document.entries.len()];
    let mut unknown = Vec::new();
    for claim in claims {
        let at = format!("{}:{}", claim.path, claim.line);
        let (found, shown) = match &claim.found {
            Found::Text(id) => (document.place(id), id.clone()),
            Found::Name(candidates) => (candidates.iter().find_map(|id| document.place(id)), candidates.join(" or ")),
        };
        match found {
            Some(place) if coverage[place].contains(&at) => {}
            Some(place) => coverage[place].push(at),
            None => unknown.push(format!("{at}: there is no {shown}")),
        }
    }
    (coverage, unknown)
}

fn table(document: &Document, coverage: &Coverage, options: &Options) -> String {
    let wanted = |entry: &Entry| options.side.as_ref().is_none_or(|side| *side == entry.side);
    let mut text = String::new();
    let mut section = None;
    for (entry, places) in document.entries.iter().zip(coverage).filter(|(entry, _)| wanted(entry)) {
        if section != Some(&entry.section) {
            section = Some(&entry.section);
            let of_section = document.entries.iter().zip(coverage);
            let of_section = of_section.filter(|(other, _)| other.section == entry.section && wanted(other));
            let (all, covered) = count(of_section);
            text.push_str(&format!("\n{}: {covered} of {all}\n", entry.section));
        }
        match places.split_first() {
            Some(_) if options.missing => {}
            Some((first, [])) => text.push_str(&format!("  covered  {:<10} {:<3} {first}\n", entry.id, entry.side)),
            Some((first, more)) => {
                let more = more.len();
                text.push_str(&format!("  covered  {:<10} {:<3} {first} (and {more} more)\n", entry.id, entry.side));
            }
            None => text.push_str(&format!("  missing  {:<10} {}\n", entry.id, entry.side)),
        }
    }
    text
}

/// `covered/all` by part of the document (the id's letter) and owning side.
fn totals(document: &Document, coverage: &Coverage) -> String {
    let mut parts: BTreeMap<&str, Vec<(&Entry, &Vec<String>)>> = BTreeMap::new();
    for (entry, places) in document.entries.iter().zip(coverage) {
        parts.entry(&entry.id[..1]).or_default().push((entry, places));
        parts.entry("all").or_default().push((entry, places));
    }
    let mut text = format!("\n{:<6}", "part");
    for side in SIDES.iter().chain(&["all"]) {
        text.push_str(&format!("{side:>9}"));
    }
    text.push('\n');
    for (part, entries) in parts {
        text.push_str(&format!("{part:<6}"));
        for side in SIDES.iter().chain(&["all"]) {
            let of_side = entries.iter().copied().filter(|(entry, _)| *side == "all" || entry.side == *side);
            let (all, covered) = count(of_side);
            text.push_str(&format!("{:>9}", format!("{covered}/{all}")));
        }
        text.push('\n');
    }
    text
}

/// How many entries there are, and how many of them a test names.
fn count<'a>(entries: impl Iterator<Item = (&'a Entry, &'a Vec<String>)>) -> (usize, usize) {
    entries.fold((0, 0), |(all, covered), (_, places)| (all + 1, covered + usize::from(!places.is_empty())))
}

#[cfg(test)]
mod tests {
    use super::document::Document;
    use super::{Options, judge, scan, table, totals};

    const DOCUMENT: &str = "\
## F 4.1 User provisioning
**F-4.1-5** [SP · beh] One role. *Test:* given …
**F-4.1-10** [CLI · err · C6] Two roles.
## S-A Surface
**S-12** [SP · rule] Errors.
";

    const TEST_FILE: &str = r#"
/// S-12
#[test]
fn f_4_1_10_two_roles_are_refused() {
    check("S-12 and F-4.1-10", "UTF-8");
}
"#;

    #[test]
    fn the_table_shows_what_a_test_names() {
        let document = Document::parse(DOCUMENT).unwrap();
        let claims = scan::claims("crates/a/tests/it/main.rs", TEST_FILE);
        let (coverage, unknown) = judge(&document, &claims);
        assert_eq!(unknown, Vec::<String>::new());
        let shown = table(&document, &coverage, &Options::default());
        let expected = "
F 4.1 User provisioning: 1 of 2
  missing  F-4.1-5    SP
  covered  F-4.1-10   CLI crates/a/tests/it/main.rs:4 (and 1 more)

S-A Surface: 1 of 1
  covered  S-12       SP  crates/a/tests/it/main.rs:2 (and 1 more)
";
        assert_eq!(shown, expected);
        let missing = Options { side: Some("SP".to_string()), missing: true, summary: false };
        let expected = "\nF 4.1 User provisioning: 0 of 1\n  missing  F-4.1-5    SP\n\nS-A Surface: 1 of 1\n";
        assert_eq!(table(&document, &coverage, &missing), expected);
        let expected = "
part         SP       UI      IDP      CLI      DOC      all
F           0/1      0/0      0/0      1/1      0/0      1/2
S           1/1      0/0      0/0      0/0      0/0      1/1
all         1/2      0/0      0/0      1/1      0/0      2/3
";
        assert_eq!(totals(&document, &coverage), expected);
    }

    #[test]
    fn an_id_that_the_document_does_not_know_is_reported() {
        let document = Document::parse(DOCUMENT).unwrap();
        let source = "fn f_4_1_11_x() {}\nfn y() { /* S-13 */ }";
        let (_, unknown) = judge(&document, &scan::claims("crates/a/tests/it/main.rs", source));
        let expected =
            ["crates/a/tests/it/main.rs:1: there is no F-4.1-11", "crates/a/tests/it/main.rs:2: there is no S-13"];
        assert_eq!(unknown, expected);
    }
}
