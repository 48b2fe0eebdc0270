-- Facts of instruments can be corrected: name, class, currency, exchange and with it the sessions.

-- Counts corrections, so that two people do not overwrite each other's.
ALTER TABLE instruments ADD COLUMN revision integer NOT NULL DEFAULT 1;
GRANT UPDATE (exchange, asset_class, currency, calendar, revision) ON instruments TO causeway_app;

-- What was assumed of symbols that were new.
ALTER TABLE ingestions ADD COLUMN notes text[] NOT NULL DEFAULT '{}';
