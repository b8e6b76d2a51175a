-- What is known of the whole installation, and of no account. Every statement can run twice.

CREATE TABLE IF NOT EXISTS installation (
    name  TEXT  NOT NULL,
    value BYTEA NOT NULL,
    PRIMARY KEY (name)
);
