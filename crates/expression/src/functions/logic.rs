//! Conditions and choices. Only what is chosen is evaluated.

use crate::{
    evaluate::{Args, Stop},
    signature::{Gives, Parameter, ResultType, Signature, Takes},
    value::Value,
};

const BOOLEAN: Gives = Gives::Always(ResultType::Boolean);
const EXPRESSION: Parameter = Parameter::required("expression", Takes::Presence);
const ANY_NUMBER: Takes = Takes::Integer(i64::MIN, i64::MAX);

pub(super) const TABLE: &[Signature] = &[
    Signature::new(
        "IIF",
        &[
            Parameter::required("condition", Takes::Condition),
            Parameter::required("valueIfTrue", Takes::Any).flowing(),
            Parameter::required("valueIfFalse", Takes::Any).flowing(),
        ],
        Gives::WhatFlows,
        "The one value when the condition holds, else the other.",
        |args| if args.truth(0)? { args.value(1) } else { args.value(2) },
    ),
    Signature::new(
        "Switch",
        &[
            Parameter::required("source", Takes::Text),
            Parameter::optional("defaultValue", Takes::Any).flowing(),
            Parameter::required("key", Takes::Text),
            Parameter::required("value", Takes::Any).flowing(),
        ],
        Gives::WhatFlows,
        "The value behind the first key that is the source; else the default, or null without one.",
        switch,
    )
    .repeating(2),
    Signature::new(
        "Coalesce",
        &[Parameter::required("source", Takes::Any).flowing()],
        Gives::WhatFlows,
        "The first of its arguments that is not null.",
        coalesce,
    )
    .repeating(1),
    Signature::new(
        "CBool",
        &[Parameter::required("expression", Takes::Condition)],
        BOOLEAN,
        "Whether a comparison holds, or a value is True or a number other than 0.",
        |args| Ok(Value::Boolean(args.truth(0)?)),
    ),
    Signature::new(
        "Not",
        &[Parameter::required("source", Takes::Truth)],
        BOOLEAN,
        "False when the source is True, else True.",
        |args| Ok(Value::Boolean(!args.truth(0)?)),
    ),
    Signature::new("IsNull", &[EXPRESSION], BOOLEAN, "Whether there is no value.", |args| {
        Ok(args.value(0)?.is_null().into())
    }),
    Signature::new("IsNothing", &[EXPRESSION], BOOLEAN, "Another name of IsNull.", |args| {
        Ok(args.value(0)?.is_null().into())
    }),
    Signature::new("IsNullOrEmpty", &[EXPRESSION], BOOLEAN, "Whether there is no value, or an empty text.", |args| {
        Ok(args.value(0)?.is_null_or_empty().into())
    }),
    Signature::new("IsPresent", &[EXPRESSION], BOOLEAN, "Whether there is a value other than an empty text.", |args| {
        Ok((!args.value(0)?.is_null_or_empty()).into())
    }),
    Signature::new("IsString", &[EXPRESSION], BOOLEAN, "Whether the value is one text.", |args| {
        Ok(match args.value(0)? {
            Value::Text(_) | Value::Role(_) => true,
            Value::Many(values) => values.len() == 1,
            Value::Null | Value::Boolean(_) | Value::Integer(_) | Value::DateTime(_) | Value::Roles(_) => false,
        }
        .into())
    }),
    Signature::new(
        "BitAnd",
        &[Parameter::required("value1", ANY_NUMBER), Parameter::required("value2", ANY_NUMBER)],
        Gives::Always(ResultType::Integer),
        "The bits that both numbers have.",
        |args| match (args.integer(0)?, args.integer(1)?) {
            (Some(one), Some(other)) => Ok(Value::Integer(one & other)),
            (None, _) | (_, None) => Ok(Value::Null),
        },
    ),
];

/// A null source is matched by an empty key. Case matters.
fn switch(args: &mut Args<'_, '_, '_>) -> Result<Value, Stop> {
    let source = args.text_or_empty(0)?;
    for key in (2..args.len()).step_by(2) {
        if args.text_or_empty(key)? == source {
            return args.value(key + 1);
        }
    }
    args.value(1)
}

fn coalesce(args: &mut Args<'_, '_, '_>) -> Result<Value, Stop> {
    for index in 0..args.len() {
        let value = args.value(index)?;
        if !value.is_null() {
            return Ok(value);
        }
    }
    Ok(Value::Null)
}
