//! ETags: `If-Match` and `If-None-Match` (RFC 7644 §3.14), both compared weakly (ETG-07).

use crate::app::Failure;
use axum::http::{HeaderMap, header::HeaderName};

/// `If-Match` and `If-None-Match` of a write. Only the version counts: what a tag says about computed attributes is not what is
/// written. Answers with the version that the write rests on, if the client named one.
///
/// # Errors
/// `Precondition` when the version is not the one that the client wants to change.
pub(super) fn allow_write(headers: &HeaderMap, version: u64) -> Result<Option<u64>, Failure> {
    let version_of = |tag: &str| tag.split('-').next().unwrap_or_default().to_owned();
    let matched = |name: &str| names(headers, name, |tag| version_of(tag) == version.to_string());
    let if_match = matched("if-match");
    if if_match == Some(false) || matched("if-none-match") == Some(true) {
        return Err(Failure::Precondition);
    }
    Ok(if_match.map(|_| version))
}

/// Whether a read can be answered with 304.
pub(super) fn is_unchanged(headers: &HeaderMap, etag: &str) -> bool {
    names(headers, "if-none-match", |tag| tag == opaque(etag)) == Some(true)
}

/// Whether a header names a tag; `None` when it is not there.
fn names(headers: &HeaderMap, name: &str, is: impl Fn(&str) -> bool) -> Option<bool> {
    let name = HeaderName::try_from(name).ok()?;
    let mut lines = headers.get_all(name).iter().peekable();
    lines.peek()?;
    Some(
        lines.any(|line| {
            line.to_str().is_ok_and(|line| line.split(',').any(|tag| tag.trim() == "*" || is(opaque(tag))))
        }),
    )
}

/// What stands between the quotes.
fn opaque(tag: &str) -> &str {
    let tag = tag.trim();
    tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(name: &'static str, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(HeaderName::from_static(name), value.parse().unwrap())])
    }

    #[test]
    fn s_9_tags_compare_weakly() {
        for (name, value, allowed) in [
            ("if-match", "W/\"2\"", true),
            ("if-match", "\"2\"", true),
            ("if-match", "\"1\", W/\"2\"", true),
            ("if-match", "W/\"2-00c0ffee\"", true),
            ("if-match", "*", true),
            ("if-match", "W/\"1\"", false),
            ("if-match", "W/\"1-2\"", false),
            ("if-none-match", "W/\"2\"", false),
            ("if-none-match", "W/\"1\"", true),
        ] {
            assert_eq!(allow_write(&sent(name, value), 2).is_ok(), allowed, "{name}: {value}");
        }
        assert!(allow_write(&HeaderMap::new(), 2).is_ok());
        assert!(
            is_unchanged(&sent("if-none-match", "\"2\""), "W/\"2\"") && !is_unchanged(&HeaderMap::new(), "W/\"2\"")
        );
        assert!(!is_unchanged(&sent("if-none-match", "\"2\""), "W/\"2-00c0ffee\""));
    }
}
