import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { MemoryRouter, useLocation } from 'react-router';
import { session } from '@/api/session';
import type { Role } from '@/api/types';
import { me } from './fixtures';

function Address(): ReactNode {
  const { pathname, search } = useLocation();
  return <output aria-label="address">{pathname + search}</output>;
}

interface Options {
  readonly at?: string;
  readonly role?: Role;
}

/** Renders as a signed-in user at an address; the present address is readable as the output "address". */
export function renderPage(page: ReactNode, { at = '/', role = 'trader' }: Options = {}) {
  session.set({ status: 'signed-in', me: { ...me, user: { ...me.user, role } } });
  const cache = new QueryClient({ defaultOptions: { queries: { retry: false }, mutations: { retry: false } } });
  const view = render(
    <QueryClientProvider client={cache}>
      <MemoryRouter initialEntries={[at]}>
        {page}
        <Address />
      </MemoryRouter>
    </QueryClientProvider>,
  );
  return { ...view, cache };
}
