import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { beforeEach, expect, test } from 'vitest';
import type { Role } from '@/api/types';
import { expectAccessible } from '@/testing/axe';
import { exchanges, facts } from '@/testing/quality-fixtures';
import { renderPage } from '@/testing/render';
import { API, server } from '@/testing/server';
import { InstrumentPanel } from './instrument-panel';

let sent: unknown[] = [];

beforeEach(() => {
  sent = [];
  server.use(
    http.get(`${API}/data/symbols/:symbol`, () => HttpResponse.json(sent.length ? facts({ exchange: 'XLON', calendar: 'XLON', currency: 'GBP', revision: 2 }) : facts())),
    http.get(`${API}/data/exchanges`, () => HttpResponse.json(exchanges)),
    http.patch(`${API}/data/symbols/:symbol`, async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({ facts: facts({ exchange: 'XLON', currency: 'GBP', revision: 2 }), changes: [], consequences: ['none was converted'] });
    }),
  );
});

const open = async (role: Role = 'analyst'): Promise<void> => {
  renderPage(<InstrumentPanel symbol="AAPL" />, { role });
  await screen.findByText('Sessions of');
};

test('what is known is shown, and an exchange that is not known is marked', async () => {
  await open();
  expect(screen.getByLabelText('What is known of AAPL')).toHaveTextContent('NameAppleKindequityCurrencyUSDExchangenot knownSessions ofXNYS');
  await expectAccessible(document.body);
});

test('only what was edited is sent, with the revision that was read', async () => {
  await open();
  await userEvent.click(screen.getByRole('button', { name: 'Correct' }));
  const form = within(screen.getByRole('form', { name: 'Facts of AAPL' }));
  expect(form.getByRole('button', { name: 'Save the correction' })).toBeDisabled();
  await form.findByRole('option', { name: 'XNAS (sessions of XNYS)' });
  await userEvent.selectOptions(form.getByLabelText('Exchange'), 'XLON');
  await userEvent.clear(form.getByLabelText('Currency'));
  await userEvent.type(form.getByLabelText('Currency'), 'GBP');
  expect(form.getByText(/not converted: they are read as GBP/)).toBeVisible();
  await expectAccessible(document.body);
  await userEvent.click(form.getByRole('button', { name: 'Save the correction' }));
  await waitFor(() => expect(screen.getByLabelText('What is known of AAPL')).toHaveTextContent('CurrencyGBPExchangeXLON'));
  expect(sent).toEqual([{ revision: 1, exchange: 'XLON', currency: 'GBP' }]);
});

test('the correction of somebody else is said, and what was typed stays', async () => {
  server.use(http.patch(`${API}/data/symbols/:symbol`, () => HttpResponse.json({ error: { code: 'conflict', message: 'AAPL was corrected by somebody else', fields: [], request_id: 'r' } }, { status: 409 })));
  await open();
  await userEvent.click(screen.getByRole('button', { name: 'Correct' }));
  await userEvent.type(screen.getByLabelText('Name'), ' Inc.');
  await userEvent.click(screen.getByRole('button', { name: 'Save the correction' }));
  expect(await screen.findByText('AAPL was corrected by somebody else')).toBeVisible();
  expect(screen.getByLabelText('Name')).toHaveValue('Apple Inc.');
});

test('a wrong value is said at its field', async () => {
  server.use(http.patch(`${API}/data/symbols/:symbol`, () => HttpResponse.json({ error: { code: 'invalid_input', message: 'GBX is a part of GBP', fields: [{ field: 'currency', message: 'GBX is a part of GBP' }], request_id: 'r' } }, { status: 422 })));
  await open();
  await userEvent.click(screen.getByRole('button', { name: 'Correct' }));
  await userEvent.type(screen.getByLabelText('Currency'), 'X');
  await userEvent.click(screen.getByRole('button', { name: 'Save the correction' }));
  await waitFor(() => expect(screen.getByLabelText('Currency')).toHaveAccessibleDescription(/GBX is a part of GBP/));
});

test('a viewer looks and corrects nothing', async () => {
  await open('viewer');
  expect(screen.queryByRole('button', { name: 'Correct' })).toBeNull();
});
