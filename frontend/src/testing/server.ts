import { setupServer } from 'msw/node';

/** The network of component tests: nothing answers unless the test says so. */
export const server = setupServer();
export const API = 'http://127.0.0.1:8080/v1';
