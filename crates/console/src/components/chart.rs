//! Charts: ink on paper. Widths are per cent and heights pixels, so that nothing is stretched and no style attribute is needed.

use super::count;
use maud::{Markup, html};

/// Height of the plot, in pixels.
const HEIGHT: f64 = 144.0;

/// One bar: what was done and what failed.
#[derive(Clone, Debug)]
pub struct Bar {
    /// Where it stands, such as `14:00`.
    pub label: String,
    /// How many succeeded.
    pub good: u64,
    /// How many failed.
    pub bad: u64,
}

/// Bars over time with their legend, and the figures as a table behind it. `finding` says what there is to see.
pub fn bars(finding: &str, unit: &str, bars: &[Bar]) -> Markup {
    let (good, bad) = bars.iter().fold((0, 0), |(good, bad), bar| (good + bar.good, bad + bar.bad));
    let top = ceiling(bars.iter().map(|bar| bar.good + bar.bad).max().unwrap_or(0));
    let step = 100.0 / bars.len().max(1) as f64;
    html! {
        figure.stack-small {
            ul.legend {
                li { svg aria-hidden="true" { rect.bar-1 width="10" height="10" {} } " Succeeded " b { (number(good)) } }
                li { svg aria-hidden="true" { rect.bar-bad width="10" height="10" {} } " Failed " b { (number(bad)) } }
            }
            div.chart {
                div.chart-y aria-hidden="true" { span { (number(top)) } span { (number(top / 2)) } span { "0" } }
                svg role="img" aria-label=(finding) {
                    line.grid x1="0" x2="100%" y1="0.5" y2="0.5" {}
                    line.grid x1="0" x2="100%" y1="72" y2="72" {}
                    @for (position, bar) in bars.iter().enumerate() {
                        @let (tall, fault) = (height(bar.good, top), height(bar.bad, top));
                        @let left = format!("{:.2}%", step * position as f64 + step * 0.1);
                        @let width = format!("{:.2}%", step * 0.8);
                        @if bar.good > 0 {
                            rect.bar-1 x=(left) width=(width) y=(pixels(HEIGHT - tall - fault)) height=(pixels(tall)) {}
                        }
                        @if bar.bad > 0 { rect.bar-bad x=(left) width=(width) y=(pixels(HEIGHT - fault)) height=(pixels(fault)) {} }
                    }
                    line.zero x1="0" x2="100%" y1="144" y2="144" {}
                }
                div.chart-x aria-hidden="true" {
                    @for bar in ends(bars) { span { (bar.label) } }
                }
            }
            details.more {
                summary { "Show the figures as a table" }
                div.table-box { table.table {
                    thead { tr { th scope="col" { (unit) } th.num scope="col" { "Succeeded" } th.num scope="col" { "Failed" } } }
                    tbody { @for bar in bars { tr { td { (bar.label) } td.num { (number(bar.good)) } td.num { (number(bar.bad)) } } } }
                } }
            }
        }
    }
}

/// A part of a whole.
#[derive(Clone, Debug)]
pub struct Share<'a> {
    /// What it is.
    pub label: &'a str,
    /// How much of it there is.
    pub number: u64,
    /// Where it is counted.
    pub href: Option<String>,
}

/// At most three parts of a whole as one line, with what each counts; the quieter the later.
pub fn shares(finding: &str, parts: &[Share<'_>]) -> Markup {
    let whole = parts.iter().map(|part| part.number).sum::<u64>().max(1) as f64;
    let classes = ["bar-1", "bar-2", "bar-3"];
    let mut left = 0.0;
    let mut places = Vec::new();
    for part in parts {
        let width = part.number as f64 / whole * 100.0;
        places.push((format!("{left:.1}%"), format!("{:.1}%", (width - 0.6).max(0.0))));
        left += width;
    }
    html! {
        svg.share role="img" aria-label=(finding) {
            @for ((left, width), class) in places.iter().zip(classes) { rect class=(class) x=(left) width=(width) height="8" {} }
        }
        ul.tally {
            @for (part, class) in parts.iter().zip(classes) {
                li {
                    svg aria-hidden="true" { rect class=(class) width="10" height="10" {} } " "
                    @match &part.href { Some(href) => a href=(href) { (part.label) }, None => span { (part.label) } }
                    " " b { (number(part.number)) }
                }
            }
        }
    }
}

/// How far something is. `label` says it in words.
pub fn progress(id: &str, label: &str, done: u64, whole: u64) -> Markup {
    html! {
        div.progress {
            label for=(id) { (label) }
            progress id=(id) max=(whole.max(1)) value=(done) { (done * 100 / whole.max(1)) " %" }
        }
    }
}

/// Three places that tell what the axis is: the first, one in the middle, the last.
fn ends(bars: &[Bar]) -> Vec<&Bar> {
    match bars {
        [] => Vec::new(),
        [one] => vec![one],
        [first, .., last] => vec![first, &bars[bars.len() / 2], last],
    }
}

fn number(value: u64) -> String {
    count(i64::try_from(value).unwrap_or(i64::MAX))
}

fn height(value: u64, top: u64) -> f64 {
    if value == 0 { 0.0 } else { (value as f64 / top.max(1) as f64 * HEIGHT).max(2.0) }
}

fn pixels(height: f64) -> String {
    format!("{:.1}", height.max(0.0))
}

/// The next round number: 1, 2 or 5 times a power of ten, at least 10.
fn ceiling(value: u64) -> u64 {
    let mut power = 10;
    loop {
        for factor in [1, 2, 5] {
            if value <= power * factor {
                return power * factor;
            }
        }
        if power > u64::MAX / 100 {
            return value;
        }
        power *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_ends_at_a_round_number() {
        for (value, top) in [(0, 10), (10, 10), (11, 20), (21, 50), (99, 100), (101, 200), (u64::MAX, u64::MAX)] {
            assert_eq!(ceiling(value), top);
        }
    }

    #[test]
    fn what_happened_once_is_seen() {
        assert_eq!(height(1, 1_000_000), 2.0);
        assert_eq!(height(0, 10), 0.0);
    }
}
