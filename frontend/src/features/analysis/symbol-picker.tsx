import { type ReactNode, useId, useState } from 'react';
import type { MarketSymbol } from '@/api/types';
import { Button } from '@/components/button';

interface PickerProps {
  readonly symbols: readonly MarketSymbol[];
  readonly chosen: readonly string[];
  readonly barSize: string;
  readonly error: string | undefined;
  readonly onChange: (symbols: string[]) => void;
}

/** Check boxes with a filter; the groups of the market can be chosen at once. */
export function SymbolPicker({ symbols, chosen, barSize, error, onChange }: PickerProps): ReactNode {
  const [text, setText] = useState('');
  const id = useId();
  const usable = symbols.filter((item) => item.bar_sizes.length === 0 || item.bar_sizes.includes(barSize));
  const wanted = text.trim().toLowerCase();
  const shown = usable.filter((item) => `${item.symbol} ${item.name}`.toLowerCase().includes(wanted));
  const groups = [...new Set(usable.map((item) => item.asset_class))];
  const picked = new Set(chosen);

  const toggle = (symbol: string): void => onChange(picked.has(symbol) ? chosen.filter((item) => item !== symbol) : [...chosen, symbol]);
  return (
    <fieldset className="choice-set field" aria-describedby={error ? `${id}-error` : undefined}>
      <legend className="field__label">{chosen.length} chosen</legend>
      <div className="row">
        <input className="input picker__filter" type="search" aria-label="Filter the series" placeholder="Filter" value={text} onChange={(event) => setText(event.target.value)} />
        {groups.map((group) => (
          <Button key={group} onClick={() => onChange(usable.filter((item) => item.asset_class === group).map((item) => item.symbol))}>
            All {group}
          </Button>
        ))}
        <Button variant="quiet" disabled={chosen.length === 0} onClick={() => onChange([])}>
          Clear
        </Button>
      </div>
      {error && (
        <p className="field__error" id={`${id}-error`}>
          {error}
        </p>
      )}
      <ul className="picker" tabIndex={-1}>
        {shown.map((item) => (
          <li key={item.symbol}>
            <label className="check picker__item">
              <input type="checkbox" checked={picked.has(item.symbol)} onChange={() => toggle(item.symbol)} />
              <span className="picker__text">
                <strong>{item.symbol}</strong> <span className="muted small">{item.name}</span>
              </span>
            </label>
          </li>
        ))}
        {shown.length === 0 && <li className="muted">No series with {barSize} bars has that name.</li>}
      </ul>
    </fieldset>
  );
}
