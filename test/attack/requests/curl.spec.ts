import { execFileSync } from 'node:child_process';
import { curlOf } from './curl';

it('a request becomes a command that a shell reads back byte for byte, without its token', () => {
  const body = Buffer.from([0x27, 0x5c, 0x22, 0x0a, 0xff, 0x00 + 1, 0x24, 0x61]);
  const headers = { authorization: 'Bearer a.b.c', 'if-match': '"é"' };
  const command = curlOf({ method: 'PATCH', url: "/v1/items/a'b?x=$(id)", headers, body }, 'user');
  expect(command).not.toContain('a.b.c');
  const script = `curl() { printf '%s\\0' "$@"; }; ${command}`;
  const words = execFileSync('bash', ['-c', script]).toString('latin1').split('\0');
  expect(words).toEqual([
    ...['-i', '-g', '--path-as-is', '-X', 'PATCH', "http://127.0.0.1:3000/v1/items/a'b?x=$(id)"],
    ...['-H', 'authorization: Bearer <token of user>', '-H', 'if-match: "é"', '--data-binary'],
    body.toString('latin1'),
    '',
  ]);
});
