//! A way to PostgreSQL that breaks off where a test wants it.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// Where the way breaks off, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The server is not told to commit.
    BeforeCommit,
    /// The server commits, and its answer is lost.
    AfterCommit,
}

/// Passes connections on to a server's socket.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    socket: PathBuf,
    cut: Mutex<Option<Cut>>,
    cuts: AtomicU32,
    is_down: AtomicBool,
    goes_down: AtomicBool,
}

/// What a client of PostgreSQL sends to commit: a simple query.
const COMMIT: &[u8] = b"Q\0\0\0\x0bCOMMIT\0";
/// What the server answers once it has.
const COMMITTED: &[u8] = b"C\0\0\0\x0bCOMMIT\0";

impl Proxy {
    /// Listens at an address of its own.
    ///
    /// # Panics
    /// When the machine refuses.
    pub fn start(socket: &Path) -> Self {
        let listener = TcpListener::bind((crate::own_address(), 0)).expect("an address of one's own is free");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::new(Shared {
            socket: socket.to_owned(),
            cut: Mutex::new(None),
            cuts: AtomicU32::new(0),
            is_down: AtomicBool::new(false),
            goes_down: AtomicBool::new(false),
        });
        thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                for client in listener.incoming().flatten() {
                    let shared = Arc::clone(&shared);
                    thread::spawn(move || shared.pass(&client));
                }
            }
        });
        Self { address, shared }
    }

    /// Where it listens: `HOST:PORT`.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Breaks the next commit off. With `goes_down` nobody gets through afterwards until [`Proxy::come_back`].
    pub fn cut(&self, cut: Cut, goes_down: bool) {
        self.shared.goes_down.store(goes_down, Ordering::SeqCst);
        *self.shared.cut.lock().expect("nobody fails here") = Some(cut);
    }

    /// How many commits were broken off.
    pub fn cuts(&self) -> u32 {
        self.shared.cuts.load(Ordering::SeqCst)
    }

    /// Lets connections through again.
    pub fn come_back(&self) {
        self.shared.is_down.store(false, Ordering::SeqCst);
    }
}

impl Shared {
    fn pass(&self, client: &TcpStream) {
        let Ok(server) = UnixStream::connect(&self.socket) else { return };
        if self.is_down.load(Ordering::SeqCst) {
            return;
        }
        let is_mute = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                // Whichever way ends takes the other with it; so does an answer that is to be lost.
                let _ = answers(&server, client, &is_mute);
                let _ = client.shutdown(Shutdown::Both);
                let _ = server.shutdown(Shutdown::Both);
            });
            if self.questions(client, &server, &is_mute).is_err() {
                let _ = client.shutdown(Shutdown::Both);
            }
            let _ = server.shutdown(Shutdown::Write);
        });
    }

    /// Passes messages to the server, until one is to be cut off.
    fn questions(&self, mut client: &TcpStream, mut server: &UnixStream, is_mute: &AtomicBool) -> io::Result<()> {
        // The first message has no type.
        let mut message = vec![0; 4];
        client.read_exact(&mut message)?;
        loop {
            let length: [u8; 4] = message[message.len() - 4..].try_into().expect("four bytes are four bytes");
            let rest = u64::from(u32::from_be_bytes(length)) - 4;
            client.take(rest).read_to_end(&mut message)?;
            if message == COMMIT
                && let Some(cut) = self.cut.lock().expect("nobody fails here").take()
            {
                self.is_down.store(self.goes_down.load(Ordering::SeqCst), Ordering::SeqCst);
                self.cuts.fetch_add(1, Ordering::SeqCst);
                match cut {
                    Cut::BeforeCommit => return Err(io::ErrorKind::ConnectionReset.into()),
                    Cut::AfterCommit => is_mute.store(true, Ordering::SeqCst),
                }
            }
            server.write_all(&message)?;
            message.resize(5, 0);
            client.read_exact(&mut message)?;
        }
    }
}

/// Passes answers to the client, until that to a commit is to be lost.
fn answers(mut server: &UnixStream, mut client: &TcpStream, is_mute: &AtomicBool) -> io::Result<()> {
    let (mut buffer, mut lost) = ([0; 16 * 1024], Vec::new());
    loop {
        let read = server.read(&mut buffer)?;
        if is_mute.load(Ordering::SeqCst) {
            lost.extend_from_slice(&buffer[..read]);
            if lost.windows(COMMITTED.len()).any(|bytes| bytes == COMMITTED) {
                return Ok(());
            }
        } else {
            client.write_all(&buffer[..read])?;
        }
        if read == 0 {
            return Ok(());
        }
    }
}
