/** What each option of inference is for, in one line, and when it matters. */
import type { Spec } from '@/api/types';
import type { InferenceDraft } from './inference-draft';

type Estimator = Spec['estimator'];
type Name = Exclude<keyof InferenceDraft, 'condition_on'>;

export interface OptionText {
  readonly name: Name;
  readonly label: string;
  readonly hint: string;
  /** Choices as value and label; without them a number is typed. */
  readonly choices?: readonly (readonly [string, string])[];
  readonly only?: readonly Estimator[];
}

export interface OptionGroup {
  readonly title: string;
  readonly options: readonly OptionText[];
}

const SAMPLED: readonly Estimator[] = ['ksg', 'discrete', 'ordinal'];
const EXACT: readonly Estimator[] = ['gaussian', 'copula'];

export const GROUPS: readonly OptionGroup[] = [
  {
    title: 'Estimation',
    options: [
      { name: 'transform', label: 'Transform', hint: 'Ranks as normal scores keep heavy tails from deciding. Default: none.', choices: [['none', 'None'], ['rank', 'Ranks']] },
      { name: 'k', label: 'Neighbours', hint: 'More is steadier and less local. Default 4.', only: ['ksg'] },
      { name: 'ksg_algorithm', label: 'Algorithm', hint: 'Of Kraskov et al. 2004. Default 1.', choices: [['1', '1'], ['2', '2']], only: ['ksg'] },
      { name: 'theiler_bars', label: 'Theiler window (bars)', hint: 'Bars so near in time are no neighbours. Default 0.', only: ['ksg'] },
      { name: 'n_bins', label: 'Bins', hint: 'Of equal counts. Default 3.', only: ['discrete'] },
      { name: 'ordinal_order', label: 'Bars per pattern', hint: 'Order patterns of so many bars. Default 3.', only: ['ordinal'] },
    ],
  },
  {
    title: 'Search',
    options: [
      {
        name: 'mode',
        label: 'Given what',
        hint: 'Multivariate asks what a source adds to all drivers found so far. Default: multivariate transfer entropy.',
        choices: [
          ['multivariate-te', 'Multivariate transfer entropy'],
          ['bivariate-te', 'Bivariate: each source alone'],
          ['multivariate-mi', 'Multivariate, own past left out'],
          ['bivariate-mi', 'Bivariate, own past left out'],
        ],
      },
      { name: 'missing', label: 'Missing bars', hint: 'Drop keeps the bars that all series have. Default: drop.', choices: [['drop', 'Drop'], ['mask', 'Mask']] },
    ],
  },
  {
    title: 'Against chance',
    options: [
      {
        name: 'surrogates',
        label: 'Surrogates',
        hint: 'How timing is broken. Automatic: among like volatility for returns, which panic together; else blocks. Default: automatic.',
        choices: [['auto', 'Automatic'], ['block', 'Blocks'], ['permutation', 'Single bars'], ['circular', 'Circular shifts'], ['local', 'Among like conditions'], ['volatility', 'Among like volatility']],
        only: SAMPLED,
      },
      { name: 'block_bars', label: 'Block length (bars)', hint: 'Empty: the larger of 10 and twice the largest lag. 0: from the data.', only: SAMPLED },
      { name: 'tail', label: 'p beyond the surrogates', hint: 'Fitted to the largest, or never below one over the draws. Default: fitted.', choices: [['fitted', 'Fitted'], ['counted', 'Counted']], only: SAMPLED },
      { name: 'autocorrelation', label: 'Autocorrelated residuals', hint: 'Count fewer rows where residuals are autocorrelated. Default: yes.', choices: [['bartlett', 'Count fewer rows'], ['none', 'Ignore']], only: EXACT },
      { name: 'correction', label: 'Correction', hint: 'BY holds under any dependence, BH under positive dependence. Default: BY.', choices: [['by', 'Benjamini–Yekutieli'], ['bh', 'Benjamini–Hochberg']] },
      { name: 'correct_over', label: 'Corrected over', hint: 'Over targets a link has the q of its target. Default: links.', choices: [['links', 'All candidate links'], ['targets', 'Targets']] },
    ],
  },
  {
    title: 'Trust',
    options: [
      { name: 'stability_runs', label: 'Resamples', hint: 'Of time, and as many of the series. Empty: 50 where nulls are exact, else none.' },
      { name: 'window_bars', label: 'Rolling window (bars)', hint: 'Repeats the search on windows. Empty: the whole range only.' },
      { name: 'step_bars', label: 'Step between windows', hint: 'In bars. Empty: half a window.' },
    ],
  },
  {
    title: 'Engine',
    options: [
      { name: 'engine', label: 'Engine', hint: 'IDTxl must be installed where jobs run; its own estimators also need Java. Default: Causeway.', choices: [['causeway', 'Causeway'], ['idtxl', 'IDTxl, with our estimators'], ['idtxl-jidt', 'IDTxl, with its own (Java)']] },
      { name: 'compat', label: 'Decisions', hint: 'As IDTxl decides, defects included; for comparison with published results. Default: Causeway.', choices: [['', 'Causeway'], ['idtxl', 'As IDTxl']] },
    ],
  },
];

/** The options that matter for an estimator, without empty groups. */
export function groupsFor(estimator: Estimator): OptionGroup[] {
  return GROUPS.map((group) => ({ ...group, options: group.options.filter(({ only }) => !only || only.includes(estimator)) })).filter(({ options }) => options.length > 0);
}
