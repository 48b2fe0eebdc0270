/** What a typed number must be. */
export interface NumberRule {
  readonly least: number;
  readonly most: number;
  readonly whole: boolean;
}

export function numberError(text: string, { least, most, whole }: NumberRule): string | undefined {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) return 'Enter a number.';
  if (whole && !Number.isInteger(value)) return 'Enter a whole number.';
  return value < least || value > most ? `Must lie between ${least} and ${most.toLocaleString('en-US')}.` : undefined;
}
