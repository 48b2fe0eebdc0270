-- Grants and row-level security. causeway_app sees rows of the user named in causeway.user_id; causeway_service
-- sees all rows by policy. Nobody but the owner may delete what is append-only (triggers refuse even that).
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO causeway_service;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO causeway_app, causeway_service;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public, series TO causeway_app, causeway_service;

-- Shared facts: readable by every signed-in user.
GRANT SELECT ON instruments, symbols, market_data, latest_quotes, market_clock, corporate_actions TO causeway_app;
GRANT SELECT ON analysis_results, links, signals TO causeway_app;
-- A user's own rows.
-- Nobody but auth (the service role) reads hashes of passwords, refresh tokens and keys.
GRANT SELECT (id, email, role, is_active, created_at) ON users TO causeway_app;
GRANT SELECT (account_id, expires_at) ON gateway_leases TO causeway_app;
GRANT SELECT ON accounts, audit_log, audit_chains, quarantine, ingestions, jobs, job_shards, orders,
    order_events, executions, positions, ledger, outbox, equity_history TO causeway_app;
GRANT INSERT ON instruments, symbols, market_data, corporate_actions, quarantine, ingestions, orders, order_events, outbox
    TO causeway_app;
-- Only the columns that a function writes: a job's result_id, for one, decides which answers its user may read.
GRANT INSERT (id, user_id, name, spec, message) ON jobs TO causeway_app;
GRANT UPDATE (state, stage, progress, message, error, cancel_requested_at, started_at, finished_at, heartbeat_at, runner,
              attempt) ON jobs TO causeway_app;
GRANT UPDATE (state, state_reason, event_seq) ON accounts TO causeway_app;
GRANT UPDATE (status, filled_quantity, average_fill_price, reserved_cash, reason, updated_at) ON orders TO causeway_app;
GRANT UPDATE (open, high, low, close, volume, source, ingestion_id, known_at) ON market_data TO causeway_app;
GRANT UPDATE (value, source, known_at) ON corporate_actions TO causeway_app;
GRANT UPDATE (name) ON instruments TO causeway_app;
GRANT UPDATE (requested) ON market_clock TO causeway_app;

REVOKE EXECUTE ON FUNCTION find_api_key(bytea) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION audit_append(text, uuid, text, text, text, jsonb) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION series.ensure_partitions(text, timestamptz, timestamptz) FROM PUBLIC;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['sessions', 'api_keys', 'accounts', 'audit_log', 'audit_chains', 'ingestions', 'quarantine', 'jobs',
                                'orders', 'order_events', 'executions', 'positions', 'ledger', 'outbox', 'equity_history'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own ON %I TO causeway_app USING (user_id = current_user_id()) '
                       'WITH CHECK (user_id = current_user_id())', name);
        EXECUTE format('CREATE POLICY service ON %I TO causeway_service USING (true) WITH CHECK (true)', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['users', 'job_shards', 'analysis_results', 'links', 'signals', 'gateway_leases'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY service ON %I TO causeway_service USING (true) WITH CHECK (true)', name);
    END LOOP;
END $$;
CREATE POLICY own ON users TO causeway_app USING (id = current_user_id());
CREATE POLICY own ON gateway_leases TO causeway_app
    USING (EXISTS (SELECT FROM accounts a WHERE a.id = account_id AND a.user_id = current_user_id()));
CREATE POLICY own ON job_shards TO causeway_app
    USING (EXISTS (SELECT FROM jobs j WHERE j.id = job_id AND j.user_id = current_user_id()));
-- An answer is seen by whoever asked the question.
CREATE POLICY own ON analysis_results TO causeway_app
    USING (EXISTS (SELECT FROM jobs j WHERE j.result_id = analysis_results.result_id AND j.user_id = current_user_id()));
CREATE POLICY own ON links TO causeway_app
    USING (EXISTS (SELECT FROM jobs j WHERE j.result_id = links.result_id AND j.user_id = current_user_id()));
CREATE POLICY own ON signals TO causeway_app
    USING (EXISTS (SELECT FROM jobs j WHERE j.result_id = signals.result_id AND j.user_id = current_user_id()));
