-- Upkeep of the series: partitions ahead of time, retention, coverage by day, hourly rollups.

CREATE TABLE series.registered (name text PRIMARY KEY);
INSERT INTO series.registered VALUES ('market_data');

CREATE OR REPLACE FUNCTION series.ensure_partitions(name text, since timestamptz, until timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    year integer;
    part text;
    starts timestamptz;
    ends timestamptz;
    made integer := 0;
BEGIN
    IF NOT EXISTS (SELECT FROM series.registered r WHERE r.name = ensure_partitions.name) THEN
        RAISE EXCEPTION 'not a series: %', name;
    END IF;
    IF series.has_timescale() THEN
        RETURN 0;
    END IF;
    -- whoever may call this cannot fill the catalogue: other years stay in the default partition
    since := greatest(since, timestamptz '1900-01-01 00:00:00+00');
    until := least(until, now() + interval '2 years');
    FOR year IN extract(year FROM since AT TIME ZONE 'UTC')::int .. extract(year FROM until AT TIME ZONE 'UTC')::int LOOP
        part := name || '_' || year;
        CONTINUE WHEN to_regclass('public.' || part) IS NOT NULL;
        PERFORM pg_advisory_xact_lock(hashtext('series.' || name));
        CONTINUE WHEN to_regclass('public.' || part) IS NOT NULL;
        starts := make_timestamptz(year, 1, 1, 0, 0, 0, 'UTC');
        ends := make_timestamptz(year + 1, 1, 1, 0, 0, 0, 'UTC');
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part, name);
        EXECUTE format('WITH moved AS (DELETE FROM %I WHERE time >= %L AND time < %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
            name || '_default', starts, ends, part);
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, part, starts, ends);
        EXECUTE format('CREATE INDEX ON %I USING brin (time)', part);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;

-- Partitions of every series from now to a year on; how many were made. The app calls it: after migrating, and hourly.
CREATE FUNCTION series.ensure_ahead() RETURNS integer LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT coalesce(sum(series.ensure_partitions(name, now(), now() + interval '1 year')), 0)::integer FROM series.registered $$;

-- How many bars of an instrument each UTC day of a year holds: bars[1] is 1 January, always 366 numbers. Written with the
-- bars, in the same transaction, by whoever holds the lock on the instrument's row.
CREATE TABLE bar_coverage (
    instrument_id integer NOT NULL,
    bar_size text NOT NULL,
    year integer NOT NULL,
    bars integer[] NOT NULL CHECK (cardinality(bars) = 366),
    total integer NOT NULL,
    first timestamptz NOT NULL,
    last timestamptz NOT NULL,
    PRIMARY KEY (instrument_id, bar_size, year)
);

-- A year's counts by day from those of some days (1 to 366).
CREATE FUNCTION series.year_of_days(days integer[], counts integer[]) RETURNS integer[]
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    year integer[] := array_fill(0, ARRAY[366]);
BEGIN
    FOR i IN 1 .. cardinality(days) LOOP
        year[days[i]] := year[days[i]] + counts[i];
    END LOOP;
    RETURN year;
END $$;

CREATE FUNCTION series.sum_of_years(one integer[], other integer[]) RETURNS integer[]
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    FOR i IN 1 .. 366 LOOP
        one[i] := one[i] + other[i];
    END LOOP;
    RETURN one;
END $$;

-- Count again what is stored, from the bars themselves: for repairs, and after bars were removed. Years are UTC's.
CREATE FUNCTION series.recount(size text DEFAULT NULL, first_year integer DEFAULT 1, last_year integer DEFAULT 9998,
                                ids integer[] DEFAULT NULL)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    counted integer;
BEGIN
    LOCK TABLE bar_coverage IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM bar_coverage c WHERE c.year BETWEEN first_year AND last_year
        AND (size IS NULL OR c.bar_size = size) AND (ids IS NULL OR c.instrument_id = ANY(ids));
    INSERT INTO bar_coverage (instrument_id, bar_size, year, bars, total, first, last)
    SELECT instrument_id, bar_size, extract(year FROM day)::integer,
           series.year_of_days(array_agg(extract(doy FROM day)::integer), array_agg(n)), sum(n), min(first), max(last)
    FROM (SELECT m.instrument_id, m.bar_size, m.time::date AS day, count(*)::integer AS n, min(m.time) AS first,
                 max(m.time) AS last
          FROM market_data m
          WHERE (size IS NULL OR m.bar_size = size) AND (ids IS NULL OR m.instrument_id = ANY(ids))
            AND m.time >= make_timestamptz(first_year, 1, 1, 0, 0, 0) AND m.time < make_timestamptz(last_year + 1, 1, 1, 0, 0, 0)
          GROUP BY 1, 2, 3) days
    GROUP BY 1, 2, 3;
    GET DIAGNOSTICS counted = ROW_COUNT;
    RETURN counted;
END $$;
SELECT series.recount();

-- Hourly bars (of UTC) from minutes: a continuous aggregate where TimescaleDB has those, elsewhere a table. Both lag behind
-- the minutes; rollup_stale says where, and those spans are aggregated on reading.
CREATE TABLE rollup_stale (
    instrument_id integer NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL,
    marked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON rollup_stale (instrument_id);

CREATE FUNCTION series.has_continuous_aggregates() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT series.has_timescale() AND current_setting('timescaledb.license', true) = 'timescale' $$;

DO $migration$
BEGIN
    IF series.has_continuous_aggregates() THEN
        EXECUTE $view$
            CREATE MATERIALIZED VIEW market_data_1h
            WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
            SELECT m.instrument_id, time_bucket('1 hour', m.time) AS time, first(m.open, m.time) AS open,
                   max(m.high) AS high, min(m.low) AS low, last(m.close, m.time) AS close, sum(m.volume) AS volume,
                   count(*) AS bars
            FROM market_data m WHERE m.bar_size = '1m' GROUP BY 1, 2
            WITH NO DATA $view$;
        PERFORM add_continuous_aggregate_policy('market_data_1h', start_offset => NULL, end_offset => interval '1 hour',
                                                schedule_interval => interval '30 minutes');
        -- A year's chunk is compressed when the year has been over for three months; later rows are still taken.
        ALTER TABLE market_data SET (timescaledb.compress, timescaledb.compress_segmentby = 'instrument_id, bar_size',
                                     timescaledb.compress_orderby = 'time');
        PERFORM add_compression_policy('market_data', compress_after => interval '3 months');
    ELSE
        CREATE TABLE market_data_1h (
            instrument_id integer NOT NULL,
            time timestamptz NOT NULL,
            open double precision NOT NULL,
            high double precision NOT NULL,
            low double precision NOT NULL,
            close double precision NOT NULL,
            volume double precision NOT NULL,
            bars bigint NOT NULL,
            PRIMARY KEY (instrument_id, time)
        );
    END IF;
END $migration$;

-- First full hour at or after a moment.
CREATE FUNCTION series.next_hour(moment timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS
$$ SELECT series.bucket('1 hour', moment + interval '1 hour' - interval '1 microsecond') $$;

CREATE FUNCTION series.hours_of_minutes(id integer, since timestamptz, until timestamptz)
RETURNS SETOF market_data_1h LANGUAGE sql STABLE AS $$
    SELECT id, series.bucket('1 hour', m.time), (array_agg(m.open ORDER BY m.time))[1], max(m.high), min(m.low),
           (array_agg(m.close ORDER BY m.time DESC))[1], sum(m.volume), count(*)
    FROM market_data m
    WHERE m.instrument_id = id AND m.bar_size = '1m' AND m.time >= since AND m.time < until
    GROUP BY 2
$$;

-- Hours of an instrument that start in a range, up to date, in no order. Hours of minutes that were dropped are none.
CREATE FUNCTION series.hours(id integer, since timestamptz, until timestamptz)
RETURNS SETOF market_data_1h LANGUAGE sql STABLE AS $$
    SELECT h.* FROM market_data_1h h
    WHERE h.instrument_id = id AND h.time >= since AND h.time < until
      AND h.time >= coalesce((SELECT min(c.first) FROM bar_coverage c WHERE c.instrument_id = id AND c.bar_size = '1m'),
                             '-infinity') - interval '1 hour'
      AND NOT EXISTS (SELECT FROM rollup_stale s WHERE s.instrument_id = id AND h.time >= s.since AND h.time < s.until)
    UNION ALL
    SELECT f.* FROM (
        SELECT unnest(range_agg(tstzrange(s.since, s.until)
                                * tstzrange(series.next_hour($2), series.next_hour($3)))) AS span
        FROM rollup_stale s
        WHERE s.instrument_id = id AND s.since < series.next_hour($3) AND s.until > series.next_hour($2)) stale
    CROSS JOIN LATERAL series.hours_of_minutes(id, lower(stale.span), upper(stale.span)) f
$$;

INSERT INTO rollup_stale
SELECT instrument_id, series.bucket('1 hour', min(first)), series.bucket('1 hour', max(last)) + interval '1 hour'
FROM bar_coverage WHERE bar_size = '1m' GROUP BY instrument_id;

-- Bring stored hours up to date, of at most so many instruments; how many are left. TimescaleDB's own job does it there:
-- what it has seen since is no longer stale.
CREATE FUNCTION series.refresh_rollups(most integer DEFAULT 100) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    stale_id integer;
    spans tstzmultirange;
BEGIN
    IF series.has_continuous_aggregates() THEN
        DELETE FROM rollup_stale s WHERE s.marked_at < (
            SELECT max(t.last_run_started_at) - interval '5 minutes' FROM timescaledb_information.job_stats t
            JOIN timescaledb_information.jobs j USING (job_id)
            WHERE j.proc_name = 'policy_refresh_continuous_aggregate' AND t.last_run_status = 'Success');
        RETURN 0;
    END IF;
    FOR stale_id IN SELECT DISTINCT s.instrument_id FROM rollup_stale s ORDER BY 1 LIMIT most LOOP
        PERFORM FROM instruments i WHERE i.id = stale_id FOR NO KEY UPDATE;
        WITH taken AS (DELETE FROM rollup_stale s WHERE s.instrument_id = stale_id RETURNING s.since, s.until)
        SELECT range_agg(tstzrange(since, until)) INTO spans FROM taken;
        CONTINUE WHEN spans IS NULL;
        DELETE FROM market_data_1h h WHERE h.instrument_id = stale_id AND spans @> h.time;
        INSERT INTO market_data_1h SELECT f.* FROM unnest(spans) AS span (span)
        CROSS JOIN LATERAL series.hours_of_minutes(stale_id, lower(span.span), upper(span.span)) f;
    END LOOP;
    RETURN (SELECT count(DISTINCT s.instrument_id) FROM rollup_stale s);
END $$;

-- Partitions or chunks that end at or before a moment.
CREATE FUNCTION series.whole_parts_before(name text, moment timestamptz) RETURNS SETOF text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF series.has_timescale() THEN
        RETURN QUERY SELECT show_chunks(name::regclass, older_than => moment)::text;
    ELSE
        RETURN QUERY SELECT c.oid::regclass::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = name::regclass AND c.relname ~ '_[0-9]{4}$'
              AND make_timestamptz(right(c.relname, 4)::integer + 1, 1, 1, 0, 0, 0, 'UTC') <= moment;
    END IF;
END $$;

-- Remove what starts before a moment: bars of these sizes, of all where sizes is null; how many rows. Partitions and chunks
-- that hold nothing else go whole. Hours of removed minutes go too.
CREATE FUNCTION series.drop_before(name text, moment timestamptz, sizes text[] DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    part text;
    dropped bigint;
    others bigint;
    removed bigint := 0;
BEGIN
    IF name <> 'market_data' THEN
        RAISE EXCEPTION 'expected market_data, the one series that has a retention; found %', name;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('series.' || name));
    FOR part IN SELECT series.whole_parts_before(name, moment) LOOP
        EXECUTE format('SELECT count(*), count(*) FILTER (WHERE bar_size <> ALL($1)) FROM %s', part)
            INTO dropped, others USING coalesce(sizes, ARRAY(SELECT DISTINCT bar_size FROM bar_coverage));
        CONTINUE WHEN others > 0;
        EXECUTE format('DROP TABLE %s', part);
        removed := removed + dropped;
    END LOOP;
    DELETE FROM market_data m WHERE m.time < moment AND (sizes IS NULL OR m.bar_size = ANY(sizes));
    GET DIAGNOSTICS dropped = ROW_COUNT;
    removed := removed + dropped;
    IF removed > 0 THEN
        PERFORM series.forget_before(moment, sizes);
    END IF;
    RETURN removed;
END $$;

-- Coverage and hours after bars were removed.
CREATE FUNCTION series.forget_before(moment timestamptz, sizes text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    year_of_moment integer := extract(year FROM moment);
BEGIN
    DELETE FROM bar_coverage c WHERE c.year < year_of_moment AND (sizes IS NULL OR c.bar_size = ANY(sizes));
    PERFORM series.recount(size, year_of_moment, year_of_moment)
        FROM (SELECT DISTINCT c.bar_size FROM bar_coverage c WHERE sizes IS NULL OR c.bar_size = ANY(sizes)) known (size);
    IF sizes IS NULL OR '1m' = ANY(sizes) THEN
        INSERT INTO rollup_stale (instrument_id, since, until)
            SELECT h.instrument_id, h.time, h.time + interval '1 hour' FROM market_data_1h h
            WHERE h.time = series.bucket('1 hour', moment) AND h.time < moment;
        IF NOT series.has_continuous_aggregates() THEN
            DELETE FROM market_data_1h h WHERE h.time < moment;
        END IF;
        DELETE FROM rollup_stale s WHERE s.until <= moment;
    END IF;
END $$;

CREATE INDEX ON latest_quotes (symbol);

GRANT SELECT, INSERT, UPDATE, DELETE ON bar_coverage, rollup_stale TO causeway_service;
GRANT SELECT, INSERT, UPDATE ON bar_coverage TO causeway_app;
GRANT SELECT, INSERT ON rollup_stale TO causeway_app;
GRANT SELECT ON market_data_1h TO causeway_app, causeway_service;
REVOKE EXECUTE ON FUNCTION series.ensure_ahead(), series.recount(text, integer, integer, integer[]), series.refresh_rollups(integer),
    series.forget_before(timestamptz, text[]), series.drop_before(text, timestamptz, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION series.ensure_ahead(), series.recount(text, integer, integer, integer[]), series.refresh_rollups(integer),
    series.drop_before(text, timestamptz, text[]) TO causeway_service;
SELECT series.ensure_ahead();
