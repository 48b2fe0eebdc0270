-- Fetches from providers: a user's jobs, the runner's claims, and pages of bars on their way into the table.

-- name: fetch_insert
-- Queue a fetch of a user.
INSERT INTO fetch_jobs (id, user_id, name, spec, message, retry_of)
VALUES (%(id)s, %(user_id)s, %(name)s, %(spec)s, 'waiting for a runner', %(retry_of)s);

-- name: fetch_insert_scheduled
-- Queue what a schedule asks for; no row where it was queued for this session before.
INSERT INTO fetch_jobs (id, user_id, name, spec, message, schedule, session)
VALUES (%(id)s, %(user_id)s, %(schedule)s, %(spec)s, 'waiting for a runner', %(schedule)s, %(session)s)
ON CONFLICT (schedule, session) WHERE schedule <> '' DO NOTHING
RETURNING id;

-- name: fetch_of_session
-- What a schedule queued for a session.
SELECT id, state FROM fetch_jobs WHERE schedule = %(schedule)s AND session = %(session)s;

-- name: fetch_owner
-- Whom scheduled fetches belong to: the first admin who may sign in.
SELECT id FROM users WHERE role = 'admin' AND is_active ORDER BY created_at, id LIMIT 1;

-- name: fetch_stored_symbols
-- Symbols that are current and have bars of a size; made ones have no provider.
SELECT s.symbol FROM symbols s JOIN instruments i ON i.id = s.instrument_id
WHERE s.valid_to = 'infinity' AND i.asset_class <> 'synthetic'
  AND EXISTS (SELECT FROM bar_coverage c WHERE c.instrument_id = i.id AND c.bar_size = %(bar_size)s)
ORDER BY s.symbol;

-- name: fetch_symbols_insert
-- The symbols of a fetch, in order.
INSERT INTO fetch_symbols (job_id, symbol, position)
SELECT %(job_id)s, named.symbol, named.n FROM unnest(%(symbols)s::text[]) WITH ORDINALITY AS named (symbol, n);

-- name: fetch_list
-- One fetch of a user's, or a page of them, with their counts, newest first.
SELECT j.*, t.* FROM fetch_jobs j CROSS JOIN LATERAL (
    SELECT count(*) AS symbols_total, count(*) FILTER (WHERE s.state = 'succeeded') AS symbols_done,
           count(*) FILTER (WHERE s.state = 'failed') AS symbols_failed,
           coalesce(array_agg(s.symbol ORDER BY s.position) FILTER (WHERE s.position <= 4), '{}') AS first_symbols,
           coalesce(sum(s.rows_read), 0)::bigint AS rows_read, coalesce(sum(s.rows_inserted), 0)::bigint AS rows_inserted,
           coalesce(sum(s.rows_updated), 0)::bigint AS rows_updated,
           coalesce(sum(s.rows_unchanged), 0)::bigint AS rows_unchanged,
           coalesce(sum(s.rows_quarantined), 0)::bigint AS rows_quarantined, coalesce(sum(s.holes), 0)::bigint AS holes,
           coalesce(sum(s.repairs), 0)::bigint AS repairs
    FROM fetch_symbols s WHERE s.job_id = j.id) t
WHERE j.user_id = %(user_id)s AND (%(id)s::uuid IS NULL OR j.id = %(id)s)
  AND (%(before)s::timestamptz IS NULL OR (j.created_at, j.id) < (%(before)s, %(before_id)s::uuid))
ORDER BY j.created_at DESC, j.id DESC LIMIT %(limit)s;

-- name: fetch_symbols_of
-- The symbols of a fetch, in order.
SELECT symbol, state, ranges, resume, pages, rows_read, rows_inserted, rows_updated, rows_unchanged, rows_quarantined,
       holes, actions, repairs, sources, outcome, first_bar, last_bar, message, error, started_at, finished_at
FROM fetch_symbols WHERE job_id = %(job_id)s ORDER BY position;

-- name: fetch_request_cancel
-- A fetch that is queued or waits is cancelled at once; a running one is asked to stop.
UPDATE fetch_jobs SET cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()),
    finished_at = CASE WHEN state <> 'running' THEN clock_timestamp() END,
    message = CASE state WHEN 'queued' THEN 'cancelled before it started' WHEN 'waiting' THEN 'cancelled while it waited'
                         ELSE 'cancelling' END,
    state = CASE WHEN state <> 'running' THEN 'cancelled' ELSE state END, waits_until = NULL
WHERE id = %(id)s AND user_id = %(user_id)s AND state IN ('queued', 'running', 'waiting')
RETURNING id, user_id, state;

-- name: fetch_symbols_cancel
-- Symbols whose turn never came, or was not over, once their fetch is cancelled.
UPDATE fetch_symbols SET state = 'cancelled', finished_at = clock_timestamp()
WHERE job_id = %(job_id)s AND state IN ('queued', 'running');

-- name: fetch_claim
-- The oldest fetch that is queued, whose wait is over, or whose runner stopped beating. Nobody else gets it while this transaction is open.
UPDATE fetch_jobs SET state = 'running', runner = %(runner)s, heartbeat_at = clock_timestamp(), attempt = attempt + 1,
    started_at = coalesce(started_at, clock_timestamp()), message = 'fetching', waits_until = NULL
WHERE id = (SELECT id FROM fetch_jobs
            WHERE (%(id)s::uuid IS NULL OR id = %(id)s)
              AND (state = 'queued'
                   OR (state = 'waiting' AND waits_until <= clock_timestamp())
                   OR (state = 'running' AND heartbeat_at < clock_timestamp() - make_interval(secs => %(ttl_s)s)))
            ORDER BY created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING *;

-- name: fetch_state
-- Where one fetch stands; for runners.
SELECT state FROM fetch_jobs WHERE id = %(id)s;

-- name: fetch_symbols_release
-- What the runner before was at goes on from where its last page was stored.
UPDATE fetch_symbols SET state = 'queued' WHERE job_id = %(job_id)s AND state = 'running';

-- name: fetch_heartbeat
-- Still alive, and this far. No row when the fetch is no longer this runner's.
UPDATE fetch_jobs SET heartbeat_at = clock_timestamp(), rows_per_s = %(rows_per_s)s, eta_s = %(eta_s)s,
    attempt = CASE WHEN %(progress)s > progress THEN 0 ELSE attempt END, progress = greatest(progress, %(progress)s),
    message = CASE WHEN cancel_requested_at IS NULL THEN %(message)s ELSE message END
WHERE id = %(id)s AND runner = %(runner)s AND state = 'running'
RETURNING cancel_requested_at IS NOT NULL AS cancel;

-- name: fetch_totals
-- How many symbols there are and ended, and how many rows were read.
SELECT count(*) AS total, count(*) FILTER (WHERE state IN ('succeeded', 'failed')) AS ended,
       count(*) FILTER (WHERE state = 'failed') AS failed, coalesce(sum(rows_read), 0)::bigint AS rows,
       coalesce(sum(rows_quarantined), 0)::bigint AS quarantined,
       coalesce(sum(rows_inserted + rows_updated), 0)::bigint AS stored,
       count(*) FILTER (WHERE outcome = 'already_stored') AS unchanged, coalesce(sum(repairs), 0)::bigint AS repairs,
       count(*) FILTER (WHERE outcome IN ('nothing', 'unknown')) AS not_there,
       coalesce(max(error ->> 'message'), '') AS a_reason
FROM fetch_symbols WHERE job_id = %(job_id)s;

-- name: fetch_behind
-- Symbols of a scheduled fetch that were answered for and still have no bar of its session or later.
SELECT f.symbol FROM fetch_jobs j JOIN fetch_symbols f ON f.job_id = j.id
WHERE j.id = %(id)s AND j.session IS NOT NULL AND f.state = 'succeeded'
  AND NOT EXISTS (SELECT FROM symbols s JOIN bar_coverage c ON c.instrument_id = s.instrument_id
                  WHERE s.symbol = f.symbol AND s.valid_to = 'infinity' AND c.bar_size = j.spec ->> 'bar_size'
                    AND c.last >= j.session::timestamp AT TIME ZONE 'UTC')
ORDER BY f.position;

-- name: fetch_symbol_claim
-- The next symbol that waits.
UPDATE fetch_symbols SET state = 'running', started_at = coalesce(started_at, clock_timestamp())
WHERE (job_id, symbol) = (SELECT job_id, symbol FROM fetch_symbols WHERE job_id = %(job_id)s AND state = 'queued'
                          ORDER BY position LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING symbol, ranges, resume;

-- name: fetch_answered
-- Ranges that were asked for and answered lately, of the same bars.
SELECT s.ranges, s.finished_at FROM fetch_symbols s JOIN fetch_jobs j ON j.id = s.job_id
WHERE s.symbol = %(symbol)s AND (s.state = 'succeeded' OR s.outcome = 'nothing') AND s.finished_at > now() - make_interval(days => %(days)s)
  AND j.spec ->> 'bar_size' = %(bar_size)s AND j.spec -> 'extended_hours' = %(extended_hours)s
  AND j.spec -> 'providers' = %(providers)s AND s.ranges IS NOT NULL;

-- name: fetch_calendar
-- The class, exchange, calendar and currency of what a symbol means now.
SELECT i.id, i.asset_class, i.exchange, i.calendar, i.currency FROM symbols s JOIN instruments i ON i.id = s.instrument_id
WHERE s.symbol = %(symbol)s AND s.valid_to = 'infinity';

-- name: fetch_symbol_plan
-- What will be asked for, and what there is to say about it.
UPDATE fetch_symbols SET ranges = %(ranges)s, message = %(message)s WHERE job_id = %(job_id)s AND symbol = %(symbol)s;

-- name: fetch_page_stored
-- Move the pointer from where this runner believes it to be, and add the page's counts. No row: it is another's turn.
UPDATE fetch_symbols s SET resume = %(resume)s, pages = s.pages + 1, rows_read = s.rows_read + %(read)s,
    rows_inserted = s.rows_inserted + %(inserted)s, rows_updated = s.rows_updated + %(updated)s,
    rows_unchanged = s.rows_unchanged + %(unchanged)s, rows_quarantined = s.rows_quarantined + %(quarantined)s,
    holes = s.holes + %(holes)s,
    first_bar = least(s.first_bar, %(first_bar)s::timestamptz), last_bar = greatest(s.last_bar, %(last_bar)s::timestamptz),
    sources = CASE WHEN %(source)s = ANY(s.sources) THEN s.sources ELSE s.sources || %(source)s::text END
FROM fetch_jobs j
WHERE s.job_id = %(job_id)s AND s.symbol = %(symbol)s AND s.state = 'running'
  AND s.resume IS NOT DISTINCT FROM %(expected)s::timestamptz
  AND j.id = s.job_id AND j.state = 'running' AND j.runner = %(runner)s
RETURNING s.symbol;

-- name: fetch_ingestion_findings
-- What was found so far in the pages of one provider.
SELECT findings FROM ingestions WHERE id = %(id)s FOR UPDATE;

-- name: fetch_ingestion_add
-- One ingestion for a fetch and a provider; a page adds its counts.
INSERT INTO ingestions AS held (id, user_id, source, filename, bar_size, state, rows_read, rows_inserted, rows_updated,
    rows_unchanged, rows_quarantined, symbols_count, findings)
SELECT %(id)s, %(user_id)s, %(source)s, %(filename)s, %(bar_size)s, 'running', %(read)s, %(inserted)s, %(updated)s,
       %(unchanged)s, %(quarantined)s, count(*), %(findings)s
FROM fetch_symbols WHERE job_id = %(job_id)s AND %(source)s = ANY(sources)
ON CONFLICT (id) DO UPDATE SET rows_read = held.rows_read + excluded.rows_read,
    rows_inserted = held.rows_inserted + excluded.rows_inserted, rows_updated = held.rows_updated + excluded.rows_updated,
    rows_unchanged = held.rows_unchanged + excluded.rows_unchanged,
    rows_quarantined = held.rows_quarantined + excluded.rows_quarantined, symbols_count = excluded.symbols_count,
    findings = excluded.findings, state = 'running', finished_at = NULL, error = NULL;

-- name: fetch_ingestions_end
-- No more pages come, or none before a rest is over. Of a fetch that failed, in part or whole, or was cancelled: why; also
-- in those that a rest ended before.
UPDATE ingestions i SET finished_at = coalesce(i.finished_at, clock_timestamp()), state = CASE j.state WHEN 'failed' THEN 'failed' ELSE 'done' END,
    error = CASE WHEN j.state IN ('failed', 'partly', 'cancelled')
                 THEN jsonb_build_object('code', j.state, 'message', j.message) END
FROM fetch_jobs j WHERE j.id = %(fetch_id)s AND i.id = ANY(%(ids)s);

-- name: fetch_sources
-- Which providers answered a fetch.
SELECT DISTINCT unnest(sources) AS source FROM fetch_symbols WHERE job_id = %(job_id)s;

-- name: fetch_symbol_counts
-- What came of a symbol so far, over every runner that was at it.
SELECT rows_read AS read, rows_inserted + rows_updated AS stored, rows_quarantined AS quarantined, first_bar, last_bar,
       sources
FROM fetch_symbols WHERE job_id = %(job_id)s AND symbol = %(symbol)s;

-- name: fetch_symbol_finish
-- A symbol's turn is over.
UPDATE fetch_symbols s SET state = %(state)s, message = concat_ws('; ', nullif(s.message, ''), nullif(%(message)s, '')),
    error = %(error)s, outcome = %(outcome)s, actions = s.actions + %(actions)s, repairs = s.repairs + %(repairs)s,
    finished_at = clock_timestamp()
FROM fetch_jobs j
WHERE s.job_id = %(job_id)s AND s.symbol = %(symbol)s AND s.state = 'running'
  AND j.id = s.job_id AND j.state = 'running' AND j.runner = %(runner)s;

-- name: fetch_symbol_source
-- A provider answered, if only about splits and dividends.
UPDATE fetch_symbols SET sources = sources || %(source)s::text
WHERE job_id = %(job_id)s AND symbol = %(symbol)s AND NOT %(source)s = ANY(sources);

-- name: fetch_finish
-- End a fetch that this runner holds.
UPDATE fetch_jobs SET state = %(state)s, message = %(message)s, finished_at = clock_timestamp(), eta_s = NULL,
    progress = CASE WHEN %(state)s = 'cancelled' THEN progress ELSE 1 END
WHERE id = %(id)s AND runner = %(runner)s AND state = 'running'
RETURNING id, user_id;

-- name: fetch_wait
-- A fetch rests until a provider allows more; its runner is free for others.
UPDATE fetch_jobs SET state = 'waiting', waits_until = %(until)s, message = %(message)s, runner = '', rows_per_s = NULL,
    eta_s = NULL
WHERE id = %(id)s AND runner = %(runner)s AND state = 'running' AND cancel_requested_at IS NULL
RETURNING id, user_id;

-- name: fetch_waits_over
-- Fetches whose wait is over and that nobody has taken up.
SELECT id FROM fetch_jobs WHERE state = 'waiting' AND waits_until <= clock_timestamp() ORDER BY waits_until LIMIT 100;

-- name: fetch_left_alone
-- Fetches of schedules that are due and that no runner has taken up for a while, and whether some runner is at work.
SELECT j.schedule, j.session, floor(extract(epoch FROM clock_timestamp() - since) / 60)::integer AS minutes,
       EXISTS (SELECT FROM fetch_jobs r WHERE r.state = 'running'
               AND r.heartbeat_at > clock_timestamp() - interval '1 minute') AS busy
FROM fetch_jobs j, LATERAL (SELECT CASE j.state WHEN 'queued' THEN greatest(j.created_at, j.heartbeat_at)
                                                WHEN 'running' THEN j.heartbeat_at ELSE j.waits_until END AS since) left_at
WHERE j.schedule <> '' AND j.state IN ('queued', 'running', 'waiting')
  AND since <= clock_timestamp() - make_interval(secs => %(after_s)s)
ORDER BY since LIMIT 100;

-- name: fetch_give_back
-- A runner that shuts down hands its fetch to the next one.
UPDATE fetch_jobs SET state = 'queued', runner = '', attempt = greatest(attempt - 1, 0), message = 'waiting for a runner'
WHERE id = %(id)s AND runner = %(runner)s AND state = 'running'
RETURNING id, user_id;
