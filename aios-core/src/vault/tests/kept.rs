//! A secret's life: stages only go forward, and numbers only up.

use super::*;
use crate::model::Timestamp;

const NOW: Timestamp = Timestamp::from_seconds(1_000);

fn fresh(number: u64, stage: Stage) -> Fresh {
    Fresh {
        version: version(number),
        stage,
        created: NOW,
        not_before: None,
        expires: None,
        fingerprint: format!("f{number}"),
        terms: "{}".into(),
        envelope: format!("aev1.{number}"),
    }
}

fn stages(kept: &Kept) -> Vec<(u64, Stage)> {
    assert!(kept.is_sound());
    kept.versions().iter().map(|kept| (kept.version().number(), kept.stage)).collect()
}

fn with(numbers: std::ops::RangeInclusive<u64>, keep: usize) -> Kept {
    let mut kept = Kept::default();
    numbers.for_each(|number| kept.add(fresh(number, Stage::Current), keep).unwrap());
    kept
}

#[test]
fn a_new_version_pushes_the_ones_before_it_along() {
    use Stage::{Current, Pending, Previous, Retired};
    let mut kept = with(1..=3, 5);
    assert_eq!(stages(&kept), [(1, Retired), (2, Previous), (3, Current)]);
    kept.add(fresh(4, Pending), 5).unwrap();
    assert_eq!(stages(&kept), [(1, Retired), (2, Previous), (3, Current), (4, Pending)]);
    kept.add(fresh(5, Pending), 5).unwrap();
    assert_eq!(stages(&kept)[2..], [(3, Current), (4, Retired), (5, Pending)]);
    kept.promote(version(5)).unwrap();
    assert_eq!(stages(&kept)[1..], [(2, Retired), (3, Previous), (4, Retired), (5, Current)]);
    for not_pending in [1, 3, 5] {
        assert_eq!(kept.promote(version(not_pending)), Err(Error::Ended));
    }
    assert_eq!(kept.promote(version(6)), Err(Error::NotFound));
}

#[test]
fn only_the_next_number_is_added() {
    let mut kept = Kept::default();
    assert_eq!(kept.add(fresh(2, Stage::Current), 5), Err(Error::Conflict));
    kept.add(fresh(1, Stage::Current), 5).unwrap();
    for stale in [1, 3] {
        assert_eq!(kept.add(fresh(stale, Stage::Current), 5), Err(Error::Conflict));
    }
    assert_eq!(kept.latest(), Some(version(1)));
}

#[test]
fn what_is_pending_current_or_previous_is_usable_and_nothing_else() {
    let mut kept = with(1..=3, 5);
    kept.add(fresh(4, Stage::Pending), 5).unwrap();
    let usable =
        |kept: &Kept, number| kept.usable(Some(version(number)), NOW).map(|found| found.version().number());
    assert_eq!(kept.usable(None, NOW).unwrap().version(), version(3));
    assert_eq!(
        [1, 2, 3, 4, 5].map(|number| usable(&kept, number)),
        [Err(Error::Ended), Ok(2), Ok(3), Ok(4), Err(Error::NotFound),]
    );
    kept.delete(NOW);
    assert_eq!(usable(&kept, 3), Err(Error::Ended));
    assert_eq!(kept.add(fresh(5, Stage::Current), 5), Err(Error::Ended));
    assert_eq!(kept.promote(version(4)), Err(Error::Ended));
    kept.restore();
    assert_eq!(usable(&kept, 3), Ok(3));
    kept.revoke(Some(version(3))).unwrap();
    assert_eq!((usable(&kept, 3), usable(&kept, 2)), (Err(Error::Ended), Ok(2)));
    assert_eq!(kept.usable(None, NOW), Err(Error::NotFound), "no other version slides into its place");
    kept.revoke(None).unwrap();
    assert_eq!((usable(&kept, 2), usable(&kept, 4)), (Err(Error::Ended), Err(Error::Ended)));
    assert_eq!(kept.revoke(Some(version(9))), Err(Error::NotFound));
}

#[test]
fn a_version_is_usable_from_its_beginning_until_its_end() {
    let mut kept = Kept::default();
    let (from, until) = (Timestamp::from_seconds(2_000), Timestamp::from_seconds(3_000));
    let fresh = Fresh { not_before: Some(from), expires: Some(until), ..fresh(1, Stage::Current) };
    kept.add(fresh, 5).unwrap();
    for (seconds, usable) in [(1_999, false), (2_000, true), (2_999, true), (3_000, false)] {
        let found = kept.usable(None, Timestamp::from_seconds(seconds)).map(drop);
        assert_eq!(found, if usable { Ok(()) } else { Err(Error::Ended) }, "{seconds}");
    }
}

#[test]
fn what_is_destroyed_has_no_value_and_never_comes_back() {
    let mut kept = with(1..=3, 5);
    kept.destroy(Some(version(1))).unwrap();
    assert_eq!(kept.versions()[0].envelope, "");
    assert_eq!(kept.destroy(Some(version(9))), Err(Error::NotFound));
    kept.destroy(None).unwrap();
    assert!(kept.versions().iter().all(|kept| kept.stage == Stage::Destroyed && kept.envelope.is_empty()));
    kept.revoke(None).unwrap();
    kept.restore();
    assert!(kept.versions().iter().all(|kept| kept.stage == Stage::Destroyed));
    assert_eq!(kept.next().unwrap(), version(4), "its numbers are not given again");
    kept.add(fresh(4, Stage::Current), 5).unwrap();
    assert_eq!(kept.usable(None, NOW).unwrap().version(), version(4));
}

#[test]
fn of_what_is_out_of_use_only_so_many_keep_their_value() {
    let kept = with(1..=6, 3);
    let with_value: Vec<_> = kept.versions().iter().filter(|kept| !kept.envelope.is_empty()).collect();
    assert_eq!(with_value.iter().map(|kept| kept.version().number()).collect::<Vec<_>>(), [4, 5, 6]);
    let kept = with(1..=100, 3);
    assert_eq!(kept.versions().len(), 3 + 16);
    assert_eq!(kept.latest(), Some(version(100)));
    let mut all = with(1..=40, 50);
    all.destroy(None).unwrap();
    assert_eq!((all.versions().len(), all.latest()), (16, Some(version(40))));
    // Usable ones are never destroyed to make room.
    let kept = with(1..=4, 1);
    assert_eq!(kept.versions().iter().filter(|kept| !kept.envelope.is_empty()).count(), 2);
}

#[test]
fn stages_never_go_back_whatever_is_done() {
    let mut dice = Dice(3);
    for _ in 0..300 {
        let mut kept = with(1..=1, 4);
        for _ in 0..30 {
            let before = kept.clone();
            let chosen = kept.versions()[dice.roll(kept.versions().len())].version();
            let _ = match dice.roll(7) {
                0 | 1 => kept.add(fresh(kept.next().unwrap().number(), Stage::Current), 4),
                2 => kept.add(fresh(kept.next().unwrap().number(), Stage::Pending), 4),
                3 => kept.promote(chosen),
                4 => kept.revoke((dice.roll(4) > 0).then_some(chosen)),
                5 => kept.destroy((dice.roll(8) > 0).then_some(chosen)),
                _ if kept.is_deleted() => {
                    kept.restore();
                    Ok(())
                }
                _ => {
                    kept.delete(NOW);
                    Ok(())
                }
            };
            assert!(kept.is_sound());
            assert!(kept.latest() >= before.latest());
            for old in before.versions() {
                if let Ok(new) = kept.version(Some(old.version())) {
                    assert!(new.stage >= old.stage, "{old:?} became {new:?}");
                }
            }
        }
    }
}

#[test]
fn metadata_is_bounded() {
    let many = |count: usize, text: &str| (0..count).map(|n| (format!("{n}"), text.to_owned())).collect();
    for (metadata, good) in [
        (many(0, ""), true),
        (many(32, &"x".repeat(256)), true),
        (many(33, ""), false),
        (many(1, &"x".repeat(257)), false),
        ([(String::new(), String::new())].into(), false),
    ] {
        assert_eq!(check_metadata(&metadata).is_ok(), good);
    }
}
