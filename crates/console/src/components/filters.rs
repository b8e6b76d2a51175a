//! Filters: a GET form, so that the address holds them and a list can be bookmarked, shared and gone back to.

use crate::Filled;
use maud::{Markup, html};

/// A filter with a few values; the first is "any".
pub struct Filter<'a> {
    /// Its name in the address.
    pub name: &'a str,
    /// Its label.
    pub label: &'a str,
    /// Its values with their labels; the first has the empty value.
    pub options: Vec<(String, String)>,
}

/// A form of filters.
pub struct Filters<'a> {
    /// Where the list is.
    pub action: &'a str,
    /// The name of the search, for those who do not see it: "Search users".
    pub label: &'a str,
    /// What can be searched for; `None` where there is no text to search.
    pub placeholder: Option<&'a str>,
    /// The filters.
    pub filters: Vec<Filter<'a>>,
}

/// The form, with what is chosen.
pub fn filters(form: &Filters<'_>, chosen: &Filled) -> Markup {
    html! {
        form.filters role="search" method="get" action=(form.action) aria-label=(form.label) {
            @if let Some(placeholder) = form.placeholder {
                label.hidden-text for="q" { (form.label) }
                input.input.search id="q" name="q" type="search" maxlength="200" placeholder=(placeholder) value=[chosen.given("q")];
            }
            @if !form.filters.is_empty() {
                button.button.filters-open type="button" popovertarget="filters" { "Filters" }
                div.filter-set id="filters" popover {
                    div.sheet-only { h2 { "Filters" } }
                    @for filter in &form.filters {
                        @let value = chosen.value(filter.name);
                        label.filter.filter--on[!value.is_empty()] {
                            span { (filter.label) } " "
                            select name=(filter.name) {
                                @for (option, label) in &filter.options { option value=(option) selected[option == value] { (label) } }
                            }
                        }
                    }
                    div.sheet-only { button.button.button--primary type="submit" { "Search" } }
                }
            }
            button.button.filters-apply type="submit" { "Search" }
        }
        @let applied = applied(form, chosen);
        @if !applied.is_empty() {
            p.applied {
                @for words in &applied { span { b { (words) } } " " }
                a href=(form.action) { "Clear" span.hidden-text { " all filters" } }
            }
        }
    }
}

/// The filters in words.
fn applied(form: &Filters<'_>, chosen: &Filled) -> Vec<String> {
    let mut words = Vec::new();
    if form.placeholder.is_some()
        && let Some(text) = chosen.given("q")
    {
        words.push(format!("Matching “{text}”"));
    }
    for filter in &form.filters {
        let value = chosen.value(filter.name);
        if let Some((_, label)) = filter.options.iter().find(|(option, _)| !value.is_empty() && option == value) {
            words.push(format!("{}: {label}", filter.label));
        }
    }
    words
}
