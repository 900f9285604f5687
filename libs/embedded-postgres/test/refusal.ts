// What every refusal has to be: one sentence for a person, with a way out.
import { EmbeddedPostgresError } from '../src/index';

export async function refusalOf(attempt: Promise<unknown>): Promise<string> {
  const error: unknown = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EmbeddedPostgresError);
  const { message } = error as Error;
  expect(message).not.toContain('\n');
  expect(message).toMatch(/DATA_DIR|DATABASE_URL/);
  return message;
}
