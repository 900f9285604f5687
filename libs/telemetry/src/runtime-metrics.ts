// Metrics of the operating system's process and of Node: event loop, garbage, heap, memory, CPU, handles.
import { collectDefaultMetrics, Registry } from 'prom-client';

let registry: Registry | undefined;

/**
 * One registry for all applications in the process: the observers that prom-client starts for it (event loop delay, GC)
 * have no stop, so one set each would pile up. They do not keep Node alive.
 */
export function runtimeMetrics(): Registry {
  if (registry === undefined) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry });
  }
  return registry;
}
