//! The way to Chromium: its DevTools protocol over standard input and output, each message ended by a zero byte.

use serde_json::Value;
use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::Sender,
    },
    time::{Duration, Instant},
};

/// The script lives as long as the browser, and the browser until its input ends, which it does with the process that has started it,
/// however that ends. Nothing listens on a port. Fonts are drawn without hints and in grey, so that pictures are alike everywhere.
const SCRIPT: &str = r#"
set -eu
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome) \
    || { echo "Chromium is not installed: \`cargo xtask setup\` does that" >&2; exit 1; }
folder=$(mktemp -d /tmp/provost-chromium-XXXXXX)
trap 'rm -rf "$folder" 2>/dev/null || { sleep 1; rm -rf "$folder"; }' EXIT
trap '' INT
mkdir "$folder/downloads"
printf '%s\000' "$folder"
export HOME="$folder" TMPDIR="$folder" XDG_CONFIG_HOME="$folder" XDG_CACHE_HOME="$folder"
"$chromium" --headless=new --remote-debugging-pipe --user-data-dir="$folder/profile" \
    --no-sandbox --disable-dev-shm-usage --disable-gpu --no-first-run --no-default-browser-check --disable-extensions \
    --disable-background-networking --disable-component-update --disable-sync --disable-default-apps --disable-breakpad \
    --disable-features=Translate,MediaRouter,OptimizationHints,AutofillServerCommunication --metrics-recording-only --no-proxy-server \
    --password-store=basic --use-mock-keychain --hide-scrollbars --mute-audio --lang=en-GB \
    --font-render-hinting=none --disable-lcd-text --force-color-profile=srgb \
    about:blank 3<&0 4>&1 </dev/null >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
"#;

/// How long it may take to end.
const END_MAX: Duration = Duration::from_secs(10);

/// A Chromium and the messages to and from it.
#[derive(Debug)]
pub struct Pipe {
    /// Below it is all that the browser keeps; gone with it.
    pub folder: PathBuf,
    input: Mutex<Option<ChildStdin>>,
    script: Mutex<Child>,
    inboxes: Arc<Mutex<HashMap<String, Sender<Value>>>>,
    numbers: AtomicU64,
}

impl Pipe {
    /// Starts Chromium.
    ///
    /// # Panics
    /// When it does not start.
    pub fn open() -> Self {
        let mut script = Command::new("sh");
        script.args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut script = script.spawn().expect("a shell starts");
        let input = script.stdin.take().expect("the input is a pipe");
        let mut output = BufReader::with_capacity(1 << 16, script.stdout.take().expect("the output is a pipe"));
        let mut folder = Vec::new();
        output.read_until(0, &mut folder).expect("the output can be read");
        assert_eq!(folder.pop(), Some(0), "Chromium does not start; what it says stands above");
        let folder = PathBuf::from(String::from_utf8(folder).expect("the folder's name is text"));
        let inboxes = Arc::default();
        let all = Arc::clone(&inboxes);
        std::thread::spawn(move || deliver(output, &all));
        Self { folder, input: Mutex::new(Some(input)), script: Mutex::new(script), inboxes, numbers: AtomicU64::new(1) }
    }

    /// What comes for this session goes into `inbox` from now on; `""` is the browser itself.
    pub fn register(&self, session: &str, inbox: Sender<Value>) {
        lock(&self.inboxes).insert(session.to_owned(), inbox);
    }

    /// Nobody waits for this session any more.
    pub fn forget(&self, session: &str) {
        lock(&self.inboxes).remove(session);
    }

    /// Sends a command and returns its number, which the answer carries.
    ///
    /// # Errors
    /// When the browser has ended.
    pub fn send(&self, session: &str, method: &str, parameters: Value) -> std::io::Result<u64> {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let mut message = serde_json::json!({ "id": number, "method": method, "params": parameters });
        if !session.is_empty() {
            message["sessionId"] = session.into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        match lock(&self.input).as_mut() {
            Some(input) => input.write_all(&bytes).and_then(|()| input.flush()).map(|()| number),
            None => Err(std::io::ErrorKind::BrokenPipe.into()),
        }
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        drop(lock(&self.input).take());
        let mut script = lock(&self.script);
        let deadline = Instant::now() + END_MAX;
        while script.try_wait().is_ok_and(|status| status.is_none()) && Instant::now() < deadline {
            std::thread::park_timeout(Duration::from_millis(10));
        }
        // Fails only when it has ended already.
        let _ = script.kill();
        let _ = script.wait();
    }
}

/// Takes what the browser says to whom it concerns, until it ends; then nobody's inbox has a sender any more.
fn deliver(mut output: BufReader<ChildStdout>, inboxes: &Mutex<HashMap<String, Sender<Value>>>) {
    let mut bytes = Vec::new();
    while output.read_until(0, &mut bytes).is_ok_and(|read| read > 0) {
        if bytes.last() == Some(&0) {
            bytes.pop();
        }
        if let Ok(message) = serde_json::from_slice::<Value>(&bytes) {
            let session = message["sessionId"].as_str().unwrap_or_default();
            if let Some(inbox) = lock(inboxes).get(session) {
                // Whoever has stopped waiting does not miss it.
                let _ = inbox.send(message);
            }
        }
        bytes.clear();
    }
    lock(inboxes).clear();
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
