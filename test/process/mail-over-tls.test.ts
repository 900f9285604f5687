// Mail servers whose certificates can be trusted, or cannot: what is not sent to the one waits for the other.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PASSWORD } from '../support/api';
import { type Certificate, makeCertificate, pemOf } from '../support/certificates';
import { createDatabase, type TestDatabase } from '../support/database';
import { describeWith } from '../support/programs';
import { Service } from '../support/service';
import { SmtpServer } from '../support/smtp';

// Each starts a service, on a machine that has other suites to run.
jest.setTimeout(60_000);

const SETTINGS = {
  JWT_SECRET: 'a secret that is used in tests only, 32 bytes or more',
  MAIL_FROM: 'shop@test.example',
  LOG_LEVEL: 'info',
};

describeWith('openssl', 'a mail over TLS', (openssl) => {
  const folder = mkdtempSync(join(tmpdir(), 'floodgate-tls-'));
  let database: TestDatabase;
  let authority: Certificate;
  let trusted: SmtpServer;
  let stranger: SmtpServer;

  beforeAll(async () => {
    authority = makeCertificate(openssl, join(folder, 'authority'), 'authority.example');
    trusted = await SmtpServer.start(0, pemOf(makeCertificate(openssl, join(folder, 'a'), 'localhost', authority)));
    stranger = await SmtpServer.start(0, pemOf(makeCertificate(openssl, join(folder, 'b'), 'localhost')));
    database = await createDatabase();
  });

  afterAll(async () => {
    await database.drop();
    for (const one of [trusted, stranger]) one.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Somebody signs up with a service that sends by this server; nobody else sends what is asked for there. */
  async function signUp(email: string, smtpUrl: string, until: (service: Service) => Promise<void>): Promise<void> {
    const service = await Service.start({
      ...SETTINGS,
      DATABASE_URL: database.url,
      SMTP_URL: smtpUrl,
      NODE_EXTRA_CA_CERTS: authority.certificate,
    });
    try {
      const answer = await fetch(`${service.url}/v1/users`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, displayName: 'Reader', password: PASSWORD }),
      });
      expect(answer.status).toBe(201);
      await until(service);
    } finally {
      await service.stop();
    }
  }

  it.each([
    ['a', 'nobody vouches for the server', () => stranger.urlAt('localhost'), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['b', 'the certificate is for another name', () => trusted.urlAt('127.0.0.1'), 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('to %s is kept when %s', async (name, _why, url, reason) => {
    const failure = new RegExp(`"${reason}".*"mail\\.failed"`);
    await signUp(`${name}@test.example`, url(), (service) => service.until(failure));
    expect([stranger.mails, trusted.mails]).toEqual([[], []]);
  });

  it('is sent when its authority is trusted, and so is what was kept', async () => {
    await signUp('c@test.example', trusted.urlAt('localhost'), () => trusted.hasTaken(3));
    const names = trusted.mails.map((mail) => /^To: (.)@test\.example$/m.exec(mail)?.[1]);
    expect(new Set(names)).toEqual(new Set(['a', 'b', 'c']));
  });
});
