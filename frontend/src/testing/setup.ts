import '@testing-library/jest-dom/vitest';
import { cleanup } from '@testing-library/react';
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';
import { session } from '@/api/session';
import { server } from './server';

// A page that logs an error has one: every test fails on it.
let complaints: unknown[][] = [];

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));

beforeEach(() => {
  complaints = [];
  vi.spyOn(console, 'error').mockImplementation((...words) => complaints.push(words));
  session.set({ status: 'unknown' });
  localStorage.clear();
});

afterEach(() => {
  cleanup();
  server.resetHandlers();
  expect(complaints).toEqual([]);
});

afterAll(() => server.close());

// jsdom has no layout: what asks for it gets a plain answer.
window.matchMedia ??= (query: string) =>
  ({ matches: false, media: query, addEventListener: () => undefined, removeEventListener: () => undefined }) as unknown as MediaQueryList;
