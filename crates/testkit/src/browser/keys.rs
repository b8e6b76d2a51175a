//! Keys by their names, as the protocol wants them.

use serde_json::{Value, json};

/// Name of `KeyboardEvent.key`, of `.code`, the Windows key code, and what the key types.
const KEYS: &[(&str, &str, u32, &str)] = &[
    ("Tab", "Tab", 9, ""),
    ("Enter", "Enter", 13, "\r"),
    ("Escape", "Escape", 27, ""),
    ("Backspace", "Backspace", 8, ""),
    ("Delete", "Delete", 46, ""),
    ("Home", "Home", 36, ""),
    ("End", "End", 35, ""),
    ("PageUp", "PageUp", 33, ""),
    ("PageDown", "PageDown", 34, ""),
    ("ArrowLeft", "ArrowLeft", 37, ""),
    ("ArrowUp", "ArrowUp", 38, ""),
    ("ArrowRight", "ArrowRight", 39, ""),
    ("ArrowDown", "ArrowDown", 40, ""),
];

/// Names of keys that are held meanwhile, with their bits.
const MODIFIERS: &[(&str, u32)] = &[("Alt", 1), ("Control", 2), ("Shift", 8)];

/// The two events of a stroke: `Tab`, `Shift+Tab`, `Control+a`, `Space`, `k`.
///
/// # Errors
/// When there is no such key, with those that there are.
pub fn stroke(name: &str) -> Result<[Value; 2], String> {
    let mut parts: Vec<&str> = name.split('+').collect();
    let last = parts.pop().unwrap_or_default();
    let mut modifiers = 0;
    for part in parts {
        let known = MODIFIERS.iter().find(|(modifier, _)| *modifier == part);
        modifiers |= known
            .ok_or_else(|| format!("`{part}` of `{name}` is none of {}", names(MODIFIERS.iter().map(|one| one.0))))?
            .1;
    }
    let (key, code, number, types) = named(last).ok_or_else(|| {
        format!(
            "there is no key `{last}`; there are Space, single characters and {}",
            names(KEYS.iter().map(|one| one.0))
        )
    })?;
    let types = if modifiers & 0b11 == 0 { types } else { String::new() };
    let event = |kind: &str, types: &str| {
        json!({
            "type": kind, "key": key, "code": code, "modifiers": modifiers, "text": types,
            "windowsVirtualKeyCode": number, "nativeVirtualKeyCode": number,
        })
    };
    Ok([event(if types.is_empty() { "rawKeyDown" } else { "keyDown" }, &types), event("keyUp", "")])
}

fn named(name: &str) -> Option<(String, String, u32, String)> {
    if let Some((key, code, number, types)) = KEYS.iter().find(|(key, ..)| *key == name) {
        return Some(((*key).to_owned(), (*code).to_owned(), *number, (*types).to_owned()));
    }
    if name == "Space" {
        return Some((" ".to_owned(), "Space".to_owned(), 32, " ".to_owned()));
    }
    let mut letters = name.chars();
    let (letter, rest) = (letters.next()?, letters.next());
    if rest.is_some() {
        return None;
    }
    let upper = letter.to_ascii_uppercase();
    let code = match upper {
        'A'..='Z' => format!("Key{upper}"),
        '0'..='9' => format!("Digit{upper}"),
        _ => String::new(),
    };
    Some((letter.to_string(), code, u32::from(upper), letter.to_string()))
}

fn names<'a>(of: impl Iterator<Item = &'a str>) -> String {
    of.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stroke_by_its_name() {
        let of = |name: &str| {
            let [down, up] = stroke(name).expect("there is such a key");
            assert_eq!(up["type"], "keyUp");
            ["type", "key", "code", "text", "modifiers"].map(|field| down[field].to_string().replace('"', "")).join(" ")
        };
        for (name, shown) in [
            ("Tab", "rawKeyDown Tab Tab  0"),
            ("Shift+Tab", "rawKeyDown Tab Tab  8"),
            ("Enter", "keyDown Enter Enter \\r 0"),
            ("Control+a", "rawKeyDown a KeyA  2"),
            ("k", "keyDown k KeyK k 0"),
        ] {
            assert_eq!(of(name), shown);
        }
        assert_eq!(
            stroke("Hyper+a").expect_err("there is none"),
            "`Hyper` of `Hyper+a` is none of Alt, Control, Shift"
        );
        assert!(stroke("Spacebar").is_err_and(|error| error.contains("ArrowDown")));
    }
}
