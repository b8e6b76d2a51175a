//! Rust source cut into code, comments and string literals, as far as the checks of this repository need it.

use std::ops::Range;

/// What a stretch of Rust source is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A comment with its slashes.
    Comment,
    /// The inside of a string literal, as written (escapes are not resolved).
    Text,
}

/// A comment or a string literal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// Comment or text.
    pub kind: Kind,
    /// The bytes of the source.
    pub range: Range<usize>,
}

/// A source file cut into pieces.
pub struct RustSource<'a> {
    /// The file as it is.
    pub source: &'a str,
    /// The same bytes with every comment and every inside of a literal blanked out; line ends stay.
    pub code: String,
    /// Comments and texts in order.
    pub pieces: Vec<Piece>,
}

impl<'a> RustSource<'a> {
    /// Cuts the source. Never fails: what the compiler would refuse is cut somehow.
    pub fn new(source: &'a str) -> Self {
        let mut cutter =
            Cutter { bytes: source.as_bytes(), at: 0, code: source.as_bytes().to_vec(), pieces: Vec::new() };
        cutter.cut();
        let code = String::from_utf8(cutter.code).expect("whole characters are blanked, byte by byte");
        Self { source, code, pieces: cutter.pieces }
    }

    /// The line (from 1) of a byte.
    pub fn line_of(&self, byte: usize) -> usize {
        line_of(self.source, byte)
    }

    /// The bytes of the items under `#[cfg(test)]`, each from its attribute to its last brace or semicolon.
    pub fn test_items(&self) -> Vec<Range<usize>> {
        let mut items = Vec::new();
        let mut from = 0;
        while let Some(found) = self.code[from..].find("#[cfg(test)]") {
            let start = from + found;
            let end = self.end_of_item(start);
            items.push(start..end);
            from = end;
        }
        items
    }

    fn end_of_item(&self, start: usize) -> usize {
        let mut depth = 0_usize;
        for (offset, byte) in self.code[start..].bytes().enumerate() {
            match byte {
                b';' if depth == 0 => return start + offset + 1,
                b'{' => depth += 1,
                b'}' if depth <= 1 => return start + offset + 1,
                b'}' => depth -= 1,
                _ => {}
            }
        }
        self.code.len()
    }
}

/// The line (from 1) of a byte.
pub fn line_of(text: &str, byte: usize) -> usize {
    text.as_bytes()[..byte].iter().filter(|one| **one == b'\n').count() + 1
}

struct Cutter<'a> {
    bytes: &'a [u8],
    at: usize,
    code: Vec<u8>,
    pieces: Vec<Piece>,
}

impl Cutter<'_> {
    fn cut(&mut self) {
        while let Some(byte) = self.peek(0) {
            match byte {
                b'/' if self.peek(1) == Some(b'/') => self.line_comment(),
                b'/' if self.peek(1) == Some(b'*') => self.block_comment(),
                b'"' => self.text(),
                b'r' if self.hashes_before_quote().is_some() && !self.inside_word() => self.raw_text(),
                b'\'' => self.quote(),
                _ => self.at += 1,
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    /// Whether the `r` at hand continues a name. `br` and `cr` begin raw literals too.
    fn inside_word(&self) -> bool {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let before = |back: usize| self.at.checked_sub(back).map(|at| self.bytes[at]);
        match before(1) {
            Some(b'b' | b'c') => before(2).is_some_and(is_word),
            Some(byte) => is_word(byte),
            None => false,
        }
    }

    /// After `r`: how many `#` stand before the `"`, if that is what follows.
    fn hashes_before_quote(&self) -> Option<usize> {
        let hashes = self.bytes[self.at + 1..].iter().take_while(|byte| **byte == b'#').count();
        (self.peek(1 + hashes) == Some(b'"')).then_some(hashes)
    }

    fn line_comment(&mut self) {
        let length = self.bytes[self.at..].iter().take_while(|byte| **byte != b'\n').count();
        self.piece(Kind::Comment, self.at..self.at + length);
        self.at += length;
    }

    fn block_comment(&mut self) {
        let start = self.at;
        let mut depth = 0_usize;
        while let Some(byte) = self.peek(0) {
            match (byte, self.peek(1)) {
                (b'/', Some(b'*')) => {
                    depth += 1;
                    self.at += 2;
                }
                (b'*', Some(b'/')) => {
                    depth -= 1;
                    self.at += 2;
                }
                (_, _) => self.at += 1,
            }
            if depth == 0 {
                break;
            }
        }
        self.piece(Kind::Comment, start..self.at);
    }

    fn text(&mut self) {
        self.at += 1;
        let start = self.at;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        let end = self.at.min(self.bytes.len());
        self.piece(Kind::Text, start..end);
        self.at = end + 1;
    }

    fn raw_text(&mut self) {
        let hashes = self.hashes_before_quote().expect("the caller has seen the quote");
        let start = self.at + 2 + hashes;
        let close = [b"\"".as_slice(), &b"#".repeat(hashes)].concat();
        let rest = &self.bytes[start..];
        let length = rest.windows(close.len()).position(|window| window == close).unwrap_or(rest.len());
        self.piece(Kind::Text, start..start + length);
        self.at = start + length + close.len();
    }

    /// A character literal, which may hold a quote or a slash, or a lifetime.
    fn quote(&mut self) {
        let character = match self.peek(1) {
            Some(b'\\') => self
                .bytes
                .get(self.at + 3..)
                .unwrap_or_default()
                .iter()
                .position(|byte| *byte == b'\'')
                .map(|more| more + 4),
            Some(first) => {
                let width = match first {
                    0..=0x7f => 1,
                    0x80..=0xdf => 2,
                    0xe0..=0xef => 3,
                    0xf0.. => 4,
                };
                (self.peek(1 + width) == Some(b'\'')).then_some(width + 2)
            }
            None => None,
        };
        match character {
            Some(length) => {
                self.blank(self.at + 1..self.at + length - 1);
                self.at += length;
            }
            None => self.at += 1,
        }
    }

    fn piece(&mut self, kind: Kind, range: Range<usize>) {
        self.blank(range.clone());
        self.pieces.push(Piece { kind, range });
    }

    fn blank(&mut self, range: Range<usize>) {
        for byte in &mut self.code[range] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, RustSource};

    #[track_caller]
    fn check(source: &str, code: &str, pieces: &[(Kind, &str)]) {
        let cut = RustSource::new(source);
        let shown: Vec<(Kind, &str)> = cut.pieces.iter().map(|one| (one.kind, &source[one.range.clone()])).collect();
        assert_eq!((cut.code.as_str(), shown.as_slice()), (code, pieces));
    }

    #[test]
    fn comments_and_texts_are_told_from_code() {
        check("a // b \"c\"\nd", "a         \nd", &[(Kind::Comment, "// b \"c\"")]);
        check("a /* b /* c */ \" */ d", "a                   d", &[(Kind::Comment, "/* b /* c */ \" */")]);
        check(r#"f("a\"b // c")"#, r#"f("         ")"#, &[(Kind::Text, r#"a\"b // c"#)]);
        check(r##"f(r#"a"b"#, br"c")"##, r##"f(r#"   "#, br" ")"##, &[(Kind::Text, "a\"b"), (Kind::Text, "c")]);
        check("var\"a\"", "var\" \"", &[(Kind::Text, "a")]);
    }

    #[test]
    fn a_quote_in_a_character_opens_no_text() {
        check(r#"['"', '\'', '\\', 'é'] // x"#, r#"[' ', '  ', '  ', '  ']     "#, &[(Kind::Comment, "// x")]);
        check("fn f<'a>(a: &'a str) {}", "fn f<'a>(a: &'a str) {}", &[]);
    }

    #[test]
    fn what_does_not_end_ends_with_the_file() {
        for source in ["\"a", "\"a\\", "r#\"a\"", "/* a", "'", "'\\", "r", "r#"] {
            RustSource::new(source);
        }
    }

    #[test]
    fn a_test_item_reaches_to_its_last_brace() {
        let source = "fn a() {}\n#[cfg(test)]\nmod tests { fn b() { \"}\" } }\n#[cfg(test)]\nmod more;\nfn c() {}";
        let cut = RustSource::new(source);
        let items: Vec<&str> = cut.test_items().into_iter().map(|range| &source[range]).collect();
        assert_eq!(items, ["#[cfg(test)]\nmod tests { fn b() { \"}\" } }", "#[cfg(test)]\nmod more;"]);
    }
}
