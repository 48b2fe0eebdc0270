import { fireEvent, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { expectAccessible } from '@/testing/axe';
import { details, local, windows } from '@/testing/detail-fixtures';
import { EMPTY_JOB, emptyResult, link, result, spec } from '@/testing/fixtures';
import { renderPage } from '@/testing/render';
import { API, server } from '@/testing/server';
import { ResultView } from './result-view';

// The chart draws on a canvas, which jsdom has not; its label is what a reader without sight gets.
vi.mock('@/charting/lazy-charts', () => ({ LineChart: ({ label }: { label: string }) => <div role="img" aria-label={label} /> }));

beforeEach(() => {
  server.use(
    http.get(`${API}/analysis/jobs/:id/details`, ({ params }) => HttpResponse.json(details(params['id'] === EMPTY_JOB ? { links: [] } : {}))),
    http.get(`${API}/analysis/jobs/:id/local`, ({ request }) => {
      const query = new URL(request.url).searchParams;
      return HttpResponse.json(local(query.get('source') ?? '', query.get('target') ?? ''));
    }),
  );
});

const rows = (): string[] =>
  within(screen.getByRole('table', { name: 'Links' }))
    .getAllByRole('row')
    .slice(1)
    .map((row) => row.textContent);

describe('a result with links', () => {
  beforeEach(() => {
    renderPage(<ResultView result={result()} />, { at: '/analysis/x' });
  });

  test('lists the links at the level of the analysis, surest first', () => {
    expect(rows()).toHaveLength(5);
    expect(rows()[0]).toContain('X0X1');
    expect(screen.getByRole('group', { name: 'Network of 10 series with 5 links' })).toBeInTheDocument();
  });

  test('the slider lets weaker candidates in, and the address keeps it', () => {
    const slider = screen.getByRole('slider', { name: /^Show links with q/ });
    expect(slider).toHaveAttribute('aria-valuetext', 'q at most 0.05');
    fireEvent.change(slider, { target: { value: '7' } });
    expect(rows()).toHaveLength(6);
    expect(screen.getByLabelText('address')).toHaveTextContent('/analysis/x?q=0.2');
  });

  test('the other slider leaves only links that resamples found again', () => {
    fireEvent.change(screen.getByRole('slider', { name: /^Found again in at least/ }), { target: { value: '0.5' } });
    expect(rows()).toHaveLength(4);
    expect(screen.queryByRole('button', { name: 'X4: show the link to X0' })).not.toBeInTheDocument();
    expect(screen.getByLabelText('address')).toHaveTextContent('stable=0.50');
  });

  test('sorts by a column, and back', async () => {
    await userEvent.click(screen.getByRole('button', { name: /TE \(nats\)/ }));
    expect(rows()[0]).toContain('X4X0');
    await userEvent.click(screen.getByRole('button', { name: /TE \(nats\)/ }));
    expect(rows()[0]).toContain('X0X1');
    expect(screen.getByLabelText('address')).toHaveTextContent('sort=te_nats.desc');
  });

  test('stands beside the truth: found, missed, false', () => {
    const truth = screen.getByRole('region', { name: 'Beside the truth' });
    expect(truth).toHaveTextContent('4 found');
    expect(truth).toHaveTextContent('2 missed');
    expect(truth).toHaveTextContent('1 false');
    expect(truth).toHaveTextContent('Found: X3 → X2, true lag 4, found at 3 (true lag among the selected)');
    expect(truth).toHaveTextContent('Missed: X6 → X8, lag 2');
    expect(truth).toHaveTextContent('False: X4 → X0, lag 1');
  });

  test('a series is chosen by keyboard, and its links are told in words', async () => {
    screen.getByRole('button', { name: /^X0 drives X1 at lag 1, X4 at lag 2; is driven by X4 at lag 1/ }).focus();
    await userEvent.keyboard('{Enter}');
    expect(rows()).toHaveLength(3);
    expect(screen.getByLabelText('address')).toHaveTextContent('node=X0');
    await userEvent.keyboard(' ');
    expect(rows()).toHaveLength(5);
  });

  test('gives the Sharpe ratio with how uncertain it is', () => {
    expect(screen.getByText(/With 95 % confidence/)).toHaveTextContent('lies between -0.57 and 1.98');
    expect(screen.getByText('Not distinguishable from luck')).toBeInTheDocument();
    expect(screen.getByRole('img', { name: /^Growth of one unit out of sample: strategy \+18.74%/ })).toBeInTheDocument();
  });

  test('says where it came from', () => {
    const origin = screen.getByRole('region', { name: 'Where this came from' });
    expect(origin).toHaveTextContent('d1c0ffee');
    expect(origin).toHaveTextContent('0.1.0+6e69b9c');
  });
});

describe('a link from close by', () => {
  const open = async (): Promise<HTMLElement> => {
    const view = renderPage(<ResultView result={result()} />, { at: '/analysis/x' });
    screen.getByRole('button', { name: 'X0: show the link to X1' }).focus();
    await userEvent.keyboard('{Enter}');
    await screen.findByRole('img', { name: /^Information by lag/ });
    return view.container;
  };
  const panel = (): HTMLElement => screen.getByRole('region', { name: 'X0 drives X1' });

  test('shows lags, chance, trust and time, and the address keeps it', async () => {
    await open();
    expect(screen.getByRole('img', { name: /^Information by lag. lag 1: 0.0240 nats, p 5.0e-4; lag 2/ })).toBeInTheDocument();
    expect(within(panel()).getByRole('img', { name: /^200 surrogates without a link gave 0.0000 to 0.0080 nats .* observed 0.0240/ })).toBeInTheDocument();
    expect(within(panel()).getByRole('meter', { name: 'Found again in resamples of time' })).toHaveAttribute('aria-valuenow', '96');
    expect(panel()).toHaveTextContent('Strongest at 1 to 2 in 95 % of resamples');
    expect(panel()).toHaveTextContent('Found clearly less often without X4.');
    expect(await within(panel()).findByRole('img', { name: /^Local transfer entropy of X0 to X1 from 2010-01-12 to 2013-11-01, mean 0.0\d+ nats/ })).toBeInTheDocument();
    expect(screen.getByLabelText('address')).toHaveTextContent('source=X0&target=X1');
  });

  test('closes again', async () => {
    await open();
    await userEvent.click(within(panel()).getByRole('button', { name: 'Close' }));
    expect(screen.queryByRole('region', { name: 'X0 drives X1' })).not.toBeInTheDocument();
    expect(screen.getByLabelText('address')).not.toHaveTextContent('source');
  });

  test('is accessible', async () => {
    await expectAccessible(await open());
  });

  test('of an old analysis says that nothing more is stored', async () => {
    server.use(http.get(`${API}/analysis/jobs/:id/details`, () => HttpResponse.json(details({ links: [], targets: [] }))));
    renderPage(<ResultView result={result()} />, { at: '/analysis/x?source=X0&target=X1' });
    expect(await screen.findByText('Nothing more is stored about this link')).toBeVisible();
  });
});

test('a chosen series tells as a target what it knows of itself and what could not have been seen', async () => {
  renderPage(<ResultView result={result()} />, { at: '/analysis/x?node=X1' });
  const panel = await screen.findByRole('region', { name: 'X1 as a target' });
  await within(panel).findByText('Weakest visible link');
  expect(panel).toHaveTextContent('A link that adds 0.0071 nats (partial R² of 1.4%) would have been found with 80% probability');
});

describe('over time', () => {
  const rolling = result({ spec: { ...spec, inference: { ...spec.inference, window_bars: 500 } } });

  test('lists links by the number of windows in which they were significant', async () => {
    server.use(http.get(`${API}/analysis/jobs/:id/windows`, () => HttpResponse.json(windows())));
    renderPage(<ResultView result={rolling} />);
    const table = await screen.findByRole('table', { name: 'Links by window' });
    const [, first, ...others] = within(table).getAllByRole('row');
    expect(first).toHaveTextContent('X0 → X43significant');
    expect(others).toHaveLength(5);
    expect(within(table).getAllByText(/^found, not significant, lag/)).not.toHaveLength(0);
  });

  test('is not there without windows', () => {
    renderPage(<ResultView result={result()} />);
    expect(screen.queryByRole('region', { name: 'Over time' })).not.toBeInTheDocument();
  });
});

test('the whole result is accessible', async () => {
  const { container } = renderPage(<ResultView result={result()} />);
  await expectAccessible(container);
});

test('without a sign from the estimator none is made up', () => {
  renderPage(<ResultView result={result({ links: [link('X0', 'X1', { coefficient: null })], truth: null })} />);
  expect(rows()[0]).toContain('not given');
});

describe('a result without links', () => {
  beforeEach(() => {
    renderPage(<ResultView result={emptyResult} />);
  });

  test('tells it as a finding, with what was tested', () => {
    const page = screen.getByRole('region', { name: 'No significant link' });
    expect(page).toHaveTextContent('12 candidate links were tested');
    expect(page).toHaveTextContent('Why this is a finding');
    expect(page).toHaveTextContent('AAPL, MSFT, IBM, GOOG');
    expect(screen.queryByRole('region', { name: 'Out-of-sample evaluation' })).not.toBeInTheDocument();
  });

  test('says what could have been seen', async () => {
    expect(await screen.findByText(/would have been found with 80% probability/)).toHaveTextContent('That holds for the target where links are hardest to see.');
  });

  test('cannot be traded, and says why', () => {
    expect(screen.getByRole('button', { name: 'Preview the orders' })).toBeDisabled();
    expect(screen.getByText(/there is no significant link, so there is no signal/)).toBeVisible();
  });

  test('names what was left out, and the warnings', () => {
    expect(screen.getByRole('region', { name: 'Left out' })).toHaveTextContent('FBIts history starts on 2012-05-18');
    expect(screen.getByText(/2 sessions are missing in AAPL/)).toBeVisible();
  });
});

describe('trade this signal', () => {
  const planned = { symbol: 'X1', side: 'buy', quantity: '31', weight: 0.4, current_quantity: '0', reference_price: '128.4', notional: '3980.4' };

  test('shows the plan, then places it under the same name', async () => {
    const sent: { preview: boolean; capital: string; client_order_id_prefix: string }[] = [];
    server.use(
      http.post(`${API}/orders/signal`, async ({ request }) => {
        sent.push((await request.json()) as (typeof sent)[number]);
        return HttpResponse.json({ planned: [planned], skipped: { X2: 'no quote' }, orders: [] });
      }),
    );
    renderPage(<ResultView result={result()} />);
    await userEvent.click(screen.getByRole('button', { name: 'Preview the orders' }));
    expect(await screen.findByRole('table', { name: 'Planned orders' })).toHaveTextContent('$3,980.40');
    expect(screen.getByRole('list', { name: 'Skipped symbols' })).toHaveTextContent('X2 is skipped: no quote');
    await userEvent.click(screen.getByRole('button', { name: 'Place 1 order' }));
    await vi.waitFor(() => expect(sent).toHaveLength(2));
    expect(sent.map((body) => body.preview)).toEqual([true, false]);
    expect(sent[1]?.client_order_id_prefix).toBe(sent[0]?.client_order_id_prefix);
    expect(sent[0]?.client_order_id_prefix).toMatch(/^[A-Za-z0-9._-]{1,30}$/);
    await vi.waitFor(() => expect(screen.getByLabelText('address')).toHaveTextContent('/trading?status=all'));
  });

  test('a viewer is told which role it needs', () => {
    renderPage(<ResultView result={result()} />, { role: 'viewer' });
    expect(screen.getByText('Trading needs the role trader.')).toBeVisible();
  });
});
