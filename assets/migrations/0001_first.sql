-- The first schema: jobs with their append-only events, the ledger, the library, and what several
-- processes have to agree on (who owns a job, how many were sent, which queue is paused).
-- Money is INTEGER micro-dollars, time INTEGER milliseconds UTC, ids 16-byte BLOBs.

CREATE TABLE jobs (
    id            BLOB    NOT NULL PRIMARY KEY,
    number        INTEGER NOT NULL UNIQUE,
    batch         BLOB,
    brief         TEXT    NOT NULL,             -- everything that was asked for, JSON
    provider      TEXT    NOT NULL,
    base_url      TEXT    NOT NULL,
    credential    TEXT    NOT NULL,             -- a fingerprint, never a key
    simulated     INTEGER NOT NULL,
    model         TEXT    NOT NULL,
    operation     TEXT    NOT NULL,
    project       TEXT,
    prompt        TEXT    NOT NULL,
    account_day   TEXT    NOT NULL,             -- the day in the configured zone on which it was admitted
    estimate      TEXT,                         -- JSON; NULL where the price was unknown
    hold          INTEGER NOT NULL CHECK (hold >= 0),
    sent          TEXT,                         -- the parameters of the submission, JSON
    stage         TEXT    NOT NULL,
    prediction    TEXT,
    abandoned     INTEGER NOT NULL DEFAULT 0,
    settled       INTEGER NOT NULL DEFAULT 0,
    reason        TEXT,                         -- JSON
    not_before    INTEGER,
    wish          TEXT,
    progress      TEXT,                         -- JSON
    created       INTEGER NOT NULL,
    submitted     INTEGER,
    accepted      INTEGER,
    processing    INTEGER,
    ended         INTEGER,
    stage_at      INTEGER NOT NULL,
    owner_host    TEXT,
    owner_pid     INTEGER,
    owner_start   INTEGER,
    owner_until   INTEGER
) STRICT;

CREATE INDEX jobs_by_stage ON jobs (stage);
-- Whose a provider's record is: what a look-up in its history may not adopt again. Not unique: a provider
-- that answers two equal submissions with one record has made one.
CREATE INDEX jobs_by_prediction ON jobs (provider, base_url, prediction)
    WHERE prediction IS NOT NULL;

CREATE TABLE job_events (
    seq    INTEGER PRIMARY KEY,
    job    BLOB    NOT NULL REFERENCES jobs (id),
    at     INTEGER NOT NULL,
    event  TEXT    NOT NULL                     -- JSON, tagged
) STRICT;

CREATE INDEX job_events_by_job ON job_events (job, seq);
CREATE TRIGGER job_events_stay BEFORE UPDATE ON job_events
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER job_events_are_kept BEFORE DELETE ON job_events
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

CREATE TABLE ledger (
    seq          INTEGER PRIMARY KEY,
    job          BLOB    NOT NULL REFERENCES jobs (id),
    kind         TEXT    NOT NULL,
    amount       INTEGER NOT NULL,
    basis        TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    account_day  TEXT    NOT NULL,
    project      TEXT,
    simulated    INTEGER NOT NULL,
    note         TEXT,
    CHECK (kind IN ('hold', 'release', 'charge', 'refund_due', 'refund', 'adjust')),
    CHECK (amount >= 0 OR kind = 'adjust')
) STRICT;

-- A second charge is refused by the database, not by care. An adjustment may follow another.
CREATE UNIQUE INDEX ledger_settles_once ON ledger (job, kind) WHERE kind <> 'adjust';
CREATE INDEX ledger_by_day ON ledger (account_day);
CREATE TRIGGER ledger_stays BEFORE UPDATE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_is_kept BEFORE DELETE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

CREATE TABLE assets (
    id          BLOB    NOT NULL PRIMARY KEY,
    number      INTEGER NOT NULL,
    job         BLOB    REFERENCES jobs (id),
    take        INTEGER,
    path        TEXT    NOT NULL,               -- below the library's folder
    sha256      TEXT    NOT NULL,
    bytes       INTEGER NOT NULL,
    mime        TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    facts       TEXT    NOT NULL,               -- what was measured, JSON
    unreadable  TEXT,
    prompt      TEXT    NOT NULL,
    seed        INTEGER,
    source_url  TEXT,
    parent      BLOB,
    project     TEXT,
    rating      INTEGER NOT NULL DEFAULT 0 CHECK (rating BETWEEN 0 AND 5),
    favourite   INTEGER NOT NULL DEFAULT 0,
    verdict     TEXT,
    created     INTEGER NOT NULL,
    trashed     INTEGER,
    metadata    TEXT    NOT NULL DEFAULT '{}',
    UNIQUE (job, take)
) STRICT;

CREATE INDEX assets_by_created ON assets (created);
CREATE INDEX assets_by_sha256 ON assets (sha256);

CREATE TABLE tags (
    asset  BLOB NOT NULL REFERENCES assets (id) ON DELETE CASCADE,
    tag    TEXT NOT NULL,
    PRIMARY KEY (asset, tag)
) STRICT;

-- Submissions of the last minutes, counted per account by every process.
CREATE TABLE sends (
    provider    TEXT    NOT NULL,
    credential  TEXT    NOT NULL,
    at          INTEGER NOT NULL
) STRICT;

CREATE INDEX sends_by_account ON sends (provider, credential, at);

-- A provider that refused the key or the credit is sent nothing more that was admitted before.
CREATE TABLE pauses (
    provider    TEXT    NOT NULL,
    credential  TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    reason      TEXT    NOT NULL,
    PRIMARY KEY (provider, credential)
) STRICT;

-- Small pieces of state: the draft in the editor, the last model, whether a real provider was ever used.
CREATE TABLE kept (
    key    TEXT NOT NULL PRIMARY KEY,
    value  TEXT NOT NULL
) STRICT;
