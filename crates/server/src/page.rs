//! Plain HTML pages for people who come with a link, without scripts or anything from elsewhere.

use axum::{
    http::{
        HeaderName, StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_FRAME_OPTIONS},
    },
    response::{IntoResponse, Response},
};

/// The content type of a page.
pub const HTML: &str = "text/html; charset=utf-8";

/// Nothing is loaded and nobody frames it; its one form goes where it came from.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const STYLE: &str = "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem}\
                     button{font:inherit;padding:.5rem 1rem}";

/// A page with a heading, a paragraph and, if given, a button that asks the same address to do it. The texts are ours: they go into
/// the page as they are, but for what HTML reserves.
pub fn page(status: StatusCode, heading: &str, paragraph: &str, button: Option<&str>) -> Response {
    let form = button.map_or_else(String::new, |label| {
        format!("<form method=\"post\"><button type=\"submit\">{}</button></form>\n", escaped(label))
    });
    let (heading, paragraph) = (escaped(heading), escaped(paragraph));
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n<title>{heading}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{heading}</h1>\n<p>{paragraph}</p>\n{form}</main>\n</body>\n</html>\n"
    );
    let headers: [(HeaderName, &str); 5] = [
        (CONTENT_TYPE, HTML),
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, POLICY),
        // The address of the page holds a secret.
        (REFERRER_POLICY, "no-referrer"),
        (X_FRAME_OPTIONS, "DENY"),
    ];
    (status, headers, html).into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_html_reserves_is_escaped() {
        assert_eq!(escaped("a <b> & \"c\""), "a &lt;b&gt; &amp; &quot;c&quot;");
    }
}
