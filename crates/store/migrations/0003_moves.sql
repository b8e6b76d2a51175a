-- Why an account takes no changes, `moving:TOKEN` or `moved:TOKEN`; NULL when it does.
ALTER TABLE heads ADD COLUMN frozen TEXT;

-- Accounts that come from another database: which move it is, and behind which row of the other one it goes on.
CREATE TABLE moves (
    account BLOB NOT NULL PRIMARY KEY,
    token   BLOB NOT NULL,
    place   TEXT NOT NULL
) WITHOUT ROWID;
