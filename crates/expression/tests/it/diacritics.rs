//! Entra's table of letters with marks, whole.

use crate::fixtures::result;

/// Letters that become one, as documented; upper case likewise.
const TABLE: &[(&str, &str)] = &[
    ("ä à â ã å á ą ă ā ā́ ā̀ ā̂ ā̃ ǟ ā̈ ǡ a̱ å̄ Ä À Â Ã Å Á Ą Ă Ā Ā́ Ā̀ Ā̂ Ā̃ Ǟ Ā̈ Ǡ A̱ Å̄", "a"),
    ("æ ǣ Æ Ǣ", "ae"),
    ("ç č ć c̄ c̱ Ç Č Ć C̄ C̱", "c"),
    ("ď d̄ ḏ Ď D̄ Ḏ", "d"),
    ("ë è é ê ę ě ė ē ḗ ḕ ē̂ ē̃ ê̄ e̱ ë̄ e̊̄ Ë È É Ê Ę Ě Ė Ē Ḗ Ḕ Ē̂ Ē̃ Ê̄ E̱ Ë̄ E̊̄", "e"),
    ("ğ ḡ g̱ Ğ Ḡ G̱", "g"),
    ("ï î ì í ı ī ī́ ī̀ ī̂ ī̃ i̱ Ï Î Ì Í İ Ī Ī́ Ī̀ Ī̂ Ī̃ I̱", "i"),
    ("ľ ł l̄ ḹ ḻ Ł Ľ L̄ Ḹ Ḻ", "l"),
    ("ñ ń ň n̄ ṉ Ñ Ń Ň N̄ Ṉ", "n"),
    ("ö ò ő õ ô ó ō ṓ ṑ ō̂ ō̃ ȫ ō̈ ǭ ȭ ȱ o̱ Ö Ò Ő Õ Ô Ó Ō Ṓ Ṑ Ō̂ Ō̃ Ȫ Ō̈ Ǭ Ȭ Ȱ O̱", "o"),
    ("ø ø̄ œ̄ Ø Ø̄ Œ̄", "oe"),
    ("ř r̄ ṟ ṝ Ř R̄ Ṟ Ṝ", "r"),
    ("ß", "ss"),
    ("š ś ș ş s̄ s̱ Š Ś Ș Ş S̄ S̱", "s"),
    ("ť ț t̄ ṯ Ť Ț T̄ Ṯ", "t"),
    ("ü ù û ú ů ű ū ū́ ū̀ ū̂ ū̃ u̇̄ ǖ ṻ ṳ̄ u̱ Ü Ù Û Ú Ů Ű Ū Ū́ Ū̀ Ū̂ Ū̃ U̇̄ Ǖ Ṻ Ṳ̄ U̱", "u"),
    ("ÿ ý ȳ ȳ́ ȳ̀ ȳ̃ y̱ Ÿ Ý Ȳ Ȳ́ Ȳ̀ Ȳ̃ Y̱", "y"),
    ("ź ž ż z̄ ẕ Ź Ž Ż Z̄ Ẕ", "z"),
];

fn normalized(text: &str) -> String {
    let result = result(&format!("NormalizeDiacritics(\"{text}\")"), "", &[]);
    result.trim_matches('"').to_owned()
}

#[test]
fn every_letter_of_the_table() {
    for (letters, plain) in TABLE {
        for letter in letters.split(' ') {
            let is_capital = letter.chars().next().is_some_and(char::is_uppercase);
            let expected = if is_capital { plain.to_uppercase() } else { (*plain).to_owned() };
            assert_eq!(normalized(letter), expected, "{letter}");
            assert_eq!(normalized(&format!("x{letter}y")), format!("x{expected}y"), "{letter}");
        }
    }
}

#[test]
fn letters_outside_of_the_table_stay_as_they_are() {
    for text in
        ["Łódź Nuñez", "Đorđe", "Ķīle", "й", "가", "か\u{3099}", "k̄", "þ", "ẞ", "\u{301}", "œuvre", "👩\u{200d}👩", ""]
    {
        let expected = text.replace("Łódź", "Lodz").replace("ñ", "n").replace('ī', "i").replace('œ', "oe");
        assert_eq!(normalized(text), expected, "{text}");
    }
}
