-- Since layout 3. Ids that may be used once, each a hash; a row is deleted once it ended.
CREATE TABLE spent (
    id    BLOB PRIMARY KEY NOT NULL,           -- 32 bytes
    until INTEGER NOT NULL                     -- nanoseconds since 1970
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_until ON spent (until);
