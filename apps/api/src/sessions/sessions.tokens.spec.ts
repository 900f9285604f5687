import { expectRandom } from '../../../../test/support/randomness';
import { RefreshToken } from './sessions.tokens';

const FAMILY_BYTES = 16;
const bytesOf = ({ text }: RefreshToken): Buffer => Buffer.from(text, 'base64url');

it('a session begins with 384 random bits', () => {
  expectRandom([RefreshToken.create(), RefreshToken.create()].map(bytesOf), 48);
});

it('each token of it has 256 of its own, and the others in common', () => {
  const first = RefreshToken.create();
  const { child } = first.next('a session');
  const { child: sibling } = first.next('a session');
  const [one, ...others] = [first, child, sibling].map(bytesOf) as [Buffer, Buffer, Buffer];
  for (const other of others) expect(other.subarray(0, FAMILY_BYTES)).toEqual(one.subarray(0, FAMILY_BYTES));
  expectRandom(
    [one, ...others].map((bytes) => bytes.subarray(FAMILY_BYTES)),
    32,
  );
});
