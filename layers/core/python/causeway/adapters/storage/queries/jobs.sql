-- name: job_insert
-- A new question of a user, queued.
INSERT INTO jobs (id, user_id, name, spec, message) VALUES (%(id)s, %(user_id)s, %(name)s, %(spec)s, 'waiting for a worker')
RETURNING *

-- name: job_of_user
SELECT * FROM jobs WHERE id = %(id)s AND user_id = %(user_id)s

-- name: job_list
-- A user's jobs, newest first, after a cursor.
SELECT * FROM jobs
WHERE user_id = %(user_id)s AND (%(state)s::text IS NULL OR state = %(state)s)
  AND (%(before)s::timestamptz IS NULL OR (created_at, id) < (%(before)s, %(before_id)s::uuid))
ORDER BY created_at DESC, id DESC LIMIT %(limit)s

-- name: job_request_cancel
-- A queued job is cancelled at once; a running one is asked to stop.
UPDATE jobs SET cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()),
    finished_at = CASE WHEN state = 'queued' THEN clock_timestamp() END,
    message = CASE WHEN state = 'queued' THEN 'cancelled before it started' ELSE 'cancelling' END,
    state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END
WHERE id = %(id)s AND user_id = %(user_id)s AND state IN ('queued', 'running')
RETURNING *

-- name: job_requeue
-- Back to the queue after failure or cancellation. Outputs of shards that succeeded lie in the blobs and are kept.
UPDATE jobs SET state = 'queued', stage = 'validate', progress = 0, message = 'waiting for a worker', error = NULL,
    cancel_requested_at = NULL, started_at = NULL, finished_at = NULL, heartbeat_at = NULL, runner = '', attempt = 0
WHERE id = %(id)s AND user_id = %(user_id)s AND state IN ('failed', 'cancelled')
RETURNING *

-- name: job_coverage
-- Bars of each known symbol inside a question's range: how many end by train_end, and how many later.
SELECT s.symbol, count(m.time) FILTER (WHERE m.time + %(width)s <= %(train_end)s) AS training_bars,
       count(m.time) FILTER (WHERE m.time + %(width)s > %(train_end)s) AS later_bars,
       min(m.time) AS first, max(m.time) AS last
FROM symbols s
LEFT JOIN market_data m ON m.instrument_id = s.instrument_id AND m.bar_size = %(bar_size)s
    AND m.time >= %(start)s AND m.time <= %(end)s - %(width)s
WHERE s.symbol = ANY(%(symbols)s) AND s.valid_from < %(end)s AND s.valid_to >= %(end)s
GROUP BY s.symbol ORDER BY s.symbol

-- name: job_all_synthetic
-- Whether every symbol is a synthetic instrument, as the known market's are.
SELECT bool_and(i.asset_class = 'synthetic') AS synthetic
FROM symbols s JOIN instruments i ON i.id = s.instrument_id
WHERE s.symbol = ANY(%(symbols)s) AND s.valid_to = 'infinity'

-- name: job_read
-- Any user's job; for workers.
SELECT * FROM jobs WHERE id = %(id)s

-- name: job_claim
-- The oldest job that waits, or whose runner stopped beating. Nobody else gets it while this transaction is open.
UPDATE jobs SET state = 'running', runner = %(runner)s, heartbeat_at = clock_timestamp(), attempt = attempt + 1,
    started_at = coalesce(started_at, clock_timestamp()), message = 'starting', error = NULL
WHERE id = (SELECT id FROM jobs
            WHERE state = 'queued' OR (state = 'running' AND heartbeat_at < clock_timestamp() - make_interval(secs => %(ttl_s)s))
            ORDER BY created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING *

-- name: job_begin
-- Start one named job; a second start by the same runner changes nothing.
UPDATE jobs SET state = 'running', runner = %(runner)s, heartbeat_at = clock_timestamp(), attempt = attempt + 1,
    started_at = coalesce(started_at, clock_timestamp()), message = 'starting', error = NULL
WHERE id = %(id)s AND (state = 'queued' OR (state = 'running' AND runner = %(runner)s))
RETURNING *

-- name: job_heartbeat
-- Still alive. No row when the job is no longer this runner's.
UPDATE jobs SET heartbeat_at = clock_timestamp() WHERE id = %(id)s AND runner = %(runner)s AND state = 'running'
RETURNING cancel_requested_at IS NOT NULL AS cancel

-- name: job_wanted
-- Whether anybody still waits for this job's work.
SELECT state = 'running' AND cancel_requested_at IS NULL AS wanted FROM jobs WHERE id = %(id)s

-- name: job_progress
-- Where a running job stands; one that is being cancelled keeps saying so.
UPDATE jobs SET stage = %(stage)s, progress = %(progress)s, heartbeat_at = clock_timestamp(),
    message = CASE WHEN cancel_requested_at IS NULL THEN %(message)s ELSE message END
WHERE id = %(id)s AND state = 'running'
RETURNING *

-- name: job_answered
SELECT 1 AS found FROM jobs j JOIN analysis_results r USING (result_id) WHERE j.id = %(id)s

-- name: job_set_result
UPDATE jobs SET result_id = %(result_id)s WHERE id = %(id)s AND state = 'running'

-- name: job_note_error
-- What went wrong, before whoever owns the job's state ends it.
UPDATE jobs SET error = %(error)s WHERE id = %(id)s AND state = 'running'

-- name: job_finish
-- End a running job. A runner name other than '' must still own it.
UPDATE jobs SET state = %(state)s, message = %(message)s, finished_at = clock_timestamp(),
    progress = CASE WHEN %(state)s = 'succeeded' THEN 1 ELSE progress END,
    error = CASE WHEN %(state)s = 'failed' THEN coalesce(%(error)s::jsonb, error) END
WHERE id = %(id)s AND state = 'running' AND (%(runner)s::text = '' OR runner = %(runner)s)
RETURNING *

-- name: job_give_back
-- A runner that shuts down hands its job to the next one.
UPDATE jobs SET state = 'queued', runner = '', attempt = attempt - 1, message = 'waiting for a worker'
WHERE id = %(id)s AND state = 'running' AND runner = %(runner)s
RETURNING *

-- name: shards_forget
DELETE FROM job_shards WHERE job_id = %(job_id)s

-- name: shards_plan
INSERT INTO job_shards (job_id, target) SELECT %(job_id)s, unnest(%(targets)s::text[])

-- name: shard_claim
UPDATE job_shards SET state = 'running', attempt = attempt + 1, started_at = clock_timestamp(), error = NULL
WHERE (job_id, target) = (SELECT job_id, target FROM job_shards WHERE job_id = %(job_id)s AND state = 'queued'
                          ORDER BY target LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING target, attempt

-- name: shard_start
UPDATE job_shards SET state = 'running', attempt = attempt + 1, started_at = clock_timestamp(), error = NULL
WHERE job_id = %(job_id)s AND target = %(target)s
RETURNING target, attempt

-- name: shard_progress
-- How far a running shard is; it never goes back, also where a second try starts over.
UPDATE job_shards SET progress = greatest(progress, %(progress)s)
WHERE job_id = %(job_id)s AND target = %(target)s AND state = 'running'

-- name: shard_finish
UPDATE job_shards SET state = %(state)s, error = %(error)s, progress = CASE WHEN %(state)s = 'succeeded' THEN 1 ELSE progress END,
    finished_at = CASE WHEN %(state)s IN ('succeeded', 'failed') THEN clock_timestamp() END
WHERE job_id = %(job_id)s AND target = %(target)s

-- name: shards_abandoned
-- After the workers ended: what is still marked running died with its worker. Try again, within bounds.
UPDATE job_shards SET state = CASE WHEN attempt < %(most)s THEN 'queued' ELSE 'failed' END,
    error = jsonb_build_object('code', 'worker_died', 'message', 'the worker process ended without an answer')
WHERE job_id = %(job_id)s AND state = 'running'

-- name: shards_count
SELECT count(*) AS total, count(*) FILTER (WHERE state = 'succeeded') AS succeeded,
       count(*) FILTER (WHERE state = 'queued') AS queued, count(*) FILTER (WHERE state = 'running') AS running,
       coalesce(sum(attempt), 0) AS attempts, coalesce(avg(progress), 0) AS done
FROM job_shards WHERE job_id = %(job_id)s

-- name: shards_failed
SELECT target, attempt, error FROM job_shards WHERE job_id = %(job_id)s AND state = 'failed' ORDER BY target

-- name: shards_unfinished
SELECT target, attempt, error FROM job_shards WHERE job_id = %(job_id)s AND state <> 'succeeded' ORDER BY target
