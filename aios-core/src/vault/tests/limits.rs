//! Counting uses: never more in a span than the terms allow, wherever the span begins and whatever the clock does.

use super::*;
use crate::model::Timestamp;

const SECOND: i64 = 1_000_000_000;

fn rate(uses: u64, per_seconds: u64) -> Limits {
    Limits { uses: Some(uses), per_seconds: Some(per_seconds), total: None }
}

fn kept(versions: u64) -> Kept {
    let mut kept = Kept::default();
    for number in 1..=versions {
        let fresh = Fresh {
            version: version(number),
            stage: Stage::Current,
            created: Timestamp::from_seconds(1),
            not_before: None,
            expires: None,
            fingerprint: String::new(),
            terms: "{}".into(),
            envelope: "aev1.x".into(),
        };
        kept.add(fresh, 64).unwrap();
    }
    kept
}

/// Uses version 1 at a moment, and says whether that was allowed, or from when on it is.
fn used(counts: &mut Counts, limits: &Limits, nanos: i64) -> Result<(), i64> {
    let before = counts.clone();
    match counts.count(limits, (&kept(1), version(1)), Timestamp::from_nanos(nanos)) {
        Ok(()) => Ok(()),
        Err(Error::RateReached { until }) => {
            let mut later = counts.clone();
            later.count(limits, (&kept(1), version(1)), until).expect("there is room then");
            let spared = before.clone().count(limits, (&kept(1), version(1)), Timestamp::from_nanos(nanos));
            assert!(spared.is_err(), "what was refused changed nothing");
            Err(until.seconds())
        }
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn no_span_ever_holds_more_than_its_uses_and_room_comes_back() {
    let mut dice = Dice(7);
    for (uses, span) in [(1, 1), (3, 1), (5, 7), (60, 60), (40, 3600)] {
        let (mut counts, mut times, mut now) = (Counts::default(), Vec::<i64>::new(), 1_800_000_000 * SECOND);
        let step = usize::try_from(i64::try_from(span).unwrap() * SECOND / 20).unwrap();
        for _ in 0..2000 {
            now += i64::try_from(dice.roll(step)).unwrap();
            if used(&mut counts, &rate(uses, span), now).is_ok() {
                times.push(now);
            }
        }
        let length = i64::try_from(span).unwrap() * SECOND;
        for (index, first) in times.iter().enumerate() {
            let within = times[index..].iter().take_while(|time| **time <= first + length).count();
            assert!(u64::try_from(within).unwrap() <= uses, "{within} in {span} seconds");
        }
        // It costs a part of a span, and no more than that: where there are twice as many who ask, each span is full.
        let whole = usize::try_from((now - times[0]) / (length + length / 50 + 1)).unwrap();
        let each = usize::try_from(uses).unwrap().min(20);
        assert!(times.len() >= whole * each * 9 / 10, "{} in {whole} spans", times.len());
    }
}

#[test]
fn a_clock_that_goes_back_gives_nothing_back() {
    let (mut counts, limits, now) = (Counts::default(), rate(2, 60), 1_000_000 * SECOND);
    assert_eq!(used(&mut counts, &limits, now), Ok(()));
    for earlier in [now - 30 * SECOND, now - 86_400 * SECOND, 0] {
        let mut there = counts.clone();
        assert_eq!(used(&mut there, &limits, earlier), Ok(()), "what is left stays");
        for _ in 0..3 {
            assert!(used(&mut there, &limits, earlier).is_err_and(|until| until > now / SECOND));
        }
    }
    // A clock that went ahead and came back: it counts from where it was, and refuses until it is there again.
    let ahead = now + 365 * 86_400 * SECOND;
    assert_eq!((used(&mut counts, &limits, ahead), used(&mut counts, &limits, ahead)), (Ok(()), Ok(())));
    assert!(used(&mut counts, &limits, now).is_err_and(|until| until > ahead / SECOND));
}

#[test]
fn a_total_is_of_each_version_and_forgotten_with_its_value_alone() {
    let limits = Limits { total: Some(2), ..Limits::default() };
    let (mut counts, now) = (Counts::default(), Timestamp::from_seconds(10));
    let mut secret = kept(2);
    let mut count = |secret: &Kept, number| counts.count(&limits, (secret, version(number)), now);
    assert_eq!([count(&secret, 1), count(&secret, 2), count(&secret, 1)], [Ok(()); 3]);
    assert_eq!(
        (count(&secret, 1), count(&secret, 2), count(&secret, 2)),
        (Err(Error::UsedUp), Ok(()), Err(Error::UsedUp))
    );
    // Whoever read the secret before version 3 was put forgets none of its uses.
    let newer = kept(3);
    assert_eq!((count(&newer, 3), count(&newer, 3)), (Ok(()), Ok(())));
    secret.revoke(Some(version(1))).unwrap();
    let other = kept(4);
    assert_eq!(
        (count(&other, 4), count(&newer, 3), count(&secret, 2)),
        (Ok(()), Err(Error::UsedUp), Err(Error::UsedUp))
    );
    secret.destroy(Some(version(1))).unwrap();
    let mut other = kept(4);
    other.destroy(Some(version(1))).unwrap();
    assert_eq!(count(&other, 4), Ok(()));
    assert!(!serde_json::to_string(&counts).unwrap().contains(r#""1":"#), "{counts:?}");
}

#[test]
fn spans_of_different_lengths_are_counted_apart_and_leave_no_trace_once_they_are_over() {
    let (mut counts, now) = (Counts::default(), 1_000_000 * SECOND);
    let (short, long) = (rate(1, 1), rate(2, 3600));
    assert_eq!(used(&mut counts, &long, now), Ok(()));
    for second in 0..10 {
        assert_eq!(used(&mut counts, &short, now + second * 2 * SECOND), Ok(()));
    }
    assert_eq!(used(&mut counts, &long, now + 20 * SECOND), Ok(()));
    assert!(used(&mut counts, &long, now + 21 * SECOND).is_err());
    assert_eq!(used(&mut counts, &short, now + 9_000 * SECOND), Ok(()));
    assert!(!serde_json::to_string(&counts).unwrap().contains("3600"), "{counts:?}");
    // However often it is used, what is kept is bounded.
    let mut many = Counts::default();
    for use_ in 0..5000 {
        let _ = used(&mut many, &rate(1_000_000, 60), now + use_ * SECOND / 10);
    }
    assert!(serde_json::to_string(&many).unwrap().len() < 2048);
}

#[test]
fn limits_that_say_nothing_half_or_too_much_are_refused_and_bound_into_the_terms() {
    let terms = |limits| Terms::of(alice()).limits(limits).write();
    let some = |uses, per_seconds, total| Limits { uses, per_seconds, total };
    for bad in [
        some(None, None, None),
        some(Some(1), None, None),
        some(None, Some(1), Some(1)),
        some(Some(0), Some(1), None),
        some(Some(1), Some(0), None),
        some(Some(1_000_001), Some(1), None),
        some(Some(1), Some(31_622_401), None),
        some(None, None, Some(0)),
        some(None, None, Some(u64::MAX)),
    ] {
        assert!(matches!(terms(bad), Err(Error::Invalid { at: "limits", .. })), "{bad:?}");
    }
    let good = terms(some(Some(60), Some(60), Some(5))).unwrap();
    assert!(good.ends_with(r#","limits":{"uses":60,"per_seconds":60,"total":5}}"#), "{good}");
    assert_eq!(Terms::read(&good).unwrap().limits, Some(some(Some(60), Some(60), Some(5))));
    // r25: a member that a reader does not know makes the terms unreadable; so do limits to a reader of before.
    assert_eq!(Terms::read(&good.replace("total", "spend")), Err(Error::Undecryptable));
    assert_eq!(Terms::read(&good.replace("limits", "limit")), Err(Error::Undecryptable));
}
