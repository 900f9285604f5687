// A request as a command that anybody can run; tokens stay out of it.
import type { Sent } from './sender';

/** For bash: what is not plain ASCII as an escape of its bytes. */
function quoted(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  if (/^[\x20-\x7e]*$/.test(text) && !text.includes("'")) return `'${text}'`;
  const escape = (one: string) =>
    one === "'" || one === '\\' ? `\\${one}` : `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`;
  return `$'${text.replaceAll(/[^\x20-\x26\x28-\x5b\x5d-\x7e]/g, escape)}'`;
}

const MOST = 4_000;

export function curlOf({ method, url, headers, body }: Sent, caller: string): string {
  const words = ['curl', '-i', '-g', '--path-as-is', ...(method === 'HEAD' ? ['-I'] : ['-X', method])];
  words.push(quoted(Buffer.from(`http://127.0.0.1:3000${url}`)));
  for (const [name, value] of Object.entries(headers)) {
    const shown = name === 'authorization' ? `Bearer <token of ${caller}>` : value;
    words.push('-H', quoted(Buffer.from(`${name}: ${shown}`, 'latin1')));
  }
  // As a file it would be sent whole, but then it could not be read here.
  if (body)
    words.push(
      '--data-binary',
      quoted(body.subarray(0, MOST)),
      ...(body.length > MOST ? [`# ${body.length} bytes`] : []),
    );
  return words.join(' ');
}
