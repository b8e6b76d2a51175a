//! The console's pages: view models in, HTML out.

pub mod screens;
