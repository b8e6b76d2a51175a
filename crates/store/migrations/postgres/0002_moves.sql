-- Why an account takes no changes, `moving:TOKEN` or `moved:TOKEN`; NULL when it does.
ALTER TABLE heads ADD COLUMN IF NOT EXISTS frozen TEXT COLLATE "C";

-- Accounts that come from another database: which move it is, and behind which row of the other one it goes on.
CREATE TABLE IF NOT EXISTS moves (
    account UUID NOT NULL,
    token   UUID NOT NULL,
    place   TEXT NOT NULL,
    PRIMARY KEY (account)
);
