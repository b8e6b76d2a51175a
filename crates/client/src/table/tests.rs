use super::*;
use proptest::prelude::*;

/// What a file comes to: each row, or its fault, in a line.
fn shown(text: &[u8]) -> String {
    let mut table = match Table::open(text, b',') {
        Ok(table) => table,
        Err(error) => return error.to_string(),
    };
    let mut rows = vec![table.titles().join("|")];
    while let Some(row) = table.next_row().unwrap() {
        rows.push(match row {
            Ok(row) => format!("{}: {}", row.line, row.values.join("|")),
            Err(fault) => fault.to_string(),
        });
    }
    rows.join("\n")
}

#[test]
fn a_row_is_read_or_its_fault_is_named_by_its_line_and_the_others_are_read() {
    let long = format!("a,b\n1,{}\n2,3\n", "x".repeat(ROW_BYTES_MAX));
    let columns = format!("a,b\n{}\n2,3\n", ",".repeat(10_000_000));
    let cases: [(&str, &[u8], &str); 24] = [
        ("plain", b"a,b\n1,2\n3,4\n", "a|b\n2: 1|2\n3: 3|4"),
        ("no line feed at the end", b"a,b\n1,2", "a|b\n2: 1|2"),
        ("CRLF and empty lines", b"a,b\r\n\r\n1,2\r\n\r\n", "a|b\n3: 1|2"),
        ("a byte order mark", b"\xef\xbb\xbf\"a\",b\n1,2\n", "a|b\n2: 1|2"),
        ("quotation marks", b"a,b\n\"1\"\"x\",\"2,\n3\"\n4,5\n", "a|b\n2: 1\"x|2,\n3\n4: 4|5"),
        ("a quotation mark within", b"a,b\n5\" x,6\n7,8\n", "a|b\n2: 5\" x|6\n3: 7|8"),
        (
            "text behind a closed one",
            b"a,b\n\"1\"x,2\n",
            "a|b\nline 2: a quotation mark is not closed, or text stands behind it",
        ),
        (
            "one that is not closed takes its own line only",
            b"a,b\n\"1,2\n3,4\n5,6\n",
            "a|b\nline 2: a quotation mark is not closed, or text stands behind it\n3: 3|4\n4: 5|6",
        ),
        (
            "two of them",
            b"a,b\n1,\"2\n3,4\n\"5,6\n7,8",
            "a|b\nline 2: a quotation mark is not closed, or text stands behind it\n3: 3|4\n\
             line 4: a quotation mark is not closed, or text stands behind it\n5: 7|8",
        ),
        (
            "fewer and more columns",
            b"a,b\n1\n1,2,3\n4,5\n",
            "a|b\nline 2: 1 columns, and the titles are 2\nline 3: 3 columns, and the titles are 2\n\
             4: 4|5",
        ),
        ("bad UTF-8", b"a,b\n1,\xff\xfe\n2,3\n", "a|b\nline 2: column 2 is not UTF-8\n3: 2|3"),
        ("NUL", b"a,b\n1,\0\n2,3\n", "a|b\nline 2: column `b` holds a NUL\n3: 2|3"),
        ("a lone carriage return", b"a,b\n1\r2,3\n", "a|b\n2: 1\r2|3"),
        ("a long line", long.as_bytes(), "a|b\nline 2: longer than 262144 bytes\n3: 2|3"),
        ("ten million columns", columns.as_bytes(), "a|b\nline 2: longer than 262144 bytes\n3: 2|3"),
        (
            "two of them that go together, and too many columns",
            b"a,b\n1,\"2\n3,4\n5,6\",7\n8,9",
            "a|b\nline 2: 3 columns, and the titles are 2\n3: 3|4\nline 4: 3 columns, and the titles are 2\n5: 8|9",
        ),
        ("only titles", b"a,b\n", "a|b"),
        ("a byte order mark alone", b"\n\xef\xbb\xbf\n1,2\n", "line 1, which names the columns: it names no column"),
        ("nothing", b"", "the file is empty: its first line names the columns"),
        ("nothing but lines", b"\n\r\n", "the file is empty: its first line names the columns"),
        ("UTF-16", b"\xff\xfea\0,\0b\0\n\0", "the file is in UTF-16: save it as UTF-8"),
        ("a title twice", b"a,A\n", "line 1, which names the columns: two columns are called `A`"),
        ("no title", b"a,,b\n", "line 1, which names the columns: column 2 has no title"),
        (
            "titles that do not end",
            b"\"a,b\n1,2\n",
            "line 1, which names the columns: a quotation mark is not closed, or text stands behind it",
        ),
    ];
    for (name, text, expected) in cases {
        assert_eq!(shown(text), expected, "{name}");
    }
    let many = format!("{}\n", (0..=COLUMNS_MAX).map(|number| number.to_string()).collect::<Vec<_>>().join(","));
    assert_eq!(shown(many.as_bytes()), "line 1, which names the columns: 1001 columns, 1000 at most");
}

#[test]
fn a_line_that_is_too_long_within_quotation_marks_hides_none_behind_it() {
    let text = format!("a,b\n\"1,2\n3,{}\n4,5\n", "x".repeat(ROW_BYTES_MAX));
    let expected = "a|b\nline 2: a quotation mark is not closed, or text stands behind it\nline 3: longer than 262144 bytes\n4: 4|5";
    assert_eq!(shown(text.as_bytes()), expected);
}

/// Any byte, and those that mean something more often.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![Just(b'"'), Just(b','), Just(b'\n'), Just(b'\r'), any::<u8>()]
}

proptest! {
    #[test]
    fn no_file_is_too_strange(text in proptest::collection::vec(byte(), 0..200)) {
        shown(&text);
    }

    #[test]
    fn what_is_written_is_read(rows in proptest::collection::vec(("[^\0\u{feff}]{0,8}", "[^\0\u{feff}]{0,8}"), 0..8)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["a", "b"]).unwrap();
        for (one, other) in &rows {
            writer.write_record([one, other]).unwrap();
        }
        let text = writer.into_inner().unwrap();
        let mut table = Table::open(text.as_slice(), b',').unwrap();
        let mut found = Vec::new();
        while let Some(row) = table.next_row().unwrap() {
            let values = row.unwrap().values;
            found.push((values[0].clone(), values[1].clone()));
        }
        prop_assert_eq!(found, rows);
    }
}
