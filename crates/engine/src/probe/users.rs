//! Throw-away users, and what is tried on them.

use super::{
    Attribute, Conversation, Setting, Tried,
    sample::{Turn, Who, spare_element},
    session::{Asked, Said},
    settings::Outcome,
};
use crate::{
    Answer, Body, Booleans, BulkForm, Change, ChangeKind, Dialect, ElementsForm, FiltersForm, Flag, ManagerForm,
    MatchingValue, Objects, Reply, Roles, RolesForm, RolesPatch, Row, SchemasForm, SearchesForm, TargetType,
    TargetValue, Values, id_of, listed,
    seen::{gives_roles, member},
    wire::bulk::{apart, together},
    wire::lookup::Lookup,
    wire::together::Parted,
};
use serde_json::Value as Json;
use std::sync::Arc;

impl Conversation<'_> {
    /// Makes a user, tries everything on it, and leaves it to be removed.
    pub(super) fn users(&mut self) -> Asked<()> {
        let Some((person, sent)) = self.person()? else { return Ok(()) };
        self.created(Who::Person, &person, &sent)?;
        self.filters(Some(&person))?;
        self.is_found(&person)?;
        self.searches_together(&person)?;
        if !self.dialect(&person)? {
            self.report.obstacles.push("the target takes no PATCH request, so that nothing can be changed".to_owned());
            return Ok(());
        }
        self.booleans(&person)?;
        self.elements(&person)?;
        self.manager(&person)?;
        self.roles(&person)?;
        self.changes(Who::Person, &person)?;
        self.bulk(&person)
    }

    /// Looks for the user together with somebody who is nobody, who stands before it once and once behind it.
    fn searches_together(&mut self, person: &str) -> Asked<()> {
        let Some(matching) = self.matching(Who::Person) else { return Ok(()) };
        let nobody = MatchingValue { value: Some(Json::from(self.consent.nonce.to_string())), ..matching.clone() };
        let wire = self.users.wire(self.dialect);
        let lookups = [wire.lookup(&nobody), wire.lookup(&matching), wire.lookup(&nobody)];
        let [Some(before), Some(meant), Some(behind)] = lookups.map(|lookup| lookup.map(Arc::new)) else {
            return Ok(());
        };
        self.choose::<SearchesForm>(|talk| {
            if talk.report.compatibility.searches == SearchesForm::One {
                return Ok(Outcome { holds: true, came: "nothing was asked".to_owned() });
            }
            let mut outcome = Outcome { holds: false, came: String::new() };
            for (lookups, place) in [([&before, &meant], 1), ([&meant, &behind], 0)] {
                outcome = talk.finds_among(person, &lookups.map(Arc::clone), place)?;
                if !outcome.holds {
                    break;
                }
            }
            Ok(outcome)
        })?;
        Ok(())
    }

    /// Whether a search for several finds exactly this user, in this place.
    fn finds_among(&mut self, person: &str, lookups: &[Arc<Lookup>], place: usize) -> Asked<Outcome> {
        let said = self.session.ask(self.users.wire(self.dialect).lookups(lookups))?;
        if !said.is_done() {
            return Ok(Outcome::refused(&said));
        }
        let answer = Answer { status: 200, retry_after: None, body: Body::Json(said.json.clone()) };
        let found = match self.users.apart(lookups, &Reply::Answered(answer)) {
            Parted::Each(replies) => replies,
            Parted::TooLarge | Parted::Refused => Vec::new(),
        };
        let ids = |reply: &Reply| match reply {
            Reply::Answered(Answer { body: Body::Json(body), .. }) => {
                listed(body).unwrap_or_default().into_iter().filter_map(id_of).collect()
            }
            Reply::Answered(_) | Reply::TimedOut | Reply::Unreachable(_) | Reply::Forbidden(_) | Reply::Unclear(_) => {
                Vec::<String>::new()
            }
        };
        let is_meant = |(at, reply)| ids(reply) == if at == place { vec![person.to_owned()] } else { Vec::new() };
        let holds = found.len() == lookups.len() && found.iter().enumerate().all(is_meant);
        let what = if holds { "found the one who is there" } else { "did not find just the one who is there" };
        Ok(Outcome::shown(&said, holds, what))
    }

    /// Changes the user in a bulk request, where the target offers that, and reads whether it has come about.
    fn bulk(&mut self, person: &str) -> Asked<()> {
        let row = self.plain_texts().into_iter().find(|row| {
            let is_kept = |one: &Attribute| one.of == Objects::Users && one.target == row.target.as_str();
            self.report.attributes.iter().any(|one| is_kept(one) && one.on_change)
        });
        let Some(row) = row.filter(|_| self.report.bulk.is_some()) else { return Ok(()) };
        self.choose::<BulkForm>(|talk| {
            if talk.report.compatibility.bulk == BulkForm::Never {
                return Ok(Outcome { holds: true, came: "nothing was asked".to_owned() });
            }
            talk.in_bulk(person, &row)
        })?;
        Ok(())
    }

    /// Gives an attribute its first value again, which it has no more, in a bulk request.
    fn in_bulk(&mut self, person: &str, row: &Row) -> Asked<Outcome> {
        let value = |turn| self.value(row, Who::Person, turn).unwrap_or(TargetValue::Null);
        let change = Change {
            target: row.target.text().clone(),
            kind: ChangeKind::Replace,
            before: value(Turn::Second),
            after: value(Turn::First),
            is_new_element: false,
        };
        let Some(request) = self.users.wire(self.dialect).update(person, std::slice::from_ref(&change)) else {
            return Ok(Outcome { holds: false, came: "there is nothing to change".to_owned() });
        };
        let requests = [Arc::new(request)];
        let said = self.session.ask(together(&requests))?;
        let answer =
            Answer { status: said.status.unwrap_or(0), retry_after: None, body: Body::Json(said.json.clone()) };
        match apart(&requests, &Reply::Answered(answer)) {
            Parted::Each(replies) if matches!(replies[..], [Reply::Answered(Answer { status: 200..=299, .. })]) => {
                self.has_changed(Objects::Users, person, change, &said)
            }
            Parted::Each(_) if said.is_done() => {
                Ok(Outcome::shown(&said, false, "that says nothing of what was asked"))
            }
            Parted::Each(_) | Parted::TooLarge | Parted::Refused => Ok(Outcome::refused(&said)),
        }
    }

    /// The user that everything is tried on: with all attributes, and where the target does not take that, with those that it cannot do
    /// without. Its id and what was sent.
    fn person(&mut self) -> Asked<Option<(String, Values)>> {
        let mut whole = self.sample(Who::Person);
        spare_element(&self.users).iter().for_each(|row| whole.remove(row.target.as_str()));
        let mut least = whole.clone();
        let is_needed = |row: &&Row| {
            row.required || row.matching.is_some() || ["active", "name"].contains(&row.target.name.as_str())
        };
        for row in self.users.rows().iter().filter(|row| !is_needed(row)) {
            least.remove(row.target.as_str());
        }
        for values in [whole, least] {
            let mut id = None;
            self.choose::<SchemasForm>(|talk| {
                let said = talk.make(Who::Person, &values)?;
                id = said.1;
                Ok(match &id {
                    Some(_) => Outcome::shown(&said.0, true, "it was made"),
                    None => Outcome::refused(&said.0),
                })
            })?;
            if let Some(id) = id {
                return Ok(Some((id, values)));
            }
        }
        self.report.obstacles.push("the target makes no user, neither with all attributes nor with a few".to_owned());
        Ok(None)
    }

    /// Makes an object and remembers to remove it. Its id, where it was made.
    pub(super) fn make(&mut self, who: Who, values: &Values) -> Asked<(Said, Option<String>)> {
        let of = who.of();
        let said = self.session.ask(self.objects(of).wire(self.dialect).create(values))?;
        let id = id_of(&said.json).filter(|_| said.is_done());
        let ids = match (&id, said.status) {
            (Some(id), _) => vec![id.clone()],
            // It may be there although nobody says so.
            (None, None | Some(200..=299 | 500..)) => self.lost(who)?,
            (None, Some(_)) => Vec::new(),
        };
        self.made.extend(ids.into_iter().map(|id| (of, id)));
        Ok((said, id))
    }

    /// Ids of what was made without a word of it. Only what has the very name is ours.
    fn lost(&mut self, who: Who) -> Asked<Vec<String>> {
        let Some(matching) = self.matching(who) else { return Ok(Vec::new()) };
        let Some(request) = self.objects(who.of()).wire(self.dialect).find(&matching) else { return Ok(Vec::new()) };
        let found = self.session.insist(request)?;
        let is_ours = |resource: &&Json| self.has(who.of(), resource, &matching);
        Ok(listed(&found.json).unwrap_or_default().into_iter().filter(is_ours).filter_map(id_of).collect())
    }

    fn has(&self, of: Objects, resource: &Json, matching: &MatchingValue) -> bool {
        let seen = self.objects(of).seen(resource);
        let value = matching.value.clone().map(TargetValue::One);
        value.is_some() && seen.get(matching.target.as_str()) == value.as_ref()
    }

    /// Searches by an element of a multi-valued attribute: the matching one, or else the first address of a mail. Without somebody to be
    /// found, nobody may be.
    pub(super) fn filters(&mut self, person: Option<&str>) -> Asked<()> {
        let is_element = |row: &&Row| !row.target.filter.is_empty() && row.target.sub.is_some();
        let is_mail = |row: &&Row| row.target.name.eq_ignore_ascii_case("emails");
        let mut rows = self.users.rows().iter().filter(is_element);
        let row = rows.clone().find(|row| row.matching.is_some()).or_else(|| rows.find(is_mail));
        let Some(row) = row else { return Ok(()) };
        let is_kept =
            |row: &Row| self.report.attributes.iter().any(|one| one.on_create && one.target == row.target.as_str());
        let person = person.filter(|_| is_kept(row));
        let value = match self.value(row, Who::Person, if person.is_some() { Turn::First } else { Turn::Second }) {
            Some(TargetValue::One(value)) => Some(value),
            Some(TargetValue::Null | TargetValue::Many(_) | TargetValue::Roles(_)) | None => None,
        };
        let matching = MatchingValue { precedence: 1, target: row.target.clone(), value };
        self.choose::<FiltersForm>(|talk| talk.finds(person, &matching))?;
        Ok(())
    }

    /// Searches by the first matching attribute, and finds the user: else it would be made again and again.
    fn is_found(&mut self, person: &str) -> Asked<()> {
        let Some(matching) = self.matching(Who::Person) else { return Ok(()) };
        let Outcome { holds, came } = self.finds(Some(person), &matching)?;
        if !holds {
            let problem = format!("a search by {} does not find what was just made: {came}", matching.target);
            self.report.obstacles.push(problem);
        }
        Ok(())
    }

    /// Whether a search finds exactly this user, or nobody where there is none to be found.
    fn finds(&mut self, id: Option<&str>, matching: &MatchingValue) -> Asked<Outcome> {
        let Some(request) = self.users.wire(self.dialect).find(matching) else {
            return Ok(Outcome { holds: false, came: "there is nothing to search for".to_owned() });
        };
        let said = self.session.ask(request)?;
        if !said.is_done() {
            return Ok(Outcome::refused(&said));
        }
        let found: Vec<String> = listed(&said.json).unwrap_or_default().into_iter().filter_map(id_of).collect();
        let holds = found.iter().map(String::as_str).eq(id);
        Ok(Outcome::shown(&said, holds, &format!("found {} of {}", found.len(), id.iter().len())))
    }

    /// Changes a plain text in both dialects, the app's own first. Whether one of them works.
    fn dialect(&mut self, person: &str) -> Asked<bool> {
        let own = self.dialect;
        let other = match own {
            Dialect::Legacy => Dialect::Compliant,
            Dialect::Compliant => Dialect::Legacy,
        };
        let rows: Vec<Row> = self.plain_texts();
        let mut tried: Vec<Tried> = Vec::new();
        for dialect in [own, other] {
            self.dialect = dialect;
            for row in &rows {
                let Outcome { holds, came } = self.change(Who::Person, person, row)?;
                let form = format!("{}, {}", shown(dialect), row.target);
                tried.push(Tried { form, came, holds });
                if holds {
                    self.report.dialect = dialect;
                    self.report.settings.push(Setting {
                        name: "dialect",
                        chosen: Some(shown(dialect).to_owned()),
                        tried,
                    });
                    return Ok(true);
                }
            }
        }
        self.dialect = own;
        self.note("dialect", None, tried);
        Ok(false)
    }

    /// A few plain texts that people change: not every target keeps each of them.
    fn plain_texts(&self) -> Vec<Row> {
        let is_plain = |row: &&Row| {
            let target = &row.target;
            target.filter.is_empty()
                && target.extension.is_none()
                && !row.multi_valued
                && row.kind == TargetType::String
        };
        let rows = self.users.rows().iter().filter(is_plain).filter(|row| row.matching.is_none());
        rows.filter(|row| self.value(row, Who::Person, Turn::Second).is_some()).take(4).cloned().collect()
    }

    /// Gives an attribute its second value, and reads whether it has it.
    pub(super) fn change(&mut self, who: Who, id: &str, row: &Row) -> Asked<Outcome> {
        let value = |turn| self.value(row, who, turn).unwrap_or(TargetValue::Null);
        let change = Change {
            target: row.target.text().clone(),
            kind: ChangeKind::Replace,
            before: value(Turn::First),
            after: value(Turn::Second),
            is_new_element: false,
        };
        self.changed(who.of(), id, change)
    }

    /// Makes one change and reads whether it has come about.
    fn changed(&mut self, of: Objects, id: &str, change: Change) -> Asked<Outcome> {
        let Some(request) = self.objects(of).wire(self.dialect).update(id, std::slice::from_ref(&change)) else {
            return Ok(Outcome { holds: false, came: "there is nothing to change".to_owned() });
        };
        let said = self.session.ask(request)?;
        if !said.is_done() {
            return Ok(Outcome::refused(&said));
        }
        self.has_changed(of, id, change, &said)
    }

    /// Reads whether a change has come about.
    fn has_changed(&mut self, of: Objects, id: &str, change: Change, said: &Said) -> Asked<Outcome> {
        let resource = self.session.ask(self.objects(of).wire(self.dialect).read(id))?;
        let seen = self.objects(of).seen(&resource.json);
        let wanted: Values = std::iter::once((change.target.clone(), change.after)).collect();
        let holds = resource.is_done() && self.objects(of).diff(&wanted, &seen).is_empty();
        let has = seen.get(&change.target).and_then(TargetValue::shown).unwrap_or_else(|| "nothing".to_owned());
        Ok(Outcome::shown(said, holds, &format!("it has {has}")))
    }

    /// Disables the user, which counts only where it then says so as a boolean, and enables it again.
    fn booleans(&mut self, person: &str) -> Asked<()> {
        let is_active =
            |row: &&Row| row.target.as_str().eq_ignore_ascii_case("active") && row.kind == TargetType::Boolean;
        let Some(row) = self.users.rows().iter().find(is_active).cloned() else { return Ok(()) };
        let dialect = std::mem::replace(&mut self.dialect, Dialect::Legacy);
        let mut is_disabled = false;
        self.choose::<Booleans>(|talk| {
            let Some(said) = talk.activate(person, &row, false)? else {
                return Ok(Outcome { holds: false, came: "there is nothing to change".to_owned() });
            };
            if !said.is_done() {
                return Ok(Outcome::refused(&said));
            }
            let resource = talk.session.ask(talk.users.wire(talk.dialect).read(person))?;
            let active = resource.json.as_object().and_then(|user| member(user, "active")).cloned().unwrap_or_default();
            is_disabled = active == Json::Bool(false);
            Ok(Outcome::shown(&said, is_disabled, &format!("active is {active}")))
        })?;
        if is_disabled {
            self.activate(person, &row, true)?;
        }
        self.dialect = dialect;
        Ok(())
    }

    fn activate(&mut self, id: &str, row: &Row, active: bool) -> Asked<Option<Said>> {
        let change = Change {
            target: row.target.text().clone(),
            kind: ChangeKind::Replace,
            before: TargetValue::from(!active),
            after: TargetValue::from(active),
            is_new_element: false,
        };
        let request = self.users.wire(self.dialect).update(id, &[change]);
        request.map(|request| self.session.ask(request)).transpose()
    }

    /// Brings an element about that is not there.
    fn elements(&mut self, person: &str) -> Asked<()> {
        let Some(row) = spare_element(&self.users).last().copied().cloned() else { return Ok(()) };
        let Some(after) = self.value(&row, Who::Person, Turn::First) else { return Ok(()) };
        self.choose::<ElementsForm>(|talk| talk.added(person, &row, after.clone(), true))?;
        Ok(())
    }

    /// Gives the user a manager, who is made for that.
    fn manager(&mut self, person: &str) -> Asked<()> {
        let row = self.users.rows().iter().find(|row| row.is_reference() && row.target.filter.is_empty());
        let Some(row) = row.cloned() else { return Ok(()) };
        let (said, manager) = self.make(Who::Manager, &self.sample(Who::Manager))?;
        let Some(manager) = manager else {
            let tried = Tried { form: "a second user".to_owned(), came: said.words, holds: false };
            self.note("manager", None, vec![tried]);
            return Ok(());
        };
        let manager = TargetValue::One(Json::from(manager));
        let chosen = self.choose::<ManagerForm>(|talk| talk.added(person, &row, manager.clone(), false))?;
        let target = row.target.as_str().to_owned();
        let came = "see the setting `manager`".to_owned();
        self.report.attributes.push(Attribute {
            of: Objects::Users,
            target,
            on_create: chosen,
            on_change: chosen,
            came,
        });
        Ok(())
    }

    /// Gives the user an app role, in the older dialect.
    fn roles(&mut self, person: &str) -> Asked<()> {
        let Some(role) = self.consent.role.clone() else { return Ok(()) };
        let Some(row) = self.users.rows().iter().find(|row| gives_roles(row)).cloned() else { return Ok(()) };
        let dialect = std::mem::replace(&mut self.dialect, Dialect::Legacy);
        let after = TargetValue::Roles(Roles { roles: vec![role], form: RolesForm::Added });
        self.choose::<RolesPatch>(|talk| talk.added(person, &row, after.clone(), false))?;
        self.dialect = dialect;
        Ok(())
    }

    fn added(&mut self, id: &str, row: &Row, after: TargetValue, is_new_element: bool) -> Asked<Outcome> {
        let target = row.target.text().clone();
        self.changed(
            Objects::Users,
            id,
            Change { target, kind: ChangeKind::Add, before: TargetValue::Null, after, is_new_element },
        )
    }

    /// Removes all that was made, groups before users, and shows what stays.
    pub(super) fn remove_all(&mut self) -> Asked<()> {
        while let Some((of, id)) = self.made.pop() {
            let request = self.objects(of).wire(self.dialect).delete(&id);
            let path = request.path.clone();
            let said = self.session.insist(request)?;
            if !said.is_done() && said.status != Some(404) {
                self.report.left_behind.push(format!("{path} ({})", said.words));
            }
        }
        Ok(())
    }
}

fn shown(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Legacy => "without a flag",
        Dialect::Compliant => Flag::AadOptscim062020.as_str(),
    }
}
