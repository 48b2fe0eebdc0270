-- The market time since which an order of the paper venue waits at its own price: a halt in between ends that, whether or
-- not anybody looked at the order during it.
ALTER TABLE paper_orders ADD COLUMN rested_at timestamptz;

-- As before, with a bound on bars as well: twenty instruments that trade all day have 1.7 million seconds, more than one
-- statement moves in its time, and writers of them would wait for every failed try.
CREATE OR REPLACE FUNCTION series.put_in_order(most integer DEFAULT 20) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    most_bars CONSTANT integer := 100000;  -- of several instruments; one alone may have more
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
        SELECT held.instrument_id, held.bars, sum(held.bars) OVER (ORDER BY held.instrument_id) AS so_far FROM (
            SELECT c.instrument_id, c.bars[extract(doy FROM taken.day)::integer] AS bars FROM bar_coverage c
            WHERE c.bar_size = taken.bar_size AND c.year = extract(year FROM taken.day)
              AND c.bars[extract(doy FROM taken.day)::integer] > 0 AND c.instrument_id > taken.done
            ORDER BY c.instrument_id LIMIT most) held) few
    WHERE few.so_far <= most_bars OR few.so_far = few.bars;
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
