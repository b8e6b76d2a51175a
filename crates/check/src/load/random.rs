//! Choices that a seed decides.

/// Number `n` of the sequence that begins with `seed` (SplitMix64): the same whoever asks, and in whatever order.
pub fn random(seed: u64, n: u64) -> u64 {
    let mut mixed = seed.wrapping_add(n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A random number, brought below `bound`, which is not 0.
pub fn below(random: u64, bound: usize) -> usize {
    let product = u128::from(random) * (bound as u128);
    usize::try_from(product >> 64).expect("it is below the bound, which is a usize")
}

#[cfg(test)]
mod tests {
    use super::{below, random};

    #[test]
    fn the_sequence_is_that_of_splitmix64() {
        // The first numbers of the reference implementation with the seed 1234567.
        let numbers = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        for (n, expected) in (0..).zip(numbers) {
            assert_eq!(random(1_234_567, n), expected);
        }
    }

    #[test]
    fn a_number_below_a_bound_reaches_all_of_them() {
        assert_eq!((below(0, 10), below(u64::MAX, 10), below(u64::MAX / 2, 10)), (0, 9, 4));
        let mut seen = [0; 10];
        for n in 0..1_000 {
            seen[below(random(7, n), 10)] += 1;
        }
        assert!(seen.iter().all(|count| (60..140).contains(count)), "{seen:?}");
    }
}
