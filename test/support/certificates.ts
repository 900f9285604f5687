// Makes certificates that last for a test, with OpenSSL: Node can read them only.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Certificate {
  /** Paths of PEM files. */
  readonly key: string;
  readonly certificate: string;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];

/**
 * @param path of the files, without their endings
 * @param issuer absent for a certificate that vouches for itself
 */
export function makeCertificate(openssl: string, path: string, name: string, issuer?: Certificate): Certificate {
  const made = { key: `${path}.key`, certificate: `${path}.pem` };
  const files = ['-keyout', made.key, '-out', made.certificate];
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  const signed = issuer
    ? ['-CA', issuer.certificate, '-CAkey', issuer.key, '-addext', 'basicConstraints=critical,CA:FALSE']
    : [];
  execFileSync(openssl, ['req', '-x509', ...KEY, ...files, ...subject, ...signed], { stdio: 'ignore' });
  return made;
}

/** As a server of Node takes them. */
export const pemOf = ({ key, certificate }: Certificate): { key: string; cert: string } => ({
  key: readFileSync(key, 'utf8'),
  cert: readFileSync(certificate, 'utf8'),
});
