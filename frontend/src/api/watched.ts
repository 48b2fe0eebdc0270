/** Changes of an ordered list of symbols, each of which stands in it once. */

export function added(names: readonly string[], symbol: string): readonly string[] {
  return names.includes(symbol) ? names : [...names, symbol];
}

/** One place up or down; what stands at an end stays there. */
export function moved(names: readonly string[], symbol: string, by: -1 | 1): readonly string[] {
  const at = names.indexOf(symbol);
  const to = at + by;
  if (at < 0 || to < 0 || to >= names.length) return names;
  return names.with(at, names[to] ?? symbol).with(to, symbol);
}
