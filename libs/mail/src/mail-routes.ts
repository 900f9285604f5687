// Shows the kept mails to a person and to a program.
import type { FastifyInstance } from 'fastify';
import type { KeptMails } from './kept-mails';
import { MAILS_POLICY, mailsPage } from './mails-page';

/** `/dev/mails`: whoever can reach it reads every mail, so only where there are no real accounts. */
export function mailRoutes(fastify: FastifyInstance, kept: KeptMails): void {
  fastify.get('/dev/mails', async ({ headers: { accept = '' } }, reply) => {
    const mails = await kept.list();
    void reply.headers({ 'content-security-policy': MAILS_POLICY, 'cache-control': 'no-store', vary: 'accept' });
    return /\bapplication\/json\b/.test(accept)
      ? reply.type('application/json; charset=utf-8').send(JSON.stringify({ data: mails }))
      : reply.type('text/html; charset=utf-8').send(mailsPage(mails));
  });
}
