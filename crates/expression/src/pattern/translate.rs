//! .NET's syntax for regular expressions in terms of the engine's.
//!
//! Most of it is the same. What looks the same and means something else is written anew, above all character classes: in .NET `[`,
//! `&&` and `--` are plain characters there, and `-[…]` takes a class away. What the engine cannot do is refused by name.

use std::{iter::Peekable, str::Chars};

/// Classes that are taken away from classes, one within the other.
const SUBTRACTIONS_MAX: usize = 8;

/// General categories of Unicode, as .NET names them; there are no lone surrogates here.
const CATEGORIES: &[&str] = &[
    "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi",
    "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Co", "Cn",
];

/// The pattern for the engine.
///
/// # Errors
/// What is malformed or not supported, as a sentence.
pub(super) fn translate(pattern: &str) -> Result<String, String> {
    let mut reading = Reading { next: pattern.chars().peekable(), out: String::with_capacity(pattern.len()) };
    while let Some(character) = reading.next.next() {
        match character {
            '\\' => reading.escape()?,
            '[' => reading.class(0)?,
            '(' => reading.group()?,
            '{' => reading.brace(),
            '}' => reading.out.push_str("\\}"),
            other => reading.out.push(other),
        }
    }
    Ok(reading.out)
}

struct Reading<'p> {
    next: Peekable<Chars<'p>>,
    out: String,
}

fn unsupported(what: &str) -> String {
    format!("patterns are searched in linear time, so {what} are not supported")
}

/// A character that means itself, whatever it is.
fn plain(out: &mut String, character: char) {
    if character.is_ascii_alphanumeric() {
        out.push(character);
    } else {
        out.push_str(&format!("\\x{{{:X}}}", u32::from(character)));
    }
}

impl Reading<'_> {
    /// What follows a backslash outside of classes.
    fn escape(&mut self) -> Result<(), String> {
        let Some(character) = self.next.next() else { return Err("the pattern ends with a backslash".to_owned()) };
        match character {
            'b' if self.next.peek() == Some(&'{') => Err("`\\b` cannot be repeated".to_owned()),
            'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'b' | 'B' | 'A' | 'z' => {
                self.out.extend(['\\', character]);
                Ok(())
            }
            'Z' => {
                self.out.push_str("\\z");
                Ok(())
            }
            'p' | 'P' => self.category(character),
            '1'..='9' | 'k' => Err(unsupported("references back to groups (`\\1`, `\\k<name>`)")),
            'G' => Err(unsupported("places of the last match (`\\G`)")),
            other => {
                let character = self.escaped(other)?;
                plain(&mut self.out, character);
                Ok(())
            }
        }
    }

    /// `\p{Lu}`.
    fn category(&mut self, letter: char) -> Result<(), String> {
        if self.next.next_if_eq(&'{').is_none() {
            return Err(format!("expected `{{` after `\\{letter}`"));
        }
        let name: String = self.next.by_ref().take_while(|character| *character != '}').collect();
        if !CATEGORIES.contains(&name.as_str()) {
            let name = crate::place::quoted(&name);
            return Err(format!("{name} is no general category of Unicode; blocks and scripts are not supported"));
        }
        self.out.push_str(&format!("\\{letter}{{{name}}}"));
        Ok(())
    }

    /// The character that an escape stands for, inside and outside of classes.
    fn escaped(&mut self, letter: char) -> Result<char, String> {
        Ok(match letter {
            'a' => '\u{7}',
            'e' => '\u{1b}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            'x' => self.hex(2)?,
            'u' => self.hex(4)?,
            'c' => match self.next.next() {
                Some(control) if control.is_ascii_alphabetic() => char::from(control.to_ascii_uppercase() as u8 - b'@'),
                _ => return Err("expected a letter after `\\c`".to_owned()),
            },
            '0' => return Err("write a character by its code as `\\x00` or `\\u0000`".to_owned()),
            other if other.is_alphanumeric() || other == '_' => {
                return Err(format!("`\\{other}` has no meaning in a pattern"));
            }
            other => other,
        })
    }

    fn hex(&mut self, digits: usize) -> Result<char, String> {
        let code = (0..digits).try_fold(0, |code, _| {
            let digit = self.next.next()?.to_digit(16)?;
            Some(code * 16 + digit)
        });
        let character = code.and_then(char::from_u32);
        character.ok_or_else(|| format!("expected a character's code of {digits} hexadecimal digits"))
    }

    /// What follows an opening parenthesis.
    fn group(&mut self) -> Result<(), String> {
        self.out.push('(');
        if self.next.next_if_eq(&'?').is_none() {
            return Ok(());
        }
        match self.next.next() {
            Some('#') => {
                self.out.pop();
                let closed = self.next.by_ref().any(|character| character == ')');
                if closed { Ok(()) } else { Err("the comment `(?#` has no closing parenthesis".to_owned()) }
            }
            Some('=' | '!') => Err(unsupported("looks ahead (`(?=`, `(?!`)")),
            Some('>') => Err(unsupported("atomic groups (`(?>`)")),
            Some('(') => Err(unsupported("conditional groups (`(?(`)")),
            Some('<') if matches!(self.next.peek(), Some('=' | '!')) => {
                Err(unsupported("looks behind (`(?<=`, `(?<!`)"))
            }
            Some('<') => self.name('>'),
            Some('\'') => self.name('\''),
            Some(flag) => self.flags(flag),
            None => Err("the pattern ends within a group".to_owned()),
        }
    }

    /// `(?<name>` and `(?'name'`, of which the opening sign is read.
    fn name(&mut self, end: char) -> Result<(), String> {
        let mut name = String::new();
        for character in self.next.by_ref() {
            match character {
                character if character == end => {
                    let is_name = name.chars().next().is_some_and(|first| first.is_alphabetic() || first == '_');
                    if !is_name {
                        return Err("the name of a group begins with a letter".to_owned());
                    }
                    self.out.push_str(&format!("?<{name}>"));
                    return Ok(());
                }
                '-' => return Err(unsupported("balancing groups (`(?<a-b>`)")),
                character if character.is_alphanumeric() || character == '_' => name.push(character),
                _ => break,
            }
        }
        Err("expected the name of a group, of letters and digits".to_owned())
    }

    /// `(?i)`, `(?i-s:`, `(?:`.
    fn flags(&mut self, first: char) -> Result<(), String> {
        self.out.push('?');
        let mut flag = first;
        loop {
            match flag {
                'i' | 'm' | 's' | 'x' | '-' | ':' | ')' => self.out.push(flag),
                'n' => {
                    return Err(
                        "the option `n` is not supported; write `(?:` for groups that capture nothing".to_owned()
                    );
                }
                'P' => return Err("a group with a name is written `(?<name>`".to_owned()),
                other => return Err(format!("`(?{other}` has no meaning in a pattern")),
            }
            if matches!(flag, ':' | ')') {
                return Ok(());
            }
            flag = self.next.next().ok_or_else(|| "the pattern ends within a group".to_owned())?;
        }
    }

    /// `{2}`, `{2,}` or `{2,5}`; any other opening brace is a plain character.
    fn brace(&mut self) {
        let ahead: String = self.next.clone().take_while(|character| *character != '}').collect();
        let closed = self.next.clone().nth(ahead.chars().count()) == Some('}');
        let (least, most) = ahead.split_once(',').unwrap_or((&ahead, ""));
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if closed && !least.is_empty() && all_digits(least) && all_digits(most) {
            self.out.push_str(&format!("{{{ahead}}}"));
            self.next.nth(ahead.len());
        } else {
            self.out.push_str("\\{");
        }
    }

    /// A character class whose opening bracket is read, within `depth` others.
    fn class(&mut self, depth: usize) -> Result<(), String> {
        if depth > SUBTRACTIONS_MAX {
            return Err(format!("more than {SUBTRACTIONS_MAX} classes are taken away from one another"));
        }
        let start = self.out.len();
        self.out.push('[');
        if self.next.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        let mut is_first = true;
        loop {
            let character = self.next.next().ok_or("a character class has no closing bracket (])")?;
            match character {
                ']' if !is_first => {
                    self.out.push(']');
                    return Ok(());
                }
                '-' if !is_first && self.next.next_if_eq(&'[').is_some() => return self.subtraction(start, depth),
                '\\' => self.class_escape()?,
                other => plain(&mut self.out, other),
            }
            is_first = false;
            self.range()?;
        }
    }

    /// `-z` behind a character of a class, if it is a range.
    fn range(&mut self) -> Result<(), String> {
        let mut ahead = self.next.clone();
        if ahead.next() != Some('-') || matches!(ahead.next(), None | Some(']' | '[')) {
            return Ok(());
        }
        self.next.next();
        self.out.push('-');
        match self.next.next() {
            Some('\\') => self.class_escape(),
            Some(other) => {
                plain(&mut self.out, other);
                Ok(())
            }
            None => Err("a character class has no closing bracket (])".to_owned()),
        }
    }

    /// The class that began at `start` without the one whose opening bracket is read: .NET takes away after negating.
    fn subtraction(&mut self, start: usize, depth: usize) -> Result<(), String> {
        self.out.insert(start, '[');
        self.out.push_str("]--");
        self.class(depth + 1)?;
        if self.next.next() != Some(']') {
            return Err("a class that is taken away ends the class that it is taken from".to_owned());
        }
        self.out.push(']');
        Ok(())
    }

    /// What follows a backslash in a class.
    fn class_escape(&mut self) -> Result<(), String> {
        let Some(character) = self.next.next() else { return Err("the pattern ends with a backslash".to_owned()) };
        match character {
            'd' | 'D' | 'w' | 'W' | 's' | 'S' => {
                self.out.extend(['\\', character]);
                Ok(())
            }
            'p' | 'P' => self.category(character),
            'b' => {
                plain(&mut self.out, '\u{8}');
                Ok(())
            }
            other => {
                let character = self.escaped(other)?;
                plain(&mut self.out, character);
                Ok(())
            }
        }
    }
}
