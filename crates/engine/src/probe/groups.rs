//! Throw-away groups, and members that come and go.

use super::{Conversation, Tried, sample::Who, session::Asked, settings::Outcome};
use crate::{MembersForm, Method, Objects, Request, SchemasForm, seen::member};
use serde_json::Value as Json;

/// Members that each form is tried with: two, of which one stays.
const MEMBERS: usize = 2;

impl Conversation<'_> {
    /// Makes a group, tries everything on it, and leaves it to be removed.
    pub(super) fn groups(&mut self) -> Asked<()> {
        if !self.groups.is_enabled || !self.report.groups {
            return Ok(());
        }
        let users: Vec<String> =
            self.made.iter().filter(|(of, _)| *of == Objects::Users).map(|(_, id)| id.clone()).take(MEMBERS).collect();
        let Some(group) = self.group()? else { return Ok(()) };
        if self.groups.members().is_some() && users.len() == MEMBERS {
            self.members(&group, &users)?;
        }
        self.changes(Who::Group(0), &group)
    }

    /// The first group. Where it is not taken as Entra sends it, users and groups are sent in the other form.
    fn group(&mut self) -> Asked<Option<String>> {
        let values = self.sample(Who::Group(0));
        let mut compatibility = self.report.compatibility;
        let mut tried = Vec::new();
        let forms = match compatibility.schemas {
            SchemasForm::Entra => vec![("entra", SchemasForm::Entra), ("present", SchemasForm::Present)],
            SchemasForm::Present => vec![("present", SchemasForm::Present)],
        };
        for (name, form) in forms {
            compatibility.schemas = form;
            self.set(compatibility);
            let (said, id) = self.make(Who::Group(0), &values)?;
            tried.push(Tried { form: name.to_owned(), came: said.words, holds: id.is_some() });
            if let Some(id) = id {
                self.note("schemas, of groups", Some(name), tried);
                self.created(Who::Group(0), &id, &values)?;
                return Ok(Some(id));
            }
        }
        self.note("schemas, of groups", None, tried);
        self.report.obstacles.push("the target makes no group; switch the mapping of groups off".to_owned());
        Ok(None)
    }

    /// Tries each form of changing members on a group of its own, so that none sees what another has left.
    fn members(&mut self, first: &str, users: &[String]) -> Asked<()> {
        let mut number = 0;
        let chosen = self.choose::<MembersForm>(|talk| {
            let group = match number {
                0 => Some(first.to_owned()),
                number => talk.make(Who::Group(number), &talk.sample(Who::Group(number)))?.1,
            };
            number += 1;
            match group {
                Some(group) => talk.come_and_go(&group, users),
                None => Ok(Outcome { holds: false, came: "no other group could be made".to_owned() }),
            }
        })?;
        if !chosen {
            self.report.obstacles.push("members of groups cannot be added and removed; leave `members` out".to_owned());
        }
        Ok(())
    }

    /// Adds both users, and removes the last: the other one has to stay.
    fn come_and_go(&mut self, group: &str, users: &[String]) -> Asked<Outcome> {
        let wire = self.groups.wire(self.dialect);
        let added = wire.add_members(group, users);
        let removed = wire.remove_members(group, &users[1..]);
        for (requests, wanted, what) in [(added, users, "added"), (removed, &users[..1], "removed")] {
            for request in requests {
                let said = self.session.ask(request)?;
                if !said.is_done() {
                    return Ok(Outcome { holds: false, came: format!("{what}: {}", said.words) });
                }
            }
            let path = self.groups.wire(self.dialect).resource(group);
            let read = self.session.ask(Request::plain(Method::Get, path))?;
            let there = member_ids(&read.json);
            let is_so = there.len() == wanted.len() && wanted.iter().all(|id| there.contains(&id.as_str()));
            if !is_so {
                let came = format!("{what}, and then there are {} members where {} are due", there.len(), wanted.len());
                return Ok(Outcome { holds: false, came });
            }
        }
        Ok(Outcome { holds: true, came: "two were added and one removed".to_owned() })
    }
}

fn member_ids(group: &Json) -> Vec<&str> {
    let members = group.as_object().and_then(|group| member(group, "members")).and_then(Json::as_array);
    let objects = members.into_iter().flatten().filter_map(Json::as_object);
    objects.filter_map(|one| member(one, "value")?.as_str()).collect()
}
