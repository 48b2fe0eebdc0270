/** The page to open after sign-in: only a path of this site, never another origin. */
export function safeNext(next: string | null): string {
  if (!next) return '/';
  try {
    const base = 'http://here.invalid';
    const target = new URL(next, base);
    const inside = target.origin === base && next.startsWith('/') && !target.pathname.startsWith('/login');
    return inside ? `${target.pathname}${target.search}` : '/';
  } catch {
    return '/';
  }
}
