//! PATCH: what changes, in both dialects.

use super::{Wire, form};
use crate::{
    Booleans, Change, ChangeKind, Dialect, ElementsForm, Request, Roles, RolesForm, RolesPatch, Row, TargetType,
    TargetValue, target::scalar,
};
use serde_json::{Map, Value as Json, json};

/// A change, and the row that it is one of.
type Changed<'c> = (&'c Row, &'c Change);

impl Wire<'_> {
    /// Changes a resource; `None` when there is nothing to change.
    ///
    /// The older dialect has one operation with a path for each change. The newer one puts replacements without a value filter together
    /// into one operation without a path, which comes last; `active` alone keeps its path.
    pub fn update(&self, id: &str, changes: &[Change]) -> Option<Request> {
        let changes: Vec<Changed<'_>> =
            changes.iter().filter_map(|change| Some((self.objects.row(&change.target)?, change))).collect();
        let mut operations = Vec::with_capacity(changes.len());
        let (merged, others): (Vec<_>, Vec<_>) =
            changes.into_iter().partition(|(row, change)| self.is_merged(row, change));
        for (position, (row, change)) in others.iter().enumerate() {
            if change.kind == ChangeKind::Remove {
                operations.extend(self.removal(row, &others));
            } else if self.is_added_whole(change) {
                operations.extend(self.whole_element(position, &others));
            } else {
                operations.push(self.operation(row, change));
            }
        }
        match merged.as_slice() {
            [] => {}
            [(row, change)] if row.target.as_str().eq_ignore_ascii_case("active") => {
                operations.push(self.operation(row, change));
            }
            _ => operations.push(self.without_path(&merged)),
        }
        (!operations.is_empty()).then(|| self.patch(id, operations))
    }

    fn is_merged(&self, row: &Row, change: &Change) -> bool {
        let is_plain = row.target.filter.is_empty() && row.kind != TargetType::Reference;
        let has_roles = matches!(change.after, TargetValue::Roles(_));
        self.dialect == Dialect::Compliant && change.kind == ChangeKind::Replace && is_plain && !has_roles
    }

    fn op(&self, kind: ChangeKind) -> &'static str {
        match (self.dialect, kind) {
            (Dialect::Legacy, ChangeKind::Add) => "Add",
            (Dialect::Legacy, ChangeKind::Replace) => "Replace",
            (Dialect::Legacy, ChangeKind::Remove) => "Remove",
            (Dialect::Compliant, ChangeKind::Add) => "add",
            (Dialect::Compliant, ChangeKind::Replace) => "replace",
            (Dialect::Compliant, ChangeKind::Remove) => "remove",
        }
    }

    fn operation(&self, row: &Row, change: &Change) -> Json {
        if let TargetValue::Roles(roles) = &change.after {
            return self.roles(row, roles);
        }
        json!({ "op": self.op(change.kind), "path": row.target.as_str(), "value": self.patched(row, &change.after) })
    }

    /// A value as a PATCH carries it: in the older dialect booleans are texts.
    fn patched(&self, row: &Row, value: &TargetValue) -> Json {
        let is_text = self.dialect == Dialect::Legacy && self.compatibility().booleans == Booleans::Text;
        match self.value(row, value).into_owned() {
            Json::Bool(value) if is_text => Json::from(scalar(&Json::Bool(value))),
            other => other,
        }
    }

    /// Roles that are asserted replace all others, in one form everywhere. Those that are added are JSON in a text in the older dialect,
    /// and as in a POST in the newer one.
    fn roles(&self, row: &Row, roles: &Roles) -> Json {
        let path = &row.target.name;
        if roles.form == RolesForm::Asserted {
            return json!({ "op": "replace", "path": path, "value": form::elements(roles) });
        }
        let is_packed = self.dialect == Dialect::Legacy && self.compatibility().roles == RolesPatch::Text;
        let value = if is_packed { roles.roles.iter().map(form::packed).collect() } else { form::elements(roles) };
        json!({ "op": self.op(ChangeKind::Add), "path": path, "value": value })
    }

    fn without_path(&self, changes: &[Changed<'_>]) -> Json {
        let values =
            changes.iter().map(|(row, change)| (row.target.as_str().to_owned(), self.patched(row, &change.after)));
        json!({ "op": self.op(ChangeKind::Replace), "value": values.collect::<Map<_, _>>() })
    }

    /// Takes an attribute away. An element whose `value` goes has no meaning any more, so it goes as a whole.
    fn removal(&self, row: &Row, others: &[Changed<'_>]) -> Option<Json> {
        let op = self.op(ChangeKind::Remove);
        let is_value = |row: &Row| row.target.sub.as_deref().is_some_and(|sub| sub.eq_ignore_ascii_case("value"));
        if row.target.filter.is_empty() {
            return Some(json!({ "op": op, "path": row.target.as_str() }));
        }
        if is_value(row) {
            return Some(json!({ "op": op, "path": row.target.element() }));
        }
        let goes_whole = others
            .iter()
            .any(|(other, change)| change.kind == ChangeKind::Remove && is_value(other) && is_same_element(row, other));
        (!goes_whole).then(|| json!({ "op": op, "path": row.target.as_str() }))
    }

    /// Whether the element has to be added to its attribute, since a path to it would fail.
    fn is_added_whole(&self, change: &Change) -> bool {
        self.compatibility().elements == ElementsForm::Standard
            && change.is_new_element
            && !matches!(change.after, TargetValue::Roles(_))
    }

    /// The element that the change at `position` belongs to, with all that changes of it; `None` when an earlier change has brought it.
    fn whole_element(&self, position: usize, others: &[Changed<'_>]) -> Option<Json> {
        let (row, _) = others[position];
        let is_part = |(other, change): &&Changed<'_>| self.is_added_whole(change) && is_same_element(row, other);
        if others[..position].iter().any(|one| is_part(&one)) {
            return None;
        }
        let mut element: Map<String, Json> = row.target.filter.iter().cloned().collect();
        for (part, change) in others.iter().filter(is_part) {
            if let Some(sub) = &part.target.sub {
                element.insert(sub.clone(), self.value(part, &change.after).into_owned());
            }
        }
        let attribute = row.target.as_str().split('[').next().unwrap_or_default();
        Some(json!({ "op": self.op(ChangeKind::Add), "path": attribute, "value": [element] }))
    }
}

fn is_same_element(one: &Row, other: &Row) -> bool {
    let (one, other) = (&one.target, &other.target);
    one.extension == other.extension && one.name.eq_ignore_ascii_case(&other.name) && one.is_same_element(other)
}
