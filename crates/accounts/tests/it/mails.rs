//! Which mails a change brings about, and how they wait.

use crate::fixture::{ACCOUNT, Fixture, refusal, replace};
use expect_test::{Expect, expect};
use jiff::{SignedDuration, Timestamp};
use provost_accounts::{
    User,
    mail::{self, Mail, Next, Recipient},
    token::{PresentedToken, Purpose},
    users::LocalEdit,
    verification,
};
use provost_change::Record;
use serde_json::{Value, json};

fn dsm(document: Value) -> Fixture {
    let mut whole = json!({ "preset": "dsm", "users": { "verification_mail": "send" } });
    merge(&mut whole, &document);
    Fixture::new(whole)
}

fn merge(base: &mut Value, over: &Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            over.iter().for_each(|(name, value)| merge(base.entry(name).or_insert(Value::Null), value));
        }
        (base, over) => *base = over.clone(),
    }
}

fn waiting(fixture: &Fixture) -> Vec<(Record, Mail)> {
    let records = fixture.records.iter().filter(|record| record.kind == mail::kind());
    records.map(|record| (record.clone(), mail::read(ACCOUNT, record).unwrap())).collect()
}

fn recipients(fixture: &Fixture) -> Vec<String> {
    let to = |mail: Mail| match mail.to {
        Recipient::Address(address) => address,
        Recipient::Administrators => "administrators".to_owned(),
    };
    let mails = waiting(fixture).into_iter().map(|(_, mail)| to(mail)).collect::<Vec<_>>();
    assert_eq!(fixture.counts.get(mail::COUNT).copied().unwrap_or(0), i64::try_from(mails.len()).unwrap());
    mails
}

fn warnings(fixture: &Fixture) -> String {
    let warnings = fixture.log.last().unwrap()["warnings"].as_array().cloned().unwrap_or_default();
    warnings.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; ")
}

fn link_in(mail: &Mail) -> PresentedToken {
    let line = mail.text.lines().find(|line| line.starts_with("https://")).unwrap();
    PresentedToken::read(Purpose::Verification, line.rsplit('/').next().unwrap()).unwrap()
}

#[track_caller]
fn check_letter(mail: &Mail, expected: Expect) {
    let text = mail.text.replace(|c: char| c.is_ascii_digit(), "9");
    expected.assert_eq(&format!("{}\n\n{}", mail.subject, text));
}

#[test]
fn s_41_a_new_user_gets_a_mail_with_a_link_of_which_only_the_hash_is_kept() {
    let mut fixture = dsm(json!({}));
    let ann = fixture.post(json!({ "userName": "ann@acme.example" })).unwrap();
    assert_eq!(recipients(&fixture), ["ann@acme.example"]);
    let (_, mail) = waiting(&fixture).remove(0);
    check_letter(
        &mail,
        expect![[r#"
            Confirm your address for Acme

            Hello,

            you were given access to Acme under the address ann@acme.example. Please confirm that it is yours:

            https://scim.example.com/verify/prv_verify_99999999999999999999999999999999999999999999999999999999999999999999c9f9999f9dfda9f9ce9e99acd99f

            The link works once, until 9999-99-99 99:99 UTC. If you did not expect this mail, you need not do anything.
        "#]],
    );
    let token = mail.text.lines().find(|line| line.starts_with("https://")).unwrap().rsplit('/').next().unwrap();
    assert!(!fixture.user(ann.id()).record.state.contains(token) && !ann.resource.to_json().contains("verif"));
    assert!(!fixture.log.iter().any(|entry| entry.to_string().contains(token)));
}

#[test]
fn s_41_who_is_sent_a_link() {
    let send = json!({ "users": { "verification_mail": "send" } });
    let by_name = json!({ "userName": "ann@acme.example" });
    let emails = |emails: Value| json!({ "userName": "ann", "emails": emails });
    let any = json!({ "users": { "identifier_format": "any", "attributes": "all" } });
    for (case, document, user, to) in [
        ("the sign-in name", send.clone(), by_name.clone(), "ann@acme.example"),
        ("the policy sends none", json!({ "users": { "verification_mail": "none" } }), by_name.clone(), ""),
        ("nothing needs to be proved", json!({ "users": { "verification": "none" } }), by_name, ""),
        (
            "the primary address, where the name is none",
            any.clone(),
            emails(json!([{ "value": "a@acme.example" }, { "value": "b@acme.example", "primary": true }])),
            "b@acme.example",
        ),
        (
            "else the first",
            any.clone(),
            emails(json!([{ "value": "a@acme.example" }, { "value": "b@x" }])),
            "a@acme.example",
        ),
        ("nobody who has none", any, json!({ "userName": "ann" }), "the user has no mail address"),
    ] {
        let mut fixture = dsm(document);
        fixture.post(user).unwrap();
        let found = format!("{}{}", recipients(&fixture).join(", "), warnings(&fixture));
        assert!(if to.is_empty() { found.is_empty() } else { found.starts_with(to) }, "{case}: {found}");
    }
}

#[test]
fn s_41_a_link_works_once_for_a_day_and_for_its_address() {
    let mut fixture = dsm(json!({}));
    let ann = fixture.post(json!({ "userName": "ann@acme.example" })).unwrap();
    let bob = fixture.post(json!({ "userName": "bob@acme.example" })).unwrap();
    let mails = waiting(&fixture);
    let (to_ann, to_bob) = (link_in(&mails[0].1), link_in(&mails[1].1));
    let config = fixture.config();
    let mut late = fixture.operator();
    late.now += verification::LINK_LIFETIME;
    for (case, call, user, link, good) in [
        ("his link", fixture.operator(), &bob, &to_bob, true),
        ("her link for him", fixture.operator(), &bob, &to_ann, false),
        ("a day later", late, &bob, &to_bob, false),
    ] {
        assert_eq!(verification::confirm(&config, &call, user, link).is_some(), good, "{case}");
    }
    let decided = verification::confirm(&config, &fixture.operator(), &ann, &to_ann).unwrap();
    let ann = fixture.commit(decided).unwrap();
    assert!(ann.state.verified && fixture.user(ann.id()).state.verified);
    assert_eq!(fixture.log.last().unwrap()["action"], "user.verify");
    assert!(verification::confirm(&config, &fixture.operator(), &ann, &to_ann).is_none(), "used up");
    assert_eq!(refusal(verification::resend(&config, &fixture.operator(), &ann)), (409, "-"));

    let sent = verification::resend(&config, &fixture.operator(), &bob);
    let mut call = fixture.operator();
    call.secret = [9; 16];
    assert_eq!(sent.unwrap().outcome.to, "bob@acme.example");
    let decided = verification::resend(&config, &call, &bob).unwrap();
    fixture.commit(decided).unwrap();
    let bob = fixture.user(bob.id());
    assert!(verification::confirm(&config, &fixture.operator(), &bob, &to_bob).is_none(), "replaced");
    let newer = link_in(&waiting(&fixture).last().unwrap().1);
    assert!(verification::confirm(&config, &fixture.operator(), &bob, &newer).is_some());
}

#[test]
fn s_41_a_changed_address_must_be_proved_anew() {
    type Change = fn(&mut Fixture, &User);
    let by_scim: Change = |fixture, user| {
        fixture.patch(user.id(), replace("userName", json!("new@acme.example"))).unwrap();
    };
    let by_hand: Change = |fixture, user| {
        let edit = LocalEdit { email: Some("new@acme.example".to_owned()), ..LocalEdit::default() };
        fixture.edit(user, &edit).unwrap();
    };
    let leaving: Change = |fixture, user| {
        let both = json!([
            { "op": "replace", "path": "userName", "value": "new@acme.example" },
            { "op": "replace", "path": "active", "value": false },
        ]);
        fixture.patch(user.id(), both).unwrap();
    };
    let other: Change = |fixture, user| {
        fixture.patch(user.id(), replace("externalId", json!("e1"))).unwrap();
    };
    for (case, change, verified, mails) in [
        ("over SCIM", by_scim, false, vec!["new@acme.example"]),
        ("by hand", by_hand, false, vec!["new@acme.example"]),
        ("nothing else does", other, true, vec![]),
    ] {
        let mut fixture = dsm(json!({ "users": { "identifier_update": "update" } }));
        let ann = fixture.post(json!({ "userName": "ann@acme.example" })).unwrap();
        let proved = fixture.edit(&ann, &LocalEdit { verified: Some(true), ..LocalEdit::default() }).unwrap();
        let before = recipients(&fixture).len();
        change(&mut fixture, &proved);
        assert_eq!(fixture.user(ann.id()).state.verified, verified, "{case}");
        assert_eq!(recipients(&fixture)[before..], mails, "{case}");
    }
    let mut fixture = dsm(json!({ "users": { "identifier_update": "update" } }));
    let ann = fixture.post(json!({ "userName": "ann@acme.example" })).unwrap();
    let old = link_in(&waiting(&fixture)[0].1);
    leaving(&mut fixture, &ann);
    let left = fixture.user(ann.id());
    let config = fixture.config();
    assert!(
        verification::confirm(&config, &fixture.operator(), &left, &old).is_none(),
        "the link was for another address"
    );
}

#[test]
fn s_42_a_sign_in_through_the_identity_provider_counts_where_the_policy_says_so() {
    for (sso, counts) in [("counts", true), ("ignored", false)] {
        let mut fixture = dsm(json!({ "users": { "sso_verification": sso } }));
        let ann = fixture.post(json!({ "userName": "ann@acme.example" })).unwrap();
        let config = fixture.config();
        let decided = verification::by_sso(&config, &fixture.operator(), &ann);
        assert_eq!(decided.is_some(), counts, "{sso}");
        let disabled = fixture.patch(ann.id(), replace("active", json!(false))).unwrap();
        assert!(verification::by_sso(&config, &fixture.operator(), &disabled).is_none(), "a disabled user");
    }
}

#[test]
fn c20_who_hears_of_a_de_provisioning() {
    for (notify, on_delete, expected) in [
        ("none", "remove", vec![]),
        ("user", "remove", vec!["u1@acme.example", "u2@acme.example"]),
        ("admins", "remove", vec!["administrators", "administrators"]),
        ("admins", "disable", vec!["administrators", "administrators"]),
    ] {
        let mut fixture = dsm(json!({
            "notify": notify,
            "users": { "verification_mail": "none", "on_delete": on_delete },
        }));
        let one = fixture.post(json!({ "userName": "u1@acme.example" })).unwrap();
        let two = fixture.post(json!({ "userName": "u2@acme.example" })).unwrap();
        let three = fixture.post(json!({ "userName": "u3@acme.example" })).unwrap();
        fixture.patch(one.id(), replace("active", json!(false))).unwrap();
        fixture.patch(one.id(), replace("externalId", json!("e1"))).unwrap();
        fixture.delete(two.id()).unwrap();
        fixture.edit(&three, &LocalEdit { active: Some(false), ..LocalEdit::default() }).unwrap();
        assert_eq!(recipients(&fixture), expected, "{notify}, {on_delete}: an administrator's own act is no news");
    }
}

#[test]
fn c20_what_the_mails_say() {
    let letters = |notify: &str| {
        let mut fixture = dsm(json!({ "notify": notify, "users": { "verification_mail": "none" } }));
        let ann = fixture.post(json!({ "userName": "ann@acme.example" })).unwrap();
        fixture.patch(ann.id(), replace("active", json!(false))).unwrap();
        waiting(&fixture).remove(0).1
    };
    check_letter(
        &letters("user"),
        expect![[r#"
            Your access to Acme has ended

            Hello,

            your user ann@acme.example in Acme was disabled on 9999-99-99 99:99 UTC by the identity provider of your organisation. If this is not right, please ask the administrators there.
        "#]],
    );
    check_letter(
        &letters("admins"),
        expect![[r#"
            A user of Acme was disabled

            Hello,

            user ann@acme.example of Acme was disabled by admin app Entra on 9999-99-99 99:99 UTC.
        "#]],
    );
}

#[test]
fn where_no_mail_is_sent_the_log_says_so_and_nothing_waits() {
    let mut fixture = dsm(json!({ "notify": "user" }));
    fixture.mail_links = None;
    let ann = fixture.post(json!({ "userName": "ann@acme.example" })).unwrap();
    assert_eq!(
        warnings(&fixture),
        "this installation sends no mail, so no link to verify the address goes out (policy field `users.verification_mail`)"
    );
    fixture.patch(ann.id(), replace("active", json!(false))).unwrap();
    assert_eq!(warnings(&fixture), "this installation sends no mail, so nobody is told (policy field `notify`)");
    assert_eq!(recipients(&fixture), Vec::<String>::new());
    assert_eq!(refusal(verification::resend(&fixture.config(), &fixture.operator(), &ann)), (409, "-"));
}

#[test]
fn a_mail_is_tried_less_and_less_often_and_then_given_up() {
    let mut fixture = dsm(json!({}));
    fixture.post(json!({ "userName": "ann@acme.example" })).unwrap();
    let (mut record, mut letter) = waiting(&fixture).remove(0);
    let (mut now, mut distances) = (Timestamp::UNIX_EPOCH, Vec::new());
    while mail::next(&record, &letter, now) == Next::Send {
        let (_, claimed, tried) = mail::claim(&record, &letter, now);
        assert_eq!(mail::next(&claimed, &tried, now), Next::Wait(now + mail::CLAIMED_FOR), "it is somebody's");
        let (change, due) = mail::postpone(&claimed, &tried, now);
        distances.push(due.duration_since(now).as_mins());
        record = change.puts[0].record.clone();
        letter = mail::read(ACCOUNT, &record).unwrap();
        assert_eq!(mail::next(&record, &letter, now), Next::Wait(due));
        now = due;
    }
    assert_eq!(distances, [1, 3, 9, 27, 81, 243, 729]);
    assert_eq!(mail::next(&record, &letter, now), Next::GiveUp);
}

#[test]
fn a_mail_that_could_not_even_be_tried_is_given_up_after_a_day() {
    let mut fixture = dsm(json!({}));
    fixture.post(json!({ "userName": "ann@acme.example" })).unwrap();
    let (record, letter) = waiting(&fixture).remove(0);
    let (_, claimed, tried) = mail::claim(&record, &letter, Timestamp::UNIX_EPOCH);
    let released = mail::release(&claimed, &tried, Timestamp::UNIX_EPOCH).puts.remove(0).record;
    let again = mail::read(ACCOUNT, &released).unwrap();
    assert_eq!(again, letter, "the attempt does not count");
    for (hours, next) in [(24, Next::Send), (25, Next::GiveUp)] {
        assert_eq!(mail::next(&released, &again, Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)), next);
    }
    fixture.settle(mail::give_up(&fixture.operator(), &released, &again, "550 nobody of that name"));
    let entry = fixture.log.last().unwrap();
    assert_eq!((&entry["action"], &entry["outcome"]), (&json!("mail.send"), &json!("failure")));
    assert_eq!(entry["detail"], "the mail with the link that proves the address was not sent: 550 nobody of that name");
    assert_eq!(recipients(&fixture), Vec::<String>::new());
}

#[test]
fn a_mail_to_the_administrators_becomes_one_to_each() {
    let mut fixture = dsm(json!({ "notify": "admins", "users": { "verification_mail": "none" } }));
    let ann = fixture.post(json!({ "userName": "ann@acme.example" })).unwrap();
    fixture.delete(ann.id()).unwrap();
    let (record, letter) = waiting(&fixture).remove(0);
    assert_eq!(mail::next(&record, &letter, Timestamp::UNIX_EPOCH), Next::Expand);
    let to = ["a@acme.example", "b@acme.example"].map(str::to_owned);
    fixture.settle(mail::expand(&fixture.operator(), &record, &letter, &to));
    assert_eq!(recipients(&fixture), to);
}
