import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { expect, test } from 'vitest';
import type { Fetch } from '@/api/types';
import { expectAccessible } from '@/testing/axe';
import { exchanges, fetchDetail, fetchJob } from '@/testing/quality-fixtures';
import { renderPage } from '@/testing/render';
import { API, server } from '@/testing/server';
import { EMPTY, type FetchDraft, raised, symbolsOf, toFetch, validateFetch } from './fetch-draft';
import { doing } from './fetch-state';
import { FetchesPanel } from './fetches-panel';

const DRAFT: FetchDraft = { ...EMPTY, symbols: 'aapl, msft\nAAPL', start: '2024-01-02', end: '2024-01-31', providers: ['alphavantage', 'yahoo'] };

test('symbols are told apart, and the last day is part of the range', () => {
  expect(symbolsOf(DRAFT.symbols)).toEqual(['AAPL', 'MSFT']);
  expect(toFetch(DRAFT)).toMatchObject({ symbols: ['AAPL', 'MSFT'], start: '2024-01-02T00:00:00Z', end: '2024-02-01T00:00:00.000Z', providers: ['alphavantage', 'yahoo'] });
  expect(toFetch({ ...DRAFT, end: '' }).end).toBeNull();
});

test('what cannot be asked for is said at its field', () => {
  expect(validateFetch(DRAFT, '2026-11-28')).toEqual({});
  expect(validateFetch({ ...DRAFT, symbols: 'A%', start: '2027-01-01', end: '2026-01-01' }, '2026-11-28')).toEqual({
    symbols: 'A% is no symbol: 1 to 32 letters, digits or . _ : / ^ = + - & # @ $ * ! are expected.',
    start: 'This day lies in the future, so no provider has bars of it.',
    end: 'The last day must not be before the first.',
  });
  expect(Object.keys(validateFetch({ ...DRAFT, symbols: ' ', start: '' }, '2026-11-28'))).toEqual(['symbols', 'start']);
});

test('all stored symbols need no names', () => {
  const all = { ...DRAFT, symbols: '', all_stored: true };
  expect(validateFetch(all, '2026-11-28')).toEqual({});
  expect(toFetch(all).symbols).toBeNull();
});

test('one provider is not checked against itself, several may be', () => {
  const check = (providers: FetchDraft['providers']): unknown => validateFetch({ ...DRAFT, providers, check_against: ['yahoo'] }, '2026-11-28');
  expect(check(['yahoo'])).toEqual({ check_against: 'Yahoo is the provider that is asked: choose another to check against.' });
  expect(check(['alphavantage', 'yahoo'])).toEqual({});
  expect(check([])).toEqual({});
});

test('a provider moves one place towards the front', () => {
  expect(raised(['yahoo', 'iqfeed', 'files'], 'files')).toEqual(['yahoo', 'files', 'iqfeed']);
  expect(raised(['yahoo', 'iqfeed'], 'yahoo')).toEqual(['yahoo', 'iqfeed']);
});

test('a wait is shown with its reason and end', () => {
  const why = 'Alpha Vantage allows 5 calls a minute';
  expect(doing(fetchJob({ state: 'running', message: `waiting 41 s: ${why}`, eta_s: 100 }))).toBe(`waiting 41 s: ${why}, 1 min 40 s left`);
  expect(doing(fetchJob({ state: 'waiting', message: 'used up', waits_until: '2026-11-29T09:12:00Z' }))).toMatch(/^until .*29.*09:12:00 UTC$/);
});

function serve(answer: () => Response): unknown[] {
  const asked: unknown[] = [];
  const stored: Fetch[] = [];
  const part = fetchDetail({ id: 'new', name: '' });
  server.use(
    http.get(`${API}/data/exchanges`, () => HttpResponse.json(exchanges)),
    http.get(`${API}/data/fetches`, () => HttpResponse.json({ items: stored, next_cursor: null })),
    http.get(`${API}/data/fetches/:id`, () => HttpResponse.json(part)),
    http.post(`${API}/data/fetches`, async ({ request }) => {
      asked.push(await request.json());
      stored.push(part);
      return answer();
    }),
  );
  return asked;
}

async function fillIn(): Promise<void> {
  await userEvent.click(await screen.findByRole('button', { name: 'New fetch' }));
  const form = screen.getByRole('form', { name: 'New fetch' });
  await userEvent.type(within(form).getByLabelText('First day'), '2024-01-02');
  await userEvent.selectOptions(within(form).getByLabelText('Interval'), '1m');
  await userEvent.click(within(form).getByRole('button', { name: 'Add Alpha Vantage' }));
  await userEvent.click(within(form).getByRole('button', { name: 'Add Yahoo' }));
  await userEvent.click(within(form).getByRole('button', { name: 'Ask Yahoo earlier' }));
}

test('a fetch is asked for, and what became of each symbol is shown', async () => {
  const asked = serve(() => HttpResponse.json(fetchJob({ id: 'new' }), { status: 202 }));
  renderPage(<FetchesPanel symbol="AAPL" />);
  await fillIn();
  await userEvent.click(screen.getByRole('button', { name: 'Start the fetch' }));
  const list = await screen.findByRole('list', { name: /^Symbols of/ });
  expect(list).toHaveTextContent('yahoo does not know NOPE');
  expect(list).toHaveTextContent('stored 3,270 bars from yahoo');
  expect(asked).toMatchObject([{ symbols: ['AAPL'], asset_class: '', bar_size: '1m', start: '2024-01-02T00:00:00Z', end: null, providers: ['yahoo', 'alphavantage'] }]);
  expect(screen.queryByRole('form', { name: 'New fetch' })).not.toBeInTheDocument();
});

test('every option of causeway fetch can be set', async () => {
  const asked = serve(() => HttpResponse.json(fetchJob({ id: 'new' }), { status: 202 }));
  renderPage(<FetchesPanel symbol="AAPL" />);
  await fillIn();
  await userEvent.selectOptions(screen.getByLabelText('Exchange'), await screen.findByRole('option', { name: 'XLON' }));
  await userEvent.click(screen.getByText('More options'));
  for (const name of ['Check against IQFeed', 'Check against Alpaca', 'Check against Alpaca earlier']) await userEvent.click(screen.getByRole('button', { name }));
  expect(screen.queryByRole('button', { name: 'Check against Files' })).not.toBeInTheDocument();
  for (const label of ['Ask for the whole range, also for what is stored', 'Let fetched bars replace stored ones that differ', 'Also before and after the regular session', 'An unknown symbol waits for a provider whose plan is used up, too', 'Also propose what the provider’s own repair would change (Yahoo)', 'All that are stored in this interval'])
    await userEvent.click(screen.getByLabelText(label));
  await userEvent.selectOptions(screen.getByLabelText('Exchange'), 'XLON');
  await userEvent.type(screen.getByLabelText(/^Name/), 'Mending');
  await userEvent.type(screen.getByLabelText('Last day'), '2024-01-31');
  await expectAccessible(screen.getByRole('form', { name: 'New fetch' }));
  await userEvent.click(screen.getByRole('button', { name: 'Start the fetch' }));
  await screen.findByRole('list', { name: /^Symbols of/ });
  expect(asked).toEqual([
    { name: 'Mending', symbols: null, bar_size: '1m', start: '2024-01-02T00:00:00Z', end: '2024-02-01T00:00:00.000Z', providers: ['yahoo', 'alphavantage'], asset_class: '', extended_hours: true, check_against: ['alpaca', 'iqfeed'], again: true, replace: true, patient: true, repairs: 'also', exchange: 'XLON' },
  ]);
});

test('what trades on no exchange names none', async () => {
  const asked = serve(() => HttpResponse.json(fetchJob({ id: 'new' }), { status: 202 }));
  renderPage(<FetchesPanel symbol="EURUSD" />);
  await fillIn();
  await userEvent.selectOptions(screen.getByLabelText('Exchange'), 'XNAS');
  await userEvent.selectOptions(screen.getByLabelText('Kind'), 'fx');
  expect(screen.queryByLabelText('Exchange')).not.toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Start the fetch' }));
  await screen.findByRole('list', { name: /^Symbols of/ });
  expect(asked).toMatchObject([{ asset_class: 'fx', exchange: '' }]);
});

test('what the server refuses stands at its field, and the form stays', async () => {
  const error = { code: 'invalid_input', message: 'symbols.0: no such thing', fields: [{ field: 'symbols.0', message: 'no such thing' }], details: {}, request_id: '' };
  serve(() => HttpResponse.json({ error }, { status: 422 }));
  renderPage(<FetchesPanel symbol="AAPL" />);
  await fillIn();
  await userEvent.click(screen.getByRole('button', { name: 'Start the fetch' }));
  expect(await screen.findByText('no such thing')).toBeInTheDocument();
  expect(screen.getByLabelText('Symbols')).toBeInvalid();
  expect(screen.getByLabelText('Symbols')).toHaveValue('AAPL');
});

test('what trades on no exchange is asked for without one', async () => {
  serve(() => HttpResponse.json(fetchJob({ id: 'new' }), { status: 202 }));
  renderPage(<FetchesPanel symbol="EURUSD" />);
  await fillIn();
  await userEvent.selectOptions(screen.getByLabelText('Exchange'), await screen.findByRole('option', { name: 'XLON' }));
  await userEvent.selectOptions(screen.getByLabelText('Kind'), 'fx');
  expect(screen.queryByLabelText('Exchange')).not.toBeInTheDocument();
  await userEvent.selectOptions(screen.getByLabelText('Kind'), 'As the provider says');
  expect(screen.getByLabelText('Exchange')).toHaveValue('');
});

test('nothing is sent before the form is right', async () => {
  const asked = serve(() => HttpResponse.json(fetchJob(), { status: 202 }));
  renderPage(<FetchesPanel />);
  await userEvent.click(await screen.findByRole('button', { name: 'New fetch' }));
  await userEvent.click(screen.getByRole('button', { name: 'Start the fetch' }));
  expect(screen.getByText('Name at least one symbol, such as AAPL.')).toBeInTheDocument();
  expect(asked).toEqual([]);
});

test('a viewer cannot ask', async () => {
  serve(() => HttpResponse.json(fetchJob(), { status: 202 }));
  renderPage(<FetchesPanel />, { role: 'viewer' });
  expect(await screen.findByText('An analyst can ask for bars.')).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'New fetch' })).not.toBeInTheDocument();
});
