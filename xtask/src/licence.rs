//! Licence expressions (SPDX 2.3, annex D) as far as packages use them: names, `AND`, `OR`, `WITH`, parentheses.

use anyhow::{Result, bail};

/// Whether the expression can be satisfied with the allowed licences alone.
/// An exception (`WITH`) only adds permissions, so the licence before it decides. `/` is the old way to write `OR`.
///
/// # Errors
/// When the expression has no such form.
pub fn is_allowed(expression: &str, allowed: &[String]) -> Result<bool> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser { words: &words, allowed };
    let answer = parser.any()?;
    if let Some(word) = parser.words.first() {
        bail!("`{expression}`: `{word}` is not expected there");
    }
    Ok(answer)
}

struct Parser<'a> {
    words: &'a [&'a str],
    allowed: &'a [String],
}

impl<'a> Parser<'a> {
    fn any(&mut self) -> Result<bool> {
        let mut answer = self.all()?;
        while self.skip("OR") {
            answer |= self.all()?;
        }
        Ok(answer)
    }

    fn all(&mut self) -> Result<bool> {
        let mut answer = self.one()?;
        while self.skip("AND") {
            answer &= self.one()?;
        }
        Ok(answer)
    }

    fn one(&mut self) -> Result<bool> {
        if self.skip("(") {
            let answer = self.any()?;
            if !self.skip(")") {
                bail!("a parenthesis is not closed");
            }
            return Ok(answer);
        }
        let name = self.name()?;
        if self.skip("WITH") {
            self.name()?;
        }
        Ok(self.allowed.iter().any(|allowed| allowed == name))
    }

    fn name(&mut self) -> Result<&'a str> {
        match self.words.split_first() {
            Some((name, rest)) if !["AND", "OR", "WITH", "(", ")"].contains(name) => {
                self.words = rest;
                Ok(name)
            }
            Some(_) | None => bail!("a licence's name is missing"),
        }
    }

    fn skip(&mut self, word: &str) -> bool {
        let found = self.words.first() == Some(&word);
        if found {
            self.words = &self.words[1..];
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::is_allowed;

    #[test]
    fn an_expression_holds_when_allowed_licences_satisfy_it() {
        let allowed = ["MIT", "Apache-2.0", "Unicode-3.0"].map(String::from);
        for (expression, expected) in [
            ("MIT", true),
            ("GPL-3.0-only", false),
            ("MIT OR GPL-3.0-only", true),
            ("MIT AND GPL-3.0-only", false),
            ("(MIT OR GPL-3.0-only) AND Unicode-3.0", true),
            ("MIT OR GPL-3.0-only AND GPL-2.0-only", true),
            ("(MIT OR GPL-3.0-only) AND GPL-2.0-only", false),
            ("Unlicense/MIT", true),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("GPL-3.0-only WITH GCC-exception-3.1", false),
        ] {
            assert_eq!(is_allowed(expression, &allowed).unwrap(), expected, "{expression}");
        }
    }

    #[test]
    fn what_has_no_such_form_is_an_error() {
        for expression in ["", "MIT OR", "(MIT", "MIT)", "MIT Apache-2.0", "WITH MIT"] {
            assert!(is_allowed(expression, &["MIT".to_string()]).is_err(), "{expression}");
        }
    }
}
