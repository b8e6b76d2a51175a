//! The life of three users: Ada, who stays; Grace, who changes; Alan, who leaves.

use super::{
    entra::{self, AppRole, Dialect, FLAG, Person},
    stage::{As, Stage, Told},
};
use crate::{
    commands::{audit, user},
    output::{cell, table},
};
use anyhow::bail;
use provost_server::{Clock, Entropy, SystemClock, SystemEntropy};
use reqwest::Method;
use serde_json::{Value, json};

const ADA: Person = Person { user_name: "ada@acme.example", nickname: "ada", given: "Ada", family: "Byron" };
const GRACE: Person = Person { user_name: "grace@acme.example", nickname: "grace", given: "Grace", family: "Murray" };
const ALAN: Person = Person { user_name: "alan@acme.example", nickname: "alan", given: "Alan", family: "Mathison" };

const CUSTODIAN: &str = "Key Custodian";
const BREAK_GLASS: &str = "Break Glass";
/// Refusals that the story tells; each leaves an entry in the audit log.
const REFUSALS: usize = 3;

/// What the story leaves behind.
pub struct Account {
    /// Its id.
    pub id: String,
    /// What an administrator types into Entra.
    pub tenant_url: String,
    /// The admin app's API key.
    pub key: String,
}

/// Ids that the server gave.
struct Cast {
    ada: String,
    grace: String,
    alan: String,
}

/// The custom roles as app roles in Entra: their values are the role_ids.
struct Roles {
    custodian: AppRole,
    break_glass: AppRole,
}

/// Tells it all.
///
/// # Errors
/// The first answer that is not what the story says.
pub async fn tell(mut stage: Stage) -> anyhow::Result<Account> {
    let (account, roles) = set_up(&mut stage).await?;
    connection_test(&mut stage).await?;
    let cast = first_cycle(&mut stage, &roles).await?;
    later_cycles(&mut stage, &roles, &cast).await?;
    refusals(&mut stage, &roles, &cast).await?;
    leaving(&mut stage, &cast).await?;
    looking_back(&mut stage, &account).await?;
    Ok(account)
}

/// The administrator's part, before Entra is told.
async fn set_up(stage: &mut Stage) -> anyhow::Result<(Account, Roles)> {
    stage.screen.heading("The administrator sets up the account (management API)")?;
    stage.why("An account under the policy `dsm`: Fortanix Data Security Manager's rules.")?;
    let request = json!({ "name": "acme", "policy": "dsm" });
    let made = operator(stage, "/api/v1/accounts", request, Told::status(201)).await?;
    let base = format!("/api/v1/accounts/{}", cell(made.get("id")));

    stage.why("A custom role, and one that is exclusive: nobody holds it together with another.")?;
    let request = json!({ "name": CUSTODIAN, "permissions": ["GET_USERS"] });
    let custodian = operator(stage, &format!("{base}/roles"), request, Told::status(201)).await?;
    let request = json!({ "name": BREAK_GLASS, "exclusive": true });
    let told = Told::status(201).at("/exclusive", true);
    let break_glass = operator(stage, &format!("{base}/roles"), request, told).await?;

    stage.why("An admin app for Entra. Its API key is shown this once; only a hash is kept.")?;
    let app = operator(stage, &format!("{base}/admin-apps"), json!({ "name": "Entra ID" }), Told::status(201)).await?;
    let account =
        Account { id: cell(made.get("id")), tenant_url: cell(made.get("tenant_url")), key: cell(app.get("api_key")) };
    stage.give_key(&account.key);
    let role = |role: &Value| AppRole { display: cell(role.get("name")), value: cell(role.get("value")) };
    Ok((account, Roles { custodian: role(&custodian), break_glass: role(&break_glass) }))
}

async fn connection_test(stage: &mut Stage) -> anyhow::Result<()> {
    stage.screen.heading(&format!("Entra's provisioning job begins, with ?{FLAG} on the tenant URL"))?;
    stage.why("Test connection: a user and a group that cannot exist. An empty list is right; a 404 would be taken for a failure.")?;
    let guid = SystemEntropy.uuid_v7(SystemClock.now());
    let none = || Told::status(200).at("/totalResults", 0).at("/Resources", json!([]));
    get(stage, &by_name(Dialect::Standard, &guid.to_string()), none()).await?;
    let groups = format!("/scim/v2/Groups?{FLAG}=&excludedAttributes=members&filter=displayName eq \"{guid}\"");
    get(stage, &groups, none()).await?;
    Ok(())
}

async fn first_cycle(stage: &mut Stage, roles: &Roles) -> anyhow::Result<Cast> {
    stage.why("Ada is assigned as Account Administrator: Entra looks for her, then creates her. The policy stores userName, active, \
               externalId and roles; the rest of the default mappings is left out, with a warning in the audit log.")?;
    let told = Told::status(201).at("/roles/0/value", "ACCOUNTADMINISTRATOR").at("/displayName", Value::Null);
    let ada = created(stage, &ADA, &[system("Account Administrator", "ACCOUNTADMINISTRATOR")], told).await?;

    stage.why("Grace has the custom role; the app role's value is its role_id.")?;
    let told = Told::status(201).at("/roles/0/value", roles.custodian.value.as_str());
    let grace = created(stage, &GRACE, std::slice::from_ref(&roles.custodian), told).await?;

    stage.why("Alan has no role in Entra, so he gets the policy's default: Account Member.")?;
    let told = Told::status(201).at("/roles/0/value", "ACCOUNTMEMBER");
    let alan = created(stage, &ALAN, &[], told).await?;
    Ok(Cast { ada, grace, alan })
}

async fn later_cycles(stage: &mut Stage, roles: &Roles, cast: &Cast) -> anyhow::Result<()> {
    stage
        .why("The next cycle finds Ada as she should be (names compare without regard to case), and writes nothing.")?;
    let told = Told::status(200).at("/totalResults", 1).at("/Resources/0/id", cast.ada.as_str());
    get(stage, &by_name(Dialect::Standard, &ADA.user_name.to_uppercase()), told).await?;

    stage.why("Grace becomes an auditor: AssertiveAppRoleAssignmentsComplex replaces the whole set of roles.")?;
    let auditor = [system("Account Auditor", "ACCOUNTAUDITOR")];
    let told = Told::status(200).at("/roles/0/value", "ACCOUNTAUDITOR").at("/roles/1", Value::Null);
    patch(stage, Dialect::Standard, &cast.grace, entra::set_roles(&auditor), told).await?;

    stage.why("Grace is unassigned: disabled, not removed. She must still be found.")?;
    let off = || Told::status(200).at("/active", false);
    patch(stage, Dialect::Standard, &cast.grace, Dialect::Standard.set_active(false), off()).await?;
    let told = Told::status(200).at("/totalResults", 1).at("/Resources/0/active", false);
    get(stage, &by_name(Dialect::Standard, GRACE.user_name), told).await?;

    stage.why("Grace is assigned again: enabled under the same id, with the roles that she had.")?;
    let told =
        Told::status(200).at("/active", true).at("/id", cast.grace.as_str()).at("/roles/0/value", "ACCOUNTAUDITOR");
    patch(stage, Dialect::Standard, &cast.grace, Dialect::Standard.set_active(true), told).await?;

    stage.screen.heading("A second job, without the flag: Entra's older dialect")?;
    stage.why("Alan is unassigned: `Replace` with a capital, and the text \"False\". It is understood, and the repair recorded.")?;
    patch(stage, Dialect::Legacy, &cast.alan, Dialect::Legacy.set_active(false), off()).await?;
    stage.why("Alan is back, with a role.")?;
    let told = Told::status(200).at("/active", true);
    patch(stage, Dialect::Legacy, &cast.alan, Dialect::Legacy.set_active(true), told).await?;
    let told = Told::status(200).at("/roles/0/value", roles.custodian.value.as_str()).at("/roles/1", Value::Null);
    patch(stage, Dialect::Legacy, &cast.alan, entra::set_roles(std::slice::from_ref(&roles.custodian)), told).await?;
    Ok(())
}

async fn refusals(stage: &mut Stage, roles: &Roles, cast: &Cast) -> anyhow::Result<()> {
    stage.screen.heading("What the policy refuses, and says so")?;
    stage.why("Two system roles at once are refused by name; nothing changes.")?;
    let both = [system("Account Administrator", "ACCOUNTADMINISTRATOR"), system("Account Auditor", "ACCOUNTAUDITOR")];
    let refused = || Told::status(400).at("/scimType", "invalidValue");
    let told = refused().says("Account Administrator").says("Account Auditor").says("roles.cardinality");
    patch(stage, Dialect::Standard, &cast.grace, entra::set_roles(&both), told).await?;

    stage.why("So is an exclusive role beside another.")?;
    let both = [roles.custodian.clone(), roles.break_glass.clone()];
    let told = refused().says(CUSTODIAN).says(format!("`{BREAK_GLASS}` is exclusive"));
    patch(stage, Dialect::Legacy, &cast.alan, entra::set_roles(&both), told).await?;

    stage
        .why("A mapping for displayName was left in place: the PATCH is refused, with the attribute and what to do.")?;
    let told = refused().says("`displayName`").says("users.unsupported_on_patch");
    patch(stage, Dialect::Legacy, &cast.grace, Dialect::Legacy.set_text("displayName", "Grace Hopper"), told).await?;

    stage.why("Grace's e-mail address changes in Entra. The policy keeps userName; the audit log warns.")?;
    let told = Told::status(200).at("/userName", GRACE.user_name);
    let rename = Dialect::Standard.set_text("userName", "grace.hopper@acme.example");
    patch(stage, Dialect::Standard, &cast.grace, rename, told).await?;

    stage.why("After all this Grace is who she was.")?;
    let told = Told::status(200)
        .at("/userName", GRACE.user_name)
        .at("/active", true)
        .at("/roles/0/value", "ACCOUNTAUDITOR")
        .at("/roles/1", Value::Null);
    get(stage, &one(Dialect::Standard, &cast.grace), told).await?;
    Ok(())
}

async fn leaving(stage: &mut Stage, cast: &Cast) -> anyhow::Result<()> {
    stage.screen.heading("Alan is deleted in Entra for good")?;
    stage.why("A DELETE removes him; after that he is not found.")?;
    let path = one(Dialect::Standard, &cast.alan);
    stage.send(As::Entra, Method::DELETE, &path, None, Told::status(204)).await?;
    get(stage, &path, Told::status(404)).await?;
    Ok(())
}

/// What the administrator sees afterwards.
async fn looking_back(stage: &mut Stage, account: &Account) -> anyhow::Result<()> {
    let base = format!("/api/v1/accounts/{}", account.id);
    let list = |answer: &Value| answer["items"].as_array().cloned().unwrap_or_default();

    stage.screen.heading("The users, as the administrator sees them")?;
    let users = list(&stage.read(&format!("{base}/users?limit=200")).await?);
    if users.len() != 2 {
        bail!("the story broke off: {} users are left, not Ada and Grace", users.len());
    }
    stage.screen.text(&table(&users, &user::COLUMNS))?;

    stage.screen.heading("The audit log")?;
    let mut entries = list(&stage.read(&format!("{base}/audit?order=oldest&limit=200")).await?);
    let refused = entries.iter().filter(|entry| entry["outcome"] == json!("failure")).count();
    let kept = "`userName` was not changed";
    let warned = entries.iter().any(|entry| cell(entry.get("warnings")).contains(kept));
    if refused != REFUSALS || !warned {
        bail!(
            "the story broke off: the audit log has {refused} refusals instead of {REFUSALS}, or no warning that {kept}"
        );
    }
    entries.iter_mut().for_each(audit::annotate);
    stage.screen.text(&table(&entries, &audit::COLUMNS))?;

    stage.why("Each entry's hash covers the one before it: the log is verified.")?;
    let told = Told::status(200).at("/verified", true);
    stage.send(As::Operator, Method::GET, &format!("{base}/audit/verify"), None, told).await?;
    Ok(())
}

fn system(display: &str, value: &str) -> AppRole {
    AppRole { display: display.to_owned(), value: value.to_owned() }
}

/// The path of a request with the flag, where the job has it.
fn users(dialect: Dialect, rest: &str, query: &str) -> String {
    let query = match dialect {
        Dialect::Standard => format!("?{FLAG}=&{query}"),
        Dialect::Legacy => format!("?{query}"),
    };
    format!("/scim/v2/Users{rest}{}", query.trim_end_matches(['?', '&']))
}

fn by_name(dialect: Dialect, name: &str) -> String {
    users(dialect, "", &format!("filter=userName eq \"{name}\""))
}

fn one(dialect: Dialect, id: &str) -> String {
    users(dialect, &format!("/{id}"), "")
}

async fn operator(stage: &Stage, path: &str, body: Value, told: Told) -> anyhow::Result<Value> {
    stage.send(As::Operator, Method::POST, path, Some(body), told).await
}

async fn get(stage: &Stage, path: &str, told: Told) -> anyhow::Result<Value> {
    stage.send(As::Entra, Method::GET, path, None, told).await
}

async fn patch(stage: &Stage, dialect: Dialect, id: &str, body: Value, told: Told) -> anyhow::Result<Value> {
    stage.send(As::Entra, Method::PATCH, &one(dialect, id), Some(body), told).await
}

/// Looks for a person as Entra does, and creates what is not there.
async fn created(stage: &Stage, person: &Person, roles: &[AppRole], told: Told) -> anyhow::Result<String> {
    let none = Told::status(200).at("/totalResults", 0);
    get(stage, &by_name(Dialect::Standard, person.user_name), none).await?;
    let told = told.at("/userName", person.user_name).at("/active", true);
    let path = users(Dialect::Standard, "", "");
    let user = stage.send(As::Entra, Method::POST, &path, Some(entra::create(person, roles)), told).await?;
    Ok(cell(user.get("id")))
}
