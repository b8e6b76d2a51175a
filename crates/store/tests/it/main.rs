//! What every store must do, and what only the one in a folder does.

mod conformance;
mod folder;
mod make;
mod model;
