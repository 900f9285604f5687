export { BrokenRows, type BrokenRowsCode } from './broken-rows';
export { type RowFormat } from './content-types';
export { FirstLines } from './first-lines';
export { ROW_LIMITS } from './limits';
export { type Row, rowBatches, type RowOptions, type RowSource } from './row-batches';
