//! The port `Revocations` on SQLite.

use rusqlite::{Row, params};

use super::{Sqlite, failed};
use crate::model::{Deadline, Timestamp};
use crate::revocation::{Entry, Error, Mark, PAGE, Revocations, Verdict};

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
