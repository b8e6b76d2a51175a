//! Attributes whose values come in parts: `member;range=0-1499`, then `member;range=1500-*` (Active Directory).

use super::LdapEntry;

/// Parts of one attribute, at most: a server gives 1,500 values and more at a time.
pub(super) const PARTS_MAX: usize = 100_000;

/// The description of an attribute from this value on.
pub(super) fn from(name: &str, next: u64) -> String {
    format!("{name};range={next}-*")
}

/// Where the next part of an attribute begins, of which an entry has the first part or parts. What came is put where the whole stands.
/// `None` when nothing is missing.
pub(super) fn take(entry: &mut LdapEntry, name: &str) -> Option<u64> {
    let (key, next) = ranged(entry, name)?;
    let values = entry.values.remove(&key).unwrap_or_default();
    entry.values.entry(name.to_ascii_lowercase()).or_default().extend(values);
    next
}

/// Adds the part that begins at `from`; `None` where it is none, or does not lead on.
pub(super) fn put(entry: &mut LdapEntry, name: &str, mut part: LdapEntry, from: u64) -> Option<()> {
    let (key, next) = ranged(&part, name)?;
    let values = part.values.remove(&key).unwrap_or_default();
    if next.is_some_and(|next| next <= from) {
        return None;
    }
    // Left in parts, so that whoever asks next sees that there is more.
    let key = if next.is_some() { key } else { name.to_ascii_lowercase() };
    entry.values.entry(key).or_default().extend(values);
    Some(())
}

/// The key under which a part of an attribute stands, and where the next part begins; `None` there for the last one.
fn ranged(entry: &LdapEntry, name: &str) -> Option<(String, Option<u64>)> {
    let head = format!("{};range=", name.to_ascii_lowercase());
    entry.values.keys().find_map(|key| {
        let (_, end) = key.strip_prefix(&head)?.split_once('-')?;
        let next = match end {
            "*" => None,
            end => Some(end.parse::<u64>().ok()?.checked_add(1)?),
        };
        Some((key.clone(), next))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(key: &str, values: &[&str]) -> LdapEntry {
        let values = values.iter().map(|value| value.as_bytes().to_vec()).collect();
        LdapEntry { dn: "cn=all".to_owned(), values: [(key.to_owned(), values)].into() }
    }

    fn members(entry: &LdapEntry) -> Vec<&str> {
        entry.all("member").iter().map(|value| std::str::from_utf8(value).expect("a text")).collect()
    }

    #[test]
    fn an_attribute_in_three_parts_is_put_together() {
        let mut group = entry("member;range=0-1", &["a", "b"]);
        assert_eq!((take(&mut group, "member"), members(&group)), (Some(2), vec!["a", "b"]));
        put(&mut group, "member", entry("member;range=2-2", &["c"]), 2).expect("a part");
        assert_eq!(take(&mut group, "member"), Some(3));
        put(&mut group, "member", entry("member;range=3-*", &["d"]), 3).expect("a part");
        assert_eq!((take(&mut group, "member"), members(&group)), (None, vec!["a", "b", "c", "d"]));
        assert_eq!(from("member", 3), "member;range=3-*");
    }

    #[test]
    fn a_part_that_is_none_or_does_not_go_on_is_no_part() {
        for (key, values) in [
            ("member", &["c"][..]),
            ("member;range=0-1", &["a", "b"]),
            ("member;range=x", &[]),
            ("member;range=2-99999999999999999999", &["c"]),
            ("uniquemember;range=2-*", &["c"]),
        ] {
            assert_eq!(put(&mut entry("cn", &[]), "member", entry(key, values), 2), None, "{key}");
        }
        assert_eq!(take(&mut entry("member", &["a"]), "member"), None, "whole as it is");
    }
}
