-- The audit trail and the rows. Documented in docs/formats/audit-v1.md, which an auditor's program reads.
CREATE TABLE audit_chain (
    chain      BLOB PRIMARY KEY NOT NULL,  -- 16 bytes, random
    deployment TEXT NOT NULL,
    tenant     TEXT NOT NULL               -- empty: the system chain
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_chain_of_tenant ON audit_chain (tenant);

CREATE TABLE audit_head (
    chain   BLOB PRIMARY KEY NOT NULL,
    epoch   INTEGER NOT NULL,
    commits INTEGER NOT NULL,              -- the next commit
    records INTEGER NOT NULL,
    last    BLOB NOT NULL,                 -- MAC of the last record
    tag     BLOB NOT NULL                  -- under the next commit's key
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_record (
    chain BLOB NOT NULL,
    seq   INTEGER NOT NULL,
    frame BLOB NOT NULL,                   -- header (76) || body || mac (32)
    PRIMARY KEY (chain, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_disclosure (
    chain BLOB NOT NULL,
    seq   INTEGER NOT NULL,
    place INTEGER NOT NULL,
    text  TEXT NOT NULL,                   -- base64url of [salt, name, value]
    PRIMARY KEY (chain, seq, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE row (
    key     TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    value   BLOB NOT NULL
) STRICT, WITHOUT ROWID;
