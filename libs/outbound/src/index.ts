export { type Failure, type FailureCode, type Measures, type Outcome, type Validators } from './outcome';
export { type Call, type Read, type Received } from './attempt';
export { Outbound } from './outbound';
export { OutboundModule } from './outbound.module';
export { OUTBOUND_DEFAULTS, type OutboundSettings } from './settings';
export { type Resolve } from './resolve';
