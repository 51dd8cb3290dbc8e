-- Money that cannot surprise: budgets and alerts, and the sums that usage is read from. Every figure is
-- kept by triggers where the ledger, a job or a take changes, so that no writer can forget one.
-- Money is INTEGER micro-dollars, time INTEGER milliseconds UTC.

-- What may be spent at most: per run, day, month, project. The sandbox has its own.
CREATE TABLE budgets (
    simulated  INTEGER NOT NULL,
    scope      TEXT    NOT NULL,                -- per-run, day, month, project:NAME
    amount     INTEGER NOT NULL CHECK (amount >= 0),
    at         INTEGER NOT NULL,
    PRIMARY KEY (simulated, scope)
) STRICT;

-- A share of a budget or limit that was reached: told once a period.
CREATE TABLE alerts (
    simulated  INTEGER NOT NULL,
    rule       TEXT    NOT NULL,                -- day, month, project:NAME, free:videos
    period     TEXT    NOT NULL,
    percent    INTEGER NOT NULL,
    used       INTEGER NOT NULL,                -- spent and held, or a count
    allowed    INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    PRIMARY KEY (simulated, rule, period, percent)
) STRICT;

-- The first schema's unique key leaves adjustments out.
CREATE INDEX ledger_by_job ON ledger (job, kind);
CREATE INDEX ledger_by_kind ON ledger (simulated, kind);
-- The next number of a job is looked for there too.
CREATE INDEX assets_by_number ON assets (number);

-- One narrow row a job: all that it adds to any sum.
CREATE TABLE figures (
    job            BLOB    NOT NULL PRIMARY KEY REFERENCES jobs (id),
    number         INTEGER NOT NULL,
    simulated      INTEGER NOT NULL,
    day            TEXT    NOT NULL,            -- the account day
    provider       TEXT    NOT NULL,
    model          TEXT    NOT NULL,
    operation      TEXT    NOT NULL,
    project        TEXT    NOT NULL,            -- empty: none
    makes_video    INTEGER NOT NULL,
    outcome        TEXT    NOT NULL CHECK (outcome IN ('open', 'done', 'failed', 'cancelled', 'in_doubt')),
    sent           INTEGER NOT NULL,            -- a submission was begun
    spent          INTEGER NOT NULL DEFAULT 0,  -- charge + adjust - refund
    held           INTEGER NOT NULL DEFAULT 0,  -- hold - release
    owed           INTEGER NOT NULL DEFAULT 0,  -- refund_due
    refunded       INTEGER NOT NULL DEFAULT 0,  -- refund
    quoted         INTEGER NOT NULL DEFAULT 0,  -- charge
    billed         INTEGER,                     -- by the provider; NULL while its bill was not seen
    takes          INTEGER NOT NULL DEFAULT 0,
    kept           INTEGER NOT NULL DEFAULT 0,
    rejected       INTEGER NOT NULL DEFAULT 0,
    video_ms       INTEGER NOT NULL DEFAULT 0,
    oldest         INTEGER NOT NULL DEFAULT 0,  -- its first line in the ledger
    newest         INTEGER NOT NULL DEFAULT 0,  -- its last one
    due            INTEGER GENERATED ALWAYS AS (max(0, owed - refunded)),
    is_done        INTEGER GENERATED ALWAYS AS (outcome = 'done'),
    is_failed      INTEGER GENERATED ALWAYS AS (sent AND outcome = 'failed'),
    is_video       INTEGER GENERATED ALWAYS AS (makes_video AND outcome IN ('open', 'done', 'in_doubt')),
    is_call        INTEGER GENERATED ALWAYS AS (sent OR outcome = 'open'),
    failed_cost    INTEGER GENERATED ALWAYS AS (iif(outcome IN ('failed', 'cancelled'), spent, 0)),
    rejected_cost  INTEGER GENERATED ALWAYS AS (iif(outcome = 'done' AND takes > 0 AND rejected = takes, spent, 0)),
    is_billed      INTEGER GENERATED ALWAYS AS (billed IS NOT NULL),
    billed_amount  INTEGER GENERATED ALWAYS AS (coalesce(billed, 0)),
    billed_quoted  INTEGER GENERATED ALWAYS AS (iif(billed IS NULL, 0, quoted))
) STRICT, WITHOUT ROWID;

-- Both hold everything that jobs are chosen by: the dearest, and those whose lines are the newest, are read off
-- the index in order, and even where nothing fits, only the index is read.
CREATE INDEX figures_by_spent ON figures (simulated, spent DESC, number DESC, day, project);
CREATE INDEX figures_by_newest ON figures (simulated, newest, oldest, day, project, model, number);
CREATE INDEX figures_by_project ON figures (simulated, project);
CREATE UNIQUE INDEX figures_by_number ON figures (number);

-- The words that a line of the ledger is found by, at the number of its job.
CREATE VIRTUAL TABLE job_words USING fts5 (
    words, content = '', prefix = '2 3', tokenize = "unicode61 remove_diacritics 2"
);

-- The sums over the jobs of a day that are alike: for one model of one project. There can be many of them, so
-- that a sum over everything is read from the two tables below, which have few rows a day.
CREATE TABLE sums (
    simulated     INTEGER NOT NULL,
    day           TEXT    NOT NULL,
    provider      TEXT    NOT NULL,
    model         TEXT    NOT NULL,
    operation     TEXT    NOT NULL,
    project       TEXT    NOT NULL,
    jobs          INTEGER NOT NULL,
    runs          INTEGER NOT NULL,
    done          INTEGER NOT NULL,
    failed        INTEGER NOT NULL,
    videos        INTEGER NOT NULL,
    calls         INTEGER NOT NULL,
    takes         INTEGER NOT NULL,
    kept          INTEGER NOT NULL,
    rejected      INTEGER NOT NULL,
    video_ms      INTEGER NOT NULL,
    spent         INTEGER NOT NULL,
    held          INTEGER NOT NULL,
    due           INTEGER NOT NULL,
    failed_cost   INTEGER NOT NULL,
    rejected_cost INTEGER NOT NULL,
    billed_runs   INTEGER NOT NULL,
    billed        INTEGER NOT NULL,
    billed_quoted INTEGER NOT NULL,
    PRIMARY KEY (simulated, day, provider, model, operation, project)
) STRICT, WITHOUT ROWID;

CREATE INDEX sums_by_project ON sums (simulated, project);

CREATE TABLE model_sums (
    simulated     INTEGER NOT NULL,
    day           TEXT    NOT NULL,
    provider      TEXT    NOT NULL,
    model         TEXT    NOT NULL,
    operation     TEXT    NOT NULL,
    jobs          INTEGER NOT NULL,
    runs          INTEGER NOT NULL,
    done          INTEGER NOT NULL,
    failed        INTEGER NOT NULL,
    videos        INTEGER NOT NULL,
    calls         INTEGER NOT NULL,
    takes         INTEGER NOT NULL,
    kept          INTEGER NOT NULL,
    rejected      INTEGER NOT NULL,
    video_ms      INTEGER NOT NULL,
    spent         INTEGER NOT NULL,
    held          INTEGER NOT NULL,
    due           INTEGER NOT NULL,
    failed_cost   INTEGER NOT NULL,
    rejected_cost INTEGER NOT NULL,
    billed_runs   INTEGER NOT NULL,
    billed        INTEGER NOT NULL,
    billed_quoted INTEGER NOT NULL,
    PRIMARY KEY (simulated, day, provider, model, operation)
) STRICT, WITHOUT ROWID;

CREATE TABLE project_sums (
    simulated     INTEGER NOT NULL,
    day           TEXT    NOT NULL,
    project       TEXT    NOT NULL,
    jobs          INTEGER NOT NULL,
    runs          INTEGER NOT NULL,
    done          INTEGER NOT NULL,
    failed        INTEGER NOT NULL,
    videos        INTEGER NOT NULL,
    calls         INTEGER NOT NULL,
    takes         INTEGER NOT NULL,
    kept          INTEGER NOT NULL,
    rejected      INTEGER NOT NULL,
    video_ms      INTEGER NOT NULL,
    spent         INTEGER NOT NULL,
    held          INTEGER NOT NULL,
    due           INTEGER NOT NULL,
    failed_cost   INTEGER NOT NULL,
    rejected_cost INTEGER NOT NULL,
    billed_runs   INTEGER NOT NULL,
    billed        INTEGER NOT NULL,
    billed_quoted INTEGER NOT NULL,
    PRIMARY KEY (simulated, day, project)
) STRICT, WITHOUT ROWID;

-- The tags of a job: those of its brief, and those that its takes were given.
CREATE TABLE job_tags (
    job  BLOB NOT NULL REFERENCES jobs (id),
    tag  TEXT NOT NULL,
    PRIMARY KEY (job, tag)
) STRICT, WITHOUT ROWID;

CREATE INDEX job_tags_by_tag ON job_tags (tag COLLATE NOCASE);

-- A job with two tags counts in both.
CREATE TABLE tag_sums (
    simulated     INTEGER NOT NULL,
    day           TEXT    NOT NULL,
    tag           TEXT    NOT NULL,
    jobs          INTEGER NOT NULL,
    runs          INTEGER NOT NULL,
    done          INTEGER NOT NULL,
    failed        INTEGER NOT NULL,
    videos        INTEGER NOT NULL,
    calls         INTEGER NOT NULL,
    takes         INTEGER NOT NULL,
    kept          INTEGER NOT NULL,
    rejected      INTEGER NOT NULL,
    video_ms      INTEGER NOT NULL,
    spent         INTEGER NOT NULL,
    held          INTEGER NOT NULL,
    due           INTEGER NOT NULL,
    failed_cost   INTEGER NOT NULL,
    rejected_cost INTEGER NOT NULL,
    billed_runs   INTEGER NOT NULL,
    billed        INTEGER NOT NULL,
    billed_quoted INTEGER NOT NULL,
    PRIMARY KEY (simulated, day, tag)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER figures_are_summed AFTER INSERT ON figures BEGIN
    INSERT INTO sums (
        simulated, day, provider, model, operation, project, jobs, runs, done, failed, videos, calls,
        takes, kept, rejected, video_ms, spent, held, due, failed_cost, rejected_cost, billed_runs,
        billed, billed_quoted
    ) VALUES (
        NEW.simulated, NEW.day, NEW.provider, NEW.model, NEW.operation, NEW.project, 1, NEW.sent,
        NEW.is_done, NEW.is_failed, NEW.is_video, NEW.is_call, NEW.takes, NEW.kept, NEW.rejected,
        NEW.video_ms, NEW.spent, NEW.held, NEW.due, NEW.failed_cost, NEW.rejected_cost, NEW.is_billed,
        NEW.billed_amount, NEW.billed_quoted
    ) ON CONFLICT (simulated, day, provider, model, operation, project) DO UPDATE SET
        jobs = jobs + excluded.jobs, runs = runs + excluded.runs, done = done + excluded.done,
        failed = failed + excluded.failed, videos = videos + excluded.videos,
        calls = calls + excluded.calls, takes = takes + excluded.takes, kept = kept + excluded.kept,
        rejected = rejected + excluded.rejected, video_ms = video_ms + excluded.video_ms,
        spent = spent + excluded.spent, held = held + excluded.held, due = due + excluded.due,
        failed_cost = failed_cost + excluded.failed_cost,
        rejected_cost = rejected_cost + excluded.rejected_cost,
        billed_runs = billed_runs + excluded.billed_runs, billed = billed + excluded.billed,
        billed_quoted = billed_quoted + excluded.billed_quoted;
    INSERT INTO model_sums (
        simulated, day, provider, model, operation, jobs, runs, done, failed, videos, calls,
        takes, kept, rejected, video_ms, spent, held, due, failed_cost, rejected_cost, billed_runs,
        billed, billed_quoted
    ) VALUES (
        NEW.simulated, NEW.day, NEW.provider, NEW.model, NEW.operation, 1, NEW.sent,
        NEW.is_done, NEW.is_failed, NEW.is_video, NEW.is_call, NEW.takes, NEW.kept, NEW.rejected,
        NEW.video_ms, NEW.spent, NEW.held, NEW.due, NEW.failed_cost, NEW.rejected_cost, NEW.is_billed,
        NEW.billed_amount, NEW.billed_quoted
    ) ON CONFLICT (simulated, day, provider, model, operation) DO UPDATE SET
        jobs = jobs + excluded.jobs, runs = runs + excluded.runs, done = done + excluded.done,
        failed = failed + excluded.failed, videos = videos + excluded.videos,
        calls = calls + excluded.calls, takes = takes + excluded.takes, kept = kept + excluded.kept,
        rejected = rejected + excluded.rejected, video_ms = video_ms + excluded.video_ms,
        spent = spent + excluded.spent, held = held + excluded.held, due = due + excluded.due,
        failed_cost = failed_cost + excluded.failed_cost,
        rejected_cost = rejected_cost + excluded.rejected_cost,
        billed_runs = billed_runs + excluded.billed_runs, billed = billed + excluded.billed,
        billed_quoted = billed_quoted + excluded.billed_quoted;
    INSERT INTO project_sums (
        simulated, day, project, jobs, runs, done, failed, videos, calls,
        takes, kept, rejected, video_ms, spent, held, due, failed_cost, rejected_cost, billed_runs,
        billed, billed_quoted
    ) VALUES (
        NEW.simulated, NEW.day, NEW.project, 1, NEW.sent,
        NEW.is_done, NEW.is_failed, NEW.is_video, NEW.is_call, NEW.takes, NEW.kept, NEW.rejected,
        NEW.video_ms, NEW.spent, NEW.held, NEW.due, NEW.failed_cost, NEW.rejected_cost, NEW.is_billed,
        NEW.billed_amount, NEW.billed_quoted
    ) ON CONFLICT (simulated, day, project) DO UPDATE SET
        jobs = jobs + excluded.jobs, runs = runs + excluded.runs, done = done + excluded.done,
        failed = failed + excluded.failed, videos = videos + excluded.videos,
        calls = calls + excluded.calls, takes = takes + excluded.takes, kept = kept + excluded.kept,
        rejected = rejected + excluded.rejected, video_ms = video_ms + excluded.video_ms,
        spent = spent + excluded.spent, held = held + excluded.held, due = due + excluded.due,
        failed_cost = failed_cost + excluded.failed_cost,
        rejected_cost = rejected_cost + excluded.rejected_cost,
        billed_runs = billed_runs + excluded.billed_runs, billed = billed + excluded.billed,
        billed_quoted = billed_quoted + excluded.billed_quoted;
END;

-- Where a job's lines stand in the ledger moves no sum.
CREATE TRIGGER figures_change_their_sums AFTER UPDATE OF outcome, sent, spent, held, owed, refunded, quoted,
    billed, takes, kept, rejected, video_ms ON figures BEGIN
    UPDATE sums SET
        runs = runs + NEW.sent - OLD.sent, done = done + NEW.is_done - OLD.is_done,
        failed = failed + NEW.is_failed - OLD.is_failed, videos = videos + NEW.is_video - OLD.is_video,
        calls = calls + NEW.is_call - OLD.is_call, takes = takes + NEW.takes - OLD.takes,
        kept = kept + NEW.kept - OLD.kept, rejected = rejected + NEW.rejected - OLD.rejected,
        video_ms = video_ms + NEW.video_ms - OLD.video_ms, spent = spent + NEW.spent - OLD.spent,
        held = held + NEW.held - OLD.held, due = due + NEW.due - OLD.due,
        failed_cost = failed_cost + NEW.failed_cost - OLD.failed_cost,
        rejected_cost = rejected_cost + NEW.rejected_cost - OLD.rejected_cost,
        billed_runs = billed_runs + NEW.is_billed - OLD.is_billed,
        billed = billed + NEW.billed_amount - OLD.billed_amount,
        billed_quoted = billed_quoted + NEW.billed_quoted - OLD.billed_quoted
    WHERE simulated = NEW.simulated AND day = NEW.day AND provider = NEW.provider AND model = NEW.model
        AND operation = NEW.operation AND project = NEW.project;
    UPDATE model_sums SET
        runs = runs + NEW.sent - OLD.sent, done = done + NEW.is_done - OLD.is_done,
        failed = failed + NEW.is_failed - OLD.is_failed, videos = videos + NEW.is_video - OLD.is_video,
        calls = calls + NEW.is_call - OLD.is_call, takes = takes + NEW.takes - OLD.takes,
        kept = kept + NEW.kept - OLD.kept, rejected = rejected + NEW.rejected - OLD.rejected,
        video_ms = video_ms + NEW.video_ms - OLD.video_ms, spent = spent + NEW.spent - OLD.spent,
        held = held + NEW.held - OLD.held, due = due + NEW.due - OLD.due,
        failed_cost = failed_cost + NEW.failed_cost - OLD.failed_cost,
        rejected_cost = rejected_cost + NEW.rejected_cost - OLD.rejected_cost,
        billed_runs = billed_runs + NEW.is_billed - OLD.is_billed,
        billed = billed + NEW.billed_amount - OLD.billed_amount,
        billed_quoted = billed_quoted + NEW.billed_quoted - OLD.billed_quoted
    WHERE simulated = NEW.simulated AND day = NEW.day AND provider = NEW.provider AND model = NEW.model
        AND operation = NEW.operation;
    UPDATE project_sums SET
        runs = runs + NEW.sent - OLD.sent, done = done + NEW.is_done - OLD.is_done,
        failed = failed + NEW.is_failed - OLD.is_failed, videos = videos + NEW.is_video - OLD.is_video,
        calls = calls + NEW.is_call - OLD.is_call, takes = takes + NEW.takes - OLD.takes,
        kept = kept + NEW.kept - OLD.kept, rejected = rejected + NEW.rejected - OLD.rejected,
        video_ms = video_ms + NEW.video_ms - OLD.video_ms, spent = spent + NEW.spent - OLD.spent,
        held = held + NEW.held - OLD.held, due = due + NEW.due - OLD.due,
        failed_cost = failed_cost + NEW.failed_cost - OLD.failed_cost,
        rejected_cost = rejected_cost + NEW.rejected_cost - OLD.rejected_cost,
        billed_runs = billed_runs + NEW.is_billed - OLD.is_billed,
        billed = billed + NEW.billed_amount - OLD.billed_amount,
        billed_quoted = billed_quoted + NEW.billed_quoted - OLD.billed_quoted
    WHERE simulated = NEW.simulated AND day = NEW.day AND project = NEW.project;
    UPDATE tag_sums SET
        runs = runs + NEW.sent - OLD.sent, done = done + NEW.is_done - OLD.is_done,
        failed = failed + NEW.is_failed - OLD.is_failed, videos = videos + NEW.is_video - OLD.is_video,
        calls = calls + NEW.is_call - OLD.is_call, takes = takes + NEW.takes - OLD.takes,
        kept = kept + NEW.kept - OLD.kept, rejected = rejected + NEW.rejected - OLD.rejected,
        video_ms = video_ms + NEW.video_ms - OLD.video_ms, spent = spent + NEW.spent - OLD.spent,
        held = held + NEW.held - OLD.held, due = due + NEW.due - OLD.due,
        failed_cost = failed_cost + NEW.failed_cost - OLD.failed_cost,
        rejected_cost = rejected_cost + NEW.rejected_cost - OLD.rejected_cost,
        billed_runs = billed_runs + NEW.is_billed - OLD.is_billed,
        billed = billed + NEW.billed_amount - OLD.billed_amount,
        billed_quoted = billed_quoted + NEW.billed_quoted - OLD.billed_quoted
    WHERE simulated = NEW.simulated AND day = NEW.day
        AND tag IN (SELECT tag FROM job_tags WHERE job_tags.job = NEW.job);
END;

CREATE TRIGGER tags_are_summed AFTER INSERT ON job_tags BEGIN
    INSERT INTO tag_sums (
        simulated, day, tag, jobs, runs, done, failed, videos, calls, takes, kept, rejected, video_ms,
        spent, held, due, failed_cost, rejected_cost, billed_runs, billed, billed_quoted
    ) SELECT
        figures.simulated, figures.day, NEW.tag, 1, figures.sent, figures.is_done, figures.is_failed,
        figures.is_video, figures.is_call, figures.takes, figures.kept, figures.rejected,
        figures.video_ms, figures.spent, figures.held, figures.due, figures.failed_cost,
        figures.rejected_cost, figures.is_billed, figures.billed_amount, figures.billed_quoted
    FROM figures WHERE figures.job = NEW.job
    ON CONFLICT (simulated, day, tag) DO UPDATE SET
        jobs = jobs + excluded.jobs, runs = runs + excluded.runs, done = done + excluded.done,
        failed = failed + excluded.failed, videos = videos + excluded.videos,
        calls = calls + excluded.calls, takes = takes + excluded.takes, kept = kept + excluded.kept,
        rejected = rejected + excluded.rejected, video_ms = video_ms + excluded.video_ms,
        spent = spent + excluded.spent, held = held + excluded.held, due = due + excluded.due,
        failed_cost = failed_cost + excluded.failed_cost,
        rejected_cost = rejected_cost + excluded.rejected_cost,
        billed_runs = billed_runs + excluded.billed_runs, billed = billed + excluded.billed,
        billed_quoted = billed_quoted + excluded.billed_quoted;
END;

CREATE TRIGGER tags_leave_their_sums AFTER DELETE ON job_tags BEGIN
    UPDATE tag_sums SET
        jobs = tag_sums.jobs - 1, runs = tag_sums.runs - gone.sent, done = tag_sums.done - gone.is_done,
        failed = tag_sums.failed - gone.is_failed, videos = tag_sums.videos - gone.is_video,
        calls = tag_sums.calls - gone.is_call, takes = tag_sums.takes - gone.takes,
        kept = tag_sums.kept - gone.kept, rejected = tag_sums.rejected - gone.rejected,
        video_ms = tag_sums.video_ms - gone.video_ms, spent = tag_sums.spent - gone.spent,
        held = tag_sums.held - gone.held, due = tag_sums.due - gone.due,
        failed_cost = tag_sums.failed_cost - gone.failed_cost,
        rejected_cost = tag_sums.rejected_cost - gone.rejected_cost,
        billed_runs = tag_sums.billed_runs - gone.is_billed,
        billed = tag_sums.billed - gone.billed_amount,
        billed_quoted = tag_sums.billed_quoted - gone.billed_quoted
    FROM (SELECT * FROM figures WHERE figures.job = OLD.job) AS gone
    WHERE tag_sums.simulated = gone.simulated AND tag_sums.day = gone.day AND tag_sums.tag = OLD.tag;
END;

-- What fills the narrow rows.
CREATE VIEW job_figures AS SELECT
    jobs.id AS job, jobs.number, jobs.simulated, jobs.account_day AS day, jobs.provider, jobs.model,
    jobs.operation, coalesce(jobs.project, '') AS project,
    jobs.provider <> 'local' AND jobs.operation NOT IN ('speech', 'image', 'other') AS makes_video,
    CASE
        WHEN jobs.stage = 'in_doubt' THEN 'in_doubt'
        WHEN jobs.stage NOT IN ('done', 'failed', 'cancelled') THEN 'open'
        WHEN jobs.abandoned THEN 'cancelled'
        ELSE jobs.stage
    END AS outcome,
    jobs.submitted IS NOT NULL AS sent
FROM jobs;

-- What was in the library before.
INSERT INTO figures (job, number, simulated, day, provider, model, operation, project, makes_video,
    outcome, sent, spent, held, owed, refunded, quoted, takes, kept, rejected, video_ms, oldest, newest)
SELECT job_figures.job, number, simulated, day, provider, model, operation, project, makes_video,
    outcome, sent, coalesce(spent, 0), coalesce(held, 0), coalesce(owed, 0), coalesce(refunded, 0),
    coalesce(quoted, 0), coalesce(takes, 0), coalesce(kept, 0), coalesce(rejected, 0), coalesce(video_ms, 0),
    coalesce(oldest, 0), coalesce(newest, 0)
FROM job_figures
LEFT JOIN (SELECT
    job,
    sum(CASE kind WHEN 'charge' THEN amount WHEN 'adjust' THEN amount WHEN 'refund' THEN -amount ELSE 0 END) AS spent,
    sum(CASE kind WHEN 'hold' THEN amount WHEN 'release' THEN -amount ELSE 0 END) AS held,
    sum(iif(kind = 'refund_due', amount, 0)) AS owed,
    sum(iif(kind = 'refund', amount, 0)) AS refunded,
    sum(iif(kind = 'charge', amount, 0)) AS quoted,
    min(seq) AS oldest, max(seq) AS newest
    FROM ledger GROUP BY job) AS money ON money.job = job_figures.job
LEFT JOIN (SELECT
    job, count(*) AS takes, sum(verdict IS 'kept') AS kept, sum(verdict IS 'rejected') AS rejected,
    sum(iif(kind = 'video', coalesce(json_extract(facts, '$.duration_ms'), 0), 0)) AS video_ms
    FROM assets WHERE job IS NOT NULL GROUP BY job) AS made ON made.job = job_figures.job;

INSERT INTO job_words (rowid, words)
SELECT number, concat_ws(' ', number, prompt, model, operation, provider, project) FROM jobs;

INSERT OR IGNORE INTO job_tags (job, tag)
SELECT jobs.id, tag.value FROM jobs, json_each(jobs.brief, '$.tags') AS tag;
INSERT OR IGNORE INTO job_tags (job, tag)
SELECT assets.job, tags.tag FROM tags JOIN assets ON assets.id = tags.asset WHERE assets.job IS NOT NULL;

-- What comes from now on.
CREATE TRIGGER jobs_have_figures AFTER INSERT ON jobs BEGIN
    INSERT INTO figures (job, number, simulated, day, provider, model, operation, project, makes_video, outcome, sent)
    SELECT job, number, simulated, day, provider, model, operation, project, makes_video, outcome, sent
    FROM job_figures WHERE job = NEW.id;
    INSERT INTO job_words (rowid, words) VALUES (
        NEW.number,
        concat_ws(' ', NEW.number, NEW.prompt, NEW.model, NEW.operation, NEW.provider, NEW.project)
    );
    INSERT OR IGNORE INTO job_tags (job, tag)
    SELECT NEW.id, tag.value FROM json_each(NEW.brief, '$.tags') AS tag;
END;

CREATE TRIGGER jobs_move_their_figures AFTER UPDATE OF stage, abandoned, submitted ON jobs
WHEN OLD.stage <> NEW.stage OR OLD.abandoned <> NEW.abandoned OR OLD.submitted IS NOT NEW.submitted BEGIN
    UPDATE figures SET (outcome, sent) = (SELECT outcome, sent FROM job_figures WHERE job = NEW.id)
    WHERE job = NEW.id;
END;

CREATE TRIGGER money_moves_figures AFTER INSERT ON ledger BEGIN
    UPDATE figures SET
        spent = spent + CASE NEW.kind WHEN 'charge' THEN NEW.amount WHEN 'adjust' THEN NEW.amount
            WHEN 'refund' THEN -NEW.amount ELSE 0 END,
        held = held + CASE NEW.kind WHEN 'hold' THEN NEW.amount WHEN 'release' THEN -NEW.amount ELSE 0 END,
        owed = owed + iif(NEW.kind = 'refund_due', NEW.amount, 0),
        refunded = refunded + iif(NEW.kind = 'refund', NEW.amount, 0),
        quoted = quoted + iif(NEW.kind = 'charge', NEW.amount, 0),
        oldest = iif(oldest = 0, NEW.seq, oldest), newest = NEW.seq
    WHERE job = NEW.job;
END;

CREATE TRIGGER takes_have_figures AFTER INSERT ON assets WHEN NEW.job IS NOT NULL BEGIN
    UPDATE figures SET (takes, kept, rejected, video_ms) = (SELECT
        count(*), coalesce(sum(verdict IS 'kept'), 0), coalesce(sum(verdict IS 'rejected'), 0),
        coalesce(sum(iif(kind = 'video', coalesce(json_extract(facts, '$.duration_ms'), 0), 0)), 0)
        FROM assets WHERE assets.job = NEW.job)
    WHERE job = NEW.job;
END;

CREATE TRIGGER verdicts_move_figures AFTER UPDATE OF verdict, facts, kind ON assets
WHEN NEW.job IS NOT NULL AND (OLD.verdict IS NOT NEW.verdict OR OLD.facts <> NEW.facts OR OLD.kind <> NEW.kind) BEGIN
    UPDATE figures SET (takes, kept, rejected, video_ms) = (SELECT
        count(*), coalesce(sum(verdict IS 'kept'), 0), coalesce(sum(verdict IS 'rejected'), 0),
        coalesce(sum(iif(kind = 'video', coalesce(json_extract(facts, '$.duration_ms'), 0), 0)), 0)
        FROM assets WHERE assets.job = NEW.job)
    WHERE job = NEW.job;
END;

-- A take that is deleted for good was a take all the same: its money and its seconds stay counted.

CREATE TRIGGER take_tags_are_job_tags AFTER INSERT ON tags BEGIN
    INSERT OR IGNORE INTO job_tags (job, tag)
    SELECT job, NEW.tag FROM assets WHERE id = NEW.asset AND job IS NOT NULL;
END;

CREATE TRIGGER take_tags_leave_their_job AFTER DELETE ON tags BEGIN
    DELETE FROM job_tags WHERE tag = OLD.tag
        AND job = (SELECT job FROM assets WHERE id = OLD.asset)
        AND NOT EXISTS (SELECT 1 FROM tags JOIN assets ON assets.id = tags.asset
            WHERE tags.tag = OLD.tag AND assets.job = job_tags.job);
END;
