CREATE TABLE orders (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users,
    account_id uuid NOT NULL REFERENCES accounts,
    client_order_id text NOT NULL CHECK (length(client_order_id) BETWEEN 1 AND 64),
    instrument_id integer NOT NULL REFERENCES instruments,
    symbol text NOT NULL,
    side text NOT NULL CHECK (side IN ('buy', 'sell')),
    quantity numeric NOT NULL CHECK (quantity > 0),
    order_type text NOT NULL CHECK (order_type IN ('market', 'limit')),
    time_in_force text NOT NULL CHECK (time_in_force IN ('day', 'gtc', 'ioc')),
    limit_price numeric CHECK (limit_price > 0),
    job_id uuid REFERENCES jobs,
    status text NOT NULL CHECK (status IN ('pending_new', 'new', 'partially_filled', 'filled', 'pending_cancel',
                                           'canceled', 'expired', 'rejected', 'denied')),
    filled_quantity numeric NOT NULL DEFAULT 0,
    average_fill_price numeric,
    reserved_cash numeric NOT NULL DEFAULT 0,   -- buying power held while the order is open
    risk_decision jsonb NOT NULL,
    reason text NOT NULL DEFAULT '',
    submitted_at timestamptz NOT NULL,
    submitted_market_time timestamptz,
    updated_at timestamptz NOT NULL,
    UNIQUE (account_id, client_order_id),
    CHECK ((order_type = 'limit') = (limit_price IS NOT NULL))
);
CREATE INDEX ON orders (account_id, submitted_at DESC);
CREATE INDEX ON orders (account_id) WHERE status IN ('pending_new', 'new', 'partially_filled', 'pending_cancel');

CREATE TABLE order_events (
    account_id uuid NOT NULL REFERENCES accounts,
    seq bigint NOT NULL,
    user_id uuid NOT NULL REFERENCES users,
    order_id uuid NOT NULL REFERENCES orders,
    kind text NOT NULL,
    source text NOT NULL,
    source_event_id text NOT NULL,
    status_after text NOT NULL,
    payload jsonb NOT NULL DEFAULT '{}',
    wall_time timestamptz NOT NULL,
    market_time timestamptz,
    PRIMARY KEY (account_id, seq),
    UNIQUE (account_id, source, source_event_id)
);
CREATE INDEX ON order_events (order_id);
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON order_events FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE executions (
    broker text NOT NULL,
    account_id uuid NOT NULL REFERENCES accounts,
    execution_id text NOT NULL,
    order_id uuid NOT NULL REFERENCES orders,
    user_id uuid NOT NULL REFERENCES users,
    instrument_id integer NOT NULL REFERENCES instruments,
    side text NOT NULL CHECK (side IN ('buy', 'sell')),
    quantity numeric NOT NULL CHECK (quantity > 0),
    price numeric NOT NULL CHECK (price > 0),
    fee numeric NOT NULL,
    market_time timestamptz NOT NULL,
    wall_time timestamptz NOT NULL,
    PRIMARY KEY (broker, account_id, execution_id)
);
CREATE INDEX ON executions (order_id);
CREATE INDEX ON executions (account_id, market_time);
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON executions FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE positions (
    account_id uuid NOT NULL REFERENCES accounts,
    instrument_id integer NOT NULL REFERENCES instruments,
    user_id uuid NOT NULL REFERENCES users,
    quantity numeric NOT NULL,
    average_cost numeric NOT NULL,
    realised_pnl numeric NOT NULL DEFAULT 0,
    fees numeric NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, instrument_id)
);

-- Cash movements. Cash is their sum; amount is signed, in the account's currency.
CREATE TABLE ledger (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    user_id uuid NOT NULL REFERENCES users,
    kind text NOT NULL CHECK (kind IN ('deposit', 'trade', 'fee', 'dividend', 'adjustment')),
    amount numeric NOT NULL,
    reference text NOT NULL,
    at timestamptz NOT NULL,
    market_time timestamptz,
    UNIQUE (account_id, kind, reference)
);
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Commands for the gateway, written with the order in one transaction.
--   ready -> claimed (epoch noted) -> sending (intent recorded; the broker may have it) -> done | unknown
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    user_id uuid NOT NULL REFERENCES users,
    order_id uuid NOT NULL REFERENCES orders,
    command text NOT NULL CHECK (command IN ('submit', 'cancel')),
    state text NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'claimed', 'sending', 'done', 'unknown')),
    epoch bigint,
    attempts integer NOT NULL DEFAULT 0,
    error text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON outbox (account_id, id) WHERE state <> 'done';
CREATE UNIQUE INDEX ON outbox (order_id, command) WHERE state <> 'done';

CREATE FUNCTION wake_gateway() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_notify('causeway_outbox', NEW.account_id::text); RETURN NULL; END $$;
CREATE TRIGGER wake AFTER INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION wake_gateway();

-- One gateway per account. epoch grows with each new holder; a command carries the epoch that claimed it.
CREATE TABLE gateway_leases (
    account_id uuid PRIMARY KEY REFERENCES accounts,
    holder text NOT NULL,
    epoch bigint NOT NULL,
    expires_at timestamptz NOT NULL
);

-- How far a broker's reports are booked; moved in the transaction that books them.
CREATE TABLE gateway_cursors (
    account_id uuid PRIMARY KEY REFERENCES accounts,
    cursor text NOT NULL,
    updated_at timestamptz NOT NULL
);

-- The paper broker's own book. It stands for a venue outside: our orders know it only through the adapter.
CREATE TABLE paper_orders (
    broker_order_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    accepted_seq bigint GENERATED ALWAYS AS IDENTITY,   -- time priority
    account_id uuid NOT NULL REFERENCES accounts,
    client_order_id text NOT NULL,
    symbol text NOT NULL,
    side text NOT NULL,
    quantity numeric NOT NULL,
    order_type text NOT NULL,
    time_in_force text NOT NULL,
    limit_price numeric,
    status text NOT NULL,
    filled_quantity numeric NOT NULL DEFAULT 0,
    filled_value numeric NOT NULL DEFAULT 0,
    rested boolean NOT NULL DEFAULT false,      -- met a market that did not reach its limit
    reason text NOT NULL DEFAULT '',
    accepted_market_time timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (account_id, client_order_id)
);
CREATE TABLE paper_reports (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id uuid NOT NULL,
    broker_order_id uuid NOT NULL REFERENCES paper_orders,
    client_order_id text NOT NULL,
    kind text NOT NULL,                         -- accepted, rejected, fill, canceled, cancel_rejected, expired
    quantity numeric, price numeric, fee numeric,  -- of a fill; its execution id is made from id
    cancel_id text,
    quote_received_at timestamptz,              -- which quote a fill was made from: it serves its size once
    reason text NOT NULL DEFAULT '',
    market_time timestamptz NOT NULL,
    wall_time timestamptz NOT NULL DEFAULT now(),
    UNIQUE (account_id, cancel_id)
);
CREATE INDEX ON paper_reports (account_id, id);
CREATE INDEX ON paper_reports (broker_order_id);
CREATE INDEX ON paper_orders (account_id) WHERE status IN ('new', 'partially_filled');

-- Account value over time, by market time.
CREATE TABLE equity_history (
    account_id uuid NOT NULL REFERENCES accounts,
    user_id uuid NOT NULL REFERENCES users,
    market_time timestamptz NOT NULL,
    wall_time timestamptz NOT NULL,
    cash numeric NOT NULL,
    positions_value numeric NOT NULL,
    equity numeric NOT NULL,
    PRIMARY KEY (account_id, market_time)
);
