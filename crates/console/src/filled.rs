//! What was typed into a form, and what was wrong with it.

/// A form as it was sent: what was typed comes back, with the faults beside the fields.
#[derive(Clone, Debug, Default)]
pub struct Filled {
    values: Vec<(String, String)>,
    faults: Vec<Fault>,
    refusal: Option<String>,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The field's name.
    pub field: String,
    /// What is wrong, and what would be right.
    pub detail: String,
}

impl Filled {
    /// A form with these values, in their order; a name may occur several times.
    pub fn new(values: Vec<(String, String)>) -> Self {
        Self { values, ..Self::default() }
    }

    /// A form that begins with some values.
    pub fn with(values: &[(&str, &str)]) -> Self {
        Self::new(values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    /// The first value of a name; empty where there is none.
    pub fn value(&self, name: &str) -> &str {
        self.values.iter().find(|(given, _)| given == name).map_or("", |(_, value)| value)
    }

    /// The first value of a name, trimmed; `None` where nothing but space was typed.
    pub fn given(&self, name: &str) -> Option<&str> {
        Some(self.value(name).trim()).filter(|value| !value.is_empty())
    }

    /// Every value of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.values.iter().filter(move |(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Whether a box was ticked, or a value chosen.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|given| given == value)
    }

    /// All pairs.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.values
    }

    /// Says what is wrong with a field.
    pub fn refuse_field(&mut self, field: &str, detail: impl Into<String>) {
        self.faults.push(Fault { field: field.to_owned(), detail: detail.into() });
    }

    /// Says why the whole was refused.
    pub fn refuse(&mut self, detail: impl Into<String>) {
        self.refusal = Some(detail.into());
    }

    /// What is wrong with a field.
    pub fn fault(&self, field: &str) -> Option<&str> {
        self.faults.iter().find(|fault| fault.field == field).map(|fault| fault.detail.as_str())
    }

    /// What is wrong with fields, in their order.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Why the whole was refused.
    pub fn refusal(&self) -> Option<&str> {
        self.refusal.as_deref()
    }

    /// Whether something is wrong.
    pub fn is_refused(&self) -> bool {
        self.refusal.is_some() || !self.faults.is_empty()
    }
}
