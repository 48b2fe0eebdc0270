import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Job } from '@/api/types';
import { expectAccessible } from '@/testing/axe';
import { comparison } from '@/testing/comparison-fixture';
import { EMPTY_JOB, jobs, KNOWN_JOB } from '@/testing/fixtures';
import { renderPage } from '@/testing/render';
import { API, server } from '@/testing/server';
import ComparePage from './compare-page';

const BOTH = `/analysis/compare?a=${KNOWN_JOB}&b=${EMPTY_JOB}`;
const rows = (table: HTMLElement): string[] =>
  within(table)
    .getAllByRole('row')
    .slice(1)
    .map((row) => row.textContent);
const address = (): HTMLElement => screen.getByLabelText('address');

function serve(items: readonly Job[] = jobs): void {
  server.use(
    http.get(`${API}/analysis/jobs`, () => HttpResponse.json({ items, next_cursor: null })),
    http.get(`${API}/analysis/compare`, ({ request }) => {
      const query = new URL(request.url).searchParams;
      return query.get('a') === KNOWN_JOB ? HttpResponse.json(comparison()) : HttpResponse.json(comparison({ question: [], links: [], notes: [], b: comparison().a }));
    }),
  );
}

describe('choosing', () => {
  beforeEach(() => serve());

  test('only finished analyses can be chosen, none of them twice', async () => {
    renderPage(<ComparePage />, { at: '/analysis/compare' });
    const a = await screen.findByLabelText('Analysis A');
    expect(within(a).getAllByRole('option')).toHaveLength(3);
    expect(screen.getByText('Choose two analyses')).toBeInTheDocument();
    await userEvent.selectOptions(a, KNOWN_JOB);
    expect(within(screen.getByLabelText('Analysis B')).getByRole('option', { name: /^Known market/ })).toBeDisabled();
    await userEvent.selectOptions(screen.getByLabelText('Analysis B'), EMPTY_JOB);
    expect(await screen.findByRole('heading', { name: 'What is different' })).toBeInTheDocument();
    expect(address()).toHaveTextContent(BOTH);
  });

  test('swapping exchanges the sides in the address', async () => {
    renderPage(<ComparePage />, { at: BOTH });
    await userEvent.click(await screen.findByRole('button', { name: 'Swap A and B' }));
    expect(address()).toHaveTextContent(`a=${EMPTY_JOB}&b=${KNOWN_JOB}`);
    expect(await screen.findByText('Neither analysis kept a link')).toBeInTheDocument();
    expect(screen.getByText('Question, data and versions are the same.')).toBeInTheDocument();
  });

  test('an analysis older than the list stays chosen', async () => {
    renderPage(<ComparePage />, { at: `/analysis/compare?a=11111111-2222-4333-8444-555555555555&b=${EMPTY_JOB}` });
    expect(await screen.findByRole('option', { name: 'Analysis 11111111' })).toBeInTheDocument();
  });
});

test('with one finished analysis there is nothing to compare, and a way on', async () => {
  serve(jobs.slice(0, 2));
  renderPage(<ComparePage />, { at: '/analysis/compare' });
  expect(await screen.findByText('Two finished analyses are needed')).toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'New analysis' })).toHaveAttribute('href', '/analysis/new');
});

test('a comparison that fails says why and can be tried again', async () => {
  serve();
  let refused = true;
  server.use(
    http.get(`${API}/analysis/compare`, () =>
      refused ? HttpResponse.json({ error: { code: 'not_found', message: 'job x has no result yet', fields: [], details: {}, request_id: 'r1' } }, { status: 404 }) : HttpResponse.json(comparison()),
    ),
  );
  renderPage(<ComparePage />, { at: BOTH });
  expect(await screen.findByText('job x has no result yet')).toBeInTheDocument();
  refused = false;
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('table', { name: 'Links of both analyses' })).toBeInTheDocument();
});

describe('two analyses side by side', () => {
  beforeEach(async () => {
    serve();
    renderPage(<ComparePage />, { at: BOTH });
    await screen.findByRole('table', { name: 'Links of both analyses' });
  });

  test('says how far they agree, beside what chance would share', () => {
    const stats = screen.getByLabelText('Agreement');
    expect(stats).toHaveTextContent('Links in both3of 5 found in either, 72 asked');
    expect(stats).toHaveTextContent('60%Chance alone would share 0.2 links');
    expect(stats).toHaveTextContent('At the same lag2 of 3');
  });

  test('lists only what is different', () => {
    const shown = rows(screen.getByRole('table', { name: 'What is different' }));
    expect(shown).toEqual(['Series10 series; only here: X910 series; only here: Y1', 'Largest lag (bars)53', 'Random seed12', 'TransformNoneRank', 'Rolling window (bars)whole range250', 'Samples1,3901,392']);
  });

  test('sets the evaluations beside each other', () => {
    expect(rows(screen.getByRole('table', { name: 'Out of sample, after costs' }))[0]).toContain('0.71 (-0.57 to 1.98)0.43 (-0.84 to 1.70)');
  });

  test('gives both numbers of a link, or why there is none', () => {
    const shown = rows(screen.getByRole('table', { name: 'Links of both analyses' }));
    expect(shown).toHaveLength(6);
    expect(shown[0]).toContain('A 0.0240→B 0.0310');
    expect(screen.getByRole('img', { name: 'Strength: A 0.0240, B 0.0310 nats' })).toBeInTheDocument();
    expect(shown.find((text) => text.startsWith('X6X8'))).toContain('A not kept→B 0.0110');
    expect(shown.find((text) => text.startsWith('X8X9'))).toContain('B not asked');
  });

  test('filters the links, and the address keeps it', async () => {
    await userEvent.click(screen.getByRole('button', { name: 'Only A 1' }));
    expect(rows(screen.getByRole('table', { name: 'Links of both analyses' }))).toHaveLength(1);
    expect(address()).toHaveTextContent('show=a');
    expect(screen.getByRole('button', { name: 'Only A 1' })).toHaveAttribute('aria-pressed', 'true');
  });

  test('orders the links by a column', async () => {
    await userEvent.click(screen.getByRole('button', { name: /^TE/ }));
    await userEvent.click(screen.getByRole('button', { name: /^TE/ }));
    expect(rows(screen.getByRole('table', { name: 'Links of both analyses' }))[0]).toMatch(/^X0X1/);
    expect(address()).toHaveTextContent('sort=te.desc');
  });

  test('is accessible', () => expectAccessible(document.body));
});
