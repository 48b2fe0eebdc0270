import type { ReactNode } from 'react';

interface SymbolSelectProps {
  readonly symbols: readonly { readonly symbol: string; readonly name: string }[];
  readonly value: string;
  readonly onChange: (symbol: string) => void;
  readonly id?: string;
  readonly label?: string;
  readonly disabled?: boolean;
}

export function SymbolSelect({ symbols, value, onChange, id, label, disabled }: SymbolSelectProps): ReactNode {
  const known = symbols.some((item) => item.symbol === value);
  return (
    <select id={id} className="input symbol-select" aria-label={label} value={value} disabled={disabled} onChange={(event) => onChange(event.target.value)}>
      {!known && <option value={value}>{value || 'Choose a symbol'}</option>}
      {symbols.map((item) => (
        <option key={item.symbol} value={item.symbol}>
          {item.name && item.name !== item.symbol ? `${item.symbol} · ${item.name}` : item.symbol}
        </option>
      ))}
    </select>
  );
}
