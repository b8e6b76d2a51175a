//! What a browser loads beside a page. Addresses carry a digest of the content, so that it may be kept for ever.

use std::sync::LazyLock;

/// The stylesheet: tokens, then components; without what only its authors read.
pub static STYLES: LazyLock<String> = LazyLock::new(|| {
    lean(concat!(include_str!("../assets/tokens.css"), "\n", include_str!("../assets/components.css")))
});

/// The script. Nothing needs it.
pub const SCRIPT: &str = include_str!("../assets/console.js");

/// The mark in a browser's tab.
pub const ICON: &str = include_str!("../assets/icon.svg");

/// Where assets are, below the digest.
pub const BASE: &str = "/console/assets";

/// A file that a page may load.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// Its media type.
    pub media_type: &'static str,
    /// Its content.
    pub text: &'static str,
}

/// The asset of a name, such as `console.css`.
pub fn asset(name: &str) -> Option<Asset> {
    match name {
        "console.css" => Some(Asset { media_type: "text/css; charset=utf-8", text: &STYLES }),
        "console.js" => Some(Asset { media_type: "text/javascript; charset=utf-8", text: SCRIPT }),
        "icon.svg" => Some(Asset { media_type: "image/svg+xml", text: ICON }),
        _ => None,
    }
}

/// A stylesheet without comments, indentation, empty lines, and spaces beside what ends something. No text in ours holds any of these.
fn lean(styles: &str) -> String {
    let mut text = String::with_capacity(styles.len());
    for (number, part) in styles.split("/*").enumerate() {
        let kept = if number == 0 { part } else { part.split_once("*/").map_or("", |(_, behind)| behind) };
        text.push_str(kept);
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let text = lines.collect::<Vec<_>>().join("\n");
    [(" {", "{"), ("{ ", "{"), (" }", "}"), ("; ", ";"), (", ", ",")]
        .iter()
        .fold(text, |text, (from, to)| text.replace(from, to))
}

/// Where an asset is found.
pub fn href(name: &str) -> String {
    format!("{BASE}/{}/{name}", *DIGEST)
}

/// Changes with whatever is embedded (FNV-1a, 64 bits): nobody is to be kept from finding another text with it.
pub static DIGEST: LazyLock<String> = LazyLock::new(|| {
    let bytes = [STYLES.as_str(), SCRIPT, ICON].into_iter().flat_map(str::bytes);
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
});
