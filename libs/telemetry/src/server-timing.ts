// The Server-Timing header (W3C Server Timing, 3): where the time of an answer went.

/** Anything but a token character (RFC 9110, 5.6.2) would end the metric, or the header. */
const notToken = /[^\w!#$%&'*+.^`|~-]/g;

/**
 * @param durationsByName milliseconds; what is no finite number is left out.
 * @example serverTiming({ total: 12.3456, db: 3 }) // 'total;dur=12.346, db;dur=3'
 */
export function serverTiming(durationsByName: Record<string, number>): string {
  return Object.entries(durationsByName)
    .filter(([, durationMs]) => Number.isFinite(durationMs))
    .map(([name, durationMs]) => `${name.replace(notToken, '_')};dur=${Math.round(durationMs * 1000) / 1000}`)
    .join(', ');
}
