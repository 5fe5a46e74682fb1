-- Since layout 4. Rows that are written together and read as what changed. Documented in docs/formats/entities-v1.md.
CREATE TABLE shelf (
    shelf   TEXT NOT NULL,
    name    TEXT NOT NULL,
    version INTEGER NOT NULL,                  -- the write of the shelf that put it there
    value   BLOB NOT NULL,
    PRIMARY KEY (shelf, name)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX shelf_by_version ON shelf (shelf, version, name);
