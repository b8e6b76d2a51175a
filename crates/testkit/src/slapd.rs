//! An OpenLDAP server of the tests' own: in a temporary folder, at an address of its own, gone with the process.

use crate::own_address;
use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// Where its entries are.
pub const SUFFIX: &str = "dc=contoso,dc=example";
/// Who may do everything there.
pub const ADMIN: &str = "cn=admin,dc=contoso,dc=example";
/// The password of [`ADMIN`].
pub const PASSWORD: &str = "secret of the tests";

/// The ports stand for the URLs; nobody else is at the address.
const PORT: u16 = 3890;
const TLS_PORT: u16 = 6360;

/// The script lives until its input ends, which it does with the process that has started it, however that ends.
const SCRIPT: &str = r#"
set -eu
PATH="$PATH:/usr/sbin"
folder=$(mktemp -d /tmp/provost-slapd-XXXXXX)
pid=
trap '[ -z "$pid" ] || { kill -KILL "$pid"; wait "$pid" || true; } 2>/dev/null; rm -rf "$folder"' EXIT
trap '' INT
mkdir "$folder/data"
cat >"$folder/slapd.conf" <<END
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
$SETTINGS
END
urls="ldap://$ADDRESS:3890"
if [ -n "$CERTIFICATE" ]; then
    printf '%s' "$CERTIFICATE" >"$folder/server.crt"
    printf '%s' "$KEY" >"$folder/server.key"
    printf 'TLSCertificateFile %s\nTLSCertificateKeyFile %s\n' "$folder/server.crt" "$folder/server.key" >>"$folder/slapd.conf"
    urls="$urls ldaps://$ADDRESS:6360"
fi
cat >>"$folder/slapd.conf" <<END
database mdb
suffix "dc=contoso,dc=example"
rootdn "cn=admin,dc=contoso,dc=example"
rootpw "$PASSWORD"
directory $folder/data
maxsize 268435456
dbnosync
$LIMITS
END
printf '%s' "$ENTRIES" >"$folder/entries.ldif"
slapadd -q -f "$folder/slapd.conf" -l "$folder/entries.ldif" >&2
slapd -d 0 -f "$folder/slapd.conf" -h "$urls" >&2 &
pid=$!
for attempt in $(seq 200); do
    if ldapsearch -x -H "ldap://$ADDRESS:3890" -s base -b "" >/dev/null 2>&1; then break; fi
    kill -0 "$pid" || exit 1
    sleep 0.05
done
echo "$folder"
cat >/dev/null
"#;

/// A running server.
#[derive(Debug)]
pub struct Slapd {
    address: Ipv4Addr,
    folder: PathBuf,
    /// The server ends when this one's input does.
    script: Child,
}

impl Slapd {
    /// Starts one with these entries (LDIF), below an entry of [`SUFFIX`] that is there already.
    ///
    /// # Panics
    /// When OpenLDAP is not installed or does not start: `cargo xtask setup` installs it.
    pub fn start(entries: &str) -> Self {
        Self::start_with(entries, "", |_| [String::new(), String::new()])
    }

    /// The same with further lines about its database, and with a certificate that `issue` makes for its address: chain and key as PEM,
    /// or empty for none.
    ///
    /// # Panics
    /// As [`Slapd::start`].
    pub fn start_with(entries: &str, limits: &str, issue: impl FnOnce(Ipv4Addr) -> [String; 2]) -> Self {
        let address = own_address();
        let [certificate, key] = issue(address);
        let root =
            format!("dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\no: Contoso\ndc: contoso\n\n");
        let mut script = Command::new("sh");
        script.args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped());
        script.env("ADDRESS", address.to_string()).env("ENTRIES", root + entries).env("SETTINGS", "");
        script.envs([("PASSWORD", PASSWORD), ("LIMITS", limits), ("CERTIFICATE", &certificate), ("KEY", &key)]);
        let mut script = script.spawn().expect("a shell starts");
        let mut folder = String::new();
        let stdout = script.stdout.take().expect("the output is a pipe");
        BufReader::new(stdout).read_line(&mut folder).expect("the output of the script is text");
        assert!(!folder.trim().is_empty(), "OpenLDAP does not start; what it says stands above");
        Self { address, folder: folder.trim().into(), script }
    }

    /// `ldap://ADDRESS:PORT`.
    pub fn url(&self) -> String {
        format!("ldap://{}:{PORT}", self.address)
    }

    /// `ldaps://ADDRESS:PORT`, where it has a certificate.
    pub fn tls_url(&self) -> String {
        format!("ldaps://{}:{TLS_PORT}", self.address)
    }

    /// Where it keeps everything.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Changes entries, as LDIF says.
    ///
    /// # Panics
    /// When the server does not take it.
    pub fn change(&self, ldif: &str) {
        let mut child = Command::new("ldapmodify")
            .args(["-x", "-c", "-H", &self.url(), "-D", ADMIN, "-w", PASSWORD])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("`ldapmodify` is installed");
        let mut stdin = child.stdin.take().expect("the input is a pipe");
        stdin.write_all(ldif.as_bytes()).expect("it reads");
        drop(stdin);
        assert!(child.wait().expect("it ends").success(), "the server takes no {ldif}");
    }
}

impl Drop for Slapd {
    fn drop(&mut self) {
        drop(self.script.stdin.take());
        drop(self.script.wait());
    }
}
