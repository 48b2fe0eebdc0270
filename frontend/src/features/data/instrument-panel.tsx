import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { instrumentQuery } from '@/api/instruments';
import { atLeast, useRole } from '@/api/session';
import type { InstrumentFacts } from '@/api/types';
import { Badge } from '@/components/badge';
import { Button } from '@/components/button';
import { Panel } from '@/components/panel';
import { Failure, Loading } from '@/components/states';
import { Stat, Stats } from '@/components/stat';
import { InstrumentForm } from './instrument-form';

function Facts({ facts }: { readonly facts: InstrumentFacts }): ReactNode {
  return (
    <Stats label={`What is known of ${facts.symbol}`}>
      <Stat label="Name">{facts.name || '–'}</Stat>
      <Stat label="Kind">{facts.asset_class}</Stat>
      <Stat label="Currency">{facts.currency}</Stat>
      <Stat label="Exchange">{facts.exchange || <Badge tone="warn">not known</Badge>}</Stat>
      <Stat label="Sessions of" detail={facts.time_zone}>{facts.calendar}</Stat>
    </Stats>
  );
}

/** What a symbol is, where it trades and in which currency; an analyst corrects it. */
export function InstrumentPanel({ symbol }: { readonly symbol: string }): ReactNode {
  const [editing, setEditing] = useState('');
  const mayEdit = atLeast(useRole(), 'analyst');
  const query = useQuery({ ...instrumentQuery(symbol), enabled: symbol !== '' });
  if (!symbol) return null;
  const open = editing === symbol;
  return (
    <Panel title={`About ${symbol}`} actions={mayEdit && query.data && !open && <Button onClick={() => setEditing(symbol)}>Correct</Button>}>
      {query.isPending && <Loading lines={2} label="Loading what is known" />}
      {query.isError && !query.data && <Failure what="What is known of the symbol" error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && !open && <Facts facts={query.data} />}
      {query.data && open && <InstrumentForm key={`${symbol}-${query.data.revision}`} facts={query.data} onDone={() => setEditing('')} />}
    </Panel>
  );
}
