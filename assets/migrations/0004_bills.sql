-- What providers billed, line by line, and what they quoted. A line of a bill is kept as it came, beside the
-- ledger; what it means for a job's money is written into the ledger once the job's own money is settled.
-- Money is INTEGER micro-dollars, time INTEGER milliseconds UTC.

CREATE TABLE bills (
    provider    TEXT    NOT NULL,
    base_url    TEXT    NOT NULL,
    credential  TEXT    NOT NULL,                -- a fingerprint, never a key: with whose the line was read
    bill        TEXT    NOT NULL,                -- the line's name at the provider
    prediction  TEXT,                            -- NULL where the line names none
    model       TEXT,
    is_refund   INTEGER NOT NULL,
    amount      INTEGER NOT NULL CHECK (amount >= 0),
    at          INTEGER,                         -- by the provider's clock; NULL where it was not told
    job         BLOB    REFERENCES jobs (id),    -- NULL while no job here knows the prediction
    noted       INTEGER NOT NULL DEFAULT 0,      -- the ledger agrees with it
    seen        INTEGER NOT NULL,                -- when it was first read
    PRIMARY KEY (provider, base_url, bill, credential)
) STRICT, WITHOUT ROWID;

CREATE INDEX bills_by_job ON bills (job) WHERE job IS NOT NULL;
CREATE INDEX bills_unknown ON bills (provider, base_url, at) WHERE job IS NULL;
CREATE INDEX bills_open ON bills (job) WHERE job IS NOT NULL AND NOT noted;

-- When the bill of an account was read.
CREATE TABLE bill_pulls (
    provider    TEXT    NOT NULL,
    base_url    TEXT    NOT NULL,
    credential  TEXT    NOT NULL,
    tried       INTEGER NOT NULL,                -- last begun by itself: two processes do not both ask
    pulled      INTEGER,                         -- everything up to here was read
    PRIMARY KEY (provider, base_url, credential)
) STRICT, WITHOUT ROWID;

-- What a job was billed counts in the sums from the moment on which its ledger agrees with it.
CREATE TRIGGER bills_move_figures AFTER UPDATE OF noted ON bills WHEN NEW.noted AND NEW.job IS NOT NULL BEGIN
    UPDATE figures SET billed = (SELECT sum(amount) FROM bills WHERE job = NEW.job AND NOT is_refund)
    WHERE job = NEW.job;
END;

CREATE INDEX figures_billed ON figures (simulated, provider, model) WHERE billed IS NOT NULL;
CREATE INDEX figures_due ON figures (simulated) WHERE owed > refunded;

-- The newest quote to each question, with what our own rule said to it.
CREATE TABLE quotes (
    provider  TEXT    NOT NULL,
    model     TEXT    NOT NULL,
    question  TEXT    NOT NULL,                  -- the parameters, JSON: no seed, no address's query, texts by length
    rule      INTEGER,                           -- NULL where no rule knows
    quote     INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (provider, model, question)
) STRICT, WITHOUT ROWID;

CREATE INDEX quotes_by_model ON quotes (model, at);
