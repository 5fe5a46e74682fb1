//! The port `Revocations` on SQLite.

use rusqlite::{Row, TransactionBehavior, params};

use super::ledger::shorter;
use super::{Sqlite, failed};
use crate::model::{Deadline, Timestamp, Wait};
use crate::revocation::{Entry, Error, Mark, PAGE, Revocations, SingleUse, Spent, Verdict};

impl Revocations for Sqlite {
    fn add(&self, entry: &Entry) -> Result<u64, Error> {
        const SQL: &str =
            "INSERT INTO revocation (tenant, mark, verdict, before, until) VALUES (?1, ?2, ?3, ?4, ?5)";
        let (verdict, before) = match entry.verdict {
            Verdict::All => ("all", None),
            Verdict::Before(time) => ("before", Some(time.nanos())),
            Verdict::Lifted => ("lifted", None),
        };
        let until = entry.until.map(Timestamp::nanos);
        self.write(Deadline::after(self.patience), |connection| {
            let values = params![entry.tenant.as_str(), entry.mark.0, verdict, before, until];
            connection.execute(SQL, values).map_err(failed)?;
            let number = connection.last_insert_rowid();
            u64::try_from(number).map_err(|_| Error::Corrupt("a number of a revocation".into()))
        })
    }

    fn since(&self, after: u64) -> Result<Vec<(u64, Entry)>, Error> {
        const SQL: &str = "SELECT number, tenant, mark, verdict, before, until FROM revocation \
            WHERE number > ?1 ORDER BY number LIMIT ?2";
        self.glance(|connection| {
            let mut find = connection.prepare_cached(SQL).map_err(failed)?;
            let rows = find.query_map(params![after, PAGE], |row| Ok(entry(row))).map_err(failed)?;
            rows.map(|row| row.map_err(failed)?.ok_or_else(damaged)).collect()
        })
    }

    fn spend(&self, id: &SingleUse, now: Timestamp, wait: Wait) -> Result<Spent, Error> {
        const FORGET: &str = "DELETE FROM spent WHERE until <= ?1";
        const SPEND: &str = "INSERT INTO spent (id, until) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        let Wait::Until(deadline) = wait else { return Err(Error::WouldWait) };
        let deadline = shorter(deadline, Deadline::after(self.patience));
        self.write(deadline, |connection| {
            let writing =
                connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
            writing.execute(FORGET, [now.nanos()]).map_err(failed)?;
            let kept = writing.execute(SPEND, params![id.id, id.until.nanos()]).map_err(failed)?;
            writing.commit().map_err(failed)?;
            Ok(if kept == 1 { Spent::First } else { Spent::Before })
        })
    }
}

/// An entry as it was stored; none where nobody stored it so.
fn entry(row: &Row<'_>) -> Option<(u64, Entry)> {
    let moment = |column| row.get(column).map(|nanos: Option<i64>| nanos.map(Timestamp::from_nanos)).ok();
    let (verdict, before): (String, Option<Timestamp>) = (row.get(3).ok()?, moment(4)?);
    let verdict = match (verdict.as_str(), before) {
        ("all", None) => Verdict::All,
        ("before", Some(time)) => Verdict::Before(time),
        ("lifted", None) => Verdict::Lifted,
        _ => return None,
    };
    let tenant: String = row.get(1).ok()?;
    let entry =
        Entry { tenant: tenant.parse().ok()?, mark: Mark(row.get(2).ok()?), verdict, until: moment(5)? };
    Some((row.get(0).ok()?, entry))
}

fn damaged() -> Error {
    Error::Corrupt("a revocation is not as it was stored".into())
}
