-- Since layout 2. No ids stand here: a mark is a hash of whom an entry means (revocation/mark.rs).
CREATE TABLE revocation (
    number  INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice
    tenant  TEXT NOT NULL,
    mark    BLOB NOT NULL,                     -- 32 bytes
    verdict TEXT NOT NULL,                     -- all, before, lifted
    before  INTEGER,                           -- nanoseconds since 1970, where the verdict is before
    until   INTEGER                            -- nanoseconds since 1970; null: never forgotten
) STRICT;
