//! A QR code as a picture of one path: dark on light in both themes, since cameras want it so.

use maud::{Markup, html};
use qrcode::{Color, EcLevel, QrCode};

/// Modules that stay light around the code (ISO/IEC 18004).
const QUIET: usize = 4;

/// The code of a text, such as an `otpauth:` address. `label` names the picture for those who do not see it. `None` for more text than a
/// code holds, some 2,300 bytes.
pub fn qr(label: &str, text: &str) -> Option<Markup> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let side = code.width() + 2 * QUIET;
    let size = format!("0 0 {side} {side}");
    Some(html! {
        svg.qr viewBox=(size) role="img" aria-label=(label) shape-rendering="crispEdges" {
            rect width=(side) height=(side) fill="white" {}
            path fill="black" d=(path(&code)) {}
        }
    })
}

/// Each run of dark modules in a row is one rectangle.
fn path(code: &QrCode) -> String {
    let width = code.width();
    let mut path = String::new();
    for (row, modules) in code.to_colors().chunks(width).enumerate() {
        let mut column = 0;
        while column < width {
            let run = modules[column..].iter().take_while(|module| **module == Color::Dark).count();
            if run > 0 {
                path.push_str(&format!("M{} {}h{run}v1h-{run}z", column + QUIET, row + QUIET));
            }
            column += run.max(1);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::qr;

    #[test]
    fn a_code_has_its_corners_and_no_style() {
        let uri = "otpauth://totp/Acme:ann@acme.example?secret=JBSWY3DPEHPK3PXP&issuer=Acme";
        let svg = qr("QR code", uri).expect("it is short").into_string();
        assert!(svg.contains("M4 4h7v1h-7z") && svg.contains("role=\"img\""), "{svg}");
        assert!(!svg.contains("style"), "the policy of the pages lets no inline style through");
        assert!(qr("QR code", &"x".repeat(5_000)).is_none());
    }
}
