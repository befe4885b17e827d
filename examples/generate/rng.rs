//! Chance: SplitMix64, in whole numbers only, so that every machine draws the same.

pub struct Rng(u64);

impl Rng {
    /// Streams of one seed have nothing in common.
    pub fn new(seed: u64, stream: u64) -> Rng {
        Rng(mix(seed ^ mix(stream.wrapping_add(0x9E37_79B9_7F4A_7C15))))
    }

    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number in `0..n`.
    pub fn below(&mut self, n: u32) -> u32 {
        (((self.draw() >> 32) * u64::from(n)) >> 32) as u32
    }

    /// A number in `low..high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::from(self.below((high - low).clamp(1, i64::from(u32::MAX)) as u32))
    }

    /// True in so many cases out of a thousand.
    pub fn chance(&mut self, permille: u32) -> bool {
        self.below(1000) < permille
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u32) as usize]
    }

    /// A draw from a distribution given by its quantiles, `(share in thousandths, value)` in rising order, the
    /// first at 0 and the last at 1000; straight lines between them. The answer is a thousand times the value.
    pub fn on_curve(&mut self, quantiles: &[(u32, i64)]) -> i64 {
        let at = i64::from(self.below(1_000_000));
        let upper = quantiles.partition_point(|&(share, _)| i64::from(share) * 1000 <= at);
        let ((low, from), (high, to)) = (quantiles[upper - 1], quantiles[upper]);
        let (low, high) = (i64::from(low) * 1000, i64::from(high) * 1000);
        1000 * from + 1000 * (to - from) * (at - low) / (high - low)
    }
}

fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}
