//! Reads the records of a SQLite file the way an auditor's program does: without AIOS.

use std::path::Path;

use rusqlite::Connection;
use serde_json::Value;

/// A record as it stands in the file.
#[derive(Debug)]
pub(crate) struct Body {
    /// The chain's incarnation, as in a report.
    pub(crate) chain: String,
    pub(crate) seq: u64,
    pub(crate) tenant: String,
    pub(crate) says: Value,
}

impl Body {
    pub(crate) fn is(&self, kind: &str) -> bool {
        self.says["type"] == kind
    }

    pub(crate) fn event(&self) -> &str {
        self.says["event"].as_str().unwrap_or_default()
    }

    /// The id of an intent, which is its permit's.
    pub(crate) fn id(&self) -> &str {
        self.says["id"].as_str().unwrap()
    }
}

/// Every record of a database, chain by chain.
pub(crate) fn bodies(database: &Path) -> Vec<Body> {
    const SQL: &str = "SELECT lower(hex(chain)), seq, tenant, frame \
        FROM audit_record JOIN audit_chain USING (chain) ORDER BY chain, seq";
    let file = Connection::open(database).unwrap();
    file.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
    let mut find = file.prepare(SQL).unwrap();
    let read = |row: &rusqlite::Row<'_>| {
        let frame: Vec<u8> = row.get(3)?;
        let says = serde_json::from_slice(&frame[76..frame.len() - 32]).unwrap();
        Ok(Body { chain: row.get(0)?, seq: row.get(1)?, tenant: row.get(2)?, says })
    };
    find.query_map([], read).unwrap().map(Result::unwrap).collect()
}
