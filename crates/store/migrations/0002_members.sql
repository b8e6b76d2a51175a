-- Who is a member of which group. Looked up from either side, so that nothing reads the other side's list.
CREATE TABLE members (
    account  BLOB NOT NULL,
    group_id BLOB NOT NULL,
    member   BLOB NOT NULL,
    kind     TEXT NOT NULL,
    PRIMARY KEY (account, group_id, member)
) WITHOUT ROWID;
CREATE INDEX members_groups ON members (account, member, group_id);
