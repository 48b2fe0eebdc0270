import type { ReactNode } from 'react';
import type { Comparison } from '@/api/comparison';
import { Notice } from '@/components/badge';
import { Stat, Stats } from '@/components/stat';
import { count, fixed, percent } from '@/lib/format';
import { EvaluationTable } from './evaluation-table';
import { PairsPanel } from './pairs-panel';
import { QuestionTable } from './question-table';

const DATA: Readonly<Record<Comparison['data'], readonly [string, string]>> = {
  same: ['The same', 'Equal data hashes'],
  changed: ['Changed', 'The same bars were asked for'],
  other: ['Other', 'The questions ask for other bars'],
};

function Notes({ notes }: { readonly notes: readonly string[] }): ReactNode {
  if (notes.length === 0) return null;
  return (
    <Notice>
      <ul className="stack stack--tight">
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </Notice>
  );
}

function Head({ overlap, data }: Comparison): ReactNode {
  const { found_a: a, found_b: b, shared, jaccard, same_lag: sameLag } = overlap;
  const [word, why] = DATA[data];
  return (
    <Stats label="Agreement">
      <Stat label="Links in both" detail={`of ${count(a + b - shared)} found in either, ${count(overlap.pairs)} asked`}>
        {count(shared)}
      </Stat>
      <Stat label="Overlap (Jaccard)" detail={jaccard === null ? 'Neither found a link' : `Chance alone would share ${fixed(overlap.expected_shared, 1)} links`}>
        {jaccard === null ? '–' : percent(jaccard, 0)}
      </Stat>
      <Stat label="Only A" detail={`of ${count(a)} found`}>
        {count(a - shared)}
      </Stat>
      <Stat label="Only B" detail={`of ${count(b)} found`}>
        {count(b - shared)}
      </Stat>
      <Stat label="At the same lag" detail={sameLag === null ? 'Bars of different width' : 'of the links in both'}>
        {sameLag === null ? '–' : `${sameLag} of ${shared}`}
      </Stat>
      <Stat label="Data" detail={why}>
        {word}
      </Stat>
    </Stats>
  );
}

/** How far two answers agree, what was different about them, and every link with both its numbers. */
export function ComparisonView({ comparison }: { readonly comparison: Comparison }): ReactNode {
  return (
    <>
      <Head {...comparison} />
      <Notes notes={comparison.notes} />
      <div className="compare-tables">
        <QuestionTable comparison={comparison} />
        <EvaluationTable comparison={comparison} />
      </div>
      <PairsPanel comparison={comparison} />
      <p className="small muted">
        A link that only one analysis found need not contradict the other: it may miss the level narrowly. Look at q on both sides, and at the candidates.
      </p>
    </>
  );
}
