import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { MemoryRouter, Route, Routes } from 'react-router';
import { beforeEach, describe, expect, test } from 'vitest';
import { session } from '@/api/session';
import { expectAccessible } from '@/testing/axe';
import { me } from '@/testing/fixtures';
import { API, server } from '@/testing/server';
import { LoginPage } from './login-page';
import { safeNext } from './safe-next';

function open(at = '/login') {
  return render(
    <MemoryRouter initialEntries={[at]}>
      <Routes>
        <Route path="/login" element={<LoginPage />} />
        <Route path="*" element={<p>Arrived</p>} />
      </Routes>
    </MemoryRouter>,
  );
}

async function send(): Promise<void> {
  await userEvent.type(screen.getByLabelText('E-mail address'), 'a@example.com');
  await userEvent.type(screen.getByLabelText('Password'), 'secret');
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
}

beforeEach(() => session.set({ status: 'signed-out', expired: false }));

describe('sign-in', () => {
  test('goes on to the intended page', async () => {
    server.use(http.post(`${API}/auth/login`, () => HttpResponse.json(me)));
    open('/login?next=%2Ftrading');
    await send();
    expect(await screen.findByText('Arrived')).toBeVisible();
  });

  test.each([401, 403, 404, 422])('a refusal (%i) has one wording', async (status) => {
    server.use(http.post(`${API}/auth/login`, () => HttpResponse.json({ error: { code: 'x', message: 'no such user' } }, { status })));
    open();
    await send();
    expect(await screen.findByRole('alert')).toHaveTextContent('The e-mail address or the password is wrong.');
    expect(screen.queryByText('no such user')).not.toBeInTheDocument();
  });

  test('a throttle is told as it is', async () => {
    server.use(http.post(`${API}/auth/login`, () => HttpResponse.json({ error: { code: 'too_many', message: 'Wait 30 s, then try again.' } }, { status: 429 })));
    open();
    await send();
    expect(await screen.findByRole('alert')).toHaveTextContent('Wait 30 s');
  });

  test('Caps Lock is pointed out', async () => {
    open();
    const event = new KeyboardEvent('keydown', { key: 'A', bubbles: true, modifierCapsLock: true });
    fireEvent(screen.getByLabelText('Password'), event);
    await waitFor(() => expect(screen.getByText('Caps Lock is on.')).toBeVisible());
  });

  test('password managers and assistive technology can read it', async () => {
    const { container } = open();
    expect(screen.getByLabelText('E-mail address')).toHaveAttribute('autocomplete', 'username');
    expect(screen.getByLabelText('Password')).toHaveAttribute('autocomplete', 'current-password');
    await expectAccessible(container);
  });
});

test.each([
  ['/analysis?q=0.1', '/analysis?q=0.1'],
  ['//evil.example/x', '/'],
  ['https://evil.example', '/'],
  ['/\\evil.example', '/'],
  ['javascript:alert(1)', '/'],
  ['/login?next=/login', '/'],
  [null, '/'],
])('after sign-in %o leads to %s', (next, expected) => expect(safeNext(next)).toBe(expected));
