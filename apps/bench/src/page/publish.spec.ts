import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Run } from '../results';
import { summaryOf } from '../summary';
import { publish } from './publish';

const rounds = [{ perSecond: 1_000, cpuMicroseconds: 10, p50Ms: 1, p99Ms: 2 }];
const run: Run = {
  at: '2026-01-31T12:00:00.000Z',
  command: 'npm run bench -- --data FILE',
  machine: { cpu: 'a | b', cores: 2, node: 'v20' },
  items: 5,
  source: 'file',
  rows: 6,
  rounds: 1,
  seconds: 1,
  connections: 1,
  chapters: [
    { name: 'item', title: 'an item <by id>', result: { summaries: [summaryOf('Floodgate', rounds, rounds)] } },
  ],
};

describe('publishing', () => {
  const root = mkdtempSync(join(tmpdir(), 'floodgate-publish-'));
  const page = join(root, 'docs/benchmarks.md');
  mkdirSync(join(root, 'docs/images'), { recursive: true });
  afterAll(() => rmSync(root, { recursive: true }));

  it('replaces what is between the markers and old pictures, and nothing else', () => {
    writeFileSync(
      page,
      'before\n<!-- losses -->\nold\n<!-- /losses -->\nmiddle\n<!-- results --><!-- /results -->\nafter\n',
    );
    writeFileSync(join(root, 'docs/images/bench-gone.svg'), '');
    writeFileSync(join(root, 'docs/images/other.svg'), '');
    expect(publish(run, root)).toEqual(['docs/benchmarks.md', 'docs/images/bench-item.svg']);
    const text = readFileSync(page, 'utf8');
    expect(text).toMatch(/^before\n<!-- losses -->\n\nIn this run every target was reached/);
    expect(text).toContain('![an item <by id>](images/bench-item.svg)');
    expect(text).toContain('| Floodgate | 1,000 |');
    expect(text).toMatch(/<!-- \/results -->\nafter\n$/);
    expect(text).not.toContain('old');
    expect(readFileSync(join(root, 'docs/images/bench-item.svg'), 'utf8')).toContain('an item &lt;by id&gt;');
    expect(() => readFileSync(join(root, 'docs/images/other.svg'))).not.toThrow();
    expect(() => readFileSync(join(root, 'docs/images/bench-gone.svg'))).toThrow('ENOENT');
    expect(publish(run, root)).toHaveLength(2);
    expect(readFileSync(page, 'utf8')).toBe(text);
  });

  it('refuses a document without a place for it', () => {
    writeFileSync(page, 'nothing\n');
    expect(() => publish(run, root)).toThrow('has no place between <!-- losses --> and <!-- /losses -->');
  });
});
