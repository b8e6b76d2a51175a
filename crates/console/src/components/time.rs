//! Times, in UTC as the foot of the page says.

use jiff::{Timestamp, tz::TimeZone};
use maud::{Markup, html};

/// A time beside others: `14 Oct, 13:42`, with the year where it is another one.
pub fn time(at: Timestamp, now: Timestamp) -> Markup {
    let text = if year(at) == year(now) { format(at, "%-d %b, %H:%M") } else { format(at, "%-d %b %Y, %H:%M") };
    html! { time datetime=(at) title=(exact_text(at)) { (text) } }
}

/// A time to the second: `14 Oct 2025, 13:42:07`.
pub fn exact(at: Timestamp) -> Markup {
    html! { time datetime=(at) { (exact_text(at)) } }
}

/// How long ago: `2 min ago`.
pub fn ago(at: Timestamp, now: Timestamp) -> Markup {
    html! { time datetime=(at) title=(exact_text(at)) { (ago_text(at, now)) } }
}

/// How long ago, in words.
pub fn ago_text(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(at).as_secs();
    match seconds {
        ..5 => "just now".to_owned(),
        5..60 => format!("{seconds} s ago"),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..172_800 => format!("{} h ago", seconds / 3_600),
        172_800.. => format!("{} days ago", seconds / 86_400),
    }
}

/// How long until something: `in 2 min`.
pub fn until_text(at: Timestamp, now: Timestamp) -> String {
    let seconds = at.duration_since(now).as_secs();
    match seconds {
        ..1 => "now".to_owned(),
        1..60 => format!("in {seconds} s"),
        60..3_600 => format!("in {} min", seconds / 60),
        3_600..172_800 => format!("in {} h", seconds / 3_600),
        172_800.. => format!("in {} days", seconds / 86_400),
    }
}

fn exact_text(at: Timestamp) -> String {
    format(at, "%-d %b %Y, %H:%M:%S UTC")
}

fn year(at: Timestamp) -> i16 {
    at.to_zoned(TimeZone::UTC).year()
}

fn format(at: Timestamp, form: &str) -> String {
    at.to_zoned(TimeZone::UTC).strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short_beside_others_and_whole_where_they_stand_alone() {
        let at: Timestamp = "2025-10-14T13:42:07Z".parse().unwrap();
        let later = |text: &str| text.parse::<Timestamp>().unwrap();
        assert!(time(at, later("2025-12-01T00:00:00Z")).into_string().ends_with(">14 Oct, 13:42</time>"));
        assert!(time(at, later("2026-01-01T00:00:00Z")).into_string().ends_with(">14 Oct 2025, 13:42</time>"));
        for (now, text) in [
            ("2025-10-14T13:42:08Z", "just now"),
            ("2025-10-14T13:42:37Z", "30 s ago"),
            ("2025-10-14T14:42:06Z", "59 min ago"),
            ("2025-10-16T13:42:06Z", "47 h ago"),
            ("2025-11-14T13:42:07Z", "31 days ago"),
            ("2025-10-14T13:00:00Z", "just now"),
        ] {
            assert_eq!(ago_text(at, later(now)), text);
        }
    }
}
