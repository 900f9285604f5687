// Leaves a host alone that has failed several times in a row, and lets one call try after a while, for whose verdict the others wait.
import { CallFailed } from './call-failed';

/** Hosts whose failures are remembered; a server that redirects to ever new ones must not fill the memory. */
const MAX_HOSTS = 4_096;

interface Record {
  failures: number;
  openUntil: number;
  /** Resolves when the call that tries has its verdict. */
  trial?: Promise<void>;
}

/** What a call says about its host; `nothing` if it was not heard, and the fault was not the host's. */
export type Verdict = 'good' | 'bad' | 'nothing';

/** A call that may go. */
export interface Pass {
  /** The host has answered, and not with a fault of its own: a trial has ended well, whatever becomes of the body. */
  answered(): void;
  /** Must be called at the end. */
  judge(verdict: Verdict): void;
}

export class Breakers {
  private readonly records = new Map<string, Record>();

  constructor(
    private readonly breakAfter: number,
    private readonly breakMs: number,
  ) {}

  /** @returns a promise if the call may not go: it rejects while the host is left alone, and says when to enter anew while another tries */
  enter(host: string): Pass | Promise<void> {
    const record = this.records.get(host);
    if (record === undefined || record.failures < this.breakAfter) return this.pass(host);
    const leftMs = Math.ceil(record.openUntil - performance.now());
    if (leftMs > 0) return Promise.reject(leftAlone(host, leftMs));
    if (record.trial) return record.trial;
    let end = (): void => undefined;
    record.trial = new Promise((resolve) => {
      end = () => {
        record.trial = undefined;
        resolve();
      };
    });
    return this.pass(host, end);
  }

  private pass(host: string, endTrial?: () => void): Pass {
    return {
      answered: () => {
        if (!endTrial) return;
        this.records.delete(host);
        endTrial();
      },
      judge: (verdict) => {
        if (verdict === 'good') this.records.delete(host);
        else if (verdict === 'bad') this.blame(host);
        endTrial?.();
      },
    };
  }

  private blame(host: string): void {
    const record = this.records.get(host) ?? { failures: 0, openUntil: 0 };
    record.failures++;
    record.openUntil = performance.now() + this.breakMs;
    this.records.delete(host);
    this.records.set(host, record);
    for (const oldest of this.records.keys()) {
      if (this.records.size <= MAX_HOSTS) break;
      this.records.delete(oldest);
    }
  }
}

const leftAlone = (host: string, retryAfterMs: number): CallFailed =>
  new CallFailed('breaker_open', `${host} has failed too often to be asked again so soon.`, { retryAfterMs });
