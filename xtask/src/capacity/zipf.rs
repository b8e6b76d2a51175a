//! How large accounts are.

/// Sizes of `count` accounts that share `total` users, the largest first: the account of rank r is as large as
/// r^-`exponent` says. Each has at least one user, and the sum is `total`, which is at least `count`.
pub fn sizes(count: usize, total: u64, exponent: f64) -> Vec<u64> {
    let weights: Vec<f64> = (1..=count).map(|rank| (rank as f64).powf(-exponent)).collect();
    let spare = total.saturating_sub(count as u64);
    let sum: f64 = weights.iter().sum();
    // Rounding what has been dealt out so far, and not each share, loses nobody.
    let (mut before, mut weight) = (0, 0.0);
    let mut sizes = Vec::with_capacity(count);
    for (rank, one) in weights.iter().enumerate() {
        weight += one;
        let share = if rank + 1 == count { spare } else { ((weight / sum) * spare as f64).round() as u64 };
        let until = share.clamp(before, spare);
        sizes.push(1 + until - before);
        before = until;
    }
    sizes
}

#[cfg(test)]
mod tests {
    use super::sizes;

    #[test]
    fn sizes_sum_to_the_total() {
        for (count, total, exponent) in
            [(1, 1, 1.0), (10, 10, 1.0), (7, 1_000, 0.0), (1_000, 12_345, 1.3), (100, 101, 2.0)]
        {
            let sizes = sizes(count, total, exponent);
            assert_eq!((sizes.len(), sizes.iter().sum::<u64>()), (count, total));
            assert!(sizes.iter().all(|size| *size >= 1));
        }
    }

    #[test]
    fn the_second_is_half_as_large_as_the_first() {
        let sizes = sizes(100_000, 100_000_000, 1.0);
        let ratios = [(1, 2.0), (2, 3.0), (9, 10.0), (99, 100.0)]
            .map(|(rank, ratio)| sizes[0] as f64 / sizes[rank] as f64 / ratio);
        assert!(ratios.iter().all(|ratio| (ratio - 1.0).abs() < 0.01), "{ratios:?}");
        assert_eq!(sizes.iter().sum::<u64>(), 100_000_000);
    }
}
