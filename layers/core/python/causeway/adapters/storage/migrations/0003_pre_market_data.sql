-- Identity apart from ticker: instruments stay, symbols come, go and are reused.
CREATE TABLE instruments (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL DEFAULT '',
    exchange text NOT NULL DEFAULT '',
    asset_class text NOT NULL CHECK (asset_class IN ('equity', 'etf', 'fx', 'crypto', 'future', 'index', 'synthetic')),
    currency text NOT NULL DEFAULT 'USD',
    calendar text NOT NULL DEFAULT 'XNYS',
    tick_size numeric NOT NULL DEFAULT 0.01 CHECK (tick_size > 0),
    lot_size numeric NOT NULL DEFAULT 1 CHECK (lot_size > 0),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE symbols (
    symbol text NOT NULL CHECK (symbol = upper(symbol) AND length(symbol) BETWEEN 1 AND 32),
    instrument_id integer NOT NULL REFERENCES instruments,
    valid_from timestamptz NOT NULL DEFAULT '-infinity',
    valid_to timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (symbol, valid_from),
    CHECK (valid_from < valid_to)
);
CREATE UNIQUE INDEX symbols_current ON symbols (symbol) WHERE valid_to = 'infinity';
CREATE INDEX ON symbols (instrument_id);

-- One row per file or fetch that was taken in; counts are final once state is 'done'.
CREATE TABLE ingestions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users,
    source text NOT NULL,
    filename text NOT NULL DEFAULT '',
    content_hash text NOT NULL DEFAULT '',
    bar_size text NOT NULL,
    column_mapping jsonb NOT NULL DEFAULT '{}',
    state text NOT NULL CHECK (state IN ('running', 'done', 'failed')),
    rows_read bigint NOT NULL DEFAULT 0,
    rows_inserted bigint NOT NULL DEFAULT 0,
    rows_updated bigint NOT NULL DEFAULT 0,
    rows_unchanged bigint NOT NULL DEFAULT 0,
    rows_quarantined bigint NOT NULL DEFAULT 0,
    symbols_count integer NOT NULL DEFAULT 0,
    findings jsonb NOT NULL DEFAULT '[]',       -- per code: severity, number of rows, an example
    error jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
CREATE INDEX ON ingestions (user_id, created_at DESC);

-- Raw bars, stamped with their start. Analysis input, so double precision. known_at: when this fact reached us.
CREATE TABLE market_data_template (
    instrument_id integer NOT NULL,
    bar_size text NOT NULL CHECK (bar_size IN ('1s', '5s', '1m', '5m', '15m', '1h', '1d')),
    time timestamptz NOT NULL,
    open double precision NOT NULL,
    high double precision NOT NULL,
    low double precision NOT NULL,
    close double precision NOT NULL,
    volume double precision NOT NULL,
    source text NOT NULL,
    ingestion_id uuid,
    known_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, bar_size, time)
);
SELECT series.create_series('market_data', 'market_data_template');
DROP TABLE market_data_template;
SELECT series.ensure_partitions('market_data', '2000-01-01', now() + interval '1 year');

-- The last quote of each instrument.
CREATE TABLE latest_quotes (
    instrument_id integer PRIMARY KEY REFERENCES instruments,
    symbol text NOT NULL,
    bid numeric NOT NULL, ask numeric NOT NULL, last numeric NOT NULL,
    bid_size numeric NOT NULL, ask_size numeric NOT NULL, volume numeric NOT NULL,
    market_time timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    source text NOT NULL
);

-- The market's clock: one row. mode: replay, live or closed. replay: who drives it and what is replayed.
-- requested: what a user asked of the replay last ({id, action, date, speed, symbols}); the feed obeys a new id.
CREATE TABLE market_clock (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    mode text NOT NULL CHECK (mode IN ('replay', 'live', 'closed')),
    market_time timestamptz,
    speed double precision NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL DEFAULT now(),
    replay jsonb NOT NULL DEFAULT '{}',
    requested jsonb NOT NULL DEFAULT '{}'
);
INSERT INTO market_clock (mode) VALUES ('closed');

-- kind split: value = new shares per old share. kind dividend: cash per share, in the instrument's currency.
CREATE TABLE corporate_actions (
    instrument_id integer NOT NULL REFERENCES instruments,
    kind text NOT NULL CHECK (kind IN ('split', 'dividend')),
    ex_date date NOT NULL,
    value numeric NOT NULL CHECK (value > 0),
    source text NOT NULL,
    known_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, kind, ex_date)
);

-- Rows that were not stored, whole, with every reason. Unique by content, so a second try adds nothing.
CREATE TABLE quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users,
    ingestion_id uuid NOT NULL REFERENCES ingestions,
    row_number bigint NOT NULL,
    symbol text NOT NULL,
    bar_size text NOT NULL,
    row_time text NOT NULL,
    raw jsonb NOT NULL,
    reasons jsonb NOT NULL,
    row_hash text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (user_id, row_hash)
);
CREATE INDEX ON quarantine (user_id, symbol);
