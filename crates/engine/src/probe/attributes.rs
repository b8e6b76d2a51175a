//! What a target keeps of the mapped attributes.

use super::{
    Attribute, Conversation,
    sample::{Turn, Who},
    session::Asked,
    settings::Outcome,
};
use crate::{Objects, Row, TargetValue, Values, compile::RowSource};

/// Most attributes that are tried of one kind of object: each costs two requests.
const ATTRIBUTES_MAX: usize = 100;

impl Conversation<'_> {
    /// Reads what a POST has brought about of what was sent.
    pub(super) fn created(&mut self, who: Who, id: &str, sent: &Values) -> Asked<()> {
        let read = self.session.ask(self.objects(who.of()).wire(self.dialect).read(id))?;
        let seen = self.objects(who.of()).seen(&read.json);
        let missing = self.objects(who.of()).diff(sent, &seen);
        for (target, _) in sent.iter().take(ATTRIBUTES_MAX) {
            let on_create = read.is_done() && !missing.iter().any(|change| change.target == target);
            let has = seen.get(target).and_then(TargetValue::shown).unwrap_or_else(|| "nothing".to_owned());
            self.report.attributes.push(Attribute {
                of: who.of(),
                target: target.to_owned(),
                on_create,
                on_change: false,
                came: format!("after POST it has {has}"),
            });
        }
        Ok(())
    }

    /// Changes each attribute that has another value to change to, and reads what comes of it.
    pub(super) fn changes(&mut self, who: Who, id: &str) -> Asked<()> {
        let rows: Vec<Row> = self.objects(who.of()).rows().iter().take(ATTRIBUTES_MAX).cloned().collect();
        for row in rows {
            let is_constant = matches!(row.gives, RowSource::Constant(_));
            let outcome = match self.value(&row, who, Turn::Second) {
                Some(_) => self.change(who, id, &row)?,
                None if is_constant => Outcome { holds: true, came: "a constant does not change".to_owned() },
                None => continue,
            };
            self.note_change(who.of(), &row, outcome);
        }
        Ok(())
    }

    fn note_change(&mut self, of: Objects, row: &Row, Outcome { holds, came }: Outcome) {
        let target = row.target.as_str();
        if !holds && target.eq_ignore_ascii_case("active") {
            self.report.obstacles.push(format!("the target does not disable a user by a PATCH: {came}"));
        }
        match self.report.attributes.iter_mut().find(|one| one.of == of && one.target == target) {
            Some(attribute) => {
                attribute.on_change = holds;
                attribute.came = format!("{}; PATCH: {came}", attribute.came);
            }
            None => self.report.attributes.push(Attribute {
                of,
                target: target.to_owned(),
                // Not part of the POST, so nothing speaks against it.
                on_create: holds,
                on_change: holds,
                came: format!("PATCH: {came}"),
            }),
        }
    }
}
