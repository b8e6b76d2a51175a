-- Every key begins with the account, so that one account's rows stay together on a distributed database. Ids are UUIDs, whose
-- order is that of their bytes; times are microseconds since 1970, documents JSON as text. Values that clients choose are bytes:
-- they may hold what TEXT cannot, and compare bytewise everywhere. Every statement can run twice.

-- One row per account; every commit of the account locks it first.
CREATE TABLE IF NOT EXISTS heads (
    account   UUID   NOT NULL,
    seq       BIGINT NOT NULL,
    hash      BYTEA  NOT NULL,
    base_seq  BIGINT NOT NULL,
    base_hash BYTEA  NOT NULL,
    config    BIGINT NOT NULL,
    counts    TEXT   NOT NULL,
    PRIMARY KEY (account)
);

CREATE TABLE IF NOT EXISTS records (
    account  UUID   NOT NULL,
    kind     TEXT   COLLATE "C" NOT NULL,
    id       UUID   NOT NULL,
    version  BIGINT NOT NULL,
    created  BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    doc      TEXT   NOT NULL,
    state    TEXT   NOT NULL,
    PRIMARY KEY (account, kind, id)
);

-- Records of one kind in runs of bounded size, by id: how many ids lie from `first_id` up to the next run's.
CREATE TABLE IF NOT EXISTS runs (
    account  UUID   NOT NULL,
    kind     TEXT   COLLATE "C" NOT NULL,
    first_id UUID   NOT NULL,
    size     BIGINT NOT NULL,
    PRIMARY KEY (account, kind, first_id)
);

-- Values that at most one record of the account holds.
CREATE TABLE IF NOT EXISTS unique_keys (
    account UUID  NOT NULL,
    space   TEXT  COLLATE "C" NOT NULL,
    value   BYTEA NOT NULL,
    kind    TEXT  COLLATE "C" NOT NULL,
    id      UUID  NOT NULL,
    PRIMARY KEY (account, space, value)
);

-- Values under which records are found.
CREATE TABLE IF NOT EXISTS attribute_index (
    account   UUID  NOT NULL,
    kind      TEXT  COLLATE "C" NOT NULL,
    attribute TEXT  COLLATE "C" NOT NULL,
    value     BYTEA NOT NULL,
    id        UUID  NOT NULL,
    PRIMARY KEY (account, kind, attribute, value, id)
);

-- The audit log. `salt` and `personal` are emptied when a person is erased; the chain covers `personal_digest`.
CREATE TABLE IF NOT EXISTS log (
    account         UUID   NOT NULL,
    seq             BIGINT NOT NULL,
    at              BIGINT NOT NULL,
    subject         UUID,
    public          TEXT   NOT NULL,
    salt            BYTEA,
    personal        TEXT,
    personal_digest BYTEA,
    hash            BYTEA  NOT NULL,
    PRIMARY KEY (account, seq)
);
CREATE INDEX IF NOT EXISTS log_subject ON log (account, subject, seq) WHERE subject IS NOT NULL;

-- Who is a member of which group. Looked up from either side, so that nothing reads the other side's list.
CREATE TABLE IF NOT EXISTS members (
    account  UUID NOT NULL,
    group_id UUID NOT NULL,
    member   UUID NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (account, group_id, member)
);
CREATE INDEX IF NOT EXISTS members_groups ON members (account, member, group_id);

-- Who does a piece of background work for an account, and until when.
CREATE TABLE IF NOT EXISTS leases (
    account UUID   NOT NULL,
    name    TEXT   COLLATE "C" NOT NULL,
    holder  UUID   NOT NULL,
    until   BIGINT NOT NULL,
    PRIMARY KEY (account, name)
);
