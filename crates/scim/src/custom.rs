//! Schemas and resource types that an administrator defines at run time (RFC 7643 §6, §7): read strictly, checked once, and
//! from then on the same data as the standard ones.

mod kind;
mod read;
mod rules;

/// A message of one line about what an administrator may have mistyped: not more than its beginning.
fn shown(text: &str) -> String {
    const CHARS_MAX: usize = 64;
    match text.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("`{}…`", text[..end].escape_debug()),
        None => format!("`{}`", text.escape_debug()),
    }
}
