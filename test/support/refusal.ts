// What every refusal must be: the right 4xx, a problem that names what is wrong, nothing changed, nothing leaked.
import { join, raw, sql } from '@app/database';
import type { Ask, Reply, TestApi } from './api';

export interface BadRequest extends Ask {
  method?: string;
  url?: string;
}

export interface Expected {
  status: number;
  code: string;
  /** JSON Pointer or parameter that the problem must name. */
  names?: string;
}

/** A row of a table of tests. */
export type BadCase = [name: string, request: BadRequest, expected: Expected];

/** Paths and stacks of the program, and what PostgreSQL, its driver and our statements say. */
const LEAK =
  /node_modules|\\n +at |\.[jt]s:\d|SELECT |INSERT |UPDATE |syntax error|relation \\"|QueryFailed|pg_|"stack"/;

export async function refuses(
  api: TestApi,
  { method = 'POST', url = '/v1/items', ...ask }: BadRequest,
  { status, code, names }: Expected,
): Promise<Reply> {
  const before = await digestOf(api);
  const reply = await api.request(method, url, ask);
  expect(await digestOf(api)).toEqual(before);
  expect({ status: reply.status, code: reply.body?.code, body: reply.text }).toEqual({
    status,
    code,
    body: reply.text,
  });
  expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(reply.body).toMatchObject({ status, instance: reply.headers['x-request-id'], detail: expect.any(String) });
  if (names !== undefined) expect(namedIn(reply)).toContain(names);
  expectNoLeak(reply);
  return reply;
}

/** @param given what the request said: an answer may repeat that */
export function expectNoLeak({ text }: Reply, given = ''): void {
  expect(text.replaceAll(JSON.stringify(given).slice(1, -1) || '\n', '')).not.toMatch(LEAK);
  expect(text.length).toBeLessThan(100_000);
}

const namedIn = ({ body }: Reply): (string | undefined)[] =>
  (body.errors ?? []).map((one: { pointer?: string; parameter?: string }) => one.pointer ?? one.parameter);

const NOTES = ['change_log_marks', 'api_key_uses', 'mail_requests', 'mail_tokens', 'kept_mails'];

/**
 * What the database holds, as one digest a table: equal before and after exactly if nothing has changed. Left out is what
 * changes by itself: each minute the service notes how far its change log is complete, and each second
 * which keys were used, and mails that were asked for are made.
 */
export async function digestOf(api: TestApi): Promise<Record<string, string>> {
  const tables = await api.rows<{ name: string }>(
    sql`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL(${NOTES}) ORDER BY tablename`,
  );
  const digests = tables.map(
    ({ name }) => sql`SELECT ${name}::text AS name, count(*) || ' rows, ' ||
      md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) AS digest FROM ${raw(name)} AS t`,
  );
  const rows = await api.rows<{ name: string; digest: string }>(join(digests, ' UNION ALL '));
  return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]));
}
