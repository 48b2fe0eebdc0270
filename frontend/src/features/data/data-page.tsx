import type { ReactNode } from 'react';
import { Page } from '@/components/page';
import './data.css';
import { FetchesPanel } from './fetches-panel';
import { IngestionsPanel } from './ingestions-panel';
import { InstrumentPanel } from './instrument-panel';
import { QualityPanel } from './quality-panel';
import { QuarantinePanel } from './quarantine-panel';
import { RepairsPanel } from './repairs-panel';
import { SymbolsPanel } from './symbols-panel';
import { useDataView } from './use-data-view';

/** What is stored, how good it is, and what could be mended. One symbol drives every panel. */
export default function DataPage(): ReactNode {
  const view = useDataView();
  return (
    <Page title="Data" lead="What is stored, what is missing, and what the checks found.">
      <SymbolsPanel selected={view.symbol} onSelect={view.select} />
      <InstrumentPanel symbol={view.symbol} />
      <FetchesPanel symbol={view.symbol} />
      <QualityPanel view={view} />
      <RepairsPanel view={view} />
      <QuarantinePanel symbol={view.symbol} />
      <IngestionsPanel />
    </Page>
  );
}
