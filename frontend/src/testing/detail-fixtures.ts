/** What is known of a result beyond its links: made-up numbers in the shapes of openapi.json. */
import type { Details, Estimate, LinkDetail, LocalInformation, TargetDetail, Windows } from '../api/types.ts';
import { KNOWN_JOB, result, wave } from './fixtures.ts';

const DAY = 86_400_000;
const FIRST = Date.parse('2010-01-12T00:00:00Z');

function nullOf(observed: number): NonNullable<LinkDetail['null']> {
  const edges = Array.from({ length: 21 }, (_, bin) => bin * 0.0004);
  const counts = edges.slice(1).map((_, bin) => Math.round(40 * Math.exp(-(((bin - 5) / 4) ** 2))));
  return { kind: 'surrogates', edges, counts, observed, n: 200 };
}

export function linkDetail(source: string, target: string, change: Partial<LinkDetail> = {}): LinkDetail {
  return {
    source,
    target,
    lag_profile: [1, 2, 3, 4, 5].map((lag) => ({ lag_bars: lag, te_nats: lag === 1 ? 0.024 : 0.0011 * (6 - lag), p: lag === 1 ? 0.0005 : 0.2 + lag / 10 })),
    effective_lag: 1.3,
    lag_interval: { low: 1, high: 2 },
    linear_share: 0.92,
    linear_coefficient: 0.21,
    stability_time: 0.96,
    stability_assets: 0.7,
    needs: ['X4'],
    null: nullOf(0.024),
    ...change,
  };
}

export function targetDetail(target: string, change: Partial<TargetDetail> = {}): TargetDetail {
  return {
    target,
    own_lags: [1, 3],
    ais_nats: 0.031,
    ais_p: 0.002,
    te_nats: 0.024,
    omnibus_p: 0.0005,
    power: { detectable_te_nats: 0.0071, detectable_r2: 0.0141, power: 0.8, needed_p: 0.00011, method: 'noncentral F' },
    stability_runs: 50,
    ...change,
  };
}

export function details(change: Partial<Details> = {}): Details {
  const { symbols, links } = result();
  return { job_id: KNOWN_JOB, links: links.map((link) => linkDetail(link.source, link.target)), targets: symbols.map((symbol) => targetDetail(symbol)), ...change };
}

export function local(source: string, target: string, samples = 1390): LocalInformation {
  const te_nats = Array.from({ length: samples }, (_, index) => 0.024 + wave(index) * 0.03 + (index > samples / 2 ? 0.02 : 0));
  return {
    source,
    target,
    times: te_nats.map((_, index) => new Date(FIRST + index * DAY).toISOString()),
    te_nats,
    samples,
    mean_nats: te_nats.reduce((sum, value) => sum + value, 0) / samples,
    thinned: false,
  };
}

export function windows(): Windows {
  const { links } = result();
  const at = (days: number): string => new Date(FIRST + days * DAY).toISOString();
  return {
    window_bars: 500,
    windows: [0, 1, 2, 3].map((window) => ({
      start: at(window * 250),
      end: at(window * 250 + 499),
      links: links.filter((_, index) => (index + window) % 3 > 0).map((link) => ({ ...link, te_nats: link.te_nats * (1 + window / 4), q: window === 2 ? 0.4 : 0.01, significant: window !== 2 })),
      skipped: window === 3 ? ['X6'] : [],
    })),
  };
}

export function estimate(change: Partial<Estimate> = {}): Estimate {
  return {
    cpu_s: 81.5,
    wall_s: 42,
    spread: 1.2,
    aws_usd: 0.09,
    usd_per_vcpu_hour: 0.04048,
    workers: 2,
    measured_on: 'a processor, 2026-11-22',
    samples: 952,
    targets: 44,
    excluded: ['BHF'],
    tests: 1892,
    needed_p: 0.0000033,
    reachable_p: null,
    can_be_significant: true,
    detectable_te_nats: 0.0175,
    detectable_r2: 0.034,
    power: 0.8,
    ...change,
  };
}
