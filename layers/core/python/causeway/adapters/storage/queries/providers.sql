-- name: provider_requests_lock
-- One process at a time counts the requests to a provider. The next statement then sees what the last one counted.
SELECT pg_advisory_xact_lock(hashtextextended('provider_requests/' || %(provider)s, 0))

-- name: provider_requests_take
-- Count a request where the last minute and the last 24 hours leave room; else how long until they do.
WITH forgotten AS (
    DELETE FROM provider_requests WHERE provider = %(provider)s AND requested_at < clock_timestamp() - interval '25 hours'
), waits AS (
    SELECT greatest(
        0,
        extract(epoch FROM (SELECT requested_at FROM provider_requests WHERE provider = %(provider)s
                            ORDER BY requested_at DESC OFFSET %(per_minute)s - 1 LIMIT 1)
                           + interval '1 minute' - clock_timestamp()),
        extract(epoch FROM (SELECT requested_at FROM provider_requests WHERE provider = %(provider)s
                            ORDER BY requested_at DESC OFFSET %(per_day)s - 1 LIMIT 1)
                           + interval '24 hours' - clock_timestamp())) AS wait_s
), counted AS (
    INSERT INTO provider_requests (provider) SELECT %(provider)s FROM waits WHERE wait_s = 0
)
SELECT wait_s FROM waits
