//! The targets over the corpora, over what they become when they are changed a little, and over bytes made from seeds.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod corpora;
mod mutations;
mod seeds;
