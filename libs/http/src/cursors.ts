// Opaque, signed cursors: bound to filter and sort, so that one used elsewhere, or forged, is refused.
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { KeysetPosition, KeysetWindow } from '@app/database';
import { refuseParameters } from './problems';

const SIGNATURE_BYTES = 12;

export class Cursors {
  private readonly key: Buffer;

  /** @param secret the service's secret; the same on every instance */
  constructor(secret: string) {
    this.key = Buffer.from(hkdfSync('sha256', secret, '', 'page cursors', 32));
  }

  /** @param scope a text that is equal for two requests exactly if they list the same rows in the same order */
  write(scope: string, position: KeysetPosition, isBackward: boolean): string {
    const content = Buffer.from(JSON.stringify([isBackward ? 1 : 0, position.id, position.value]));
    return Buffer.concat([this.sign(scope, content), content]).toString('base64url');
  }

  /** The window that a request asks for; refuses a cursor that this service did not write for this scope. */
  read(scope: string, { limit, cursor }: { limit: number; cursor?: string }): KeysetWindow {
    if (cursor === undefined) return { limit, isBackward: false };
    const bytes = Buffer.from(cursor, 'base64url');
    const content = bytes.subarray(SIGNATURE_BYTES);
    const signature = bytes.subarray(0, SIGNATURE_BYTES);
    if (signature.length < SIGNATURE_BYTES || !timingSafeEqual(signature, this.sign(scope, content)))
      refuseParameters([
        { code: 'invalid_cursor', detail: 'is not a cursor of this list, filter and sort', parameter: 'cursor' },
      ]);
    const [backward, id, value] = JSON.parse(content.toString()) as [0 | 1, string, KeysetPosition['value']];
    return { limit, isBackward: backward === 1, position: { id, value } };
  }

  private sign(scope: string, content: Buffer): Buffer {
    return createHmac('sha256', this.key)
      .update(scope)
      .update('\0')
      .update(content)
      .digest()
      .subarray(0, SIGNATURE_BYTES);
  }
}
