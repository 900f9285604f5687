// Serves the API document, Swagger UI under a strict policy, and the page that explains the problems.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { INIT_SCRIPT, problemsPage, STYLE, swaggerPage } from './docs-pages';
import type { OpenApiDocument } from './openapi';

/** Swagger UI sets styles from scripts only and draws its icons from data: URLs. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

export interface DocsSettings {
  readonly document: OpenApiDocument;
  /** Shown above the operations, for example how to log in. */
  readonly title: string;
}

/** Each part written out where it is used; lines are as long as they come. */
export async function yamlOf(document: OpenApiDocument): Promise<string> {
  const { dump } = await import('js-yaml');
  return dump(document, { noRefs: true, lineWidth: -1 });
}

export async function docsRoutes(fastify: FastifyInstance, { document, title }: DocsSettings): Promise<void> {
  const json = JSON.stringify(document);
  const yaml = await yamlOf(document);
  const assets = dirname(require.resolve('swagger-ui-dist/package.json'));
  // Bytes, which all who are sent them share: of a text, each client that is slow to take it would hold a copy.
  const text = (url: string, type: string, body: string) => {
    const bytes = Buffer.from(body);
    return fastify.get(url, (_request, reply) =>
      reply.headers({ 'content-security-policy': POLICY, 'cache-control': 'no-cache' }).type(type).send(bytes),
    );
  };

  for (const url of ['/', '/docs/']) fastify.get(url, (_request, reply) => reply.redirect('/docs', 302));
  text('/openapi.json', 'application/json; charset=utf-8', json);
  text('/openapi.yaml', 'application/yaml; charset=utf-8', yaml);
  text('/docs', 'text/html; charset=utf-8', swaggerPage(title));
  text('/docs/init.js', 'text/javascript; charset=utf-8', INIT_SCRIPT);
  text('/docs/page.css', 'text/css; charset=utf-8', STYLE);
  text('/docs/problems', 'text/html; charset=utf-8', problemsPage(title));
  for (const [name, type] of Object.entries(ASSETS)) {
    // Not a stream, which would go on, and count as a read, for as long as its client likes.
    const bytes = await readFile(join(assets, name));
    fastify.get(`/docs/${name}`, (_request, reply) =>
      reply.headers({ 'cache-control': 'public, max-age=86400' }).type(type).send(bytes),
    );
  }
}
