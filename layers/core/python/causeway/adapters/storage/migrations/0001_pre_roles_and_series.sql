-- Roles without login: the migrating owner grants them to login roles (see functions/migrate).
--   causeway_app      HTTP functions; row-level security limits it to the user named in causeway.user_id
--   causeway_service  gateway, stream, workers, auth: every row by policy, still neither superuser nor owner
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'causeway_app') THEN
        CREATE ROLE causeway_app NOLOGIN NOSUPERUSER NOBYPASSRLS;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'causeway_service') THEN
        CREATE ROLE causeway_service NOLOGIN NOSUPERUSER NOBYPASSRLS;
    END IF;
END $$;

GRANT USAGE ON SCHEMA public TO causeway_app, causeway_service;

-- One schema hides the two physical forms of a time series: a hypertable where TimescaleDB is, native range
-- partitions by year where it is not.
CREATE SCHEMA series;
GRANT USAGE ON SCHEMA series TO causeway_app, causeway_service;

CREATE FUNCTION series.has_timescale() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') $$;

-- Turn an empty table LIKE template into a series on its "time" column.
CREATE FUNCTION series.create_series(name text, template text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF series.has_timescale() THEN
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', name, template);
        PERFORM create_hypertable(name::regclass, 'time', chunk_time_interval => interval '1 year');
    ELSE
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL) PARTITION BY RANGE (time)', name, template);
        EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', name || '_default', name);
    END IF;
END $$;

-- Make sure that yearly partitions exist from since to until. Safe to call at any time, by the owner or through
-- this SECURITY DEFINER function by the service role. Rows never fall into a missing partition: the default
-- partition takes them, and this function moves them out when their year is made.
CREATE FUNCTION series.ensure_partitions(name text, since timestamptz, until timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    year integer;
    part text;
    made integer := 0;
BEGIN
    IF name NOT IN ('market_data') THEN
        RAISE EXCEPTION 'not a series: %', name;
    END IF;
    IF series.has_timescale() THEN
        RETURN 0;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('series.' || name));
    -- whoever may call this cannot fill the catalogue: other years stay in the default partition
    since := greatest(since, timestamptz '1900-01-01 00:00:00+00');
    until := least(until, now() + interval '2 years');
    FOR year IN extract(year FROM since AT TIME ZONE 'UTC')::int .. extract(year FROM until AT TIME ZONE 'UTC')::int LOOP
        part := name || '_' || year;
        CONTINUE WHEN to_regclass('public.' || part) IS NOT NULL;
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part, name);
        EXECUTE format('WITH moved AS (DELETE FROM %I WHERE time >= %L AND time < %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
            name || '_default', make_timestamptz(year, 1, 1, 0, 0, 0, 'UTC'), make_timestamptz(year + 1, 1, 1, 0, 0, 0, 'UTC'), part);
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, part,
            make_timestamptz(year, 1, 1, 0, 0, 0, 'UTC'), make_timestamptz(year + 1, 1, 1, 0, 0, 0, 'UTC'));
        EXECUTE format('CREATE INDEX ON %I USING brin (time)', part);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;

-- Start of the bucket that holds a moment; origin a Monday, so weeks start on Mondays.
CREATE FUNCTION series.bucket(width interval, moment timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS
$$ SELECT date_bin(width, moment, timestamptz '2000-01-03 00:00:00+00') $$;

-- The user on whose behalf this transaction runs; null for system processes.
CREATE FUNCTION current_user_id() RETURNS uuid LANGUAGE sql STABLE AS
$$ SELECT nullif(current_setting('causeway.user_id', true), '')::uuid $$;
