import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const api = process.env.CAUSEWAY_API ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  // The content security policy forbids inlined code and styles; data: URLs are allowed for images only.
  build: { target: 'es2023', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { host: '127.0.0.1', proxy: { '/v1': { target: api, ws: true } } },
  preview: { host: '127.0.0.1', proxy: { '/v1': { target: api, ws: true } } },
});
