//! Ids that were used, in memory: as many as fit, and each until it ends.

use std::collections::{BTreeSet, HashSet};

use crate::crypto::Digest;
use crate::model::Timestamp;
use crate::revocation::{Error, SingleUse, Spent};

/// Used ids, found by themselves and by their end.
#[derive(Debug, Default)]
pub(super) struct SpentIds {
    ids: HashSet<Digest>,
    ends: BTreeSet<(Timestamp, Digest)>,
}

/// Some hundred megabytes.
const MOST: usize = 1 << 20;

impl SpentIds {
    pub(super) fn spend(&mut self, id: &SingleUse, now: Timestamp) -> Result<Spent, Error> {
        while let Some((until, ended)) = self.ends.first().copied().filter(|(until, _)| *until <= now) {
            self.ends.remove(&(until, ended));
            self.ids.remove(&ended);
        }
        if self.ids.contains(&id.id) {
            return Ok(Spent::Before);
        }
        if self.ids.len() >= MOST {
            return Err(Error::Unavailable("too many ids that were used and have not ended".into()));
        }
        self.ids.insert(id.id);
        self.ends.insert((id.until, id.id));
        Ok(Spent::First)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_until_something_ends() {
        let at = Timestamp::from_seconds;
        let id = |number: usize, until| {
            let mut id = [0; 32];
            id[..8].copy_from_slice(&number.to_be_bytes());
            SingleUse { id, until: at(until) }
        };
        let mut spent = SpentIds::default();
        for number in 0..MOST {
            assert_eq!(spent.spend(&id(number, if number == 7 { 10 } else { 20 }), at(0)), Ok(Spent::First));
        }
        assert!(matches!(spent.spend(&id(MOST, 20), at(9)), Err(Error::Unavailable(_))));
        assert_eq!(spent.spend(&id(8, 20), at(9)), Ok(Spent::Before));
        assert_eq!(spent.spend(&id(MOST, 20), at(10)), Ok(Spent::First));
        assert!(spent.spend(&id(MOST + 1, 20), at(10)).is_err());
        assert_eq!(spent.spend(&id(MOST + 1, 30), at(20)), Ok(Spent::First));
        assert_eq!((spent.ids.len(), spent.ends.len()), (1, 1));
    }
}
