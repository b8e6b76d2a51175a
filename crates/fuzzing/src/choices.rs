//! Bytes as decisions, so that fuzzers and seeds drive one and the same generator.

/// Decisions read from bytes: equal bytes decide alike, and when they have run out every decision is the first.
pub struct Choices<'b>(&'b [u8]);

impl<'b> Choices<'b> {
    /// Decisions of these bytes, one byte for each.
    pub fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    /// A number less than `end`, which is from 1 to 256.
    pub fn below(&mut self, end: usize) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first) % end
    }

    /// Once in so many cases; never when the bytes have run out.
    pub fn one_in(&mut self, cases: usize) -> bool {
        self.below(cases) == cases - 1
    }

    /// One of these, of which there is at least one.
    pub fn pick<'t, T>(&mut self, among: &'t [T]) -> &'t T {
        &among[self.below(among.len())]
    }
}

/// So many bytes from a seed (SplitMix64): repeatable, for tests that have no fuzzer.
pub fn bytes_of_seed(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bytes.extend((mixed ^ (mixed >> 31)).to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}
