//! The program as a process that runs to its end, in a clean environment.

use crate::support::pause;
use serde_json::Value;
use std::{
    ffi::OsStr,
    fs::{self, File},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

/// Far more than anything takes; what takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a finished command did.
#[derive(Debug)]
pub struct Ran {
    /// Exit code.
    pub code: i32,
    /// All of stdout.
    pub stdout: String,
    /// All of stderr.
    pub stderr: String,
}

impl Ran {
    /// The command, which must have ended with this exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code\nstdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// Stdout as JSON, after success.
    #[track_caller]
    pub fn json(self) -> Value {
        let ran = self.exits(0);
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout))
    }

    /// What stderr says after a failure: one sentence in one line, and nothing on stdout.
    #[track_caller]
    pub fn sentence(self) -> String {
        let ran = self.exits(1);
        assert_eq!(ran.stdout, "");
        let said = ran.stderr.strip_prefix("provost: ").unwrap_or_else(|| panic!("{:?}", ran.stderr));
        assert_eq!(said.matches('\n').count(), 1, "{said}");
        said.trim_end().to_owned()
    }
}

/// Runs the program to its end.
pub fn run(arguments: &[&str]) -> Ran {
    run_with(arguments, &[])
}

/// Runs the program to its end, with these variables.
pub fn run_with(arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (stdout, stderr) = (folder.path().join("stdout"), folder.path().join("stderr"));
    let create = |path| File::create(path).expect("a file can be made");
    let mut command = command(arguments);
    command.envs(environment.iter().copied()).stdout(create(&stdout)).stderr(create(&stderr));
    let mut child = command.spawn().expect("the binary starts");
    let status = ended(&mut child);
    let read = |path| fs::read_to_string(path).expect("output is text");
    Ran { code: status.code().expect("no signal ended the command"), stdout: read(stdout), stderr: read(stderr) }
}

/// Waits for a process, but not for ever.
pub fn ended(child: &mut Child) -> ExitStatus {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match child.try_wait().expect("the child can be waited for") {
            Some(status) => return status,
            None if Instant::now() > deadline => {
                let _ = child.kill();
                panic!("the process did not end");
            }
            None => pause(),
        }
    }
}

/// The program with arguments, without stdin and without what the environment would tell it.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_provost"));
    command.args(arguments).stdin(Stdio::null());
    let ours = |name: &OsStr| {
        let name = name.to_string_lossy().to_ascii_uppercase();
        name.starts_with("PROVOST_") || name.ends_with("_PROXY") || name == "NO_COLOR"
    };
    for (name, _) in std::env::vars_os().filter(|(name, _)| ours(name)) {
        command.env_remove(name);
    }
    command
}

/// Sends a signal by name to a process of ours.
pub fn signal(pid: u32, name: &str) {
    let status = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status().expect("kill runs");
    assert!(status.success());
}
