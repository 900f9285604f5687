// Leaves a host alone that has failed several times in a row, and lets one call try after a while.
import { CallFailed } from './call-failed';

/** Hosts whose failures are remembered; a server that redirects to ever new ones must not fill the memory. */
const MAX_HOSTS = 4_096;

interface Record {
  failures: number;
  openUntil: number;
  isTrying: boolean;
}

/** What a call says about its host; `nothing` if the fault was not the host's. */
export type Verdict = 'good' | 'bad' | 'nothing';

export class Breakers {
  private readonly records = new Map<string, Record>();

  constructor(
    private readonly breakAfter: number,
    private readonly breakMs: number,
  ) {}

  /**
   * @returns takes the verdict of the call, and must be given it
   * @throws CallFailed while the host is left alone
   */
  enter(host: string): (verdict: Verdict) => void {
    const record = this.records.get(host);
    const isOpen = record !== undefined && record.failures >= this.breakAfter;
    if (isOpen) {
      const leftMs = Math.ceil(record.openUntil - performance.now());
      if (leftMs > 0 || record.isTrying) throw leftAlone(host, Math.max(leftMs, 0));
      record.isTrying = true;
    }
    return (verdict) => {
      if (isOpen) record.isTrying = false;
      if (verdict === 'good') this.records.delete(host);
      else if (verdict === 'bad') this.blame(host);
    };
  }

  private blame(host: string): void {
    const record = this.records.get(host) ?? { failures: 0, openUntil: 0, isTrying: false };
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
