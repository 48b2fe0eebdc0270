/** Short names for the generated wire types. Shapes come from openapi.json only. */
import type { components } from './generated/schema';

type Schemas = components['schemas'];

export type Account = Schemas['Account'];
export type Alert = Schemas['Alert'];
export type AlertPage = Schemas['AlertPage'];
export type Bar = Schemas['Bar'];
export type CodeFound = Schemas['CodeFound'];
export type Correction = Schemas['Correction'];
export type Coverage = Schemas['Coverage'];
export type Details = Schemas['Details'];
export type ErrorBody = Schemas['ErrorBody'];
export type Estimate = Schemas['Estimate'];
export type Evaluation = Schemas['Evaluation'];
export type Exchange = Schemas['Exchange'];
export type Execution = Schemas['Execution'];
export type Fetch = Schemas['Fetch'];
export type FetchDetail = Schemas['FetchDetail'];
export type FetchRequest = Schemas['FetchRequest'];
export type FetchedSymbol = Schemas['FetchedSymbol'];
export type Ingestion = Schemas['Ingestion'];
export type InstrumentCorrected = Schemas['InstrumentCorrected'];
export type InstrumentFacts = Schemas['InstrumentFacts'];
export type Job = Schemas['Job'];
export type JobState = Job['state'];
export type Link = Schemas['Link'];
export type LinkDetail = Schemas['LinkDetail'];
export type LocalInformation = Schemas['LocalInformation'];
export type MissingRange = Schemas['MissingRange'];
export type MarketClock = Schemas['MarketClock'];
export type Me = Schemas['Me'];
export type Month = Schemas['Month'];
export type Order = Schemas['Order'];
export type OrderDetail = Schemas['OrderDetail'];
export type OrderEvent = Schemas['OrderEvent'];
export type OrderRequest = Schemas['OrderRequest'];
export type OrderStatus = Order['status'];
export type Position = Schemas['Position'];
export type Preview = Schemas['Preview'];
export type OrderLimits = Schemas['OrderLimits'];
export type QualityReport = Schemas['QualityReport'];
export type QuarantinedRow = Schemas['QuarantinedRow'];
export type Quote = Schemas['Quote'];
export type TradingStatus = Schemas['TradingStatus'];
export type FeedReport = Schemas['FeedReport'];
export type Repair = Schemas['Repair'];
export type Result = Schemas['Result'];
export type RiskCheck = Schemas['RiskCheck'];
export type Role = Me['user']['role'];
export type SeriesBars = Schemas['SeriesBars'];
export type SeriesCoverage = Schemas['SeriesCoverage'];
export type SignalOrders = Schemas['SignalOrders'];
export type Spec = Job['spec'];
export type SubmitRequest = Schemas['SubmitRequest'];
export type Summary = Schemas['Summary'];
export type MarketSymbol = Schemas['Symbol'];
export type TargetDetail = Schemas['TargetDetail'];
export type TradingNow = Schemas['TradingNow'];
export type TradingState = Schemas['TradingState'];
export type TradingStateName = TradingState['state'];
export type TruthLink = Schemas['TruthLink'];
export type Windows = Schemas['Windows'];

export interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor?: string | null;
}
