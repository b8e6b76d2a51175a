//! What is on a page, as the browser tells it to a screen reader: roles, names, states; in the order in which it is read.

use super::watch::text;
use serde_json::Value;
use std::{collections::HashMap, ops::Range};

/// What can be clicked.
pub const CLICKABLE: &[&str] = &[
    "button",
    "link",
    "tab",
    "menuitem",
    "menuitemcheckbox",
    "menuitemradio",
    "checkbox",
    "switch",
    "radio",
    "option",
    "treeitem",
    "DisclosureTriangle",
    "DisclosureTriangleGrouped",
];
/// What takes text.
pub const FILLABLE: &[&str] = &["textbox", "searchbox", "spinbutton", "combobox", "Date", "DateTime", "InputTime"];
/// What offers a choice of one.
pub const CHOOSABLE: &[&str] = &["combobox", "listbox", "radiogroup", "group"];
/// What is ticked or not.
pub const TICKABLE: &[&str] = &["checkbox", "switch", "menuitemcheckbox"];
/// What has a value.
pub const VALUED: &[&str] = &[
    "textbox",
    "searchbox",
    "spinbutton",
    "combobox",
    "listbox",
    "Date",
    "DateTime",
    "InputTime",
    "slider",
    "progressbar",
    "meter",
];
/// Parts of a page that have names.
pub const PARTS: &[&str] = &[
    "region",
    "form",
    "group",
    "radiogroup",
    "dialog",
    "alertdialog",
    "navigation",
    "main",
    "complementary",
    "search",
    "banner",
    "contentinfo",
    "article",
    "tabpanel",
    "table",
    "grid",
    "list",
    "toolbar",
    "menu",
    "alert",
    "status",
    "figure",
];
/// Parts that are found by something in them.
pub const ROWS: &[&str] = &["row", "listitem", "article"];

/// Names that are shown when one is missing.
const SHOWN_MAX: usize = 80;

/// Something on the page.
#[derive(Debug)]
pub struct Node {
    /// Role, as in ARIA, or one of Chromium's own.
    pub role: String,
    /// Accessible name, its white space reduced.
    pub name: String,
    /// Accessible description: hints and errors of a field.
    pub description: String,
    /// Value of a control.
    pub value: String,
    /// The DOM's number of it.
    pub dom: Option<i64>,
    properties: HashMap<String, Value>,
    is_ignored: bool,
    /// Behind the last of its descendants.
    end: usize,
}

/// How a part of a page is found.
#[derive(Clone, Debug)]
pub enum Step {
    /// By role and name.
    Named(&'static [&'static str], String),
    /// The innermost of these roles in which something has exactly this name.
    Holding(&'static [&'static str], String),
}

/// All that is on a page, each before what is in it.
#[derive(Debug)]
pub struct Tree {
    nodes: Vec<Node>,
}

impl Node {
    /// A state, such as `disabled` or `expanded`.
    pub fn has(&self, property: &str) -> bool {
        match self.properties.get(property) {
            Some(Value::Bool(state)) => *state,
            Some(Value::String(state)) => state == "true",
            _ => false,
        }
    }

    /// As messages show it.
    pub fn shown(&self) -> String {
        let state = if self.has("disabled") { " (disabled)" } else { "" };
        format!("{} {:?}{state}", self.role, shortened(&self.name))
    }
}

impl Tree {
    /// From the answer of `Accessibility.getFullAXTree`.
    pub fn read(answer: &Value) -> Self {
        let all: &[Value] = answer["nodes"].as_array().map_or(&[], Vec::as_slice);
        let by_id: HashMap<&str, &Value> = all.iter().map(|one| (text(&one["nodeId"]), one)).collect();
        let mut tree = Self { nodes: Vec::with_capacity(all.len()) };
        // What is still to be read, the next last; `Err` is the end of what was begun.
        let root = all.iter().find(|one| one.get("parentId").is_none());
        let mut waiting: Vec<Result<&Value, usize>> = root.into_iter().map(Ok).collect();
        while let Some(next) = waiting.pop() {
            match next {
                Err(index) => tree.nodes[index].end = tree.nodes.len(),
                Ok(one) => {
                    waiting.push(Err(tree.nodes.len()));
                    tree.nodes.push(node(one));
                    let children = one["childIds"].as_array().into_iter().flatten().rev();
                    waiting.extend(children.filter_map(|id| by_id.get(text(id))).map(|child| Ok(*child)));
                }
            }
        }
        tree
    }

    /// Where a part begins and ends, found by these steps, each within the one before.
    ///
    /// # Errors
    /// When it is not there, or more than once; with what is there.
    pub fn part(&self, steps: &[Step]) -> Result<Range<usize>, String> {
        let mut range = 0..self.nodes.len();
        for step in steps {
            let found = match step {
                Step::Named(roles, name) => self.find(range.clone(), roles, name)?,
                Step::Holding(roles, name) => self.holding(range.clone(), roles, name)?,
            };
            range = self.part_at(found);
        }
        Ok(range)
    }

    /// The one of these roles and this name.
    ///
    /// # Errors
    /// When it is not there, or more than once; with what is there.
    pub fn find(&self, within: Range<usize>, roles: &[&str], name: &str) -> Result<usize, String> {
        let wanted = reduced(name);
        let found: Vec<usize> =
            self.of(within.clone(), roles).filter(|index| self.nodes[*index].name == wanted).collect();
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(format!("nothing is named {name:?}; there {}", self.all(within, roles))),
            [..] => {
                let shown: Vec<String> = found.iter().map(|index| self.place(*index)).collect();
                Err(format!("more than one is named {name:?}: {}", shown.join("; ")))
            }
        }
    }

    /// The one of these roles whose name begins so: fields for files say behind it which file they have.
    ///
    /// # Errors
    /// As [`Tree::find`].
    pub fn find_beginning(&self, within: Range<usize>, roles: &[&str], name: &str) -> Result<usize, String> {
        let mut found =
            self.of(within.clone(), roles).filter(|index| self.nodes[*index].name.starts_with(&reduced(name)));
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            (None, _) => Err(format!("no name begins with {name:?}; there {}", self.all(within, roles))),
            (Some(_), Some(_)) => Err(format!("more than one name begins with {name:?}")),
        }
    }

    /// What stands at this place, with all that is in it.
    pub fn part_at(&self, index: usize) -> Range<usize> {
        index..self.nodes[index].end
    }

    /// Everything of these roles.
    pub fn of<'a>(&'a self, within: Range<usize>, roles: &'a [&str]) -> impl Iterator<Item = usize> + 'a {
        within.filter(|index| !self.nodes[*index].is_ignored && roles.contains(&self.nodes[*index].role.as_str()))
    }

    /// The one that has the focus.
    pub fn focused(&self) -> Option<&Node> {
        // The page itself says that it has the focus, too.
        self.nodes.iter().rev().find(|node| node.has("focused"))
    }

    /// What stands at this place.
    pub fn node(&self, index: usize) -> &Node {
        &self.nodes[index]
    }

    fn holding(&self, within: Range<usize>, roles: &[&str], name: &str) -> Result<usize, String> {
        let wanted = reduced(name);
        let parts: Vec<usize> = self.of(within.clone(), roles).collect();
        let holds = |part: usize| {
            (part..self.nodes[part].end).any(|index| self.nodes[index].name == wanted && !self.nodes[index].is_ignored)
        };
        let holding: Vec<usize> = parts.iter().copied().filter(|part| holds(*part)).collect();
        let innermost = |part: &usize| !holding.iter().any(|other| (part + 1..self.nodes[*part].end).contains(other));
        match holding.iter().copied().filter(innermost).collect::<Vec<_>>().as_slice() {
            [one] => Ok(*one),
            [] => {
                let shown: Vec<String> = parts.iter().take(SHOWN_MAX).map(|part| self.first_words(*part)).collect();
                Err(format!(
                    "nothing in a row is named {name:?}; the {} rows there begin with: {}",
                    parts.len(),
                    shown.join("; ")
                ))
            }
            more => Err(format!("{} rows have something that is named {name:?}", more.len())),
        }
    }

    fn first_words(&self, part: usize) -> String {
        let names = self.nodes[part + 1..self.nodes[part].end].iter();
        let mut names = names.filter(|node| !node.is_ignored && !node.name.is_empty());
        names.find(|node| node.role == "StaticText").map_or_else(String::new, |node| shortened(&node.name))
    }

    fn all(&self, within: Range<usize>, roles: &[&str]) -> String {
        let mut shown: Vec<String> = self.of(within, roles).map(|index| self.nodes[index].shown()).collect();
        let all = shown.len();
        shown.truncate(SHOWN_MAX);
        match all {
            0 => format!("is none of {}", roles.join(", ")),
            _ if all > SHOWN_MAX => format!("are {all}, first {}", shown.join(", ")),
            _ => format!("are {}", shown.join(", ")),
        }
    }

    /// What it is, and in which part of the page.
    fn place(&self, index: usize) -> String {
        let around = self.nodes[..index].iter().filter(|node| node.end > index && !node.is_ignored);
        let named = around.filter(|node| PARTS.contains(&node.role.as_str()) || ROWS.contains(&node.role.as_str()));
        let named: Vec<String> = named.map(Node::shown).collect();
        format!(
            "{} in {}",
            self.nodes[index].shown(),
            if named.is_empty() { "the page".to_owned() } else { named.join(" > ") }
        )
    }
}

/// A text with its white space reduced to single spaces.
pub fn reduced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn node(of: &Value) -> Node {
    let value = |field: &str| match &of[field]["value"] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let properties = of["properties"].as_array().into_iter().flatten();
    Node {
        role: value("role"),
        name: reduced(&value("name")),
        description: reduced(&value("description")),
        value: value("value"),
        dom: of["backendDOMNodeId"].as_i64(),
        properties: properties.map(|one| (text(&one["name"]).to_owned(), one["value"]["value"].clone())).collect(),
        is_ignored: of["ignored"] == true,
        end: 0,
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Rows of id, parent, role and name; a role in brackets is ignored.
    fn tree(rows: &[(&str, &str, &str, &str)]) -> Tree {
        let nodes = rows.iter().map(|(id, parent, role, name)| {
            let children: Vec<&str> = rows.iter().filter(|row| row.1 == *id).map(|row| row.0).collect();
            let mut node = json!({
                "nodeId": id, "role": { "value": role.trim_matches(['(', ')']) }, "name": { "value": name }, "childIds": children,
                "ignored": role.starts_with('('), "backendDOMNodeId": 1,
            });
            if !parent.is_empty() {
                node["parentId"] = json!(parent);
            }
            node
        });
        Tree::read(&json!({ "nodes": nodes.collect::<Vec<_>>() }))
    }

    fn sample() -> Tree {
        tree(&[
            ("1", "", "RootWebArea", "Users"),
            ("2", "1", "navigation", "Main"),
            ("3", "2", "link", "Users"),
            ("4", "1", "(none)", ""),
            ("5", "4", "table", "Users"),
            ("6", "5", "row", ""),
            ("7", "6", "link", " Alice\n Ng "),
            ("8", "6", "button", "Edit"),
            ("9", "5", "row", ""),
            ("10", "9", "link", "Bob"),
            ("11", "9", "button", "Edit"),
            ("12", "1", "(button)", "Hidden"),
        ])
    }

    #[track_caller]
    fn check(steps: &[Step], name: &str, found: Result<usize, &str>) {
        let tree = sample();
        let told = tree.part(steps).and_then(|range| tree.find(range, CLICKABLE, name));
        assert_eq!(told, found.map_err(str::to_owned));
    }

    #[test]
    fn names_are_found_whole_and_once() {
        check(&[], "Users", Ok(2));
        check(&[], "Alice Ng", Ok(6));
        let all = "link \"Users\", link \"Alice Ng\", button \"Edit\", link \"Bob\", button \"Edit\"";
        check(&[], "Alice", Err(&format!("nothing is named \"Alice\"; there are {all}")));
        check(&[], "Hidden", Err(&format!("nothing is named \"Hidden\"; there are {all}")));
        let twice = "more than one is named \"Edit\": button \"Edit\" in table \"Users\" > row \"\"; \
                     button \"Edit\" in table \"Users\" > row \"\"";
        check(&[], "Edit", Err(twice));
    }

    #[test]
    fn parts_narrow_what_is_meant() {
        let row = |name: &str| Step::Holding(ROWS, name.to_owned());
        check(&[row("Alice Ng")], "Edit", Ok(7));
        check(&[Step::Named(PARTS, "Users".to_owned()), row("Bob")], "Edit", Ok(10));
        check(&[row("Bob")], "Users", Err("nothing is named \"Users\"; there are link \"Bob\", button \"Edit\""));
        check(
            &[Step::Named(PARTS, "Main".to_owned())],
            "Bob",
            Err("nothing is named \"Bob\"; there are link \"Users\""),
        );
        check(&[row("Cid")], "Edit", Err("nothing in a row is named \"Cid\"; the 2 rows there begin with: ; "));
    }
}
