//! Running other programs: shown before they run, and an error when they fail.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

/// The repository's root.
pub fn root() -> PathBuf {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().expect("xtask is a folder of the repository").to_path_buf()
}

/// `program` with `arguments`, to be run in the repository's root without standard input.
pub fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root()).stdin(Stdio::null());
    command
}

/// The cargo that runs this program.
pub fn cargo(arguments: &[&str]) -> Command {
    command(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_string()), arguments)
}

/// Shows the command and runs it with this program's output.
///
/// # Errors
/// When it cannot start, or ends with another status than 0.
pub fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    println!("$ {shown}");
    let status = command.status().with_context(|| format!("`{shown}` cannot start"))?;
    ensure!(status.success(), "`{shown}` failed: {status}");
    Ok(())
}

/// The same for a command that runs tests; one that says nothing for as long as `silence` is ended with all that it
/// started. What ran is shown, and the error names it: of a long output only the end may be kept.
///
/// # Errors
/// When it cannot start, ends with another status than 0, or hangs.
pub fn run_tests(silence: Duration, command: &mut Command) -> Result<()> {
    let shown = shown(command);
    println!("$ {shown}");
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| format!("`{shown}` cannot start"))?;
    let pid = child.id();
    let written = child.stdout.take().expect("its output is a pipe");
    let (tells, told) = channel();
    let reader = std::thread::spawn(move || show_tests(written, &tells));
    let watch = std::thread::spawn(move || {
        let mut slow = BTreeSet::new();
        loop {
            match told.recv_timeout(silence) {
                Ok(Heard::Slow(test)) => slow.insert(test),
                Ok(Heard::Ended(test)) => slow.remove(&test),
                Ok(Heard::Other) => continue,
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => break,
            };
        }
        let running = output(&mut self::command("ps", &["-eo", "pid,ppid,etime,args"]));
        println!("these run still:\n{}", running.unwrap_or_else(|error| error.to_string()));
        let mut programs = BTreeSet::new();
        end_tree(pid, &mut programs);
        Some((programs, slow))
    });
    let status = child.wait()?;
    let hung = watch.join().expect("whoever watches does not panic");
    if let Some((programs, slow)) = hung {
        let list = |names: BTreeSet<String>| names.into_iter().collect::<Vec<_>>().join(", ");
        let (minutes, programs, slow) = (silence.as_secs() / 60, list(programs), list(slow));
        bail!("`{shown}` said nothing for {minutes} minutes; these ran: {programs}; slow tests under way: {slow}");
    }
    reader.join().expect("whoever reads does not panic");
    ensure!(status.success(), "`{shown}` failed: {status}");
    Ok(())
}

/// What a command that runs tests says of them.
enum Heard {
    /// This one takes long.
    Slow(String),
    /// This one has ended.
    Ended(String),
    Other,
}

/// Shows what a command that runs tests writes, and tells it.
fn show_tests(written: impl Read, tells: &Sender<Heard>) {
    for line in BufReader::new(written).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        let heard = match line.strip_prefix("test ").and_then(|rest| rest.split_once(' ')) {
            Some((test, said)) if said.starts_with("has been running") => Heard::Slow(test.to_string()),
            Some((test, _)) => Heard::Ended(test.to_string()),
            None => Heard::Other,
        };
        // Nobody listens any more once it hung.
        let _ = tells.send(heard);
    }
}

/// Ends a process and those that it started, the parents first: nobody is left who could start another. The names of
/// their programs go to `programs`.
fn end_tree(pid: u32, programs: &mut BTreeSet<String>) {
    let pid = pid.to_string();
    programs.extend(output(&mut command("ps", &["-o", "comm=", "-p", &pid])).map(|name| name.trim().to_string()));
    let children = output(&mut command("pgrep", &["-P", &pid])).unwrap_or_default();
    let _ = command("kill", &["-KILL", &pid]).status();
    children.lines().filter_map(|child| child.parse().ok()).for_each(|child| end_tree(child, programs));
}

/// Runs the command and returns what it wrote to standard output.
///
/// # Errors
/// When it cannot start, or ends with another status than 0; the message holds its standard error.
pub fn output(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let output = command.output().with_context(|| format!("`{shown}` cannot start"))?;
    if !output.status.success() {
        bail!("`{shown}` failed: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr).trim_end());
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{shown}` wrote something else than UTF-8"))
}

/// Whether the command starts and ends with status 0. Shows nothing.
pub fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Where cargo puts what it builds.
///
/// # Errors
/// When `cargo metadata` fails.
pub fn target_dir() -> Result<PathBuf> {
    let metadata = output(&mut cargo(&["metadata", "--format-version=1", "--no-deps"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let target = metadata["target_directory"].as_str().context("`cargo metadata` names no target directory")?;
    Ok(PathBuf::from(target))
}

fn shown(command: &Command) -> String {
    let mut words = Vec::new();
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            words.push(format!("{}={:?}", name.to_string_lossy(), value));
        }
    }
    let program = PathBuf::from(command.get_program());
    words.push(program.file_name().unwrap_or(command.get_program()).to_string_lossy().into_owned());
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::{command, run_tests};
    use std::time::{Duration, Instant};

    #[test]
    fn what_falls_silent_is_ended_with_what_it_started_and_the_rest_by_itself() {
        let silence = Duration::from_secs(60);
        run_tests(silence, &mut command("true", &[])).unwrap();
        let error = run_tests(silence, &mut command("false", &[])).unwrap_err().to_string();
        assert_eq!(error, "`false` failed: exit status: 1");
        // A length that no other run of this test has.
        let sleeps = format!("sleep 61.{}", std::process::id());
        let said = ["a", "b"].map(|test| format!("test {test} has been running for over 60 seconds")).join("\n");
        let script = format!("echo '{said}'; echo 'test a ... ok'; {sleeps} & wait");
        let mut outer = command("sh", &["-c", &script]);
        let error = run_tests(Duration::from_millis(500), &mut outer).unwrap_err().to_string();
        let late = "said nothing for 0 minutes; these ran: sh, sleep; slow tests under way: b";
        assert_eq!(error, format!("`sh -c {script}` {late}"));
        // A signal takes effect a moment after it is sent.
        let deadline = Instant::now() + silence / 6;
        while super::succeeds(&mut command("pgrep", &["-f", &format!("^{sleeps}$")])) {
            assert!(Instant::now() < deadline, "what it started has ended, too");
        }
    }
}
