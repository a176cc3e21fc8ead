//! Sets of image rows, one bit each.

/// A set of row numbers below a fixed length.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Bitmap {
    words: Vec<u64>,
    len: usize,
}

impl Bitmap {
    pub(crate) fn empty(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)], len }
    }

    pub(crate) fn full(len: usize) -> Self {
        let mut all = Self { words: vec![u64::MAX; len.div_ceil(64)], len };
        all.trim();
        all
    }

    /// Builds a set by asking for each row; one word is filled at a time so that the loop vectorises.
    pub(crate) fn from_fn(len: usize, mut holds: impl FnMut(usize) -> bool) -> Self {
        let mut words = Vec::with_capacity(len.div_ceil(64));
        for start in (0..len).step_by(64) {
            let mut word = 0;
            for bit in 0..(len - start).min(64) {
                word |= u64::from(holds(start + bit)) << bit;
            }
            words.push(word);
        }
        Self { words, len }
    }

    /// Builds a set by testing each value of a column; without bounds to check, the loop vectorises.
    pub(crate) fn from_values<T: Copy>(values: &[T], holds: impl Fn(T) -> bool) -> Self {
        let word = |chunk: &[T]| {
            chunk.iter().enumerate().fold(0, |word, (bit, value)| word | u64::from(holds(*value)) << bit)
        };
        Self { words: values.chunks(64).map(word).collect(), len: values.len() }
    }

    /// Builds a set from words of 64 rows each.
    pub(crate) fn from_words(words: Vec<u64>, len: usize) -> Self {
        let mut set = Self { words, len };
        set.words.resize(len.div_ceil(64), 0);
        set.trim();
        set
    }

    fn trim(&mut self) {
        let rest = self.len % 64;
        if rest != 0
            && let Some(last) = self.words.last_mut()
        {
            *last &= (1 << rest) - 1;
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn insert(&mut self, row: usize) {
        if row < self.len
            && let Some(word) = self.words.get_mut(row / 64)
        {
            *word |= 1 << (row % 64);
        }
    }

    pub(crate) fn remove(&mut self, row: usize) {
        if let Some(word) = self.words.get_mut(row / 64) {
            *word &= !(1 << (row % 64));
        }
    }

    pub(crate) fn contains(&self, row: usize) -> bool {
        self.words.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    pub(crate) fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Counts the members in `from..to`.
    pub(crate) fn count_range(&self, from: usize, to: usize) -> usize {
        let to = to.min(self.len);
        if from >= to {
            return 0;
        }
        let (first, last) = (from / 64, (to - 1) / 64);
        let mut total = 0;
        for (at, word) in self.words.iter().enumerate().take(last + 1).skip(first) {
            let mut word = *word;
            if at == first {
                word &= u64::MAX << (from % 64);
            }
            if at == last && !to.is_multiple_of(64) {
                word &= (1 << (to % 64)) - 1;
            }
            total += word.count_ones() as usize;
        }
        total
    }

    /// Returns the first member at or after `from` once `skip` members were passed.
    pub(crate) fn nth_from(&self, from: usize, mut skip: usize) -> Option<usize> {
        let mut at = from / 64;
        let mut word = self.words.get(at)? & (u64::MAX << (from % 64));
        loop {
            let ones = word.count_ones() as usize;
            if ones > skip {
                for _ in 0..skip {
                    word &= word - 1;
                }
                return Some(at * 64 + word.trailing_zeros() as usize);
            }
            skip -= ones;
            at += 1;
            word = *self.words.get(at)?;
        }
    }

    pub(crate) fn and(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    pub(crate) fn or(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    pub(crate) fn and_not(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
    }

    pub(crate) fn not(&mut self) {
        for word in &mut self.words {
            *word = !*word;
        }
        self.trim();
    }

    /// Walks the members upwards.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            let mut word = *word;
            std::iter::from_fn(move || {
                (word != 0).then(|| {
                    let bit = word.trailing_zeros() as usize;
                    word &= word - 1;
                    at * 64 + bit
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_come_back_in_order_and_by_rank() {
        let mut set = Bitmap::empty(200);
        for row in [0, 3, 63, 64, 130, 199, 200] {
            set.insert(row);
        }
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 3, 63, 64, 130, 199]);
        assert_eq!(set.nth_from(0, 2), Some(63));
        assert_eq!(set.nth_from(64, 1), Some(130));
        assert_eq!(set.nth_from(64, 3), None);
        assert_eq!(set.count_range(3, 65), 3);
        assert_eq!(set.count_range(64, 64), 0);
    }

    #[test]
    fn the_complement_stays_below_the_length() {
        let mut set = Bitmap::from_fn(70, |row| row % 2 == 0);
        set.not();
        assert_eq!(set.count(), 35);
        assert!(!set.contains(70));
        assert_eq!(Bitmap::full(70).count(), 70);
    }
}
