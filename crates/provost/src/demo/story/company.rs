//! The company that sends.

use super::{Stage, id};
use crate::{
    demo::stage::{As, Told},
    output::cell,
};
use reqwest::Method;
use serde_json::json;

/// The company's account.
pub struct Company {
    /// Its id.
    pub account: String,
    /// Its SCIM base.
    pub tenant_url: String,
    /// The key of its HR system.
    pub key: String,
    /// Who is in the group of the field crew.
    pub mary: String,
}

const PEOPLE: [(&str, &str, &str, &str); 5] = [
    ("ada", "Ada", "Byron", "Head of security"),
    ("grace", "Grace", "Murray", "Engineer"),
    ("alan", "Alan", "Mathison", "Engineer"),
    ("mary", "Mary", "Fairfax", "Surveyor"),
    ("lin", "Lin", "Huiyin", "Surveyor"),
];

/// The address of one of the people.
pub fn address(name: &str) -> String {
    format!("{name}@contoso.example")
}

/// Makes the directory; its HR system fills it over SCIM.
pub async fn people(stage: &mut Stage) -> anyhow::Result<Company> {
    stage.screen.heading("A company that sends")?;
    stage.why("Contoso's directory: an account under the policy `directory`, where who is deleted can be restored for 30 days.")?;
    let made =
        stage.operator("/accounts", json!({ "name": "contoso", "policy": "directory" }), Told::status(201)).await?;
    let account = id(&made);
    let app = json!({ "name": "HR system" });
    let app = stage.operator(&format!("/accounts/{account}/admin-apps"), app, Told::status(201)).await?;
    let key = cell(app.get("api_key"));
    stage.give_key(&key);
    stage.why("The HR system brings five people and the field crew, over SCIM as well.")?;
    let mut ids = Vec::new();
    for (nickname, given, family, title) in PEOPLE {
        let user = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": address(nickname),
            "externalId": nickname,
            "displayName": format!("{given} {family}"),
            "name": { "givenName": given, "familyName": family },
            "emails": [{ "type": "work", "value": address(nickname), "primary": true }],
            "title": title,
            "active": true,
        });
        let made = stage.send(As::Hr, Method::POST, "/scim/v2/Users", Some(user), Told::status(201)).await?;
        ids.push(id(&made));
    }
    let group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "Field crew",
        "members": [{ "value": ids[3] }, { "value": ids[4] }],
    });
    stage.send(As::Hr, Method::POST, "/scim/v2/Groups", Some(group), Told::status(201)).await?;
    Ok(Company { account, tenant_url: cell(made.get("tenant_url")), key, mary: ids.swap_remove(3) })
}
