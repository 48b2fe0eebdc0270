/**
 * Takes pictures of every page at 360 and 1440 px in both themes, and fails on console errors, policy
 * violations, sideways scroll or axe findings. Needs a running server: BASE_URL, and Chromium: CHROMIUM.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium, type Page } from 'playwright-core';
import * as fx from '../src/testing/fixtures.ts';

const BASE = process.env['BASE_URL'] ?? 'http://127.0.0.1:8099';
const OUT = process.env['OUT'] ?? 'screenshots';
const ONLY = process.env['ONLY']?.split(',');
const PAGES: Record<string, string> = {
  login: '/login',
  dashboard: '/',
  analysis: '/analysis',
  new: '/analysis/new?symbols=AAPL,MSFT,IBM,GOOG',
  running: `/analysis/${fx.RUNNING_JOB}`,
  known: `/analysis/${fx.KNOWN_JOB}?node=X0`,
  empty: `/analysis/${fx.EMPTY_JOB}`,
  failed: `/analysis/${fx.FAILED_JOB}`,
  compare: `/analysis/compare?a=${fx.KNOWN_JOB}&b=${fx.EMPTY_JOB}`,
  chooseTwo: '/analysis/compare',
  data: '/data?symbol=AAPL',
  trading: '/trading?symbol=AAPL',
  halted: '/trading?symbol=IBM',
  drawer: `/trading?symbol=AAPL&order=${fx.ORDER_ID}c`,
  portfolio: '/portfolio',
  alerts: '/alerts',
};
const problems: string[] = [];
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

async function check(page: Page, name: string): Promise<void> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) problems.push(`${name}: scrolls sideways by ${wide} px`);
  await page.evaluate(axe);
  const findings = (await page.evaluate('axe.run().then((report) => report.violations)')) as Finding[];
  for (const finding of findings) {
    problems.push(`${name}: axe ${finding.id}: ${finding.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} | ${node.failureSummary.slice(0, 200)}`).join('\n    ')}`);
  }
}

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
await mkdir(OUT, { recursive: true });
for (const theme of ['dark', 'light'] as const) {
  for (const width of [360, 1440]) {
    const context = await browser.newContext({ viewport: { width, height: width === 360 ? 740 : 900 }, colorScheme: theme, reducedMotion: 'reduce' });
    for (const [name, path] of Object.entries(PAGES)) {
      if (ONLY && !ONLY.includes(name)) continue;
      const page = await context.newPage();
      const label = `${name}-${width}-${theme}`;
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(`${label}: console: ${message.text()}`);
      });
      page.on('pageerror', (error) => problems.push(`${label}: ${error.message}`));
      if (name !== 'login') await page.addInitScript(() => localStorage.setItem('causeway.signed-in', '1'));
      await page.goto(BASE + path);
      await page.waitForTimeout(1500);
      await page.screenshot({ path: `${OUT}/${label}.png`, fullPage: name !== 'drawer' });
      await check(page, label);
      await page.close();
    }
    await context.close();
  }
}
await browser.close();
console.log(problems.length ? problems.join('\n') : 'no problems found');
process.exitCode = problems.length ? 1 : 0;
