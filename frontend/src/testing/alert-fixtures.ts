/** Alerts for component tests and for the mock server. */
import type { Alert } from '../api/types.ts';

export function alert(change: Partial<Alert> = {}): Alert {
  return {
    id: 1,
    kind: 'feed_outage',
    subject: 'iqfeed',
    severity: 'critical',
    text: 'iqfeed has been disconnected since 14:30:00 UTC: the connection was refused',
    created_at: '2026-11-22T14:30:30Z',
    acknowledged: false,
    resolved_at: null,
    ...change,
  };
}

/** Newest first: two unseen, one seen. */
export function alerts(): Alert[] {
  return [
    alert({ id: 3, kind: 'quarantine_high', subject: 'file prices.csv', severity: 'warning', text: 'file prices.csv: 312 of 5031 rows (6.2%) went to quarantine; look at their reasons', created_at: '2026-11-22T16:00:00Z' }),
    alert({ id: 2, kind: 'budget_exhausted', subject: 'alphavantage', severity: 'warning', text: 'the requests of alphavantage are used up for 9.5 hours', created_at: '2026-11-22T15:00:00Z', acknowledged: true }),
    alert(),
  ];
}
