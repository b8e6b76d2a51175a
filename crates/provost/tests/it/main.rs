//! The real binary, over HTTP and on the command line.

mod bad_input;
mod cli;
mod crashes;
mod dsm;
mod races;
mod raw;
mod standard;
mod conversations;
mod process;
mod support;
