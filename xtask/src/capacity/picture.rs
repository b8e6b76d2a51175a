//! The hour as a picture.

use super::model::in_seconds;
use super::outcome::{Outcome, Second};

const WIDTH: f64 = 880.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 850.0;
const PANEL: f64 = 200.0;
/// Points of a line: each shows the largest value of its part of the hour.
const POINTS: usize = 120;
const COLOURS: [&str; 3] = ["#0f6b74", "#b4561d", "#5b4fa0"];

/// What one second is drawn as.
type Height = fn(&Second) -> f64;

/// One panel: its title, what it shows, and the powers of ten from which to which it goes.
const PANELS: [(&str, Height, i32, i32); 2] = [
    ("Requests sent in a second", |second| second.sent as f64, 0, 6),
    (
        "Latency p99 of the requests sent in that second, in ms",
        |second| in_seconds(second.latencies.quantile(0.99)) * 1e3,
        0,
        4,
    ),
];

/// Runs of one hour over the hour, both axes logarithmic.
pub fn svg(runs: &[(&str, &Outcome)]) -> String {
    let height = 70.0 + PANELS.len() as f64 * (PANEL + 60.0);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"Inter, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif\" font-size=\"13\" role=\"img\" aria-labelledby=\"title\">\n\
         <title id=\"title\">Requests and latency over the hour, by simulation</title>\n\
         <style>.t {{ fill: #1d2a2c; }} .s {{ fill: #5a6b6e; font-size: 12px; }} .g {{ stroke: #dfe6e7; }} \
         .l {{ fill: none; stroke-width: 1.8; stroke-linejoin: round; }}</style>\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
    );
    for (number, (name, _)) in runs.iter().enumerate() {
        let (x, colour) = (LEFT + 200.0 * number as f64, COLOURS[number % COLOURS.len()]);
        text.push_str(&format!(
            "<path d=\"M{x} 26h24\" stroke=\"{colour}\" stroke-width=\"3\"/><text class=\"t\" x=\"{}\" y=\"31\">{name}</text>\n",
            x + 32.0
        ));
    }
    for (number, panel) in PANELS.iter().enumerate() {
        let top = 80.0 + number as f64 * (PANEL + 60.0);
        draw(&mut text, top, panel, runs);
    }
    text.push_str("</svg>\n");
    text
}

fn draw(text: &mut String, top: f64, (title, value, low, high): &(&str, Height, i32, i32), runs: &[(&str, &Outcome)]) {
    let bottom = top + PANEL;
    let y = |value: f64| {
        let share = (value.log10() - f64::from(*low)) / f64::from(high - low);
        bottom - PANEL * share.clamp(0.0, 1.0)
    };
    text.push_str(&format!("<text class=\"t\" x=\"{LEFT}\" y=\"{}\">{title}</text>\n", top - 12.0));
    for power in *low..=*high {
        let (at, label) = (y(10_f64.powi(power)), 10_u64.pow(power as u32));
        text.push_str(&format!("<path class=\"g\" d=\"M{LEFT} {at:.1}H{RIGHT}\"/>"));
        text.push_str(&format!(
            "<text class=\"s\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>\n",
            LEFT - 8.0,
            at + 4.0
        ));
    }
    for (second, label) in [(1, "1 s"), (10, "10 s"), (60, "1 min"), (600, "10 min"), (2400, "40 min")] {
        let at = x(second as f64);
        text.push_str(&format!("<path class=\"g\" d=\"M{at:.1} {top}V{bottom}\"/>"));
        text.push_str(&format!(
            "<text class=\"s\" x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{label}</text>\n",
            bottom + 18.0
        ));
    }
    for (number, (_, outcome)) in runs.iter().enumerate() {
        let points: Vec<String> =
            line(outcome, *value).map(|(second, value)| format!("{:.1} {:.1}", x(second), y(value))).collect();
        let colour = COLOURS[number % COLOURS.len()];
        text.push_str(&format!("<path class=\"l\" stroke=\"{colour}\" d=\"M{}\"/>\n", points.join("L")));
    }
}

/// Where the end of a second stands; the first one ends at 1.
fn x(second: f64) -> f64 {
    LEFT + (RIGHT - LEFT) * second.max(1.0).ln() / 3600_f64.ln()
}

/// Seconds and values; a part of the hour in which nothing was sent has no point.
fn line(outcome: &Outcome, value: Height) -> impl Iterator<Item = (f64, f64)> {
    let edge = |point: usize| (3600_f64.powf(point as f64 / POINTS as f64) - 1.0) as usize;
    (0..=POINTS).filter_map(move |point| {
        let seconds = &outcome.record.seconds;
        let (from, until) = (edge(point), edge(point + 1).max(edge(point) + 1).min(seconds.len()));
        let values = seconds.get(from..until)?.iter().map(value);
        let largest = values.fold(0.0, f64::max);
        (largest > 0.0).then_some(((from + 1) as f64, largest))
    })
}
