// What is known only when a request is sent stands in generated values as ‹a word and a number›, so that they can be shrunk and repeated.
import fc from 'fast-check';

const someOf = (...words: string[]): fc.Arbitrary<string> =>
  fc.tuple(fc.constantFrom(...words), fc.nat(5)).map(([word, index]) => `‹${word} ${index}›`);

/** JSON that no value stands for, in place of a whole value or key. */
export const rawJson = (text: string): string => `‹raw ${Buffer.from(text).toString('hex')}›`;

/** Resources that the sequence has seen; the numbers count from the last one. */
export const idOf = (collection: string): fc.Arbitrary<string> => someOf(`${collection}.id`);

/** Values that the schema cannot tell, by the name of the field or parameter, in good order; undefined: the schema says it all. */
export function known(name: string, collection: string): fc.Arbitrary<unknown> | undefined {
  switch (name) {
    case 'id':
    case 'ids':
      return idOf(collection);
    case 'feedIds':
      return fc.array(idOf('feeds'), { minLength: 1, maxLength: 3 });
    case 'ownerId':
      return idOf('users');
    case 'sku':
      return someOf('sku', 'fresh');
    case 'cursor':
      return someOf('cursor');
    case 'email':
      return someOf('email', 'address');
    case 'username':
      return someOf('email');
    case 'password':
    case 'currentPassword':
    case 'newPassword':
      return fc.constant('‹password 0›');
    case 'expiresAt':
      return someOf('soon');
    case 'refreshToken':
    case 'refresh_token':
      return someOf('refresh');
    case 'If-Match':
    case 'If-None-Match':
      return someOf('etag');
    case 'Consistency-Token':
      return someOf('token');
    default:
      return undefined;
  }
}

/** @param valueOf of a placeholder; undefined where nothing of its kind has been seen */
export const filled = (text: string, valueOf: (word: string, index: number) => string | undefined): string =>
  text.replace(/‹([\w.-]+) (\d+)›/g, (whole, word: string, index: string) => valueOf(word, Number(index)) ?? whole);

/** Of JSON text that was made of a value with `rawJson` in it. */
export const withRawJson = (json: string): string =>
  json.replace(/"‹raw ([0-9a-f]*)›"/g, (_, hex: string) => Buffer.from(hex, 'hex').toString());
