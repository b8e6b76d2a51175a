//! Every example of Entra's documentation, as it stands there.

use crate::fixtures::check;

#[test]
fn examples_of_the_function_reference() {
    check(&[
        (
            r#"Append([userPrincipalName], ".test")"#,
            r#"{"userPrincipalName":"John.Doe@contoso.com"}"#,
            r#""John.Doe@contoso.com.test""#,
        ),
        ("BitAnd(&HF, &HF7)", "", "7"),
        ("CBool([attribute1] = [attribute2])", r#"{"attribute1":"a","attribute2":"a"}"#, "true"),
        ("CBool([attribute1] = [attribute2])", r#"{"attribute1":"a","attribute2":"b"}"#, "false"),
        (
            "Coalesce([mail],[userPrincipalName])",
            r#"{"mail":null,"userPrincipalName":"John.Doe@contoso.com"}"#,
            r#""John.Doe@contoso.com""#,
        ),
        (r#"ConvertToBase64("Hello world!")"#, "", r#""SABlAGwAbABvACAAdwBvAHIAbABkACEA""#),
        (r#"ConvertToUTF8Hex("Hello world!")"#, "", r#""48656C6C6F20776F726C6421""#),
        ("CStr([dn])", r#"{"dn":"cn=Joe,dc=contoso,dc=com"}"#, r#""cn=Joe,dc=contoso,dc=com""#),
        ("DateFromNum(129699324000000000)", "", r#""1/1/2012 11:00:00 PM""#),
        (
            r#"FormatDateTime([extensionAttribute1], , "yyyyMMddHHmmss.fZ", "yyyy-MM-dd")"#,
            r#"{"extensionAttribute1":"20150123105347.1Z"}"#,
            r#""2015-01-23""#,
        ),
        ("IgnoreFlowIfNullOrEmpty([department])", r#"{"department":""}"#, "ignored"),
        (
            r#"IgnoreFlowIfNullOrEmpty(Switch([prefix], "", "3443", "Dr.", "3444", "Prof.", "3445", "Prof. Dr."))"#,
            r#"{"prefix":"3444"}"#,
            r#""Prof.""#,
        ),
        (
            r#"IgnoreFlowIfNullOrEmpty(Switch([prefix], "", "3443", "Dr.", "3444", "Prof.", "3445", "Prof. Dr."))"#,
            r#"{"prefix":"9"}"#,
            "ignored",
        ),
        (r#"IIF([country]="USA",[country],[department])"#, r#"{"country":"USA","department":"Sales"}"#, r#""USA""#),
        (r#"IIF([country]="USA",[country],[department])"#, r#"{"country":"DE","department":"Sales"}"#, r#""Sales""#),
        (
            r#"IIF([country]="USA",IIF([state]="CA","True","False"),"False")"#,
            r#"{"country":"USA","state":"CA"}"#,
            r#""True""#,
        ),
        (
            r#"IIF([country]="USA","True",IIF([state]="CA","True","False"))"#,
            r#"{"country":"DE","state":"NV"}"#,
            r#""False""#,
        ),
        (r#"Switch([country],[country],"","Other")"#, r#"{"country":null}"#, r#""Other""#),
        (r#"InStr("The quick brown fox","quick")"#, "", "5"),
        (r#"InStr("repEated","e",3,vbBinaryCompare)"#, "", "7"),
        ("IsNull([displayName])", "", "true"),
        ("IsNullOrEmpty([displayName])", r#"{"displayName":""}"#, "true"),
        ("Item([proxyAddresses], 1)", r#"{"proxyAddresses":["SMTP:a@x","smtp:b@x"]}"#, r#""SMTP:a@x""#),
        (r#"Join(", ", "", [surname], [givenName])"#, r#"{"givenName":"John","surname":"Doe"}"#, r#""Doe, John""#),
        (r#"Left("John Doe", 3)"#, "", r#""Joh""#),
        (
            "Append(Mid([givenName], 1, 3), Mid([surname], 1, 5))",
            r#"{"givenName":"John","surname":"Doe"}"#,
            r#""JohDoe""#,
        ),
        ("NormalizeDiacritics([givenName])", r#"{"givenName":"Zoë"}"#, r#""Zoe""#),
        ("Now()", "", r#""7/2/2021 3:33:38 PM""#),
        ("PCase([firstName])", r#"{"firstName":"PABLO GONSALVES (SECOND)"}"#, r#""Pablo Gonsalves (Second)""#),
        (r#"PCase([lastName]," '-")"#, r#"{"lastName":"PINTO-DE'SILVA"}"#, r#""Pinto-De'Silva""#),
        (
            r#"PCase(Join(" ",[firstName],[lastName]))"#,
            r#"{"firstName":"GREGORY","lastName":"JAMES"}"#,
            r#""Gregory James""#,
        ),
        ("Redact([userPrincipalName])", r#"{"userPrincipalName":"a@x"}"#, r#""a@x""#),
        ("RemoveDuplicates([proxyAddresses])", r#"{"proxyAddresses":["a","b","a"]}"#, r#"["a","b"]"#),
        (
            r#"Split([extensionAttribute5], ",")"#,
            r#"{"extensionAttribute5":"PermissionSetOne, PermissionSetTwo"}"#,
            r#"["PermissionSetOne","PermissionSetTwo"]"#,
        ),
        (
            r#"Switch([state], "Australia/Sydney", "NSW", "Australia/Sydney","QLD", "Australia/Brisbane", "SA", "Australia/Adelaide")"#,
            r#"{"state":"QLD"}"#,
            r#""Australia/Brisbane""#,
        ),
        (r#"Switch([statusFlag], "Default Value", "true", "1", "", "0")"#, r#"{"statusFlag":""}"#, r#""0""#),
        (r#"Switch(ToLower([statusFlag]), "0", "true", "1", "false", "0")"#, r#"{"statusFlag":"TRUE"}"#, r#""1""#),
        (r#"Switch([IsSoftDeleted], , "False", "True", "True", "False")"#, r#"{"IsSoftDeleted":false}"#, r#""True""#),
        (r#"Switch([IsSoftDeleted], , "False", "True", "True", "False")"#, r#"{"IsSoftDeleted":true}"#, r#""False""#),
        (r#"Word("The quick brown fox",3," ")"#, "", r#""brown""#),
        (r#"Word("This,string!has&many separators",3,",!&#")"#, "", r#""has""#),
        (
            r#"ToLower(Join("@", NormalizeDiacritics(StripSpaces(Join(".",  [PreferredFirstName], [PreferredLastName]))), "contoso.com"))"#,
            r#"{"PreferredFirstName":"John","PreferredLastName":"Smith"}"#,
            r#""john.smith@contoso.com""#,
        ),
        (
            r#"Join("", 1000, Replace(ConvertToUTF8Hex([objectId]), , "[a-zA-Z_]*", , "", , ))"#,
            r#"{"objectId":"0d5e47b9"}"#,
            r#""10003064356534376239""#,
        ),
    ]);
}

#[test]
fn examples_of_replace() {
    check(&[
        (
            r#"Replace([BusinessTitle],"Product Developer", , , "Software Engineer", , )"#,
            r#"{"BusinessTitle":"Product Developer"}"#,
            r#""Software Engineer""#,
        ),
        (r#"Replace([mail], "@contoso.com", , ,"", ,)"#, r#"{"mail":"john.doe@contoso.com"}"#, r#""john.doe""#),
        (
            r#"Replace([UserID],"<username>", , , , , "<username>@contoso.com")"#,
            r#"{"UserID":"jsmith"}"#,
            r#""jsmith@contoso.com""#,
        ),
        (
            r#"Replace([telephoneNumber], , "\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})", , "${phoneNumber}", , )"#,
            r#"{"telephoneNumber":"+91 9998887777"}"#,
            r#""9998887777""#,
        ),
        // The documentation says 19998887777, which its pattern does not give.
        (r#"Replace([mobile], , "[()\\s-]+", , "", , )"#, r#"{"mobile":"+1 (999) 888-7777"}"#, r#""+19998887777""#),
        (
            r#"Replace([AddressLineData], ,"(?<streetNumber>^\\d*)","streetNumber", "888", , )"#,
            r#"{"AddressLineData":"545 Tremont Street"}"#,
            r#""888 Tremont Street""#,
        ),
        (
            r#"Replace([userPrincipalName], , "(?<Suffix>@(.)*)", "Suffix", "", , )"#,
            r#"{"userPrincipalName":"jsmith@contoso.com"}"#,
            r#""jsmith""#,
        ),
        (
            r#"Replace([telephoneNumber], , "\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})", "phoneNumber" , , [mobile], )"#,
            r#"{"telephoneNumber":"","mobile":"+91 8887779999"}"#,
            r#""8887779999""#,
        ),
        (
            r#"Replace([telephoneNumber], , "\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})", "phoneNumber" , , [mobile], )"#,
            r#"{"telephoneNumber":"12","mobile":"+91 8887779999"}"#,
            r#""12""#,
        ),
        (r#"Replace([mailNickname], , "[a-zA-Z_]*", , "", , )"#, r#"{"mailNickname":"john_doe72"}"#, r#""72""#),
        (r#"Replace([preferredLanguage], "-", , , "_", , )"#, r#"{"preferredLanguage":"EN-US"}"#, r#""EN_US""#),
    ]);
}

#[test]
fn examples_of_dates() {
    check(&[
        ("CDate([StatusHireDate])", r#"{"StatusHireDate":"2020-03-16-07:00"}"#, r#""3/16/2020 7:00:00 AM""#),
        (r#"CDate("2021-06-30+08:00")"#, "", r#""6/29/2021 4:00:00 PM""#),
        (r#"CDate("2009-06-15T01:45:30-07:00")"#, "", r#""6/15/2009 8:45:30 AM""#),
        (r#"DateAdd("d", 7, CDate("2012-03-16-07:00"))"#, "", r#""3/23/2012 7:00:00 AM""#),
        (r#"DateAdd("d", -10, CDate("2012-03-16-07:00"))"#, "", r#""3/6/2012 7:00:00 AM""#),
        (r#"DateAdd("ww", 2, CDate("2012-03-16-07:00"))"#, "", r#""3/30/2012 7:00:00 AM""#),
        (r#"DateAdd("m", 10, CDate("2012-03-16-07:00"))"#, "", r#""1/16/2013 7:00:00 AM""#),
        (r#"DateAdd("yyyy", 2, CDate("2012-03-16-07:00"))"#, "", r#""3/16/2014 7:00:00 AM""#),
        (r#"DateDiff("d", CDate("2021-08-18+08:00"), CDate("2021-08-31+08:00"))"#, "", "13"),
        (r#"DateDiff("d", "8/25/2021 5:41:18 PM", CDate("2012-03-16-07:00"))"#, "", "-3449"),
        (r#"DateDiff("ww", "8/25/2021 5:41:18 PM", CDate("2012-03-16-07:00"))"#, "", "-493"),
        (r#"DateDiff("m", "8/25/2021 5:41:18 PM", CDate("2012-03-16-07:00"))"#, "", "-113"),
        (r#"DateDiff("yyyy", "8/25/2021 5:41:18 PM", CDate("2012-03-16-07:00"))"#, "", "-9"),
        (r#"DateDiff("d", CDate("2021-08-31+08:00"), CDate("2021-08-31+08:00"))"#, "", "0"),
        (r#"DateDiff("h", "2021-08-24", "2021-08-25")"#, "", "24"),
        (r#"DateDiff("n", "2021-08-24", "2021-08-25")"#, "", "1440"),
        (r#"DateDiff("s", "2021-08-24", "2021-08-25")"#, "", "86400"),
        (
            r#"Switch([Active], , "1", IIF(DateDiff("d", Now(), CDate([StatusHireDate])) > 5, "False", "True"), "0", "False")"#,
            r#"{"Active":"1","StatusHireDate":"2021-07-08Z"}"#,
            r#""True""#,
        ),
        (
            r#"Switch([Active], , "1", IIF(DateDiff("d", Now(), CDate([StatusHireDate])) > 5, "False", "True"), "0", "False")"#,
            r#"{"Active":"1","StatusHireDate":"2021-07-09Z"}"#,
            r#""False""#,
        ),
        (
            r#"NumFromDate(Join("", FormatDateTime([ContractEndDate], ,"yyyy-MM-ddzzz", "yyyy-MM-dd"), " 23:59:59-08:00"))"#,
            r#"{"ContractEndDate":"2020-12-31-08:00"}"#,
            "132539615990000000",
        ),
        (
            r#"NumFromDate(Join("",FormatDateTime([endDate], ,"M/d/yyyy hh:mm:ss tt","yyyy-MM-dd")," 23:59:59-08:00"))"#,
            r#"{"endDate":"12/31/2020 05:00:00 PM"}"#,
            "132539615990000000",
        ),
    ]);
}

#[test]
fn the_example_of_select_unique_value() {
    let expression = r#"SelectUniqueValue(
        Join("@", NormalizeDiacritics(StripSpaces(Join(".",  [PreferredFirstName], [PreferredLastName]))), "contoso.com"),
        Join("@", NormalizeDiacritics(StripSpaces(Join(".",  Mid([PreferredFirstName], 1, 1), [PreferredLastName]))), "contoso.com"),
        Join("@", NormalizeDiacritics(StripSpaces(Join(".",  Mid([PreferredFirstName], 1, 2), [PreferredLastName]))), "contoso.com")
    )"#;
    check(&[(
        expression,
        r#"{"PreferredFirstName":"John","PreferredLastName":"Smith"}"#,
        r#"candidates ["John.Smith@contoso.com","J.Smith@contoso.com","Jo.Smith@contoso.com"]"#,
    )]);
}
