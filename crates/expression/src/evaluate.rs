//! Program and inputs to a value, within a budget.

mod args;
mod compare;

use crate::{
    app_role::AppRole,
    place::{Fault, Place},
    program::{CallNode, ComparisonNode, Node, NodeKind, Program},
    trace::{self, Step},
    value::Value,
};
pub(crate) use args::Args;
use jiff::Timestamp;

/// What an evaluation sees of the world: nothing else is read.
pub struct Inputs<'v> {
    /// The time that `Now` gives, and that a format without a date is filled up from.
    pub now: Timestamp,
    /// The value of an attribute by its name, `Null` when the object has none.
    pub attribute: &'v dyn Fn(&str) -> Value,
    /// The app roles assigned to the user. `SingleAppRoleAssignment` takes the first.
    pub app_roles: &'v [AppRole],
    /// What `DefaultDomain` gives.
    pub default_domain: Option<&'v str>,
    /// Fills bytes at random, for `Guid` and `RandomString`; passwords may be made of them.
    pub random: &'v mut dyn FnMut(&mut [u8]),
    /// What may be spent.
    pub budget: Budget,
}

/// What one evaluation may spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Each part that is evaluated counts one step, each search for a pattern at least one.
    pub steps: usize,
    /// Bytes of all values that are read or made.
    pub bytes: usize,
    /// Bytes of one value.
    pub value_bytes: usize,
}

impl Default for Budget {
    /// 50,000 steps, 4 MiB in all, 64 KiB in one value: about a second at worst, and a thousand times what a mapping needs.
    fn default() -> Self {
        Self { steps: 50_000, bytes: 4 << 20, value_bytes: 64 << 10 }
    }
}

/// What came of an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluated {
    /// The result, or why there is none: then the object cannot be exported.
    pub outcome: Result<Outcome, Fault>,
    /// Whether the result holds something that `Redact` keeps out of logs.
    pub is_redacted: bool,
    /// What is left of the budget.
    pub left: Budget,
}

/// The result of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The value for the target attribute.
    Value(Value),
    /// `IgnoreFlowIfNullOrEmpty`: the attribute is not sent, and no default takes its place.
    Ignored,
    /// `SelectUniqueValue`: the first that the target does not have yet; when it has all of them, the object waits. Each once, none
    /// empty, in order.
    Candidates(Vec<String>),
}

/// Why an evaluation ends before its end.
#[derive(Debug)]
pub(crate) enum Stop {
    Ignored,
    Fault(Fault),
}

impl Program {
    /// Evaluates. Total: no program and no inputs make it panic, hang, or hold more than the budget allows.
    pub fn evaluate(&self, inputs: &mut Inputs<'_>) -> Evaluated {
        self.run(inputs, None).0
    }

    /// Evaluates, and tells each step: the calls in the order in which they ended.
    pub fn explain(&self, inputs: &mut Inputs<'_>) -> (Evaluated, Vec<Step>) {
        self.run(inputs, Some(Vec::new()))
    }

    fn run(&self, inputs: &mut Inputs<'_>, steps: Option<Vec<Step>>) -> (Evaluated, Vec<Step>) {
        let left = inputs.budget;
        let mut evaluator = Evaluator { inputs, left, steps, depth: 0, hidden: 0, redactions: 0 };
        let outcome = match evaluator.value(&self.root) {
            Ok(Value::Many(values)) if self.gives_candidates() => Ok(Outcome::Candidates(values)),
            Ok(value) => Ok(Outcome::Value(value)),
            Err(Stop::Ignored) => Ok(Outcome::Ignored),
            Err(Stop::Fault(fault)) => Err(fault),
        };
        let Evaluator { left, steps, redactions, .. } = evaluator;
        (Evaluated { outcome, is_redacted: redactions > 0, left }, steps.unwrap_or_default())
    }
}

pub(crate) struct Evaluator<'i, 'v> {
    inputs: &'i mut Inputs<'v>,
    left: Budget,
    /// What is told; nothing is noted when nobody asks.
    steps: Option<Vec<Step>>,
    /// Calls that are under way.
    depth: usize,
    /// Calls of `Redact` that are under way.
    hidden: usize,
    /// Calls of `Redact` that have ended.
    redactions: usize,
}

impl Evaluator<'_, '_> {
    fn value(&mut self, node: &Node) -> Result<Value, Stop> {
        self.take_steps(1, node.place)?;
        let value = match &node.kind {
            NodeKind::Constant(value) => value.clone(),
            NodeKind::Pattern(text, _) => Value::Text(text.clone()),
            NodeKind::Attribute(name) => (self.inputs.attribute)(name),
            NodeKind::AppRoleAssignments => {
                Value::Many(self.inputs.app_roles.iter().map(|role| role.value.clone()).collect())
            }
            NodeKind::Call(call) => self.call(call, node.place)?,
            NodeKind::Comparison(comparison) => self.comparison(comparison)?,
        };
        self.take_bytes(value.bytes(), node.place)?;
        Ok(value)
    }

    fn call(&mut self, call: &CallNode, place: Place) -> Result<Value, Stop> {
        let redactions = self.redactions;
        self.depth += 1;
        let mut args = Args::new(self, call, place);
        let result = (call.signature.run)(&mut args);
        let arguments = args.shown;
        self.depth -= 1;
        let is_hidden = self.hidden > 0 || self.redactions > redactions;
        let depth = self.depth;
        if let Some(steps) = &mut self.steps {
            let result = match &result {
                Ok(value) => trace::shown(value, is_hidden),
                Err(Stop::Ignored) => "not sent".to_owned(),
                Err(Stop::Fault(fault)) => format!("error: {}", fault.problem),
            };
            steps.push(Step { function: call.signature.name, place, depth, arguments, result });
        }
        result
    }

    fn comparison(&mut self, comparison: &ComparisonNode) -> Result<Value, Stop> {
        let ComparisonNode { left, operator, right } = comparison;
        let (one, other) = (self.value(left)?, self.value(right)?);
        for (value, side) in [(&one, left), (&other, right)] {
            if matches!(value, Value::Many(values) if values.len() > 1) {
                return Err(Stop::Fault(Fault::new(side.place, "one value is compared with another, not several")));
            }
        }
        Ok(Value::Boolean(compare::holds(&one, *operator, &other)))
    }

    fn take_steps(&mut self, steps: usize, place: Place) -> Result<(), Stop> {
        self.left.steps = self.left.steps.checked_sub(steps).ok_or_else(|| {
            self.left.steps = 0;
            too_much(place, format!("the evaluation needs more than {} steps", self.inputs.budget.steps))
        })?;
        Ok(())
    }

    fn take_bytes(&mut self, bytes: usize, place: Place) -> Result<(), Stop> {
        let Budget { bytes: in_all, value_bytes, .. } = self.inputs.budget;
        if bytes > value_bytes {
            return Err(too_much(place, format!("the value has more than {value_bytes} bytes")));
        }
        self.left.bytes = self.left.bytes.checked_sub(bytes).ok_or_else(|| {
            self.left.bytes = 0;
            too_much(place, format!("the values of this evaluation have more than {in_all} bytes together"))
        })?;
        Ok(())
    }
}

fn too_much(place: Place, problem: String) -> Stop {
    Stop::Fault(Fault::new(place, problem))
}
