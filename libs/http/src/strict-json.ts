// Reads JSON that is not too deep and does not reach for prototypes.
import { parse } from 'secure-json-parse';
import { malformedBody } from './problems';
import type { Reading } from './records';
import { fault } from './rules';

const MAX_DEPTH = 32;

/** What a text says, or what is wrong with it. */
export function readJson(text: string): Reading<unknown> {
  if (text.trim() === '') return { faults: fault('invalid_json', 'is empty; JSON is required') };
  if (depthOf(text) > MAX_DEPTH) return { faults: fault('too_deep', `is nested more than ${MAX_DEPTH} deep`) };
  try {
    return { value: parse(text, null, { protoAction: 'error', constructorAction: 'error' }) };
  } catch (error) {
    const { message } = error as Error;
    if (message.includes('forbidden prototype'))
      return { faults: fault('forbidden_key', 'has a key __proto__ or constructor that is not allowed') };
    // V8's message quotes the text; only the position is worth telling.
    const [position] = /at position \d+( \(line \d+ column \d+\))?/.exec(message) ?? [];
    return { faults: fault('invalid_json', `is not JSON${position ? `, ${position}` : ''}`) };
  }
}

/** What a body says; refuses it with 400 otherwise. */
export function strictJson(text: string): unknown {
  const read = readJson(text);
  return 'faults' in read ? malformedBody(`The body ${read.faults[0]?.detail}.`) : read.value;
}

const QUOTE = 34;
const BACKSLASH = 92;

/** Nesting of brackets outside of strings. A scan, so that no deep value is ever built. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === 91 || code === 123) deepest = Math.max(deepest, ++depth);
    else if (code === 93 || code === 125) depth--;
  }
  return deepest;
}
