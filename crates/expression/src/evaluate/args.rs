//! The arguments of a call under way, evaluated when the function asks for them.

use super::{Evaluator, Inputs, Stop, compare::is_true, too_much};
use crate::{
    datetime,
    pattern::{Ended, Found, Pattern},
    place::{Fault, Place, quoted},
    program::{CallNode, NodeKind},
    signature::{Takes, integer},
    trace,
    value::Value,
};
use jiff::Timestamp;
use std::borrow::Cow;

pub(crate) struct Args<'a, 'i, 'v> {
    evaluator: &'a mut Evaluator<'i, 'v>,
    call: &'a CallNode,
    place: Place,
    /// What was `evaluator.redactions` before the call.
    redactions: usize,
    /// Each argument as a trace shows it; `None` when it is omitted, or was not needed.
    pub(super) shown: Vec<Option<String>>,
}

impl<'a, 'i, 'v> Args<'a, 'i, 'v> {
    pub(super) fn new(evaluator: &'a mut Evaluator<'i, 'v>, call: &'a CallNode, place: Place) -> Self {
        let redactions = evaluator.redactions;
        let shown = if evaluator.steps.is_some() { vec![None; call.arguments.len()] } else { Vec::new() };
        Self { evaluator, call, place, redactions, shown }
    }

    /// How many arguments there are, omitted ones included.
    pub fn len(&self) -> usize {
        self.call.arguments.len()
    }

    /// Whether something stands in the argument's place.
    pub fn is_given(&self, index: usize) -> bool {
        self.call.arguments.get(index).is_some_and(Option::is_some)
    }

    pub fn inputs(&mut self) -> &mut Inputs<'v> {
        self.evaluator.inputs
    }

    /// The value of an argument; null when it is omitted.
    pub fn value(&mut self, index: usize) -> Result<Value, Stop> {
        let Some(Some(node)) = self.call.arguments.get(index) else { return Ok(Value::Null) };
        let redactions = self.evaluator.redactions;
        let value = self.evaluator.value(node)?;
        if let Some(shown) = self.shown.get_mut(index) {
            let is_hidden = self.evaluator.hidden > 0 || self.evaluator.redactions > redactions;
            *shown = Some(trace::shown(&value, is_hidden));
        }
        Ok(value)
    }

    /// The value of an argument whose evaluation no trace may show.
    pub fn hidden(&mut self, index: usize) -> Result<Value, Stop> {
        self.evaluator.hidden += 1;
        let value = self.value(index)?;
        self.evaluator.hidden -= 1;
        self.evaluator.redactions += 1;
        Ok(value)
    }

    /// An argument that is one value, as text; `None` when it is null.
    pub fn text(&mut self, index: usize) -> Result<Option<String>, Stop> {
        match self.value(index)? {
            Value::Text(text) => Ok(Some(text)),
            value if value.is_null() => Ok(None),
            value => value.text().map(Some).ok_or_else(|| self.several(index, &value)),
        }
    }

    /// An argument that is one value, as text; empty when it is null.
    pub fn text_or_empty(&mut self, index: usize) -> Result<String, Stop> {
        Ok(self.text(index)?.unwrap_or_default())
    }

    /// An argument that is a whole number within its parameter's bounds; `None` when it is null.
    pub fn integer(&mut self, index: usize) -> Result<Option<i64>, Stop> {
        let value = self.value(index)?;
        if value.is_null() {
            return Ok(None);
        }
        let bounds = match self.call.signature.parameter(index).map(|parameter| parameter.takes) {
            Some(Takes::Integer(least, most)) => least..=most,
            Some(_) | None => i64::MIN..=i64::MAX,
        };
        integer(&value).filter(|number| bounds.contains(number)).map(Some).ok_or_else(|| self.unfit(index, &value))
    }

    /// An argument that is a point in time; `None` when it is null or empty.
    pub fn date(&mut self, index: usize) -> Result<Option<Timestamp>, Stop> {
        match self.value(index)? {
            Value::DateTime(at) => Ok(Some(at)),
            value if value.is_null_or_empty() => Ok(None),
            value => {
                let text = value.text().ok_or_else(|| self.several(index, &value))?;
                datetime::read(&text).map(Some).ok_or_else(|| self.fault(format!("{} is no date", quoted(&text))))
            }
        }
    }

    /// Whether an argument is true.
    pub fn truth(&mut self, index: usize) -> Result<bool, Stop> {
        let value = self.value(index)?;
        match &value {
            Value::Many(values) if values.len() > 1 => Err(self.several(index, &value)),
            single => Ok(is_true(single)),
        }
    }

    /// An argument that is any number of texts.
    pub fn values(&mut self, index: usize) -> Result<Vec<String>, Stop> {
        match self.value(index)? {
            Value::Null => Ok(Vec::new()),
            Value::Many(values) => Ok(values),
            single => single.text().map(|text| vec![text]).ok_or_else(|| self.several(index, &single)),
        }
    }

    /// An argument that is a regular expression; `None` when it is null.
    pub fn pattern(&mut self, index: usize) -> Result<Option<Cow<'a, Pattern>>, Stop> {
        let call = self.call;
        let text = self.text(index)?;
        if let Some(Some(NodeKind::Pattern(_, pattern))) =
            call.arguments.get(index).map(|node| node.as_ref().map(|node| &node.kind))
        {
            return Ok(Some(Cow::Borrowed(pattern)));
        }
        let Some(text) = text else { return Ok(None) };
        let pattern = Pattern::parse(&text).map_err(|problem| self.fault(problem))?;
        self.take_steps(pattern.steps_to_compile())?;
        Ok(Some(Cow::Owned(pattern)))
    }

    /// [`Pattern::each_match`] within the steps that are left.
    pub fn each_match(
        &mut self,
        pattern: &Pattern,
        text: &str,
        each: impl FnMut(Found<'_>) -> Result<bool, TooLong>,
    ) -> Result<(), Stop> {
        let place = self.place;
        pattern.each_match(text, &mut self.evaluator.left.steps, each).map_err(|ended| match ended {
            Ended::Steps => {
                self.evaluator.left.steps = 0;
                too_much(place, format!("the evaluation needs more than {} steps", self.evaluator.inputs.budget.steps))
            }
            Ended::By(TooLong) => self.too_long(),
        })
    }

    pub fn take_steps(&mut self, steps: usize) -> Result<(), Stop> {
        self.evaluator.take_steps(steps, self.place)
    }

    /// A text to put a result together in.
    pub fn builder(&self) -> Builder {
        Builder { text: String::new(), bytes_max: self.evaluator.inputs.budget.value_bytes }
    }

    pub fn too_long(&self) -> Stop {
        too_much(self.place, format!("the value has more than {} bytes", self.evaluator.inputs.budget.value_bytes))
    }

    /// Why the call gives no result. Says nothing of a value that is kept out of logs.
    pub fn fault(&self, problem: impl Into<String>) -> Stop {
        let function = self.call.signature.name;
        let is_hidden = self.evaluator.hidden > 0 || self.evaluator.redactions > self.redactions;
        let problem =
            if is_hidden { "it does not work on a value that is redacted".to_owned() } else { problem.into() };
        Stop::Fault(Fault::new(self.place, format!("`{function}`: {problem}")))
    }

    fn several(&self, index: usize, value: &Value) -> Stop {
        match value {
            Value::Many(values) => {
                let count = values.len();
                self.fault(format!(
                    "{} has {count} values; take one with `Item` or join them with `Join`",
                    self.name(index)
                ))
            }
            other => self.unfit(index, other),
        }
    }

    fn unfit(&self, index: usize, value: &Value) -> Stop {
        let takes =
            self.call.signature.parameter(index).map_or_else(String::new, |parameter| parameter.takes.describe());
        self.fault(format!("{} takes {takes}, not {}", self.name(index), quoted(&trace::shown(value, false))))
    }

    fn name(&self, index: usize) -> String {
        self.call.signature.parameter(index).map_or_else(String::new, |parameter| quoted(parameter.name))
    }
}

/// A text that may not grow beyond the budget for one value.
pub(crate) struct Builder {
    text: String,
    bytes_max: usize,
}

/// A text would have grown beyond its bound.
#[derive(Debug)]
pub(crate) struct TooLong;

impl Builder {
    pub fn push(&mut self, text: &str) -> Result<(), TooLong> {
        if self.text.len() + text.len() > self.bytes_max {
            return Err(TooLong);
        }
        self.text.push_str(text);
        Ok(())
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub fn finish(self) -> Value {
        Value::Text(self.text)
    }
}
