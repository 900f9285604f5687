import type { ApiDescription } from '@app/http';

export const API: ApiDescription = {
  title: 'Floodgate',
  version: '1.0.0',
  license: { name: 'MIT', identifier: 'MIT' },
  security: {
    tokenUrl: '/v1/auth/token',
    keys: 'A key of `/v1/api-keys`, which begins with `fg_`. It needs the scope that is named beside it.',
  },
  tags: {
    items: 'The catalogue: public to read; whoever logs in may add to it, and change what is theirs.',
    users: 'Accounts: sign up, the own account, public profiles, administration.',
    auth: 'Logging in, staying logged in, logging out; the keys that access tokens are signed with.',
    'api-keys': 'Keys for programs, which act for their owner with fewer rights.',
    feeds: 'Catalogues of suppliers, which are read hundreds at a time.',
    health: 'For load balancers and orchestrators.',
  },
  description: `A catalogue of items and its users.

**Errors** are \`application/problem+json\` (RFC 9457) with a stable \`code\`; input errors name every field at once.
**Reads** that are public carry a strong \`ETag\`: send it back as \`If-None-Match\` and get 304 while nothing has changed. They
are cached, and never older than a tenth of a second unless the operator has said otherwise; \`Cache-Status\` tells. A write answers
with a \`Consistency-Token\`: a read that carries it does not miss that write, whichever instance it reaches.
\`HEAD\` works wherever \`GET\` does. **Writes** take \`If-Match\` where an answer has an \`ETag\`, and \`Idempotency-Key\` where a
repetition would do harm. **Lists** are walked by the cursors in \`page\` or by the \`Link\` header. A path that is
not listed here is answered with 404, a method that a path does not know with 405 and \`Allow\`. Requests that are not HTTP,
too long or too slow are refused with 400, 408, 414, 417 or 431 before they reach an operation.`,
};
