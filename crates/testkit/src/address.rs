//! Addresses of this machine that nobody else uses.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU8, Ordering};

/// An address of this machine at which nobody has listened. Ports of 127.0.0.1 pass from one to another: whoever calls what has gone,
/// such as a server of another test, may reach who was given its port. Here nobody comes who was not told.
pub fn own_address() -> Ipv4Addr {
    static TAKEN: AtomicU8 = AtomicU8::new(0);
    let [.., high, low] = std::process::id().to_be_bytes();
    let number = TAKEN.fetch_add(1, Ordering::Relaxed);
    assert!(number < 250, "a process has 250 of them");
    Ipv4Addr::new(127, 1 + high / 2, low, 1 + number)
}
