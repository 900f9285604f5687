import {
  choice,
  Field,
  flag,
  identifier,
  moment,
  type Page,
  PageCursor,
  PageLimit,
  pageOf,
  partialOf,
  type Rule,
  text,
  wholeNumber,
} from '@app/http';
import type { Feed, FeedFormat } from './feed.entity';

export const FEED_ID = '01980a6e-5d5a-7c3e-8a52-3f1d2c4b5a70';

export const feedName = text({ min: 1, max: 100, pattern: /\S/, expected: 'more than blanks' });
const format = choice(['ndjson', 'csv', 'json']);

const OCTET = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const NAME = '(?:[\\w-]+\\.)*[A-Za-z_][\\w-]*\\.?';
const HOST = `(?:${NAME}|(?:${OCTET}\\.){3}${OCTET}|\\[[\\dA-Fa-f:.]+\\])`;
const PORT = '(?::(?:[0-5]?\\d{1,4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5]))?';
const PATH = "(?:[/?](?:[\\w.~!$&'()*+,;=:@/?-]|%[\\dA-Fa-f]{2})*)?";
const EXPECTED = 'an http:// or https:// URL, percent-encoded, without fragment';
/** RFC 3986, as far as an expression can say it. */
const address = text({
  min: 1,
  max: 2_000,
  pattern: new RegExp(`^https?://${HOST}${PORT}${PATH}$`),
  expected: EXPECTED,
  format: 'uri',
});

/** Whoever reads feeds would read a password, too; and a URL with one ends up in logs. */
const feedUrl: Rule = {
  ...address,
  faults(value) {
    const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
    if (url && url.username + url.password !== '')
      return [{ code: 'wrong_format', detail: 'must have neither user nor password' }];
    const faults = address.faults(value);
    return faults.length > 0 || url ? faults : [{ code: 'wrong_format', detail: `must be ${EXPECTED}` }];
  },
};

const CLEARS =
  'Items that the feed had and no longer has get a stock of 0; it counts what the feed had since this was switched on.';

export class NewFeed {
  @Field(feedName, { example: 'Acme lamps', description: 'Unique.' })
  name!: string;

  @Field(feedUrl, {
    example: 'https://supplier.example/catalogue.ndjson',
    description: 'Where the supplier publishes it.',
  })
  url!: string;

  @Field(format, {
    example: 'ndjson',
    description: 'One item a line as JSON, a table with a header line, or an array of items.',
  })
  format!: FeedFormat;

  @Field(flag(), { default: true, example: true, description: 'Whether a refresh of all feeds takes it in.' })
  enabled!: boolean;

  @Field(flag(), { default: false, example: false, description: CLEARS })
  clearsMissing!: boolean;
}

/** A merge patch (RFC 7396). */
export class FeedChanges extends partialOf(NewFeed) {}

export class FeedView {
  @Field(identifier(), { example: FEED_ID, description: 'UUIDv7.' })
  id!: string;

  @Field(feedName, { example: 'Acme lamps' })
  name!: string;

  @Field(address, {
    example: 'https://supplier.example/catalogue.ndjson',
    description: 'Where the supplier publishes it.',
  })
  url!: string;

  @Field(format, { example: 'ndjson', description: 'What it is read as.' })
  format!: FeedFormat;

  @Field(flag(), { example: true, description: 'Whether a refresh of all feeds takes it in.' })
  enabled!: boolean;

  @Field(flag(), { example: false, description: CLEARS })
  clearsMissing!: boolean;

  @Field(identifier(), { example: FEED_ID, description: 'The administrator who added it: its items are his.' })
  ownerId!: string;

  @Field(wholeNumber({ min: 1, max: 2_147_483_647 }), { description: 'Grows with each change.', example: 1 })
  version!: number;

  @Field(moment(), { example: '2026-01-31T12:00:00.000Z' })
  createdAt!: string;

  @Field(moment(), { example: '2026-01-31T12:00:00.000Z' })
  updatedAt!: string;
}

export class ListFeedsQuery {
  @PageLimit()
  limit!: number;

  @PageCursor()
  cursor?: string;
}

export const FeedPage = pageOf<FeedView>('FeedPage', FeedView);
export type FeedPage = Page<FeedView>;

/** Column by column, so that a column that is added stays private until it is listed here. */
export const toFeedView = (row: Feed): FeedView => ({
  id: row.id,
  name: row.name,
  url: row.url,
  format: row.format,
  enabled: row.enabled,
  clearsMissing: row.clearsMissing,
  ownerId: row.ownerId,
  version: row.version,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});
