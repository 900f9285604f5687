// Cuts the bytes of one connection into HTTP/1.1 answers: as little as the checker needs, as fast as it can.

export interface Answer {
  readonly status: number;
  /** Status line and headers. */
  readonly head: string;
  readonly body: Buffer;
}

const HEAD_END = '\r\n\r\n';
const LENGTH = /\r\ncontent-length: *(\d+)/i;
const NOTHING = Buffer.alloc(0);

export class AnswerReader {
  private rest: Buffer = NOTHING;

  /** @param isHead whether the next answer belongs to a HEAD request: it has a length, but no body */
  constructor(private readonly isHead: () => boolean) {}

  /** Calls back for each answer that is complete now. @throws when these are no such answers */
  read(chunk: Buffer, onAnswer: (answer: Answer) => void): void {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let begin = 0;
    for (;;) {
      const end = bytes.indexOf(HEAD_END, begin, 'latin1');
      if (end === -1) break;
      const head = bytes.toString('latin1', begin, end);
      const status = Number(head.slice(9, 12));
      const bodyBegin = end + HEAD_END.length;
      const next = bodyBegin + this.lengthOf(head, status);
      if (next > bytes.length) break;
      begin = next;
      onAnswer({ status, head, body: bytes.subarray(bodyBegin, next) });
    }
    this.rest = begin === bytes.length ? NOTHING : bytes.subarray(begin);
  }

  private lengthOf(head: string, status: number): number {
    if (status === 304 || status === 204 || this.isHead()) return 0;
    const length = LENGTH.exec(head)?.[1];
    if (length === undefined || !head.startsWith('HTTP/1.1 ')) throw new Error(`Not an answer with a length: ${head}`);
    return Number(length);
  }
}

const patternOf = new Map<string, RegExp>();

/** @param name in lower case */
export function headerOf({ head }: Answer, name: string): string | undefined {
  let pattern = patternOf.get(name);
  if (!pattern) patternOf.set(name, (pattern = new RegExp(`\\r\\n${name}: *([^\\r]*)`, 'i')));
  return pattern.exec(head)?.[1];
}
