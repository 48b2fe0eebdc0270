import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, test } from 'vitest';
import type { SubmitRequest } from '@/api/types';
import { expectAccessible } from '@/testing/axe';
import { estimate } from '@/testing/detail-fixtures';
import { coverage, job, spec, symbols } from '@/testing/fixtures';
import { renderPage } from '@/testing/render';
import { API, server } from '@/testing/server';
import { AnalysisForm } from './analysis-form';
import { fromSpec, NEW_DRAFT } from './spec-draft';

const asked: SubmitRequest['spec'][] = [];
const submitted: SubmitRequest[] = [];

function open(role: 'analyst' | 'viewer' = 'analyst') {
  return renderPage(<AnalysisForm start={fromSpec('a copy', spec)} symbols={symbols} mayRun={role === 'analyst'} />, { role });
}

beforeEach(() => {
  asked.length = 0;
  submitted.length = 0;
  server.use(
    http.get(`${API}/data/coverage`, () => HttpResponse.json(spec.symbols.map(coverage))),
    http.post(`${API}/analysis/estimate`, async ({ request }) => {
      const body = (await request.json()) as { spec: SubmitRequest['spec'] };
      asked.push(body.spec);
      return HttpResponse.json(estimate());
    }),
    http.post(`${API}/analysis/jobs`, async ({ request }) => {
      submitted.push((await request.json()) as SubmitRequest);
      return HttpResponse.json(job(), { status: 202 });
    }),
  );
});

describe('before it runs', () => {
  test('time, money, tests and the weakest visible link are shown', async () => {
    open();
    const panel = await screen.findByRole('region', { name: 'Before it runs' });
    expect(await within(panel).findByText('about 42 s')).toBeVisible();
    expect(panel).toHaveTextContent('$0.09');
    expect(panel).toHaveTextContent('1,892');
    expect(panel).toHaveTextContent('a lone link needs p ≤ 3.3e-6');
    expect(panel).toHaveTextContent('Left out for a short history: BHF.');
    expect(asked).toEqual([spec]);
  });

  test('the power of a linear test is not promised of another estimator', async () => {
    open();
    const panel = await screen.findByRole('region', { name: 'Before it runs' });
    await within(panel).findByText('about 42 s');
    expect(panel).not.toHaveTextContent('this one needs a stronger link');
    fireEvent.change(screen.getByLabelText('Estimator'), { target: { value: 'ksg' } });
    expect(await within(panel).findByText(/by the Gaussian estimator, this one needs a stronger link/)).toBeVisible();
  });

  test('a question that cannot be significant is warned of', async () => {
    server.use(http.post(`${API}/analysis/estimate`, () => HttpResponse.json(estimate({ can_be_significant: false, reachable_p: 5e-5 }))));
    open();
    expect(await screen.findByText(/No lone link can be significant: surrogates cannot give a p below 5.0e-5/)).toBeVisible();
  });

  test('what was typed quickly is estimated once, and what is wrong not at all', async () => {
    open();
    await waitFor(() => expect(asked).toHaveLength(1));
    const lag = screen.getByLabelText('Largest lag (bars)');
    fireEvent.change(lag, { target: { value: '1' } });
    fireEvent.change(lag, { target: { value: '12' } });
    await waitFor(() => expect(asked).toHaveLength(2));
    expect(asked[1]?.max_lag).toBe(12);
    fireEvent.change(lag, { target: { value: '-1' } });
    expect(await screen.findByText(/shown here once the question is complete/)).toBeVisible();
    expect(asked).toHaveLength(2);
  });

  test('an empty form says what is missing', async () => {
    renderPage(<AnalysisForm start={NEW_DRAFT} symbols={symbols} mayRun />, { role: 'analyst' });
    expect(await screen.findByText(/shown here once the question is complete/)).toBeVisible();
    expect(asked).toEqual([]);
  });

  test('whoever may not run it is told so', async () => {
    open('viewer');
    expect(await screen.findByText('The estimate needs the role analyst.')).toBeVisible();
    expect(asked).toEqual([]);
  });
});

describe('advanced options', () => {
  test('are those of the estimator, and reach the question', async () => {
    open();
    expect(screen.queryByLabelText('Neighbours')).not.toBeInTheDocument();
    fireEvent.change(screen.getByLabelText('Estimator'), { target: { value: 'ksg' } });
    fireEvent.change(screen.getByLabelText('Neighbours'), { target: { value: '9' } });
    fireEvent.change(screen.getByLabelText('Rolling window (bars)'), { target: { value: '300' } });
    fireEvent.change(screen.getByLabelText('Condition on'), { target: { value: 'x3, @MEAN' } });
    fireEvent.blur(screen.getByLabelText('Condition on'));
    expect(screen.getByText(/changes from the defaults/)).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Run the analysis' }));
    await waitFor(() => expect(submitted).toHaveLength(1));
    expect(submitted[0]?.spec).toEqual({ ...spec, estimator: 'ksg', inference: { ...spec.inference, k: 9, window_bars: 300, condition_on: ['X3', '@mean'] } });
  });

  test('that are wrong are opened and told', async () => {
    open();
    fireEvent.change(screen.getByLabelText('Condition on'), { target: { value: 'SPY' } });
    fireEvent.blur(screen.getByLabelText('Condition on'));
    fireEvent.change(screen.getByLabelText('Step between windows'), { target: { value: '5' } });
    await userEvent.click(screen.getByRole('button', { name: 'Run the analysis' }));
    expect(await screen.findByText('Name series of this analysis, @mean or @pc1; found SPY.')).toBeVisible();
    expect(screen.getByText('Has no meaning without windows.')).toBeVisible();
    expect(submitted).toEqual([]);
  });
});

test('the form is accessible', async () => {
  const { container } = open();
  await screen.findByText('about 42 s');
  await expectAccessible(container);
});
