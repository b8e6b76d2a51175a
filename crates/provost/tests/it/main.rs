//! The real binary, over HTTP and on the command line.

mod bad_input;
mod checklist;
mod cli;
mod conversations;
mod crashes;
mod crowd;
mod database;
mod definitions;
mod directory;
mod dsm;
mod failover;
mod fulcrum;
mod groups;
mod large;
mod load;
mod mail;
mod managing;
mod nodes;
mod operation;
mod policies;
mod process;
mod races;
mod raw;
mod standard;
mod support;
mod tokens;
