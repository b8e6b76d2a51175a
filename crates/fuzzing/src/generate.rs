//! Schemas, resources, filters and patches that fit each other, chosen by [`Choices`](crate::Choices).

mod filters;
mod patches;
mod resources;
mod schemas;

pub use filters::{filter, filter_within};
pub use patches::operations;
pub use resources::resource;
pub use schemas::kind;

/// Words of texts: few, so that they meet, and some that are equal only once folded.
const WORDS: [&str; 14] = ["a", "A", "b", "ab", "Ab", "work", "Work", "é", "É", "e\u{301}", "ß", "ｊ", "a b", ""];
const TIMES: [&str; 5] = [
    "2011-05-13T04:42:34Z",
    "2011-05-13T04:42:34.5Z",
    "2011-05-13T04:42:35Z",
    "1969-12-31T23:59:59Z",
    "2024-02-29T00:00:00Z",
];
const BASE64: [&str; 5] = ["TWFu", "twfu", "TQ==", "TWE=", "ab"];
const URIS: [&str; 4] = ["https://a.example/1", "HTTPS://a.example/1", "urn:x", "/Users/1"];
