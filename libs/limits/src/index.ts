export { Guesses } from './guesses';
export { LimitsModule, type LimitsSettings } from './limits.module';
