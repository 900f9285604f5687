// Shows the kept mails to a person and to a program.
import type { FastifyInstance } from 'fastify';
import type { KeptMails } from './kept-mails';
import { MAILS_POLICY, mailsPage } from './mails-page';

const LOOPBACK = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/;
/** Another name could be one that somebody else has pointed at this machine. */
const LOCAL_NAME = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

/** `/dev/mails`: whoever can reach it reads every mail, so only where there are no real accounts, and from this machine alone. */
export function mailRoutes(fastify: FastifyInstance, kept: KeptMails): void {
  fastify.get('/dev/mails', async ({ headers: { accept = '', host = '' }, socket }, reply) => {
    if (!LOOPBACK.test(socket.remoteAddress ?? '') || !LOCAL_NAME.test(host)) return reply.callNotFound();
    const mails = await kept.list();
    void reply.headers({ 'content-security-policy': MAILS_POLICY, 'cache-control': 'no-store', vary: 'accept' });
    return /\bapplication\/json\b/.test(accept)
      ? reply.type('application/json; charset=utf-8').send(JSON.stringify({ data: mails }))
      : reply.type('text/html; charset=utf-8').send(mailsPage(mails));
  });
}
