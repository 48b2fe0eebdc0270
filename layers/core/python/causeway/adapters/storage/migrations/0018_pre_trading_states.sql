-- The last known state of trading in each instrument: halts and price bands, as the live feed heard them. Empty where
-- nothing was heard: trading goes on.
CREATE TABLE trading_states (
    instrument_id integer PRIMARY KEY REFERENCES instruments,
    symbol text NOT NULL,
    halted boolean NOT NULL,
    code text NOT NULL,
    reason text NOT NULL,
    status_time timestamptz,
    lower numeric,
    upper numeric,
    bands_time timestamptz,
    received_at timestamptz NOT NULL,
    source text NOT NULL
);
CREATE INDEX ON trading_states (symbol);
GRANT SELECT ON trading_states TO causeway_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON trading_states TO causeway_service;
