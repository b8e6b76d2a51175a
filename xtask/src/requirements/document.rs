//! The entries of the requirements document: lines `**id** [SIDES · kind · marks] statement` under `## ` headings.

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};

/// Who owns an entry: service provider, its screens, identity provider, its SCIM client, documentation.
pub const SIDES: &[&str] = &["SP", "UI", "IDP", "CLI", "DOC"];

/// One requirement.
pub struct Entry {
    /// As written: `F-4.1-10`, `U-8`, `S-12`.
    pub id: String,
    /// The first side named: one of [`SIDES`].
    pub side: String,
    /// The heading above it.
    pub section: String,
}

/// All entries, in the document's order.
pub struct Document {
    /// In the order of the document.
    pub entries: Vec<Entry>,
    places: HashMap<String, usize>,
}

impl Document {
    /// Reads the entries; other lines are passed over.
    ///
    /// # Errors
    /// With the line's number, when a line begins as an entry does and is none, or an id is there twice.
    pub fn parse(text: &str) -> Result<Self> {
        let mut document = Self { entries: Vec::new(), places: HashMap::new() };
        let mut section = String::new();
        for (number, line) in text.lines().enumerate() {
            if let Some(heading) = line.strip_prefix("##") {
                section = heading.trim_start_matches('#').trim().to_string();
            }
            if ["**F-", "**U-", "**S-"].iter().any(|start| line.starts_with(start)) {
                let (id, side) = entry(line).with_context(|| format!("line {}", number + 1))?;
                if document.places.insert(id.clone(), document.entries.len()).is_some() {
                    bail!("line {}: {id} is there twice", number + 1);
                }
                document.entries.push(Entry { id, side, section: section.clone() });
            }
        }
        Ok(document)
    }

    /// The place of the entry with this id in `entries`.
    pub fn place(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }
}

fn entry(line: &str) -> Result<(String, String)> {
    let (id, rest) = line[2..].split_once("** [").context("an entry reads `**id** [SIDE · kind] …`")?;
    let (marks, _) = rest.split_once(']').context("the bracket is not closed")?;
    let side = marks.split([' ', ',', '+', '/', '·']).next().unwrap_or_default();
    ensure!(SIDES.contains(&side), "`{side}` is no side");
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let well_formed = match id.split('-').collect::<Vec<_>>()[..] {
        ["F", section, entry] => section.split('.').all(number) && number(entry),
        ["U" | "S", entry] => number(entry),
        _ => false,
    };
    ensure!(well_formed, "`{id}` is no id");
    Ok((id.to_string(), side.to_string()))
}

#[cfg(test)]
mod tests {
    use super::Document;

    #[test]
    fn entries_have_id_owner_and_section() {
        let text = "# Part\n## F 4.1 Users\ntext\n**F-4.1-10** [SP · err · C6] x\n### F 5.6.2 Roles\n**F-5.6.2-1** [IDP, SP · beh] y\n";
        let document = Document::parse(text).unwrap();
        let shown: Vec<[&str; 3]> = document.entries.iter().map(|one| [&*one.id, &*one.side, &*one.section]).collect();
        assert_eq!(shown, [["F-4.1-10", "SP", "F 4.1 Users"], ["F-5.6.2-1", "IDP", "F 5.6.2 Roles"]]);
        assert_eq!(document.place("F-5.6.2-1"), Some(1));
        assert_eq!(document.place("F-5.6.2-2"), None);
    }

    #[test]
    fn what_only_looks_like_an_entry_is_an_error() {
        for line in ["**F-4.1-1 [SP] x", "**F-4.1-1** [SP x", "**F-4.1** [SP · x]", "**U-x** [SP] x", "**S-1** [SQ] x"]
        {
            assert!(Document::parse(line).is_err(), "{line}");
        }
        let twice = Document::parse("**U-1** [SP · x]\n**U-1** [SP · x]").err().unwrap();
        assert_eq!(twice.to_string(), "line 2: U-1 is there twice");
    }
}
