-- Days in order. A live feed stores one minute of every symbol, then the next: a page holds many symbols, and a year of one
-- symbol lies on as many pages as it has bars. Once a day is over, its bars are moved so that those of a symbol lie together.

-- Days (UTC) that a live feed wrote to, with bars of this size; done: instruments up to this id are in order.
CREATE TABLE bars_as_they_came (
    bar_size text NOT NULL,
    day date NOT NULL,
    done integer NOT NULL DEFAULT 0,
    PRIMARY KEY (bar_size, day)
);

-- Put the next instruments of the oldest finished day in order, at most so many; how many days are left. Same rows, other
-- places: readers see them throughout, writers of these instruments wait for the transaction.
CREATE FUNCTION series.put_in_order(most integer DEFAULT 20) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    taken bars_as_they_came;
    next integer[];
BEGIN
    -- As retention and rollups: they take turns, and lock market_data before anything else.
    PERFORM pg_advisory_xact_lock(hashtext('retention.market_data'));
    LOCK TABLE ONLY market_data IN ROW EXCLUSIVE MODE;
    SELECT * INTO taken FROM bars_as_they_came b WHERE b.day < now()::date ORDER BY b.day, b.bar_size LIMIT 1;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    SELECT array_agg(few.instrument_id ORDER BY few.instrument_id) INTO next FROM (
        SELECT c.instrument_id FROM bar_coverage c
        WHERE c.bar_size = taken.bar_size AND c.year = extract(year FROM taken.day)
          AND c.bars[extract(doy FROM taken.day)::integer] > 0 AND c.instrument_id > taken.done
        ORDER BY c.instrument_id LIMIT most) few;
    IF next IS NULL THEN
        DELETE FROM bars_as_they_came b WHERE (b.bar_size, b.day) = (taken.bar_size, taken.day);
    ELSE
        PERFORM FROM instruments i WHERE i.id = ANY(next) ORDER BY i.id FOR NO KEY UPDATE;
        WITH moved AS (
            DELETE FROM market_data m WHERE m.instrument_id = ANY(next) AND m.bar_size = taken.bar_size
                AND m.time >= taken.day::timestamptz AND m.time < (taken.day + 1)::timestamptz
            RETURNING m.*)
        INSERT INTO market_data SELECT * FROM moved ORDER BY instrument_id, time;
        UPDATE bars_as_they_came b SET done = next[cardinality(next)]
            WHERE (b.bar_size, b.day) = (taken.bar_size, taken.day);
    END IF;
    RETURN (SELECT count(*) FROM bars_as_they_came b WHERE b.day < now()::date);
END $$;

GRANT SELECT, INSERT, UPDATE, DELETE ON bars_as_they_came TO causeway_service;
REVOKE EXECUTE ON FUNCTION series.put_in_order(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION series.put_in_order(integer) TO causeway_service;
