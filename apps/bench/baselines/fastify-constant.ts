// Fastify that answers every item with one constant object through its response schema: the most that Fastify can do.
// Its one argument is a file with the answer.
import { readFileSync } from 'node:fs';
import { fastify } from 'fastify';
import { itemSchema } from './item.schema';

const { body } = JSON.parse(readFileSync(process.argv[2] as string, 'utf8')) as { body: string };
const item = JSON.parse(body) as object;

const app = fastify();
app.get('/v1/items/:id', { schema: { response: { 200: itemSchema } } }, async () => item);

app.listen({ port: 0, host: '127.0.0.1' }).then(
  (url) => process.stdout.write(`listening on ${url}\n`),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  },
);
