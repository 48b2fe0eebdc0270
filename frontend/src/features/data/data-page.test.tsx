import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { expectAccessible } from '@/testing/axe';
import { dialogsAreLoaded } from '@/testing/dialogs';
import { coverage, symbols } from '@/testing/fixtures';
import { facts, ingestion, quarantined, repair, REPAIR_ID, report } from '@/testing/quality-fixtures';
import { renderPage } from '@/testing/render';
import { API, server } from '@/testing/server';
import DataPage from './data-page';

dialogsAreLoaded();

const page = (items: readonly unknown[]) => HttpResponse.json({ items, next_cursor: null });
const address = (): HTMLElement => screen.getByLabelText('address');
let searched: string[] = [];
let decided: unknown[] = [];

// As in the app, where it is fetched right after the first paint.
beforeAll(() => import('@/components/dialog-base'));

beforeEach(() => {
  searched = [];
  decided = [];
  server.use(
    http.get(`${API}/data/symbols`, ({ request }) => {
      const text = new URL(request.url).searchParams.get('query') ?? '';
      if (text) searched.push(text);
      return page(symbols.filter((item) => item.symbol.startsWith(text.toUpperCase())));
    }),
    http.get(`${API}/data/coverage`, ({ request }) => HttpResponse.json((new URL(request.url).searchParams.get('symbols') ?? '').split(',').map(coverage))),
    http.get(`${API}/data/symbols/:symbol`, ({ params }) => HttpResponse.json(facts({ symbol: String(params['symbol']) }))),
    http.get(`${API}/data/quality/:symbol`, ({ params }) => HttpResponse.json(report({ symbol: String(params['symbol']) }))),
    http.get(`${API}/data/repairs`, () => page(decided.length ? [] : [repair()])),
    http.post(`${API}/data/repairs/:id/:verdict`, async ({ params, request }) => {
      decided.push([params['id'], params['verdict'], await request.json()]);
      return HttpResponse.json({ id: params['id'], state: 'accepted' });
    }),
    http.get(`${API}/data/quarantine`, () => page(quarantined)),
    http.get(`${API}/data/fetches`, () => page([])),
    http.get(`${API}/data/ingestions`, () => page([ingestion()])),
  );
});

describe('what is stored', () => {
  test('a series shows its range, what is missing and what is in quarantine', async () => {
    renderPage(<DataPage />, { at: '/data' });
    const table = await screen.findByRole('table', { name: 'Stored series' });
    const row = within(table).getByRole('row', { name: /^IBM/ });
    await waitFor(() => expect(row).toHaveTextContent('2000-03-012013-03-013,270 of 1d23'));
    await expectAccessible(document.body);
  });

  test('a row in quarantine is shown in the order of a bar, whatever the order it is kept in', async () => {
    renderPage(<DataPage />, { at: '/data?symbol=AAPL' });
    const held = await screen.findByRole('table', { name: 'Rows of AAPL in quarantine' });
    expect(held).toHaveTextContent('symbol=AAPL date=2004-06-11 open=30.2 high=29.9 low=30.5 close=30.4 volume=120000');
  });

  test('of a symbol without days, its coarsest bars are shown', async () => {
    const live = { ...symbols.find((item) => item.symbol === 'IBM'), symbol: 'SPY', bar_sizes: ['1m', '1s'] };
    const sizes: (string | null)[] = [];
    server.use(
      http.get(`${API}/data/symbols`, () => page([live])),
      http.get(`${API}/data/coverage`, ({ request }) => {
        const size = new URL(request.url).searchParams.get('bar_size');
        sizes.push(size);
        return HttpResponse.json([{ ...coverage('SPY'), bar_size: size, bars: 390 }]);
      }),
    );
    renderPage(<DataPage />, { at: '/data' });
    expect(await screen.findByText('390 of 1m')).toBeInTheDocument();
    expect(sizes).toEqual(['1m']);
  });

  test('the search asks the server once the typing has stopped', async () => {
    renderPage(<DataPage />, { at: '/data' });
    await screen.findByRole('table', { name: 'Stored series' });
    await userEvent.type(screen.getByRole('searchbox', { name: 'Search symbols and names' }), 'ib');
    await waitFor(() => expect(within(screen.getByRole('table', { name: 'Stored series' })).getAllByRole('row')).toHaveLength(2));
    expect(searched.at(-1)).toBe('ib');
  });

  test('a chosen series goes into the address and drives the panels', async () => {
    renderPage(<DataPage />, { at: '/data' });
    await userEvent.click(await screen.findByRole('button', { name: /^MSFT/ }));
    expect(address()).toHaveTextContent('symbol=MSFT');
    expect(await screen.findByRole('table', { name: 'Missing bars of MSFT by year and month' })).toBeInTheDocument();
  });
});

describe('quality', () => {
  test('the picture says in words what its shades say', async () => {
    renderPage(<DataPage />, { at: '/data?symbol=AAPL' });
    const picture = await screen.findByRole('table', { name: /^Missing bars of AAPL/ });
    const year = within(picture).getByRole('row', { name: /^2008/ });
    expect(within(year).getByRole('cell', { name: 'none of 21 bars' })).toBeInTheDocument();
    expect(within(year).getByRole('cell', { name: '14 of 21 bars missing, 14 whole sessions' })).toBeInTheDocument();
    expect(within(picture).getAllByRole('row')[1]).toHaveTextContent(/^2013/);
  });

  test('nothing is said to be missing while it is not known what is stored', async () => {
    server.use(http.get(`${API}/data/symbols`, () => HttpResponse.json({ error: { code: 'internal', message: 'no database' } }, { status: 500 })));
    renderPage(<DataPage />, { at: '/data?symbol=AAPL' });
    expect(await screen.findByText('The stored series could not be loaded')).toBeInTheDocument();
    expect(screen.queryByText('No bar of AAPL is stored')).not.toBeInTheDocument();
  });

  test('without a symbol, the panels that need one say so', async () => {
    server.use(http.get(`${API}/data/symbols`, () => page([])));
    renderPage(<DataPage />, { at: '/data' });
    expect(await screen.findByText('No symbols are stored yet')).toBeInTheDocument();
    expect(screen.getAllByText('Choose a series')).toHaveLength(3);
  });

  test('stored bars are compared with the bars of a provider that a fetch kept', async () => {
    const asked: (string | null)[] = [];
    server.use(
      http.get(`${API}/data/quality/:symbol`, ({ params, request }) => {
        const against = new URL(request.url).searchParams.get('against');
        asked.push(against);
        const compared = against ? [{ source: 'alphavantage', bars: 105, differing: 3 }] : [];
        return HttpResponse.json(report({ symbol: String(params['symbol']), kept: { alphavantage: 105 }, compared }));
      }),
    );
    renderPage(<DataPage />, { at: '/data?symbol=AAPL' });
    await userEvent.selectOptions(await screen.findByLabelText('Compare with'), 'against Alpha Vantage');
    expect(await screen.findByText('Compared with Alpha Vantage: 3 of 105 bars have prices that are over 0.2% off.')).toBeInTheDocument();
    expect(address()).toHaveTextContent('against=alphavantage');
    expect(asked).toEqual([null, 'alphavantage']);
    await userEvent.click(screen.getByRole('button', { name: /^MSFT/ }));
    expect(address()).not.toHaveTextContent('against');
  });

  test('a provider of which nothing is kept is said, and another can be chosen', async () => {
    server.use(http.get(`${API}/data/quality/:symbol`, () => HttpResponse.json({ error: { code: 'not_found', message: 'no bar of 1d of iqfeed is kept for AAPL' } }, { status: 404 })));
    renderPage(<DataPage />, { at: '/data?symbol=AAPL&against=iqfeed' });
    expect(await screen.findByText('no bar of 1d of iqfeed is kept for AAPL')).toBeInTheDocument();
    await userEvent.selectOptions(screen.getByLabelText('Compare with'), 'Compare with…');
    expect(address()).not.toHaveTextContent('against');
  });

  test('findings come with severity, bars and the first one', async () => {
    renderPage(<DataPage />, { at: '/data?symbol=AAPL' });
    const table = await screen.findByRole('table', { name: 'Findings by code' });
    expect(within(table).getByRole('row', { name: /^Unit error Error 2/ })).toHaveTextContent('2011-05-11 to 2011-05-12');
  });
});

describe('repairs', () => {
  test('nothing is written before the second click, and the remark goes along', async () => {
    renderPage(<DataPage />, { at: '/data?symbol=AAPL', role: 'analyst' });
    await userEvent.click(await screen.findByRole('button', { name: 'Accept the repair of 2011-05-11' }));
    const dialog = await screen.findByRole('dialog', { name: 'Repair this bar?' });
    expect(within(dialog).getByRole('row', { name: /^close/ })).toHaveTextContent('close34,723.00347.23');
    expect(within(dialog).getByRole('row', { name: /^volume/ })).toHaveTextContent('unchanged');
    expect(decided).toEqual([]);
    await userEvent.type(within(dialog).getByLabelText(/^Remark/), 'pence');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Write the proposed bar' }));
    expect(await screen.findByText('No repair is proposed')).toBeInTheDocument();
    expect(decided).toEqual([[REPAIR_ID, 'accept', { remark: 'pence' }]]);
  });

  test('all are accepted together, after what is written was shown', async () => {
    const two = [repair(), repair({ id: 'second', time: '2011-05-12T00:00:00Z', proposed: { open: 34_902, high: 35_000, low: 34_463, volume: 17_142_900, close: 348.1 } })];
    server.use(
      http.get(`${API}/data/repairs`, () => page(decided.length ? [] : two)),
      http.post(`${API}/data/repairs/accept`, async ({ request }) => {
        decided.push(await request.json());
        return HttpResponse.json({ accepted: 2 });
      }),
    );
    renderPage(<DataPage />, { at: '/data?symbol=AAPL', role: 'analyst' });
    await userEvent.click(await screen.findByRole('button', { name: 'Accept all 2' }));
    const dialog = await screen.findByRole('dialog', { name: 'Accept every repair of AAPL?' });
    expect(await within(dialog).findByRole('row', { name: /^2011-05-12/ })).toHaveTextContent('close 34,723.00 → 348.10');
    expect(decided).toEqual([]);
    await expectAccessible(dialog);
    await userEvent.type(within(dialog).getByLabelText(/^Remark/), 'pence');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Write 2 repairs' }));
    expect(await screen.findByText('No repair is proposed')).toBeInTheDocument();
    expect(decided).toEqual([{ ids: [REPAIR_ID, 'second'], remark: 'pence' }]);
  });

  test('one repair alone needs no button for all', async () => {
    renderPage(<DataPage />, { at: '/data?symbol=AAPL', role: 'analyst' });
    await screen.findByRole('table', { name: 'Proposed repairs' });
    expect(screen.queryByRole('button', { name: /^Accept all/ })).not.toBeInTheDocument();
  });
});
