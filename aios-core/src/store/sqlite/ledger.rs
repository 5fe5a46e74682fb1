//! The port `Ledger` on SQLite.

use rusqlite::{Connection, ErrorCode, Row, Transaction, TransactionBehavior, params};

use super::{Sqlite, failed};
use crate::audit::{
    ChainCommit, ChainId, Commit, Head, Ledger, LedgerError, Owner, StoredChain, StoredRecord,
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
                .query_map(params![chain, from, most], |row| Ok((row.get(0)?, row.get(1)?)))
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

    fn waits(&self) -> bool {
        true
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
    transaction
        .prepare_cached(
            "INSERT INTO audit_chain (chain, deployment, tenant) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        )?
        .execute(params![id.incarnation, id.deployment, id.owner.as_str()])?;
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
    let tenant: String = row.get(2)?;
    let owner = match tenant.as_str() {
        "" => Owner::System,
        name => Owner::Tenant(name.parse().map_err(|_| rusqlite::Error::InvalidQuery)?),
    };
    let incarnation = row.get(0)?;
    let head = match row.get::<_, Option<u64>>(3)? {
        None => None,
        Some(epoch) => Some(Head {
            chain: incarnation,
            epoch,
            commit: row.get(4)?,
            count: row.get(5)?,
            last: row.get(6)?,
            tag: row.get(7)?,
        }),
    };
    Ok(StoredChain { id: ChainId { deployment: row.get(1)?, owner, incarnation }, head })
}

fn shorter(a: Deadline, b: Deadline) -> Deadline {
    if a.remaining() < b.remaining() { a } else { b }
}

impl From<StoreError> for LedgerError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Corrupt(what) => Self::Corrupt(what),
            StoreError::Newer => Self::Newer,
            StoreError::Unavailable(what) => Self::Unavailable(what),
        }
    }
}
