-- Requests of the last day to providers whose plans count them, so that a restart does not spend a budget twice.
CREATE TABLE provider_requests (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider text NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX provider_requests_latest ON provider_requests (provider, requested_at DESC);

GRANT SELECT, INSERT, DELETE ON provider_requests TO causeway_service;
ALTER TABLE provider_requests ENABLE ROW LEVEL SECURITY;
CREATE POLICY service ON provider_requests TO causeway_service USING (true) WITH CHECK (true);
