//! Dates: texts that are one, .NET's formats, and reckoning.

use crate::fixtures::check;

#[test]
fn texts_that_are_dates() {
    let at = |time: &str| format!("\"7/2/2021 {time}\"");
    let cases: &[(&str, String)] = &[
        ("2021-07-02", at("12:00:00 AM")),
        ("2021-7-2", at("12:00:00 AM")),
        ("2021/07/02", at("12:00:00 AM")),
        ("7/2/2021", at("12:00:00 AM")),
        ("07/02/2021", at("12:00:00 AM")),
        ("2 Jul 2021", at("12:00:00 AM")),
        ("2 July 2021", at("12:00:00 AM")),
        ("Jul 2, 2021", at("12:00:00 AM")),
        ("july 2 2021", at("12:00:00 AM")),
        ("Fri, 02 Jul 2021 15:33:38 GMT", at("3:33:38 PM")),
        ("Friday, July 2, 2021 3:33 PM", at("3:33:00 PM")),
        ("2021-07-02T15:33:38Z", at("3:33:38 PM")),
        ("2021-07-02T15:33:38.123456789Z", at("3:33:38 PM")),
        ("2021-07-02 15:33", at("3:33:00 PM")),
        ("2021-07-02T17:33:38+02:00", at("3:33:38 PM")),
        ("2021-07-02T08:33:38-0700", at("3:33:38 PM")),
        ("2021-07-02T17:33:38 +2", at("3:33:38 PM")),
        ("7/2/2021 3:33:38 PM", at("3:33:38 PM")),
        ("7/2/2021 12:00:00 AM", at("12:00:00 AM")),
        ("7/2/2021 12:30:00 pm", at("12:30:00 PM")),
        ("  2021-07-02 UTC ", at("12:00:00 AM")),
    ];
    for (text, expected) in cases {
        check(&[("CDate([d])", &format!("{{\"d\":\"{text}\"}}"), expected)]);
    }
}

#[test]
fn texts_that_are_no_dates() {
    for text in [
        "yesterday",
        "2021",
        "2021-13-01",
        "2021-02-29",
        "2021-07-02T25:00",
        "2021-07-02T10",
        "7-2-2021",
        "32 Jul 2021",
        "2 Juli 2021",
        "2021-07-02T10:00+15:00",
        "2021-07-02 13:00 PM",
        "2021-07-02x",
        "0000-01-01",
        "2021-07-02T10:00:00.Z",
        "7/2/21",
        "-",
        "+",
        "é",
        "0001-01-01+14:00",
        "2021-07-02T10:00:00.1234567890",
        "20210702",
    ] {
        let expected = format!("error: `CDate`: `{text}` is no date, at line 1, column 1");
        check(&[("CDate([d])", &format!("{{\"d\":\"{text}\"}}"), &expected)]);
    }
}

/// Reads in one format, and writes in one that shows everything.
#[track_caller]
fn reads(styles: &str, cases: &[(&str, &str, &str)]) {
    for (format, text, expected) in cases {
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        let all = "yyyy-MM-dd HH:mm:ss.fffffffK";
        let expression = format!("FormatDateTime([d], \"{styles}\", \"{}\", \"{all}\")", quoted(format));
        let expected = match *expected {
            "" => format!("error: `FormatDateTime`: `{text}` is no date in the format `{format}`, at line 1, column 1"),
            expected => format!("\"{expected}\""),
        };
        check(&[(&expression, &format!("{{\"d\":\"{}\"}}", quoted(text)), &expected)]);
    }
}

#[test]
fn custom_formats_are_read_exactly() {
    reads(
        "",
        &[
            ("yyyy-MM-dd", "2021-07-02", "2021-07-02 00:00:00.0000000"),
            ("yyyy-MM-dd", "2021-7-2", ""),
            ("yyyy-M-d", "2021-7-2", "2021-07-02 00:00:00.0000000"),
            ("yyyy-M-d", "2021-07-02", "2021-07-02 00:00:00.0000000"),
            ("yyyy-MM-dd", "2021-07-02x", ""),
            ("yyyy-MM-dd", "2021-02-30", ""),
            ("yyyyMMddHHmmss", "20210702153338", "2021-07-02 15:33:38.0000000"),
            ("yy/M/d", "49/1/2", "2049-01-02 00:00:00.0000000"),
            ("yy/M/d", "50/1/2", "1950-01-02 00:00:00.0000000"),
            ("d MMM yyyy", "2 jul 2021", "2021-07-02 00:00:00.0000000"),
            ("d MMMM yyyy", "2 July 2021", "2021-07-02 00:00:00.0000000"),
            ("d MMMM yyyy", "2 Jul 2021", ""),
            ("ddd, d MMM yyyy", "Fri, 2 Jul 2021", "2021-07-02 00:00:00.0000000"),
            ("dddd d MMM yyyy", "Monday 2 Jul 2021", ""),
            ("yyyy-MM-dd h:mm tt", "2021-07-02 3:33 PM", "2021-07-02 15:33:00.0000000"),
            ("yyyy-MM-dd h:mm tt", "2021-07-02 12:33 am", "2021-07-02 00:33:00.0000000"),
            ("yyyy-MM-dd h:mm tt", "2021-07-02 13:33 PM", ""),
            ("yyyy-MM-dd hh:mm t", "2021-07-02 03:33 P", "2021-07-02 15:33:00.0000000"),
            ("yyyy-MM-dd HH:mm", "2021-07-02 24:00", ""),
            ("HH:mm", "10:20", "2021-07-02 10:20:00.0000000"),
            ("MM-dd", "03-04", "2021-03-04 00:00:00.0000000"),
            ("yyyy", "2020", "2020-01-01 00:00:00.0000000"),
            ("ss.fff", "38.120", "2021-07-02 00:00:38.1200000"),
            ("ss.fff", "38.12", ""),
            ("ss.FFF", "38.12", "2021-07-02 00:00:38.1200000"),
            ("ss.FFF", "38", "2021-07-02 00:00:38.0000000"),
            ("yyyy yyyy", "2021 2021", "2021-01-01 00:00:00.0000000"),
            ("yyyy yyyy", "2021 2020", ""),
            ("'on' yyyy\\y", "on 2021y", "2021-01-01 00:00:00.0000000"),
            ("%d", "2", "2021-01-02 00:00:00.0000000"),
            ("yyyy-MM-dd", "  2021-07-02 ", "2021-07-02 00:00:00.0000000"),
            ("yyyy-MM-dd HH:mm", "2021-07-02  10:00", ""),
            ("yyyy g", "2021 A.D.", "2021-01-01 00:00:00.0000000"),
        ],
    );
}

#[test]
fn time_zones_are_converted_to_utc() {
    reads(
        "",
        &[
            ("yyyy-MM-ddzzz", "2021-07-02+08:00", "2021-07-01 16:00:00.0000000+00:00"),
            ("yyyy-MM-ddzzz", "2021-07-02-0700", "2021-07-02 07:00:00.0000000+00:00"),
            ("yyyy-MM-ddzz", "2021-07-02-07", "2021-07-02 07:00:00.0000000+00:00"),
            ("yyyy-MM-ddz", "2021-07-02+2", "2021-07-01 22:00:00.0000000+00:00"),
            ("yyyy-MM-ddzzz", "2021-07-02+15:00", ""),
            ("yyyy-MM-ddK", "2021-07-02Z", "2021-07-02 00:00:00.0000000Z"),
            ("yyyy-MM-ddK", "2021-07-02+01:00", "2021-07-01 23:00:00.0000000+00:00"),
            ("yyyy-MM-ddK", "2021-07-02", "2021-07-02 00:00:00.0000000"),
            ("yyyy-MM-dd'Z'", "2021-07-02Z", "2021-07-02 00:00:00.0000000"),
            ("yyyy-MM-dd Z", "2021-07-02 GMT", "2021-07-02 00:00:00.0000000Z"),
            ("o", "2021-07-02T15:33:38.1234567Z", "2021-07-02 15:33:38.1234567Z"),
            ("u", "2021-07-02 15:33:38Z", "2021-07-02 15:33:38.0000000Z"),
        ],
    );
    reads("AssumeUniversal", &[("yyyy", "2020", "2020-01-01 00:00:00.0000000+00:00"), ("yyyy", " 2020", "")]);
    reads("AssumeLocal, AdjustToUniversal", &[("yyyy", "2020", "2020-01-01 00:00:00.0000000Z")]);
    reads(
        "None",
        &[("yyyy'Z'", "2020Z", "2020-01-01 00:00:00.0000000"), ("yyyyK", "2020Z", "2020-01-01 00:00:00.0000000+00:00")],
    );
    reads("DateTimeStyles.AllowWhiteSpaces", &[("yyyy-MM", " 2020 - 03 ", "2020-03-01 00:00:00.0000000")]);
    reads("NoCurrentDateDefault", &[("HH:mm", "10:20", "0001-01-01 10:20:00.0000000")]);
}

#[test]
fn formats_are_written_as_dot_net_writes_them() {
    for (format, expected) in [
        ("d", "07/02/2021"),
        ("D", "Friday, 02 July 2021"),
        ("f", "Friday, 02 July 2021 05:06"),
        ("F", "Friday, 02 July 2021 05:06:07"),
        ("g", "07/02/2021 05:06"),
        ("G", "07/02/2021 05:06:07"),
        ("M", "July 02"),
        ("o", "2021-07-02T05:06:07.0800000Z"),
        ("R", "Fri, 02 Jul 2021 05:06:07 GMT"),
        ("s", "2021-07-02T05:06:07"),
        ("t", "05:06"),
        ("T", "05:06:07"),
        ("u", "2021-07-02 05:06:07Z"),
        ("y", "2021 July"),
        ("%d", "2"),
        ("%M", "7"),
        ("yy y yyyyy", "21 21 02021"),
        ("dddd ddd dd d", "Friday Fri 02 2"),
        ("MMMM MMM MM M", "July Jul 07 7"),
        ("hh h HH H mm m ss s", "05 5 05 5 06 6 07 7"),
        ("tt t", "AM A"),
        ("ff FFFF", "08 08"),
        ("z zz zzz K", "+0 +00 +00:00 Z"),
        ("gg", "A.D."),
        ("yyyy'year'\\d\\\\", "2021yeard\\\\"),
    ] {
        let escaped = format.replace('\\', "\\\\");
        let expression = format!("FormatDateTime([d], , \"o\", \"{escaped}\")");
        check(&[(&expression, r#"{"d":"2021-07-02T05:06:07.0800000Z"}"#, &format!("\"{expected}\""))]);
    }
    check(&[
        (r#"FormatDateTime([d], , "yyyy", "ss.FFF")"#, r#"{"d":"2021"}"#, r#""00""#),
        (r#"FormatDateTime([d], , "HH", "h tt")"#, r#"{"d":"12"}"#, r#""12 PM""#),
        (r#"FormatDateTime(Now(), , "M/d/yyyy h:mm:ss tt", "yyyy-MM-dd")"#, "", r#""2021-07-02""#),
    ]);
}

#[test]
fn formats_that_are_none() {
    for (format, problem) in [
        ("", "an empty text is no date format"),
        ("q", "`q` alone is no standard .NET date format"),
        ("'a", "the format has no closing '"),
        ("yyyy%", "`%` stands before one letter of a format"),
        ("yyyy\\\\", "the format ends with a backslash"),
        ("ffffffff", "`f` may be repeated 7 times in a format"),
    ] {
        let expression = format!("FormatDateTime([mail], , \"{format}\", \"d\")");
        let expected = format!("refused: `inputFormat` of `FormatDateTime`: {problem}, at line 1, column 26");
        check(&[(&expression, "", &expected)]);
    }
}

#[test]
fn reckoning() {
    check(&[
        (r#"DateAdd("m", 1, CDate("2021-01-31"))"#, "", r#""2/28/2021 12:00:00 AM""#),
        (r#"DateAdd("yyyy", -1, CDate("2020-02-29"))"#, "", r#""2/28/2019 12:00:00 AM""#),
        (r#"DateAdd("h", 36, Now())"#, "", r#""7/4/2021 3:33:38 AM""#),
        (r#"DateAdd("n", -34, Now())"#, "", r#""7/2/2021 2:59:38 PM""#),
        (r#"DateAdd("s", 22, Now())"#, "", r#""7/2/2021 3:34:00 PM""#),
        (
            r#"DateAdd("yyyy", 7979, Now())"#,
            "",
            "error: `DateAdd`: the result is outside of the years 1 to 9999, at line 1, column 1",
        ),
        (
            r#"DateAdd("s", -9223372036854775807, Now())"#,
            "",
            "error: `DateAdd`: the result is outside of the years 1 to 9999, at line 1, column 1",
        ),
        (r#"DateDiff("ww", "2021-07-03", "2021-07-04")"#, "", "1"),
        (r#"DateDiff("ww", "2021-07-04", "2021-07-10")"#, "", "0"),
        (r#"DateDiff("yyyy", "2020-12-31", "2021-01-01")"#, "", "1"),
        (r#"DateDiff("m", "2021-01-31", "2021-02-01")"#, "", "1"),
        (r#"DateDiff("d", "2021-07-02T23:00", "2021-07-03T01:00")"#, "", "0"),
        ("DateFromNum(0)", "", r#""1/1/1601 12:00:00 AM""#),
        (
            "DateFromNum(9223372036854775807)",
            "",
            "error: `DateFromNum`: the number stands for a date after the year 9999, at line 1, column 1",
        ),
        (r#"NumFromDate("1601-01-01")"#, "", "0"),
        (
            r#"NumFromDate("1600-12-31")"#,
            "",
            "error: `NumFromDate`: a date before 1601 has no such number, at line 1, column 1",
        ),
        ("NumFromDate(DateFromNum(129699324000000001))", "", "129699324000000001"),
        (
            r#"DateDiff([a], Now(), Now())"#,
            r#"{"a":"D"}"#,
            "error: `DateDiff`: expected one of yyyy, m, d, ww, h, n, s, found `D`, at line 1, column 1",
        ),
    ]);
}
