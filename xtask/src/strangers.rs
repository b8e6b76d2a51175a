//! Other people's servers, which tests start: SCIM servers to provision into, and an OpenID provider to sign in from. They are installed
//! below the target folder.
//!
//! What a server leaves to whoever uses it stands in `tests/strangers/` and `bench/strangers/`.

use std::path::Path;

use anyhow::{Context, Result};

use crate::command::{command, output, root, target_dir};
use crate::setup::{node_packages, python_environment};

/// Installs what is not there yet.
///
/// # Errors
/// When a server cannot be installed.
pub fn install() -> Result<()> {
    let folder = target_dir()?.join("strangers");
    std::fs::create_dir_all(&folder)?;
    for name in ["scim2-server", "django-scim2"] {
        python_environment(&folder.join(name), &format!("tests/strangers/{name}.txt")).context(name)?;
    }
    node(&folder.join("scimmy"), "bench/strangers/scimmy").context("scimmy-routers")?;
    node(&folder.join("openid"), "tests/strangers/openid").context("oidc-provider")?;
    println!("{}", scimgateway());
    Ok(())
}

/// What `glue` names in its `package.json`, with its server beside it.
fn node(folder: &Path, glue: &str) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::copy(root().join(glue).join("server.mjs"), folder.join("server.mjs"))?;
    node_packages(folder, glue)
}

/// Whether npm has `scimgateway`. No test starts it: what it needs could not be seen yet.
fn scimgateway() -> String {
    match output(&mut command("npm", &["view", "scimgateway", "version"])) {
        Ok(version) => format!("scimgateway: npm has {} now; no test provisions into it yet", version.trim()),
        Err(_) => "scimgateway: npm does not find it, so that NO TEST provisions into it".to_string(),
    }
}
