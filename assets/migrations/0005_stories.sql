-- What was ordered for a story. A brief carries the scene it is for, so that the job row itself is the record:
-- it is written in the transaction that admits the job, and a process that dies right after has ordered
-- nothing that the next one would order again. This finds them.

CREATE INDEX jobs_by_story ON jobs (json_extract(brief, '$.scene.story'))
    WHERE json_extract(brief, '$.scene.story') IS NOT NULL;
