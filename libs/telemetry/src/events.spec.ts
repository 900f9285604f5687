import { Telemetry, type Events } from './events';

const listening = { url: 'http://localhost:3000' };

test('a reader gets the very payload, synchronously, and only of its event', () => {
  const telemetry = new Telemetry();
  const seen: unknown[] = [];
  telemetry.on('app.listening', (payload) => seen.push(payload));
  telemetry.emit('app.stopped', {});
  telemetry.emit('app.listening', listening);
  expect(seen).toHaveLength(1);
  expect(seen[0]).toBe(listening);
});

test('unsubscribing ends one reader and no other', () => {
  const telemetry = new Telemetry();
  const first = jest.fn();
  const second = jest.fn();
  const unsubscribe = telemetry.on('app.listening', first);
  telemetry.on('app.listening', second);
  unsubscribe();
  unsubscribe();
  telemetry.emit('app.listening', listening);
  expect(first).not.toHaveBeenCalled();
  expect(second).toHaveBeenCalledTimes(1);
});

test('a reader may unsubscribe while it is told', () => {
  const telemetry = new Telemetry();
  const calls: string[] = [];
  const unsubscribe = telemetry.on('app.listening', () => {
    calls.push('once');
    unsubscribe();
  });
  telemetry.on('app.listening', () => calls.push('always'));
  telemetry.emit('app.listening', listening);
  telemetry.emit('app.listening', listening);
  expect(calls).toEqual(['once', 'always', 'always']);
});

test('a reader that throws harms neither the caller nor the next reader, and is reported once', () => {
  const telemetry = new Telemetry();
  const error = new Error('broken reader');
  const failures: Events['telemetry.failed'][] = [];
  const next = jest.fn();
  telemetry.on('telemetry.failed', (failure) => failures.push(failure));
  telemetry.on('app.listening', () => {
    throw error;
  });
  telemetry.on('app.listening', next);
  telemetry.emit('app.listening', listening);
  telemetry.emit('app.listening', listening);
  expect(next).toHaveBeenCalledTimes(2);
  expect(failures).toEqual([{ event: 'app.listening', error }]);
});

test('a reader of failures that throws does not call itself for ever', () => {
  const telemetry = new Telemetry();
  const reader = jest.fn(() => {
    throw new Error('broken reader of failures');
  });
  telemetry.on('telemetry.failed', reader);
  telemetry.emit('telemetry.failed', { event: 'app.stopped', error: 'first' });
  expect(reader).toHaveBeenCalledTimes(2);
});
