import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { useSubmitJob } from '@/api/analysis';
import { coverageQuery } from '@/api/data';
import { ApiError, messageOf } from '@/api/errors';
import type { MarketSymbol } from '@/api/types';
import { Notice } from '@/components/badge';
import { Button } from '@/components/button';
import { Panel } from '@/components/panel';
import { Empty, QueryView } from '@/components/states';
import { CoveragePreview } from './coverage-preview';
import { EstimatePanel } from './estimate-panel';
import { InferenceFields } from './inference-fields';
import { type SpecDraft, type SpecErrors, suggestDates, toSubmit, validateDraft } from './spec-draft';
import { DateFields, MethodFields, NumberFields } from './spec-fields';
import { SymbolPicker } from './symbol-picker';

interface FormProps {
  readonly start: SpecDraft;
  readonly symbols: readonly MarketSymbol[];
  readonly mayRun: boolean;
}

/** The suggested dates hold until the user types one. */
function withDates(draft: SpecDraft, suggestion: ReturnType<typeof suggestDates>): SpecDraft {
  return {
    ...draft,
    start: draft.start || suggestion?.start || '',
    train_end: draft.train_end || suggestion?.train_end || '',
    end: draft.end || suggestion?.end || '',
  };
}

function served(error: unknown): SpecErrors {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries(error.fields.map((entry) => [entry.field.split('.').at(-1), entry.message]));
}

export function AnalysisForm({ start, symbols, mayRun }: FormProps): ReactNode {
  const [typed, setTyped] = useState(start);
  const [tried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const navigate = useNavigate();
  const submit = useSubmitJob();
  const coverage = useQuery(coverageQuery(typed.symbols, typed.bar_size));
  const suggestion = suggestDates(coverage.data ?? []);
  const draft = withDates(typed, suggestion);
  const errors: SpecErrors = { ...(tried ? validateDraft(draft) : {}), ...served(submit.error) };

  const edit = (change: Partial<SpecDraft>): void => {
    setTyped((old) => ({ ...old, ...change }));
    submit.reset();
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(validateDraft(draft)).length > 0) {
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"], .picker input')?.focus());
      return;
    }
    submit.mutate(toSubmit(draft), { onSuccess: (job) => void navigate(`/analysis/${job.id}`) });
  };
  return (
    <form ref={form} className="columns columns--wide-left" onSubmit={onSubmit} noValidate aria-label="New analysis">
      <div className="stack">
        <Panel title="Series">
          <SymbolPicker symbols={symbols} chosen={draft.symbols} barSize={draft.bar_size} error={errors.symbols} onChange={(next) => edit({ symbols: next })} />
        </Panel>
        <Panel title="Stored data">
          {draft.symbols.length === 0 ? (
            <Empty title="Nothing chosen yet">The stored range and its gaps are shown here before anything runs.</Empty>
          ) : (
            <QueryView query={coverage} what="The coverage">
              {(rows) => <CoveragePreview coverage={rows} draft={draft} short={suggestion?.short ?? []} />}
            </QueryView>
          )}
        </Panel>
      </div>
      <div className="stack">
        <Panel title="Question">
          <MethodFields draft={draft} errors={errors} edit={edit} />
        </Panel>
        <Panel title="Dates">
          <DateFields draft={draft} errors={errors} edit={edit} />
        </Panel>
        <Panel title="Settings">
          <NumberFields draft={draft} errors={errors} edit={edit} />
        </Panel>
        {submit.isError && <Notice tone="danger">{messageOf(submit.error)}</Notice>}
        <InferenceFields draft={draft} errors={errors} edit={edit} />
        <EstimatePanel draft={draft} mayRun={mayRun} />
        <Button type="submit" variant="primary" busy={submit.isPending} disabled={!mayRun}>
          Run the analysis
        </Button>
      </div>
    </form>
  );
}
