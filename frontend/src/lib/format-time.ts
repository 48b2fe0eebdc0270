/** Text of instants in a zone. Daily bars are dates: they never shift with the zone. */

export type ZoneChoice = 'utc' | 'exchange' | 'local';

/** IANA name, such as Europe/London. */
export type Zone = string;

/** The zone that a choice means; `exchange` is that of the symbol, UTC for what belongs to none. */
export function zoneOf(choice: ZoneChoice, exchange: Zone = 'UTC'): Zone {
  if (choice === 'utc') return 'UTC';
  return choice === 'exchange' ? exchange : Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** "EST" in winter, "GMT+9" where English has no short name. */
export function zoneAt(iso: string, zone: Zone): string {
  const shape = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'short' });
  return shape.formatToParts(new Date(iso)).find((part) => part.type === 'timeZoneName')?.value ?? zone;
}

function parts(iso: string, zone: Zone): Record<string, string> {
  const shape = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  return Object.fromEntries(shape.formatToParts(new Date(iso)).map((part) => [part.type, part.value]));
}

/** "2018-02-07 14:30:00 UTC". */
export function dateTime(iso: string | null | undefined, zone: Zone): string {
  if (!iso) return '–';
  const p = parts(iso, zone);
  return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}:${p.second} ${zoneAt(iso, zone)}`;
}

/** "14:30:00". */
export function clockTime(iso: string | null | undefined, zone: Zone): string {
  if (!iso) return '–';
  const p = parts(iso, zone);
  return `${p.hour}:${p.minute}:${p.second}`;
}

/** "14:30:00 UTC", beside times of other zones. */
export function clockInZone(iso: string, zone: Zone): string {
  return `${clockTime(iso, zone)} ${zoneAt(iso, zone)}`;
}

/** The UTC date of an instant, "2018-02-07". */
export function isoDate(iso: string | null | undefined): string {
  return iso ? iso.slice(0, 10) : '–';
}

/** Midnight UTC of a date typed by the user. */
export function startOfDay(date: string): string {
  return `${date}T00:00:00Z`;
}

/** "3 s ago", for the age of data. */
export function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h`;
}

const DAY_MS = 86_400_000;

/** The instant at which a date is over: a day that the user names is included whole. */
export function endOfDay(date: string): string {
  return new Date(Date.parse(startOfDay(date)) + DAY_MS).toISOString().replace('.000', '');
}

/** The last date before an instant: the inverse of endOfDay. */
export function lastDay(iso: string): string {
  return new Date(Date.parse(iso) - 1).toISOString().slice(0, 10);
}
