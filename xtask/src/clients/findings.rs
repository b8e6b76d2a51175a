//! What a client found, and what of it is allowed.

use std::fmt;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use super::Ended;

/// One check of a client that did not hold.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which client: `scim2-cli`, `scim-sanity`.
    pub client: &'static str,
    /// The check's name, as the client gives it.
    pub check: String,
    /// What the client says about it.
    pub said: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.check, self.said.replace('\n', "\n            "))
    }
}

/// One run of a client.
#[derive(Debug, PartialEq, Eq)]
pub struct Report {
    /// How many checks held.
    pub held: usize,
    /// The checks that did not hold, warnings and what could not be checked among them.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Reads the output of `scim2 test`: lines `STATUS check`, each followed by what there is to say.
    ///
    /// # Errors
    /// When the program did not run its checks to the end.
    pub fn of_scim2(ended: &Ended) -> Result<Self> {
        const STATUSES: &[&str] = &["SUCCESS", "COMPLIANT", "ACCEPTABLE", "DEVIATION", "ERROR", "CRITICAL", "SKIPPED"];
        let mut checks: Vec<(bool, Finding)> = Vec::new();
        for line in ended.stdout.lines() {
            match line.split_once(' ') {
                Some((status, check)) if STATUSES.contains(&status) => {
                    let held = ["SUCCESS", "COMPLIANT", "ACCEPTABLE"].contains(&status);
                    let check = check.to_string();
                    checks.push((held, Finding { client: "scim2-cli", check, said: status.to_string() }));
                }
                Some(_) | None => {
                    if let Some((_, last)) = checks.last_mut() {
                        last.said.push_str(&format!(" {}", line.trim()));
                    }
                }
            }
        }
        let report = Self::new(checks);
        let whole = report.held > 0 && (ended.ok || !report.findings.is_empty());
        ensure!(whole, "`scim2 test` did not run its checks:\n{}{}", ended.stdout, ended.stderr);
        Ok(report)
    }

    /// Reads the JSON of `scim-sanity probe`. A check that it skips is no finding: what it skips is a kind of resource that
    /// discovery does not list, or follows a failure that is one.
    ///
    /// # Errors
    /// When the program did not run its checks to the end.
    pub fn of_scim_sanity(client: &'static str, ended: &Ended) -> Result<Self> {
        #[derive(Deserialize)]
        struct Output {
            results: Vec<Check>,
        }
        #[derive(Deserialize)]
        struct Check {
            name: String,
            status: String,
            #[serde(default)]
            message: String,
        }
        let output: Output = serde_json::from_str(&ended.stdout).with_context(|| {
            format!("`scim-sanity probe` did not run its checks:\n{}{}", ended.stdout, ended.stderr)
        })?;
        let mut checks = Vec::new();
        for check in output.results {
            let held = match check.status.as_str() {
                "pass" => true,
                "skip" => continue,
                "fail" | "warn" | "error" => false,
                other => bail!("`scim-sanity probe` has a status `{other}`"),
            };
            let said = format!("{} {}", check.status, check.message);
            checks.push((held, Finding { client, check: check.name, said }));
        }
        let report = Self::new(checks);
        ensure!(report.held > 0, "`scim-sanity probe` held no check:\n{}", ended.stdout);
        Ok(report)
    }

    fn new(checks: Vec<(bool, Finding)>) -> Self {
        let (held, findings): (Vec<_>, Vec<_>) = checks.into_iter().partition(|(held, _)| *held);
        Self { held: held.len(), findings: findings.into_iter().map(|(_, finding)| finding).collect() }
    }
}

/// The findings that are expected, each with its reason.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowed {
    #[serde(default)]
    allowed: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// As [`Finding::client`].
    client: String,
    /// As [`Finding::check`].
    check: String,
    /// A part of [`Finding::said`], so that the check may not fail for another reason.
    says: String,
    /// Why the server is right.
    reason: String,
    #[serde(skip)]
    used: bool,
}

impl Allowed {
    /// Reads `[[allowed]]` tables with `client`, `check`, `says` and `reason`.
    ///
    /// # Errors
    /// When the file has another form or a field is empty.
    pub fn parse(text: &str) -> Result<Self> {
        let allowed: Self = toml::from_str(text)?;
        for entry in &allowed.allowed {
            let fields = [&entry.client, &entry.check, &entry.says, &entry.reason];
            ensure!(fields.iter().all(|field| !field.trim().is_empty()), "{}: a field is empty", entry.check);
        }
        Ok(allowed)
    }

    /// The reason for which the finding is allowed.
    pub fn reason(&mut self, finding: &Finding) -> Option<&str> {
        let matches = |entry: &Entry| {
            entry.client == finding.client && entry.check == finding.check && finding.said.contains(&entry.says)
        };
        let entry = self.allowed.iter_mut().find(|entry| matches(entry))?;
        entry.used = true;
        Some(&entry.reason)
    }

    /// The entries that no finding has needed so far.
    pub fn unused(&self) -> Vec<String> {
        let unused = self.allowed.iter().filter(|entry| !entry.used);
        unused.map(|entry| format!("{}, `{}`, `{}`", entry.client, entry.check, entry.says)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Allowed, Ended, Finding, Report};

    fn ended(ok: bool, stdout: &str) -> Ended {
        Ended { ok, stdout: stdout.to_string(), stderr: String::new() }
    }

    #[test]
    fn scim2_says_a_status_and_a_check_and_then_why() {
        let output = "Performing …\nSUCCESS a\n  fine\nERROR b\n  not fine\n  at all\nSKIPPED c\n  no d\n";
        let report = Report::of_scim2(&ended(false, output)).unwrap();
        let finding =
            |check: &str, said: &str| Finding { client: "scim2-cli", check: check.to_string(), said: said.to_string() };
        let findings = vec![finding("b", "ERROR not fine at all"), finding("c", "SKIPPED no d")];
        assert_eq!(report, Report { held: 1, findings });
    }

    #[test]
    fn a_client_that_stops_half_way_is_an_error() {
        assert!(Report::of_scim2(&ended(false, "Error: Could not discover the server\n")).is_err());
        assert!(Report::of_scim2(&ended(false, "SUCCESS a\nTraceback …\n")).is_err());
        assert!(Report::of_scim2(&ended(true, "")).is_err());
        assert!(Report::of_scim_sanity("scim-sanity", &ended(false, "Traceback …")).is_err());
        assert!(Report::of_scim_sanity("scim-sanity", &ended(true, r#"{"results":[]}"#)).is_err());
        assert!(
            Report::of_scim_sanity("scim-sanity", &ended(true, r#"{"results":[{"name":"a","status":"new"}]}"#))
                .is_err()
        );
    }

    #[test]
    fn scim_sanity_fails_warns_and_skips() {
        let output = r#"{"results":[{"name":"a","status":"pass"},{"name":"b","status":"warn","message":"m"},
            {"name":"c","status":"skip"},{"name":"d","status":"fail","message":"n"}]}"#;
        let report = Report::of_scim_sanity("scim-sanity", &ended(false, output)).unwrap();
        let shown: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        assert_eq!((report.held, shown), (1, vec!["b: warn m".to_string(), "d: fail n".to_string()]));
    }

    #[test]
    fn an_allowed_finding_needs_client_check_and_words_and_must_be_found() {
        let text = "[[allowed]]\nclient = \"scim2-cli\"\ncheck = \"put\"\nsays = \"501\"\nreason = \"later\"\n";
        let mut allowed = Allowed::parse(text).unwrap();
        let finding =
            |check: &str, said: &str| Finding { client: "scim2-cli", check: check.to_string(), said: said.to_string() };
        assert_eq!(allowed.reason(&finding("put", "ERROR 500")), None);
        assert_eq!(allowed.reason(&finding("get", "ERROR 501")), None);
        assert_eq!(allowed.unused(), ["scim2-cli, `put`, `501`"]);
        assert_eq!(allowed.reason(&finding("put", "ERROR 501")), Some("later"));
        assert_eq!(allowed.unused(), [""; 0]);
        assert!(Allowed::parse(&text.replace("later", " ")).is_err());
        assert!(Allowed::parse(&text.replace("says", "sais")).is_err());
    }
}
