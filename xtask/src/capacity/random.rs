//! Random numbers that depend on the seed alone: SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom
//! number generators", 2014). Good enough for a simulation, and no package more.

/// A stream of numbers.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.0)
    }

    /// At least 0, below 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Below `bound`, which is not 0. The bias is below `bound` / 2^64.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// The whole number below or above `value`, so that the mean is `value`.
    pub fn rounded(&mut self, value: f64) -> u64 {
        value.floor() as u64 + u64::from(self.unit() < value.fract())
    }

    /// The time to the next of events that come by chance, `mean` apart.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    /// How many of such events come where `mean` are expected. Above 50, where nobody sees the difference, the normal
    /// distribution of the same mean and variance.
    pub fn poisson(&mut self, mean: f64) -> u64 {
        if mean > 50.0 {
            let (angle, length) = (std::f64::consts::TAU * self.unit(), self.exponential(2.0).sqrt());
            return (mean + mean.sqrt() * length * angle.cos()).round().max(0.0) as u64;
        }
        let (limit, mut product, mut count) = ((-mean).exp(), self.unit(), 0);
        while product > limit {
            product *= self.unit();
            count += 1;
        }
        count
    }
}

/// A number's bits, mixed so that neighbours have nothing in common.
pub fn mixed(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn the_first_numbers_are_those_of_the_published_generator() {
        let mut random = Random::new(1_234_567);
        assert_eq!([random.next(), random.next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn draws_have_the_mean_that_was_asked_for() {
        let mut random = Random::new(1);
        let mut mean =
            |draw: &mut dyn FnMut(&mut Random) -> f64| (0..100_000).map(|_| draw(&mut random)).sum::<f64>() / 100_000.0;
        let means = [
            (0.5, mean(&mut |random| random.unit())),
            (4.5, mean(&mut |random| random.below(10) as f64)),
            (2.3, mean(&mut |random| random.rounded(2.3) as f64)),
            (3.0, mean(&mut |random| random.exponential(3.0))),
            (0.4, mean(&mut |random| random.poisson(0.4) as f64)),
            (80.0, mean(&mut |random| random.poisson(80.0) as f64)),
        ];
        for (expected, drawn) in means {
            assert!((drawn - expected).abs() < 0.02 * expected, "{drawn} instead of {expected}");
        }
    }
}
