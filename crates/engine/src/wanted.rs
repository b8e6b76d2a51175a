//! What the mapping wants of an object at the target.

mod convert;

use crate::{
    Apply, CompiledObjects, Row, SourceAttribute, SourceObject, TargetName, TargetPath, TargetValue, Values,
    compile::RowSource,
};
use jiff::Timestamp;
use provost_change::ResourceId;
use provost_expression::{AppRole, Budget, Evaluated, Inputs, Outcome, Program, Step, Value};
use std::{collections::BTreeMap, sync::Arc};

/// What evaluating sees besides the object.
pub struct Moment<'m> {
    /// The time.
    pub now: Timestamp,
    /// Whether the object is not entitled.
    pub is_soft_deleted: bool,
    /// What it is evaluated for.
    pub purpose: Purpose,
    /// What `DefaultDomain` gives.
    pub default_domain: Option<&'m str>,
    /// Fills bytes at random.
    pub random: &'m mut dyn FnMut(&mut [u8]),
}

/// What a mapping is evaluated for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Making a resource: defaults stand in, and rows that are applied on create count.
    Create,
    /// Changing one: neither.
    Update,
}

/// What the mapping wants of an object at the target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// The values, in the order of the rows. [`TargetValue::Null`] where the source has none; a row that is ignored is not among them.
    pub values: Values,
    /// References that lead to an object of the source. They become values by [`Wanted::resolve`].
    pub references: Vec<WantedReference>,
    /// Values to choose from. They become values by [`Values::set`] once the target is known not to have one of them.
    pub candidates: Vec<Candidates>,
    /// By what an existing resource is looked for, in the order in which it is tried. Defaults do not count.
    pub matching: Vec<MatchingValue>,
    /// Attributes whose values are kept out of logs.
    pub redacted: Vec<TargetName>,
    /// Why the object cannot be exported. The values are those of the rows without a fault.
    pub faults: Vec<AttributeFault>,
}

/// A reference to an object of the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedReference {
    /// The target's attribute.
    pub target: String,
    /// Where it leads.
    pub to: ResourceId,
}

/// Values of which the target shall have the first that it does not have yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidates {
    /// The target's attribute.
    pub target: String,
    /// Each once, none empty. None at all: the attribute is not sent.
    pub values: Vec<String>,
}

/// A value that an existing resource may have.
#[derive(Clone, Debug, PartialEq)]
pub struct MatchingValue {
    /// Its place, from 1.
    pub precedence: u32,
    /// The target's attribute.
    pub target: Arc<TargetPath>,
    /// Its value; `None` when the source has none, so that nothing can be asked.
    pub value: Option<serde_json::Value>,
}

/// Why an attribute has no value that can be exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeFault {
    /// How the provisioning log names it.
    pub code: FaultCode,
    /// The target's attribute.
    pub target: String,
    /// One sentence.
    pub problem: String,
}

/// How the provisioning log names what is wrong with an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultCode {
    /// A required value is missing, or one is of the wrong type.
    AttributeValidationFailed,
    /// Several values for an attribute that takes one.
    SchemaPropertyCanOnlyAcceptValue,
    /// The expression gave no value for this object.
    ExpressionFailed,
}

/// Where the value of one row comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Lineage {
    /// The target's attribute.
    pub target: String,
    /// The source attributes that its row reads, with what the object has there.
    pub reads: Vec<(String, serde_json::Value)>,
    /// The calls of its expression in the order in which they ended, with what went in and what came out; empty for other rows.
    pub steps: Vec<Step>,
    /// Whether the default stood in.
    pub is_default: bool,
    /// What came of this row alone.
    pub wanted: Wanted,
}

/// What one object may cost in all: some four seconds at worst, and a thousand times what the default mappings need.
const OBJECT_BUDGET: Budget = Budget { steps: 200_000, bytes: 16 << 20, value_bytes: 64 << 10 };

impl FaultCode {
    /// As in the provisioning log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AttributeValidationFailed => "AttributeValidationFailed",
            Self::SchemaPropertyCanOnlyAcceptValue => "SchemaPropertyCanOnlyAcceptValue",
            Self::ExpressionFailed => "ExpressionFailed",
        }
    }
}

impl CompiledObjects {
    /// Evaluates all rows for one object. Members of a group are not among them.
    pub fn wanted(&self, object: &SourceObject, moment: &mut Moment<'_>) -> Wanted {
        let roles = object.app_roles();
        let mut evaluation = Evaluation { object, roles: &roles, moment, left: OBJECT_BUDGET, steps: None };
        let mut wanted = Wanted { values: Values::with_capacity(self.rows.len()), ..Wanted::default() };
        for row in &self.rows {
            evaluation.row(row, &mut wanted);
        }
        wanted.matching.sort_by_key(|matching| matching.precedence);
        wanted
    }

    /// Evaluates all rows that count, and tells where each value comes from.
    pub fn lineage(&self, object: &SourceObject, moment: &mut Moment<'_>) -> Vec<Lineage> {
        let roles = object.app_roles();
        let mut evaluation = Evaluation { object, roles: &roles, moment, left: OBJECT_BUDGET, steps: None };
        let mut lineage = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            evaluation.steps = Some(Vec::new());
            let mut wanted = Wanted::default();
            let is_default = evaluation.row(row, &mut wanted);
            let is_soft_deleted = evaluation.moment.is_soft_deleted;
            let read = |(name, attribute): (&str, &SourceAttribute)| {
                (name.to_owned(), object.value(attribute, is_soft_deleted).to_json())
            };
            let reads = row.reads().map(read).collect();
            let steps = evaluation.steps.take().unwrap_or_default();
            lineage.push(Lineage { target: row.target.as_str().to_owned(), reads, steps, is_default, wanted });
        }
        lineage
    }
}

impl Wanted {
    /// Makes values of the references, by what `find` knows of the ids that their objects have at the target. What it does not know is
    /// returned, and neither sent nor cleared.
    pub fn resolve(&mut self, find: impl Fn(ResourceId) -> Option<String>) -> Vec<WantedReference> {
        let mut unresolved = Vec::new();
        for reference in std::mem::take(&mut self.references) {
            match find(reference.to) {
                Some(id) => self.values.set(&reference.target, TargetValue::from(id.as_str())),
                None => unresolved.push(reference),
            }
        }
        unresolved
    }
}

/// One object under evaluation.
struct Evaluation<'e, 'm> {
    object: &'e SourceObject,
    roles: &'e [AppRole],
    moment: &'e mut Moment<'m>,
    left: Budget,
    /// The calls so far, when somebody asks.
    steps: Option<Vec<Step>>,
}

/// What a row gave.
enum Given {
    Value(TargetValue),
    Reference(Option<ResourceId>),
    Candidates(Vec<String>),
    Ignored,
}

impl Evaluation<'_, '_> {
    /// Evaluates a row. Whether its default stood in.
    fn row(&mut self, row: &Row, wanted: &mut Wanted) -> bool {
        let is_create = self.moment.purpose == Purpose::Create;
        if matches!(row.gives, RowSource::Members) || row.apply == Apply::OnCreate && !is_create {
            return false;
        }
        let target = row.target.as_str();
        let given = self.given(row, wanted);
        if let Some(precedence) = row.matching {
            let value = match &given {
                Ok(Given::Value(TargetValue::One(value))) => Some(value.clone()),
                Ok(_) | Err(_) => None,
            };
            wanted.matching.push(MatchingValue { precedence, target: row.target.clone(), value });
        }
        let value = match given {
            Ok(Given::Value(value)) => value,
            Ok(Given::Reference(Some(to))) => {
                wanted.references.push(WantedReference { target: target.to_owned(), to });
                return false;
            }
            Ok(Given::Reference(None)) => TargetValue::Null,
            Ok(Given::Candidates(values)) => {
                wanted.candidates.push(Candidates { target: target.to_owned(), values });
                return false;
            }
            Ok(Given::Ignored) => return false,
            Err(fault) => {
                wanted.faults.push(fault);
                return false;
            }
        };
        let default = row.default.as_ref().filter(|_| is_create && value.is_null());
        if default.is_none() && is_create && row.required && value.is_null() {
            wanted.faults.push(convert::missing(row));
            return false;
        }
        wanted.values.push(row.target.text().clone(), default.cloned().unwrap_or(value));
        default.is_some()
    }

    fn given(&mut self, row: &Row, wanted: &mut Wanted) -> Result<Given, AttributeFault> {
        match &row.gives {
            RowSource::Attribute(_, attribute) if row.is_reference() => {
                Ok(Given::Reference(self.object.reference(attribute)))
            }
            RowSource::Attribute(_, attribute) => {
                let value = self.object.value(attribute, self.moment.is_soft_deleted);
                convert::convert(value, row).map(Given::Value)
            }
            RowSource::Constant(value) => Ok(Given::Value(value.clone())),
            RowSource::Nothing | RowSource::Members => Ok(Given::Value(TargetValue::Null)),
            RowSource::Program(program, attributes) => {
                let Evaluated { outcome, is_redacted, left } = self.evaluate(program, attributes);
                self.left = left;
                if is_redacted {
                    wanted.redacted.push(row.target.text().clone());
                }
                match outcome {
                    Ok(Outcome::Value(value)) => convert::convert(value, row).map(Given::Value),
                    Ok(Outcome::Ignored) => Ok(Given::Ignored),
                    Ok(Outcome::Candidates(values)) => Ok(Given::Candidates(values)),
                    Err(fault) => Err(convert::failed(row, &fault)),
                }
            }
        }
    }

    fn evaluate(&mut self, program: &Program, attributes: &BTreeMap<String, SourceAttribute>) -> Evaluated {
        let (object, is_soft_deleted) = (self.object, self.moment.is_soft_deleted);
        let attribute =
            |name: &str| attributes.get(name).map_or(Value::Null, |attribute| object.value(attribute, is_soft_deleted));
        let mut inputs = Inputs {
            now: self.moment.now,
            attribute: &attribute,
            app_roles: self.roles,
            default_domain: self.moment.default_domain,
            random: &mut *self.moment.random,
            budget: self.left,
        };
        let Some(steps) = &mut self.steps else { return program.evaluate(&mut inputs) };
        let (evaluated, told) = program.explain(&mut inputs);
        steps.extend(told);
        evaluated
    }
}
