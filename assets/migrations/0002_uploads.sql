-- Files that a provider has: what was uploaded need not be sent again while the provider keeps it.
-- Found by content, and only with the same service, address, credential and type. Time is INTEGER
-- milliseconds UTC.

CREATE TABLE uploads (
    provider    TEXT    NOT NULL,
    base_url    TEXT    NOT NULL,               -- where it was sent to
    credential  TEXT    NOT NULL,               -- a fingerprint, never a key
    sha256      TEXT    NOT NULL,
    mime        TEXT    NOT NULL,               -- empty where it was not known
    address     TEXT    NOT NULL,               -- what is given as an input; never a signed one
    uploaded    INTEGER NOT NULL,
    expires     INTEGER NOT NULL,
    PRIMARY KEY (provider, base_url, credential, sha256, mime)
) STRICT;

CREATE INDEX uploads_by_address ON uploads (address);
