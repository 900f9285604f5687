export { digestOf } from './digest';
export { seal, type Sealing, unseal } from './seal';
