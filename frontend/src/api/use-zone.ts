import { useQuery } from '@tanstack/react-query';
import { type Zone, zoneOf } from '@/lib/format-time';
import { usePreferences } from '@/lib/preferences';
import { symbolsQuery } from './data';

/** In which zone the times of a symbol are shown. Symbols are looked up only where the user chose their exchanges' zones. */
export function useZoneOf(): (symbol: string) => Zone {
  const { zone } = usePreferences();
  const symbols = useQuery({ ...symbolsQuery, enabled: zone === 'exchange' }).data;
  return (symbol) => zoneOf(zone, symbols?.find((item) => item.symbol === symbol)?.time_zone);
}

export function useSymbolZone(symbol: string): Zone {
  return useZoneOf()(symbol);
}

/** The zone of times that belong to no symbol: under the exchanges' zones they are in UTC. */
export function useZone(): Zone {
  return zoneOf(usePreferences().zone);
}
