//! What the tests need on a fresh Debian machine: a few system packages, the Python clients, the CycloneDX schema, axe-core, Newman, and
//! other people's servers.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::command::{command, output, root, run as run_command, succeeds, target_dir};
use crate::strangers;

/// A Debian package and the command that shows that it, or the same thing from elsewhere, is there.
struct SystemPackage {
    name: &'static str,
    why: &'static str,
    shown_by: &'static [&'static str],
}

/// Looks for a font by the name of its file.
const FONT: &str = "find /usr/share/fonts /usr/local/share/fonts -name \"$1\" 2>/dev/null | grep -q .";

const SYSTEM_PACKAGES: &[SystemPackage] = &[
    SystemPackage { name: "gcc", why: "builds SQLite and jemalloc", shown_by: &["cc", "--version"] },
    SystemPackage { name: "make", why: "builds jemalloc", shown_by: &["make", "--version"] },
    SystemPackage {
        name: "procps",
        why: "shows and ends what a suite that hangs has started",
        shown_by: &["pgrep", "--version"],
    },
    SystemPackage { name: "git", why: "lists the files that tidy reads", shown_by: &["git", "--version"] },
    SystemPackage { name: "faketime", why: "moves the server's clock in tests", shown_by: &["faketime", "--version"] },
    SystemPackage {
        name: "slapd",
        why: "the LDAP server that tests of LDAP sources start for themselves",
        shown_by: &["sh", "-c", "test -x /usr/sbin/slapd || command -v slapd"],
    },
    SystemPackage { name: "ldap-utils", why: "changes entries in that server", shown_by: &["ldapmodify", "-VV"] },
    SystemPackage {
        name: "postgresql",
        why: "the server that tests of the PostgreSQL store start for themselves",
        shown_by: &["sh", "-c", "ls /usr/lib/postgresql/*/bin/initdb || command -v initdb"],
    },
    SystemPackage {
        name: "npm",
        why: "installs SCIMMY, a server that is provisioned into, axe-core, which judges the console's pages, and Newman",
        shown_by: &["sh", "-c", "node --version && npm --version"],
    },
    SystemPackage {
        name: "chromium",
        why: "the browser that tests of the console use",
        shown_by: &["sh", "-c", "command -v chromium || command -v chromium-browser || command -v google-chrome"],
    },
    SystemPackage {
        name: "fonts-inter",
        why: "the console's face on its pictures",
        shown_by: &["sh", "-c", FONT, "sh", "Inter*"],
    },
    SystemPackage {
        name: "fonts-noto-core",
        why: "names in many scripts on the pictures",
        shown_by: &["sh", "-c", FONT, "sh", "NotoSansDevanagari*"],
    },
    SystemPackage {
        name: "fonts-noto-cjk",
        why: "Chinese, Japanese and Korean names on the pictures",
        shown_by: &["sh", "-c", FONT, "sh", "NotoSansCJK*"],
    },
    SystemPackage {
        name: "fonts-noto-color-emoji",
        why: "emoji on the pictures",
        shown_by: &["sh", "-c", FONT, "sh", "NotoColorEmoji*"],
    },
    SystemPackage {
        name: "python3-venv",
        why: "holds the Python SCIM clients and servers, the tests' mail server, and what judges a bill of materials",
        shown_by: &["python3", "-c", "import ensurepip, venv"],
    },
];

/// Exact versions of the clients, of the tests' mail server, and of everything they need. Tests find the mail server in the same
/// environment.
const PYTHON_PACKAGES: &str = "tests/clients/requirements.txt";

/// What holds a bill of materials against its schema.
const SBOM_PACKAGES: &str = "tests/sbom/requirements.txt";

/// Installs what is missing and says what it installs.
///
/// # Errors
/// When something is missing and cannot be installed: as another user than root the message names the command to run.
pub fn run(_arguments: &[String]) -> Result<()> {
    system_packages()?;
    python_packages()?;
    node_packages(&target_dir()?.join("axe"), "tests/axe")?;
    node_packages(&target_dir()?.join("newman"), "tests/newman")?;
    strangers::install()
}

/// The Python of the clients' own environment.
///
/// # Errors
/// When cargo does not say where its target directory is.
pub fn client_python() -> Result<PathBuf> {
    Ok(environment()?.join("bin/python"))
}

fn system_packages() -> Result<()> {
    let mut missing = Vec::new();
    for package in SYSTEM_PACKAGES {
        let (program, arguments) = package.shown_by.split_first().expect("each package has a command that shows it");
        if !succeeds(&mut command(program, arguments)) {
            println!("missing: {} ({})", package.name, package.why);
            missing.push(package.name);
        }
    }
    if missing.is_empty() {
        println!("system packages: all {} are there", SYSTEM_PACKAGES.len());
        return Ok(());
    }
    if output(&mut command("id", &["-u"]))?.trim() != "0" {
        bail!("run as root: apt-get update && apt-get install --yes {}", missing.join(" "));
    }
    println!("installing {}", missing.join(", "));
    run_command(command("apt-get", &["update", "--quiet=2"]).env("DEBIAN_FRONTEND", "noninteractive"))?;
    let mut words = vec!["install", "--quiet=2", "--yes", "--no-install-recommends"];
    words.extend(&missing);
    run_command(command("apt-get", &words).env("DEBIAN_FRONTEND", "noninteractive"))
}

/// The Python that can judge a bill of materials.
///
/// # Errors
/// When cargo does not say where its target directory is.
pub fn sbom_python() -> Result<PathBuf> {
    Ok(sbom_environment()?.join("bin/python"))
}

fn python_packages() -> Result<()> {
    python_environment(&environment()?, PYTHON_PACKAGES)?;
    python_environment(&sbom_environment()?, SBOM_PACKAGES)
}

/// Makes an environment with the packages of a list, of which each has an exact version; anew unless it was made, whole, from this very
/// list.
///
/// # Errors
/// When a package cannot be installed, or needs one that the list does not have.
pub fn python_environment(environment: &Path, list: &str) -> Result<()> {
    let wanted = std::fs::read_to_string(root().join(list)).with_context(|| list.to_string())?;
    let made_from = environment.join("made-from.txt");
    if std::fs::read_to_string(&made_from).is_ok_and(|made| made == wanted) {
        println!("Python: already as {list} says");
        return Ok(());
    }
    println!("installing the packages of {list} into {}", environment.display());
    if environment.exists() {
        std::fs::remove_dir_all(environment)?;
    }
    run_command(&mut command("python3", &["-m", "venv", path_text(environment)?]))?;
    let python = environment.join("bin/python");
    let pip = ["-m", "pip", "--quiet", "--disable-pip-version-check"];
    let install = [&pip[..], &["install", "--no-deps", "--requirement", list]].concat();
    run_command(&mut command(path_text(&python)?, &install))?;
    run_command(&mut command(path_text(&python)?, &[&pip[..], &["check"]].concat()))?;
    std::fs::write(made_from, wanted)?;
    Ok(())
}

/// Installs what a folder's `package.json` names, each with an exact version; anew unless it was made from this very list.
///
/// # Errors
/// When npm cannot install it.
pub fn node_packages(folder: &Path, list: &str) -> Result<()> {
    let wanted = std::fs::read_to_string(root().join(list).join("package.json")).with_context(|| list.to_string())?;
    let made_from = folder.join("made-from.json");
    std::fs::create_dir_all(folder)?;
    if std::fs::read_to_string(&made_from).is_ok_and(|made| made == wanted) {
        println!("npm: already as {list}/package.json says");
        return Ok(());
    }
    println!("installing the packages of {list}/package.json into {}", folder.display());
    std::fs::write(folder.join("package.json"), &wanted)?;
    run_command(command("npm", &["install", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder))?;
    std::fs::write(made_from, wanted)?;
    Ok(())
}

fn environment() -> Result<PathBuf> {
    Ok(target_dir()?.join("clients").join("python"))
}

fn sbom_environment() -> Result<PathBuf> {
    Ok(target_dir()?.join("sbom").join("python"))
}

fn path_text(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| format!("{} is not UTF-8", path.display()))
}
