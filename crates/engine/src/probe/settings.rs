//! Trying the forms of a setting one after the other.

use super::{
    Conversation, Setting, Tried,
    session::{Asked, Said},
};
use crate::{
    Booleans, BulkForm, Compatibility, ElementsForm, FiltersForm, ManagerForm, MembersForm, RolesPatch, SchemasForm,
    SearchesForm,
};
use serde::Serialize;

/// A setting of [`Compatibility`]: its name, its forms in the order in which they are tried, and where it stands.
pub(super) trait Form: Copy + Serialize + 'static {
    const NAME: &'static str;
    const FORMS: &'static [Self];
    fn put(self, compatibility: &mut Compatibility);
}

macro_rules! form {
    ($form:ty, $name:ident, [$($value:ident),+]) => {
        impl Form for $form {
            const NAME: &'static str = stringify!($name);
            const FORMS: &'static [Self] = &[$(Self::$value),+];
            fn put(self, compatibility: &mut Compatibility) {
                compatibility.$name = self;
            }
        }
    };
}

form!(Booleans, booleans, [Text, Plain]);
form!(ManagerForm, manager, [Text, Object]);
form!(SchemasForm, schemas, [Entra, Present]);
form!(MembersForm, members, [Batched, Plain, One]);
form!(FiltersForm, filters, [Entra, Standard]);
form!(RolesPatch, roles, [Text, Plain]);
form!(ElementsForm, elements, [Entra, Standard]);
form!(BulkForm, bulk, [Offered, Never]);
form!(SearchesForm, searches, [Together, One]);

/// What one form came to.
pub(super) struct Outcome {
    pub holds: bool,
    pub came: String,
}

impl Outcome {
    /// The target refused.
    pub(super) fn refused(said: &Said) -> Self {
        Self { holds: false, came: said.words.clone() }
    }

    /// The target says that it has done it, and then it shows whether it has.
    pub(super) fn shown(said: &Said, holds: bool, what: &str) -> Self {
        Self { holds, came: format!("{}, and {what}", said.words) }
    }
}

impl Conversation<'_> {
    /// Tries the forms of a setting until one holds, and sends in that form from then on; in the default form when none holds. Whether
    /// one does.
    pub(super) fn choose<F: Form>(&mut self, mut trial: impl FnMut(&mut Self) -> Asked<Outcome>) -> Asked<bool> {
        let before = self.report.compatibility;
        let mut tried = Vec::new();
        for form in F::FORMS {
            let mut compatibility = before;
            form.put(&mut compatibility);
            self.set(compatibility);
            let Outcome { holds, came } = trial(self)?;
            tried.push(Tried { form: named(*form), came, holds });
            if holds {
                break;
            }
        }
        let chosen = tried.iter().find(|tried| tried.holds).map(|tried| tried.form.clone());
        let has_chosen = chosen.is_some();
        if !has_chosen {
            self.set(before);
        }
        self.report.settings.push(Setting { name: F::NAME, chosen, tried });
        Ok(has_chosen)
    }

    /// Notes something that was tried beside the settings.
    pub(super) fn note(&mut self, name: &'static str, chosen: Option<&str>, tried: Vec<Tried>) {
        self.report.settings.push(Setting { name, chosen: chosen.map(str::to_owned), tried });
    }
}

/// As the setting's JSON has it.
fn named<F: Form>(form: F) -> String {
    serde_json::to_value(form).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}
