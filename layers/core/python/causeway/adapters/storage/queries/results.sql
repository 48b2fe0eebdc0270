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
-- Links by rising q; the parts of their details that tables show are null in answers without details.
SELECT l.source, l.target, l.lag_bars, l.lags, l.te_nats, l.p, l.q, l.coefficient,
       (d.detail ->> 'stability_time')::float8 AS stability_time,
       (d.detail ->> 'stability_assets')::float8 AS stability_assets,
       (d.detail ->> 'linear_share')::float8 AS linear_share,
       (d.detail ->> 'effective_lag')::float8 AS effective_lag
FROM links l LEFT JOIN link_details d USING (result_id, source, target)
WHERE l.result_id = %(result_id)s AND l.q <= %(max_q)s ORDER BY l.q, l.p, l.source, l.target

-- name: result_times_insert
INSERT INTO result_times (result_id, times) VALUES (%(result_id)s, %(times)s)

-- name: result_target_detail_insert
INSERT INTO target_details (result_id, target, detail, rows) VALUES (%(result_id)s, %(target)s, %(detail)s, %(rows)s)

-- name: result_link_detail_insert
INSERT INTO link_details (result_id, source, target, detail, local_te)
VALUES (%(result_id)s, %(source)s, %(target)s, %(detail)s, %(local_te)s)

-- name: result_windows_insert
INSERT INTO result_windows (result_id, windows) VALUES (%(result_id)s, %(windows)s)

-- name: result_target_details
SELECT target, detail, cardinality(rows) AS samples FROM target_details WHERE result_id = %(result_id)s ORDER BY target

-- name: result_link_details
-- In the order of result_links.
SELECT d.source, d.target, d.detail FROM link_details d JOIN links l USING (result_id, source, target)
WHERE result_id = %(result_id)s ORDER BY l.q, l.p, l.source, l.target

-- name: result_local
-- The local values of one link, the rows that they belong to, and the times of all rows.
SELECT d.local_te, t.rows, r.times
FROM link_details d JOIN target_details t USING (result_id, target) JOIN result_times r USING (result_id)
WHERE result_id = %(result_id)s AND d.source = %(source)s AND d.target = %(target)s

-- name: result_windows
SELECT windows FROM result_windows WHERE result_id = %(result_id)s
