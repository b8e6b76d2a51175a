//! Tables. Narrow, each row becomes a block whose values carry their labels.

use maud::{Markup, Render, html};

/// A column's head: its label and its classes (`num`, `opt-1`, `opt-2`).
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// Its label; empty for a column of acts.
    pub label: &'a str,
    /// Its classes.
    pub class: &'a str,
}

/// A plain column.
pub const fn head(label: &str) -> Head<'_> {
    Head { label, class: "" }
}

/// A column of numbers.
pub const fn head_num(label: &str) -> Head<'_> {
    Head { label, class: "num" }
}

/// A column that goes where there is little room.
pub const fn head_opt(label: &str) -> Head<'_> {
    Head { label, class: "opt-2" }
}

/// The column of what can be done with a row.
pub const ACTS: Head<'static> = Head { label: "", class: "" };

/// A table with a name for those who do not see it.
pub fn table(label: &str, heads: &[Head<'_>], rows: impl Render) -> Markup {
    headed(label, html! { @for head in heads { (column(*head)) } }, rows)
}

/// A table whose heads are made one by one, of [`column()`], [`sorting`] and [`pick_all`].
pub fn headed(label: &str, heads: impl Render, rows: impl Render) -> Markup {
    html! {
        div.table-box {
            table.table.table--stack role="table" aria-label=(label) {
                thead role="rowgroup" { tr role="row" { (heads) } }
                tbody role="rowgroup" { (rows) }
            }
        }
    }
}

/// The head of a column.
pub fn column(head: Head<'_>) -> Markup {
    html! {
        @if head.label.is_empty() {
            td role="cell" {}
        } @else {
            th scope="col" role="columnheader" class=[class_of(head)] { (head.label) }
        }
    }
}

/// How a column can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sorted {
    /// The list is in another order.
    No,
    /// From the first up.
    Ascending,
    /// From the last down.
    Descending,
}

/// The head of a column that the list can be sorted by: the link leads there, or back.
pub fn sorting(head: Head<'_>, href: &str, sorted: Sorted) -> Markup {
    let (order, arrow) = match sorted {
        Sorted::No => (None, ""),
        Sorted::Ascending => (Some("ascending"), " ↑"),
        Sorted::Descending => (Some("descending"), " ↓"),
    };
    html! {
        th scope="col" role="columnheader" class=[class_of(head)] aria-sort=[order] { a href=(href) { (head.label) (arrow) } }
    }
}

/// The head of a column of boxes: one for all of them, which the script shows.
pub fn pick_all(name: &str) -> Markup {
    html! { td.pick role="cell" { input type="checkbox" hidden aria-label="Select all on this page" data-all=(name); } }
}

/// A box that chooses the row, by the form around the table. `what` names the row; without a value it cannot be chosen.
pub fn pick(name: &str, value: Option<&str>, what: &str) -> Markup {
    html! {
        td.pick role="cell" {
            @if let Some(value) = value {
                input type="checkbox" name=(name) value=(value) aria-label=(format!("Select {}", super::short(what)));
            }
        }
    }
}

fn class_of(head: Head<'_>) -> Option<&str> {
    Some(head.class).filter(|class| !class.is_empty())
}

/// A row; `off` for what is not in force.
pub fn row(off: bool, cells: impl Render) -> Markup {
    html! { tr role="row" class=[off.then_some("is-off")] { (cells) } }
}

/// The row that is open beside the table.
pub fn open_row(cells: impl Render) -> Markup {
    html! { tr.is-open role="row" aria-current="true" { (cells) } }
}

/// The first cell: what the row is about.
pub fn lead(content: impl Render) -> Markup {
    html! { th.lead.wide scope="row" role="rowheader" { (content) } }
}

/// The first cell with a link that opens the thing and, below it, a second line.
pub fn lead_link(href: &str, name: &str, second: Option<&str>) -> Markup {
    lead(html! {
        a href=(href) { (super::short(name)) }
        @if let Some(second) = second { " " span.second { (super::short(second)) } }
    })
}

/// A cell; its label shows where the row is a block.
pub fn cell(label: &str, content: impl Render) -> Markup {
    html! { td role="cell" data-label=(label) { (content) } }
}

/// A cell of free text.
pub fn free(label: &str, content: impl Render) -> Markup {
    html! { td.free role="cell" data-label=(label) { (content) } }
}

/// A state: it needs no label.
pub fn bare(content: impl Render) -> Markup {
    html! { td role="cell" { (content) } }
}

/// A short time or state, at the right where the row is a block.
pub fn side(content: impl Render) -> Markup {
    html! { td.side role="cell" { (content) } }
}

/// A number.
pub fn num(label: &str, content: impl Render) -> Markup {
    html! { td.num role="cell" data-label=(label) { (content) } }
}

/// What goes where there is little room.
pub fn opt(label: &str, content: impl Render) -> Markup {
    html! { td.opt-2 role="cell" data-label=(label) { (content) } }
}

/// What can be done with the row, in words.
pub fn act(content: impl Render) -> Markup {
    html! { td.act role="cell" { (content) } }
}
