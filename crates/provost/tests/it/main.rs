//! The real binary, over HTTP and on the command line.

mod bad_input;
mod cli;
mod conversations;
mod crashes;
mod database;
mod dsm;
mod process;
mod races;
mod raw;
mod standard;
mod support;
