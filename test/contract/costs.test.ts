import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

it('every group of operations states what its operations cost', () => {
  const document = readFileSync(join(ROOT, 'docs/openapi.json'), 'utf8');
  const { paths } = JSON.parse(document) as { paths: Record<string, Record<string, { tags: string[] }>> };
  const tags = new Set(Object.values(paths).flatMap((path) => Object.values(path).flatMap((one) => one.tags)));
  expect(tags.size).toBeGreaterThan(3);
  const unstated = [...tags].filter((tag) => !existsSync(join(ROOT, `apps/api/src/${tag}/${tag}.costs.test.ts`)));
  expect(unstated).toEqual([]);
});
