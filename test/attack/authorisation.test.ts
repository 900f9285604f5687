// The matrix of principals and operations stands beside the features; here it is seen that none of its parts is missing.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenApiDocument } from '@app/http';
import { TestApi } from '../support/api';

it('every group of operations says who may call them', async () => {
  const api = await TestApi.start();
  const { paths } = (await api.get('/openapi.json')).body as OpenApiDocument;
  await api.close();
  const tags = new Set(Object.values(paths).flatMap((path) => Object.values(path).flatMap((one) => one['tags'])));
  expect(tags.size).toBeGreaterThan(3);
  const accessOf = (tag: unknown) => `apps/api/src/${String(tag)}/${String(tag)}.access.test.ts`;
  const missing = [...tags].map(accessOf).filter((path) => !existsSync(join(__dirname, '../..', path)));
  const hint = 'Add the file: a row for each operation, and what each principal is given (test/support/access.ts).';
  expect({ hint, missing }).toEqual({ hint, missing: [] });
});
