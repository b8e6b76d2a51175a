//! Texts as other texts.

use crate::{
    evaluate::{Args, Stop},
    signature::{Gives, Parameter, ResultType, Signature, Takes},
    value::Value,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::fmt::Write;

const TEXT: Gives = Gives::Always(ResultType::Text);
const SOURCE: &[Parameter] = &[Parameter::required("source", Takes::Text)];

pub(super) const TABLE: &[Signature] = &[
    Signature::new("ConvertToBase64", SOURCE, TEXT, "Base64 of the source in UTF-16, little end first.", base64),
    Signature::new("ConvertToUTF8Hex", SOURCE, TEXT, "The bytes of the source in UTF-8, in hexadecimal digits.", hex),
];

fn base64(args: &mut Args<'_, '_, '_>) -> Result<Value, Stop> {
    let Some(source) = args.text(0)? else { return Ok(Value::Null) };
    let bytes: Vec<u8> = source.encode_utf16().flat_map(u16::to_le_bytes).collect();
    Ok(Value::Text(STANDARD.encode(bytes)))
}

fn hex(args: &mut Args<'_, '_, '_>) -> Result<Value, Stop> {
    let Some(source) = args.text(0)? else { return Ok(Value::Null) };
    let mut out = String::with_capacity(source.len() * 2);
    for byte in source.bytes() {
        write!(out, "{byte:02X}").expect("a text takes what is written into it");
    }
    Ok(Value::Text(out))
}
