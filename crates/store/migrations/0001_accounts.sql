-- Every key begins with the account, so that one account's rows stay together. Ids are 16 bytes, times microseconds
-- since 1970, documents JSON as text.

-- One row per account; every commit of the account passes through it.
CREATE TABLE heads (
    account   BLOB   NOT NULL PRIMARY KEY,
    seq       BIGINT NOT NULL,
    hash      BLOB   NOT NULL,
    base_seq  BIGINT NOT NULL,
    base_hash BLOB   NOT NULL,
    config    BIGINT NOT NULL,
    counts    TEXT   NOT NULL
) WITHOUT ROWID;

-- Wide rows are kept in the order of their arrival and found by a narrow key: a new record then fills the last page
-- instead of splitting one in the middle, and skipping over records reads their keys only.
CREATE TABLE records (
    account  BLOB   NOT NULL,
    kind     TEXT   NOT NULL,
    id       BLOB   NOT NULL,
    version  BIGINT NOT NULL,
    created  BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    doc      TEXT   NOT NULL,
    state    TEXT   NOT NULL
);
CREATE UNIQUE INDEX records_key ON records (account, kind, id);

-- Records of one kind in runs of bounded size, by id: how many ids lie from `first` up to the next run's.
CREATE TABLE runs (
    account BLOB   NOT NULL,
    kind    TEXT   NOT NULL,
    first   BLOB   NOT NULL,
    size    BIGINT NOT NULL,
    PRIMARY KEY (account, kind, first)
) WITHOUT ROWID;

-- Values that at most one record of the account holds.
CREATE TABLE unique_keys (
    account BLOB NOT NULL,
    space   TEXT NOT NULL,
    value   TEXT NOT NULL,
    kind    TEXT NOT NULL,
    id      BLOB NOT NULL,
    PRIMARY KEY (account, space, value)
) WITHOUT ROWID;

-- Values under which records are found.
CREATE TABLE attribute_index (
    account   BLOB NOT NULL,
    kind      TEXT NOT NULL,
    attribute TEXT NOT NULL,
    value     TEXT NOT NULL,
    id        BLOB NOT NULL,
    PRIMARY KEY (account, kind, attribute, value, id)
) WITHOUT ROWID;

-- The audit log. `salt` and `personal` are emptied when a person is erased; the chain covers `personal_digest`.
CREATE TABLE log (
    account         BLOB   NOT NULL,
    seq             BIGINT NOT NULL,
    at              BIGINT NOT NULL,
    subject         BLOB,
    public          TEXT   NOT NULL,
    salt            BLOB,
    personal        TEXT,
    personal_digest BLOB,
    hash            BLOB   NOT NULL
);
CREATE UNIQUE INDEX log_key ON log (account, seq);
CREATE INDEX log_subject ON log (account, subject, seq) WHERE subject IS NOT NULL;
