//! Percentiles of numbers.

/// Returns a percentile of values in any order, `None` of none; `fraction` lies between 0 and 1.
pub(super) fn percentile(
    values: &mut [f64],
    fraction: f64,
    continuous: bool,
    descending: bool,
) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let count = values.len();
    let fraction = fraction.clamp(0.0, 1.0);
    let mut ranked = |rank: usize| {
        let rank = if descending { count - 1 - rank } else { rank };
        *values.select_nth_unstable_by(rank, f64::total_cmp).1
    };
    if continuous {
        let place = fraction * (count - 1) as f64;
        let (low, high) = (place.floor() as usize, place.ceil() as usize);
        let (a, b) = (ranked(low), ranked(high));
        Some(a + (b - a) * (place - place.floor()))
    } else {
        // The first value that at least this share of the values does not come after.
        let rank = ((fraction * count as f64).ceil() as usize).clamp(1, count) - 1;
        Some(ranked(rank))
    }
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_follow_the_sql_standard() {
        let values = [40.0, 10.0, 30.0, 20.0];
        assert_eq!(percentile(&mut values.clone(), 0.5, true, false), Some(25.0));
        assert_eq!(percentile(&mut values.clone(), 0.5, false, false), Some(20.0));
        assert_eq!(percentile(&mut values.clone(), 0.25, false, true), Some(40.0));
        assert_eq!(percentile(&mut values.clone(), 1.0, true, false), Some(40.0));
        assert_eq!(percentile(&mut [], 0.5, true, false), None);
    }
}
