//! Members of a group that come and go.

use super::{MEMBERS_MAX, Wire};
use crate::{Dialect, MembersForm, Request};
use serde_json::{Value as Json, json};

impl Wire<'_> {
    /// Adds members to a group: as many requests as are needed, each for at most [`MEMBERS_MAX`] of them. None where the mapping sends no
    /// members.
    pub fn add_members(&self, group: &str, members: &[String]) -> Vec<Request> {
        let op = match self.dialect {
            Dialect::Legacy => "Add",
            Dialect::Compliant => "add",
        };
        self.in_batches(group, members, |path, batch| {
            let values: Vec<Json> = batch.iter().map(|id| self.member(id)).collect();
            vec![json!({ "op": op, "path": path, "value": values })]
        })
    }

    /// Takes members out of a group, as [`add_members`](Self::add_members) puts them in.
    pub fn remove_members(&self, group: &str, members: &[String]) -> Vec<Request> {
        let is_by_path = self.dialect == Dialect::Compliant || self.compatibility().members == MembersForm::Plain;
        let op = match self.dialect {
            Dialect::Legacy => "Remove",
            Dialect::Compliant => "remove",
        };
        self.in_batches(group, members, |path, batch| {
            if is_by_path {
                let paths = batch.iter().map(|id| format!("{path}[value eq {}]", Json::from(id.as_str())));
                return paths.map(|path| json!({ "op": op, "path": path })).collect();
            }
            let values: Vec<Json> = batch.iter().map(|id| self.member(id)).collect();
            vec![json!({ "op": op, "path": path, "value": values })]
        })
    }

    fn in_batches(
        &self,
        group: &str,
        members: &[String],
        operations: impl Fn(&str, &[String]) -> Vec<Json>,
    ) -> Vec<Request> {
        let Some(path) = self.objects.members() else { return Vec::new() };
        let size = match self.compatibility().members {
            MembersForm::Batched | MembersForm::Plain => MEMBERS_MAX,
            MembersForm::One => 1,
        };
        members.chunks(size).map(|batch| self.patch(group, operations(path.as_str(), batch))).collect()
    }

    fn member(&self, id: &str) -> Json {
        match self.compatibility().members {
            MembersForm::Batched | MembersForm::One => json!({ "$ref": null, "value": id }),
            MembersForm::Plain => json!({ "value": id }),
        }
    }
}
