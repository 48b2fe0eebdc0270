-- name: result_exists
SELECT 1 AS found FROM analysis_results WHERE result_id = %(result_id)s

-- name: result_insert
-- Store an answer unless it is there; equal questions race to the same row.
INSERT INTO analysis_results (result_id, analysis_type, spec, seed, data_hash, code_version, engine_version, summary,
                              evaluation, processing_time_ms)
VALUES (%(result_id)s, %(analysis_type)s, %(spec)s, %(seed)s, %(data_hash)s, %(code_version)s, %(engine_version)s,
        %(summary)s, %(evaluation)s, %(processing_time_ms)s)
ON CONFLICT DO NOTHING RETURNING result_id

-- name: result_link_insert
INSERT INTO links (result_id, source, target, lag_bars, lags, te_nats, p, q, coefficient)
VALUES (%(result_id)s, %(source)s, %(target)s, %(lag_bars)s, %(lags)s, %(te_nats)s, %(p)s, %(q)s, %(coefficient)s)

-- name: result_signals_insert
-- Every weight of a signal, column by column.
INSERT INTO signals (result_id, symbol, time, forecast, weight)
SELECT %(result_id)s, * FROM unnest(%(symbols)s::text[], %(times)s::timestamptz[], %(forecasts)s::float8[], %(weights)s::float8[])

-- name: result_of_job
-- The answer to a user's job; no row until it succeeded.
SELECT j.id AS job_id, r.* FROM jobs j JOIN analysis_results r USING (result_id)
WHERE j.id = %(job_id)s AND j.user_id = %(user_id)s AND j.state = 'succeeded'

-- name: result_links
-- Links by rising q.
SELECT source, target, lag_bars, lags, te_nats, p, q, coefficient FROM links
WHERE result_id = %(result_id)s AND q <= %(max_q)s ORDER BY q, p, source, target
