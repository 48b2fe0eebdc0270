import { screen, waitFor } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, test } from 'vitest';
import type { FeedReport } from '@/api/types';
import { expectAccessible } from '@/testing/axe';
import { renderPage } from '@/testing/render';
import { API, server } from '@/testing/server';
import { FeedBadge } from './feed-badge';

const MEBIBYTE = 1_048_576;

function serve(change: Partial<FeedReport>): void {
  const began = { started_at: '2026-11-28T14:00:00Z', since: '2026-11-27T14:00:00Z', totals: {} };
  const report: FeedReport = { feed: 'alpaca', running: true, updated_at: '2026-11-28T16:00:00Z', counts: {}, ...began, ...change };
  server.use(http.get(`${API}/data/feed`, () => HttpResponse.json(report)));
}

test.each<[string, Partial<FeedReport>, string, RegExp | null]>([
  ['that stopped', { running: false, counts: { spool_full: 1 } }, 'Feed stopped', null],
  ['that gave quotes up', { counts: { dropped_quotes: 1_200, spool_full: 30, backfill_given_up: 4 } }, 'Feed lost data', /^1,234 quotes, bars or fetches of alpaca were given up since .*2026/],
  ['whose data wait on disk', { counts: { spool_bars_bytes: MEBIBYTE, spool_quotes_bytes: 1 } }, 'Database behind', /nothing is lost$/],
])('a feed %s has a badge that says so', async (_, report, text, title) => {
  serve(report);
  renderPage(<FeedBadge />);
  const badge = await screen.findByText(text);
  if (title) expect(badge).toHaveAttribute('title', expect.stringMatching(title));
  await expectAccessible(document.body);
});

test.each<[string, FeedReport['counts']]>([
  ['that is well', {}],
  ['with a moment’s worth on disk', { spool_bars_bytes: MEBIBYTE }],
  ['that does not know a symbol, which is no loss', { backfill_unknown: 3 }],
])('a feed %s has none', async (_, counts) => {
  serve({ counts });
  const { cache } = renderPage(<FeedBadge />);
  await waitFor(() => expect(cache.getQueryData(['feed'])).toBeDefined());
  expect(document.querySelector('.badge')).toBeNull();
});
