// Reads a query of any size through a server-side cursor, on a connection of its own.
import type { Pool, QueryResultRow } from 'pg';
import sql, { type Sql } from 'sql-template-tag';

const ROWS_PER_FETCH = 1_000;

export async function* streamed<Row extends QueryResultRow>(pool: Pool, query: Sql): AsyncGenerator<Row> {
  const client = await pool.connect();
  let failure: unknown;
  // A connection that breaks between two fetches has nobody else to tell, and would end the process.
  const onError = (error: Error): void => void (failure = error);
  client.on('error', onError);
  try {
    await client.query('BEGIN READ ONLY');
    // A slow reader leaves the transaction idle between two fetches, and the plan must suit the whole result.
    await client.query(`SET LOCAL idle_in_transaction_session_timeout = '60s'; SET LOCAL cursor_tuple_fraction = 1`);
    const declare = sql`DECLARE stream NO SCROLL CURSOR FOR ${query}`;
    await client.query(declare.text, declare.values);
    for (;;) {
      const result = await client.query<Row>(`FETCH ${ROWS_PER_FETCH} FROM stream`);
      // What pg's promise resolves to stays until a full collection; without its rows, the heap keeps a third.
      const rows = result.rows.splice(0);
      yield* rows;
      if (rows.length < ROWS_PER_FETCH) break;
    }
    await client.query('COMMIT');
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    // Left early or failed: the open transaction goes with the connection.
    const isSpoilt = failure !== undefined || client.getTransactionStatus() !== 'I';
    if (!isSpoilt) client.off('error', onError);
    client.release(isSpoilt);
  }
}
