//! What each kind of refusal means and what can be done about it.

/// A kind of refusal.
#[derive(Clone, Copy, Debug)]
pub struct Remedy {
    /// Its code: a problem's, a SCIM `scimType` in the same form, or an HTTP status.
    pub code: &'static str,
    /// What it is.
    pub title: &'static str,
    /// What causes it.
    pub cause: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

const fn of(code: &'static str, title: &'static str, cause: &'static str, remedy: &'static str) -> Remedy {
    Remedy { code, title, cause, remedy }
}

/// The remedy of a code.
pub fn remedy(code: &str) -> Option<&'static Remedy> {
    REMEDIES.iter().find(|remedy| remedy.code == code)
}

/// The code of a refusal: by what the audit log says of its reason, a SCIM keyword or, where there is none, the status.
pub fn code_of(keyword: Option<&str>, status: Option<u64>) -> Option<&'static Remedy> {
    let keyword = keyword.map(kebab);
    keyword.and_then(|keyword| remedy(&keyword)).or_else(|| remedy(&status?.to_string()))
}

/// `invalidFilter` as `invalid-filter`.
fn kebab(keyword: &str) -> String {
    let mut text = String::new();
    for letter in keyword.chars() {
        if letter.is_ascii_uppercase() {
            text.push('-');
        }
        text.push(letter.to_ascii_lowercase());
    }
    // A value that is taken is a name that is taken, whoever says so.
    if text == "uniqueness" { "name-taken".to_owned() } else { text }
}

/// All of them, in the order of the page.
pub const REMEDIES: &[Remedy] = &[
    of(
        "policy",
        "The account’s policy refuses it",
        "A field of the account’s provisioning policy forbids what was asked; the refusal names the field",
        "Change what is sent, or have an administrator change that field under Settings, Provisioning policy. Its explanation stands \
         beside it",
    ),
    of(
        "name-taken",
        "The name is taken",
        "Another record of the account has this value already, and it has to be unique",
        "Choose another value; or, if both are the same person, adopt the user who is there instead of making another one",
    ),
    of(
        "invalid-filter",
        "The filter cannot be read",
        "The filter is not of the form that RFC 7644 describes, or names an attribute that there is not",
        "Correct the filter, such as `userName eq \"ann@example.com\"`; text stands between quotation marks",
    ),
    of(
        "too-many",
        "Too many records to look at",
        "No index serves this filter or order, and the account has more records than are looked at one by one",
        "Filter by an attribute that has an index (`userName`, `externalId`, `emails.value`, `id`), or declare one for an attribute of \
         your own",
    ),
    of(
        "invalid-syntax",
        "The body cannot be read",
        "The request’s body is no JSON, lacks its `schemas`, or names schemas that are not the request’s, such as those of SCIM 1.1",
        "Send SCIM 2.0 as RFC 7644 describes it; the refusal says where the body is wrong",
    ),
    of(
        "invalid-value",
        "A value is not taken",
        "A value has the wrong type, is missing, is too long, or is not one of those that are allowed",
        "Correct the value that the refusal names. With Entra, look at the mapping of that attribute",
    ),
    of(
        "invalid-path",
        "The path of a change cannot be read",
        "The `path` of a PATCH operation names no attribute of the resource, or is not of the form that RFC 7644 describes",
        "Correct the path. With Entra, look at the target attribute of the mapping: it is sent as it stands there",
    ),
    of(
        "no-target",
        "A change finds nothing to change",
        "The filter in the `path` of a PATCH operation fits no value that is there",
        "Add the value first, or leave the operation out: there is nothing to change",
    ),
    of(
        "mutability",
        "The attribute cannot be changed",
        "The attribute is read only, or may be set once only",
        "Leave it out of the request; with Entra, remove its mapping or let it apply on creation only",
    ),
    of(
        "invalid-vers",
        "Another version of SCIM",
        "The address asks for a version of SCIM that is not spoken here",
        "Use the tenant URL as it is shown on the page of the administrative app: it ends with `/scim/v2`",
    ),
    of(
        "sensitive",
        "What is asked for would stand in the address",
        "A filter in the address names something that must not be logged",
        "Send the same search as a POST to `/.search`, where it stands in the body",
    ),
    of(
        "invalid-cursor",
        "The cursor is not known",
        "The cursor was not given for this question, or was changed on the way",
        "Begin again without a cursor, and send each cursor back as it was given",
    ),
    of(
        "expired-cursor",
        "The cursor is too old",
        "A cursor is good for some time only",
        "Begin again without a cursor",
    ),
    of(
        "invalid-count",
        "The number of results cannot be had",
        "More results are asked for than one answer may hold",
        "Ask for fewer, and read the next page with the cursor or index of the answer",
    ),
    of(
        "400",
        "The request cannot be understood",
        "Something in the address, the headers or the body is not of the form that is expected",
        "The refusal says what; correct that and send it again",
    ),
    of(
        "401",
        "The key is not taken",
        "There is no key, or it was mistyped, has expired, was replaced or revoked, or its owner is disabled",
        "Paste the key again at the identity provider. If it is lost, rotate it on the page of the administrative app",
    ),
    of(
        "403",
        "The key may not do this",
        "The key is good, but not for this: its scopes, networks or ceiling forbid it, or the roles of its owner do not permit it",
        "Look at what the administrative app may do under Settings, or at the roles of the owner",
    ),
    of(
        "404",
        "There is no such resource",
        "It was removed, never was, or belongs to another account or another identity provider",
        "Have the identity provider look for the person again: with Entra, restart provisioning",
    ),
    of(
        "405",
        "The address does not answer this method",
        "What is there cannot be made, changed or removed this way",
        "The answer’s header `Allow` says which methods it answers",
    ),
    of(
        "409",
        "It is in the way of something else",
        "Another record has the value, or another change came in between",
        "Look at the record that is there, then decide: adopt it, rename it, or try again",
    ),
    of(
        "412",
        "It was changed meanwhile",
        "The request names a version with `If-Match` that is not the present one",
        "Read the resource again and send the change with its new version",
    ),
    of("413", "The request is too long", "The body is longer than is read", "Send it in several requests"),
    of(
        "415",
        "The type of the body is not read",
        "The request’s `Content-Type` is not one that is read here",
        "Send `application/scim+json` or `application/json`, in UTF-8 and not compressed",
    ),
    of(
        "429",
        "Too many requests",
        "The key asks more often than the account’s policy allows, or too many wrong keys came from this address",
        "Wait as long as the header `Retry-After` says; identity providers do it by themselves",
    ),
    of(
        "500",
        "The server failed",
        "Something went wrong that should not have",
        "Look for the request’s number in the server’s log, and tell the operator",
    ),
    of(
        "501",
        "It is not offered",
        "The account’s policy has switched this part of SCIM off, such as groups",
        "Switch it off at the identity provider too, or on in the policy",
    ),
    of(
        "502",
        "Somebody else’s server did not answer as it has to",
        "What was asked needs another server, such as that of the mail or of an identity provider, and that one failed",
        "Look at its address and credentials where it is set up here, and whether it can be reached; then try again",
    ),
    of(
        "503",
        "The server cannot answer now",
        "The database is away, or the account is being moved",
        "Nothing has to be done: identity providers try again. If it lasts, look at the server’s log",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_and_statuses_lead_to_their_remedies() {
        for (keyword, status, code) in [
            (Some("invalidFilter"), Some(400), "invalid-filter"),
            (Some("uniqueness"), Some(409), "name-taken"),
            (Some("unheardOf"), Some(409), "409"),
            (None, Some(401), "401"),
            (None, Some(502), "502"),
        ] {
            assert_eq!(code_of(keyword, status).map(|remedy| remedy.code), Some(code));
        }
        assert!(code_of(None, Some(418)).is_none());
    }
}
