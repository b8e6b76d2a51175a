//! ETags: `If-Match` and `If-None-Match` (RFC 7644 §3.14), both compared weakly (ETG-07).

use crate::app::Failure;
use axum::http::{HeaderMap, header::HeaderName};

/// `If-Match` and `If-None-Match` of a write.
///
/// # Errors
/// `Precondition` when the version is not the one that the client wants to change.
pub(super) fn allow_write(headers: &HeaderMap, etag: &str) -> Result<(), Failure> {
    let matched = |name: &str| names(headers, name, etag);
    if matched("if-match") == Some(false) || matched("if-none-match") == Some(true) {
        return Err(Failure::Precondition);
    }
    Ok(())
}

/// Whether a read can be answered with 304.
pub(super) fn is_unchanged(headers: &HeaderMap, etag: &str) -> bool {
    names(headers, "if-none-match", etag) == Some(true)
}

/// Whether a header names the tag; `None` when it is not there.
fn names(headers: &HeaderMap, name: &str, etag: &str) -> Option<bool> {
    let name = HeaderName::try_from(name).ok()?;
    let mut lines = headers.get_all(name).iter().peekable();
    lines.peek()?;
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    Some(lines.any(|line| {
        line.to_str().is_ok_and(|line| line.split(',').any(|tag| tag.trim() == "*" || opaque(tag) == opaque(etag)))
    }))
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
            ("if-match", "*", true),
            ("if-match", "W/\"1\"", false),
            ("if-none-match", "W/\"2\"", false),
            ("if-none-match", "W/\"1\"", true),
        ] {
            assert_eq!(allow_write(&sent(name, value), "W/\"2\"").is_ok(), allowed, "{name}: {value}");
        }
        assert!(allow_write(&HeaderMap::new(), "W/\"2\"").is_ok());
        assert!(
            is_unchanged(&sent("if-none-match", "\"2\""), "W/\"2\"") && !is_unchanged(&HeaderMap::new(), "W/\"2\"")
        );
    }
}
