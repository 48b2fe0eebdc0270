import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import { jobQuery } from '@/api/analysis';
import { symbolsQuery } from '@/api/data';
import { atLeast, useRole } from '@/api/session';
import { Notice } from '@/components/badge';
import { Page } from '@/components/page';
import { Empty, Failure, Loading, QueryView } from '@/components/states';
import './analysis.css';
import { AnalysisForm } from './analysis-form';
import { fromSpec, NEW_DRAFT, type SpecDraft } from './spec-draft';

/** Where the form starts: empty, from the symbols in the URL, or as a copy of an earlier analysis. */
function useStart(): { draft: SpecDraft | null; error: unknown; retry: () => void } {
  const [query] = useSearchParams();
  const from = query.get('from');
  const job = useQuery({ ...jobQuery(from ?? ''), enabled: from !== null });
  const retry = (): void => void job.refetch();
  if (from === null) {
    const symbols = query.get('symbols')?.split(',').filter(Boolean) ?? [];
    return { draft: { ...NEW_DRAFT, symbols }, error: null, retry };
  }
  return { draft: job.data ? fromSpec(job.data.name, job.data.spec) : null, error: job.error, retry };
}

export default function NewAnalysisPage(): ReactNode {
  const symbols = useQuery(symbolsQuery);
  const mayRun = atLeast(useRole(), 'analyst');
  const { draft, error, retry } = useStart();
  return (
    <Page title="New analysis" lead="Which of these series drive which, and is the signal worth trading?">
      {!mayRun && <Notice>Running an analysis needs the role analyst.</Notice>}
      {error ? <Failure what="The analysis to copy" error={error} onRetry={retry} /> : null}
      {!draft && !error && <Loading lines={8} />}
      {draft && (
        <QueryView query={symbols} what="Series" lines={8}>
          {(list) =>
            list.length === 0 ? (
              <Empty title="No market data is stored yet">
                Load a file with <code>causeway ingest FILE</code>, then come back.
              </Empty>
            ) : (
              <AnalysisForm start={draft} symbols={list} mayRun={mayRun} />
            )
          }
        </QueryView>
      )}
    </Page>
  );
}
