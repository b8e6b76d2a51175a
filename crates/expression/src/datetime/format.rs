//! .NET date and time format strings: custom ones, and the single letters that stand for some of them.

/// A format, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Format(pub Vec<Part>);

/// A part of a format; the number is how often its letter is repeated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Part {
    Year(usize),
    Month(usize),
    Day(usize),
    Hour12(usize),
    Hour24(usize),
    Minute(usize),
    Second(usize),
    /// `f`: so many digits.
    Fraction(usize),
    /// `F`: at most so many digits, without zeros at the end.
    ShortFraction(usize),
    /// `t`: AM or PM.
    HalfDay(usize),
    Era,
    /// `z`: hours, and with three letters minutes, east of UTC.
    Offset(usize),
    /// `K`: `Z`, an offset, or nothing.
    Zone,
    /// A `Z` that is not quoted: read as UTC, printed as it is.
    Zulu,
    Literal(char),
}

/// Most letters that a fraction may have: 100 nanoseconds.
const FRACTION_MAX: usize = 7;

impl Format {
    /// Takes a format apart.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut characters = text.chars();
        let text = match (characters.next(), characters.next()) {
            (None, _) => return Err("an empty text is no date format".to_owned()),
            (Some(letter), None) => {
                standard(letter).ok_or_else(|| format!("`{letter}` alone is no standard .NET date format"))?
            }
            (Some(_), Some(_)) => text,
        };
        custom(text).map(Self)
    }
}

/// The custom format that a single letter stands for in the invariant culture.
fn standard(letter: char) -> Option<&'static str> {
    Some(match letter {
        'd' => "MM/dd/yyyy",
        'D' => "dddd, dd MMMM yyyy",
        'f' => "dddd, dd MMMM yyyy HH:mm",
        'F' | 'U' => "dddd, dd MMMM yyyy HH:mm:ss",
        'g' => "MM/dd/yyyy HH:mm",
        'G' => "MM/dd/yyyy HH:mm:ss",
        'm' | 'M' => "MMMM dd",
        'o' | 'O' => "yyyy-MM-dd'T'HH:mm:ss.fffffffK",
        'r' | 'R' => "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
        's' => "yyyy-MM-dd'T'HH:mm:ss",
        't' => "HH:mm",
        'T' => "HH:mm:ss",
        'u' => "yyyy-MM-dd HH:mm:ssZ",
        'y' | 'Y' => "yyyy MMMM",
        _ => return None,
    })
}

fn custom(text: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\'' | '"' => loop {
                match characters.next() {
                    Some(end) if end == character => break,
                    Some('\\') => {
                        parts.push(Part::Literal(characters.next().ok_or("the format ends with a backslash")?))
                    }
                    Some(other) => parts.push(Part::Literal(other)),
                    None => return Err(format!("the format has no closing {character}")),
                }
            },
            '\\' => parts.push(Part::Literal(characters.next().ok_or("the format ends with a backslash")?)),
            '%' => match characters.peek() {
                None | Some('%') => return Err("`%` stands before one letter of a format".to_owned()),
                Some(_) => {}
            },
            other => {
                let mut count = 1;
                if other.is_ascii_alphabetic() {
                    while characters.next_if_eq(&other).is_some() {
                        count += 1;
                    }
                }
                push(&mut parts, other, count)?;
            }
        }
    }
    Ok(parts)
}

fn push(parts: &mut Vec<Part>, letter: char, count: usize) -> Result<(), String> {
    let too_long = || format!("`{letter}` may be repeated {FRACTION_MAX} times in a format");
    parts.push(match letter {
        'y' => Part::Year(count),
        'M' => Part::Month(count),
        'd' => Part::Day(count),
        'h' => Part::Hour12(count),
        'H' => Part::Hour24(count),
        'm' => Part::Minute(count),
        's' => Part::Second(count),
        'f' if count <= FRACTION_MAX => Part::Fraction(count),
        'F' if count <= FRACTION_MAX => Part::ShortFraction(count),
        'f' | 'F' => return Err(too_long()),
        't' => Part::HalfDay(count),
        'g' => Part::Era,
        'z' => Part::Offset(count),
        'K' => {
            parts.extend(std::iter::repeat_n(Part::Zone, count));
            return Ok(());
        }
        'Z' => {
            parts.extend(std::iter::repeat_n(Part::Zulu, count));
            return Ok(());
        }
        other => {
            parts.extend(std::iter::repeat_n(Part::Literal(other), count));
            return Ok(());
        }
    });
    Ok(())
}
