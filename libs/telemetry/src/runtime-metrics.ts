// Metrics of the operating system's process and of Node: event loop, garbage, heap, memory, CPU, handles.
import { totalmem } from 'node:os';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { metricOf } from './readings';

let registry: Registry | undefined;

/**
 * One registry for all applications in the process: the observers that prom-client starts for it (event loop delay, GC)
 * have no stop, so one set each would pile up. They do not keep Node alive.
 */
export function runtimeMetrics(): Registry {
  if (registry === undefined) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry });
    const help = 'Memory that the container may take, else that of the machine.';
    const read = () => [{ value: memoryLimit() }];
    registry.registerMetric(
      metricOf({ kind: 'gauge', name: 'process_memory_limit_bytes', help, read, overWorkers: 'max' }),
    );
  }
  return registry;
}

/** A container without a limit has one that no machine has, or none. */
function memoryLimit(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}
