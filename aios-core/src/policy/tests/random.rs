//! Chance that can be repeated, and how many cases a test tries.

/// The generator `SplitMix64`.
pub(in crate::policy) struct Random(u64);

impl Random {
    pub(in crate::policy) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(in crate::policy) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(bound).unwrap()).unwrap()
    }

    pub(in crate::policy) fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    pub(in crate::policy) fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

/// Seeds of so many worlds, or of as many as `AIOS_WORLDS` says.
#[expect(clippy::disallowed_methods, reason = "more cases for whoever has the time")]
pub(in crate::policy) fn seeds(count: u64) -> std::ops::Range<u64> {
    0..std::env::var("AIOS_WORLDS").map_or(count, |count| count.parse().unwrap())
}
