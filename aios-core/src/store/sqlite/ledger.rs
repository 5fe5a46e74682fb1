//! The port `Ledger` on SQLite.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, Row, Transaction, TransactionBehavior, params};

use super::{Sqlite, failed};
use crate::audit::{
    ChainCommit, ChainId, Commit, Head, Ledger, LedgerError, Owner, StoredChain, StoredRecord, Turn,
};
use crate::model::{Deadline, Wait};
use crate::store::StoreError;

impl Ledger for Sqlite {
    fn commit(&self, commit: &Commit, wait: Wait) -> Result<(), LedgerError> {
        let Wait::Until(deadline) = wait else { return Err(LedgerError::WouldWait) };
        let deadline = shorter(deadline, Deadline::after(self.patience));
        self.write(deadline, |connection| store(connection, commit))
    }

    fn chains(&self, owner: Option<&Owner>) -> Result<Vec<StoredChain>, LedgerError> {
        const SQL: &str = "SELECT c.chain, deployment, tenant, epoch, commits, records, last, tag \
            FROM audit_chain c LEFT JOIN audit_head h ON h.chain = c.chain \
            WHERE ?1 IS NULL OR tenant = ?1 ORDER BY c.chain";
        let read = |connection: &mut Connection| {
            let mut find = connection.prepare_cached(SQL).map_err(failed)?;
            let rows = find.query_map([owner.map(Owner::as_str)], stored_chain).map_err(failed)?;
            rows.map(|row| row.map_err(failed)).collect()
        };
        Ok(self.read(read)?)
    }

    fn records(&self, chain: [u8; 16], from: u64, most: usize) -> Result<Vec<StoredRecord>, LedgerError> {
        const RECORDS: &str =
            "SELECT seq, frame FROM audit_record WHERE chain = ?1 AND seq >= ?2 ORDER BY seq LIMIT ?3";
        const DISCLOSURES: &str =
            "SELECT text FROM audit_disclosure WHERE chain = ?1 AND seq = ?2 ORDER BY place";
        let read = |connection: &mut Connection| {
            let mut records = connection.prepare_cached(RECORDS).map_err(failed)?;
            let mut disclosures = connection.prepare_cached(DISCLOSURES).map_err(failed)?;
            let rows = records
                .query_map(params![chain, from, most], |row| Ok((number(row, 0)?, bytes(row, 1)?)))
                .map_err(failed)?;
            rows.map(|row| {
                let (seq, frame) = row.map_err(failed)?;
                let texts = disclosures.query_map(params![chain, seq], |row| row.get(0)).map_err(failed)?;
                let disclosures = texts.collect::<Result<_, _>>().map_err(failed)?;
                Ok(StoredRecord { seq, frame, disclosures })
            })
            .collect()
        };
        Ok(self.read(read)?)
    }

    fn turn(&self, wait: Wait) -> Result<Turn, LedgerError> {
        let Wait::Until(deadline) = wait else { return Err(LedgerError::WouldWait) };
        Ok(Turn::held(self.reserve(deadline)?))
    }
}

fn store(connection: &mut Connection, commit: &Commit) -> Result<(), LedgerError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    commit.chains.iter().try_for_each(|chain| store_chain(&transaction, chain)).map_err(not_stored)?;
    Ok(transaction.commit().map_err(failed)?)
}

/// The only constraint that a record can break is that its place is free.
fn not_stored(error: rusqlite::Error) -> LedgerError {
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => LedgerError::Conflict,
        Some(_) | None => failed(error).into(),
    }
}

fn store_chain(transaction: &Transaction<'_>, chain: &ChainCommit) -> rusqlite::Result<()> {
    let (id, head) = (&chain.id, &chain.head);
    if chain.records.first().is_some_and(|first| first.seq == 0) {
        transaction.execute(
            "INSERT INTO audit_chain (chain, deployment, tenant) VALUES (?1, ?2, ?3)",
            params![id.incarnation, id.deployment, id.owner.as_str()],
        )?;
    }
    let mut record =
        transaction.prepare_cached("INSERT INTO audit_record (chain, seq, frame) VALUES (?1, ?2, ?3)")?;
    let mut disclosure = transaction
        .prepare_cached("INSERT INTO audit_disclosure (chain, seq, place, text) VALUES (?1, ?2, ?3, ?4)")?;
    for stored in &chain.records {
        record.execute(params![id.incarnation, stored.seq, stored.frame])?;
        for (place, text) in stored.disclosures.iter().enumerate() {
            disclosure.execute(params![id.incarnation, stored.seq, place, text])?;
        }
    }
    transaction
        .prepare_cached("REPLACE INTO audit_head (chain, epoch, commits, records, last, tag) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![id.incarnation, head.epoch, head.commit, head.count, head.last, head.tag])?;
    Ok(())
}

fn stored_chain(row: &Row<'_>) -> rusqlite::Result<StoredChain> {
    // A tenant that cannot be one names no chain that anybody announced, and its records fit no genesis.
    let owner = String::from_utf8_lossy(&bytes(row, 2)?).parse().map_or(Owner::System, Owner::Tenant);
    let incarnation = array(row, 0)?;
    let head = if row.get_ref(3)? == ValueRef::Null {
        None
    } else {
        let [epoch, commit, count] = [number(row, 3)?, number(row, 4)?, number(row, 5)?];
        Some(Head { chain: incarnation, epoch, commit, count, last: array(row, 6)?, tag: array(row, 7)? })
    };
    let deployment = String::from_utf8_lossy(&bytes(row, 1)?).into_owned();
    Ok(StoredChain { id: ChainId { deployment, owner, incarnation }, head })
}

// What somebody wrote into the file by hand is read as it is, however odd: verification names it, where an error of the
// reader would only say that something cannot be read.

/// A counter; one that cannot be becomes one that never fits.
fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    match row.get_ref(column)? {
        ValueRef::Integer(number) => Ok(u64::try_from(number).unwrap_or(u64::MAX)),
        ValueRef::Null | ValueRef::Real(_) | ValueRef::Text(_) | ValueRef::Blob(_) => Ok(u64::MAX),
    }
}

fn bytes(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<u8>> {
    match row.get_ref(column)? {
        ValueRef::Blob(bytes) | ValueRef::Text(bytes) => Ok(bytes.to_vec()),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => Ok(Vec::new()),
    }
}

/// Bytes of a fixed length; of any other length, zeros, which fit nothing.
fn array<const N: usize>(row: &Row<'_>, column: usize) -> rusqlite::Result<[u8; N]> {
    Ok(bytes(row, column)?.try_into().unwrap_or([0; N]))
}

pub(super) fn shorter(a: Deadline, b: Deadline) -> Deadline {
    if a.remaining() < b.remaining() { a } else { b }
}

impl From<StoreError> for LedgerError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Corrupt(what) => Self::Corrupt(what),
            StoreError::Newer => Self::Newer,
            StoreError::Busy(what) | StoreError::Unavailable(what) => Self::Unavailable(what),
        }
    }
}
