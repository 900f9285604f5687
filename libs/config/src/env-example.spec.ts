import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { loadConfig } from './load';
import { variables } from './variables';

const example = readFileSync(join(__dirname, '../../../.env.example'), 'utf8');

describe('.env.example', () => {
  it('has each variable that is read, in order, and no other', () => {
    const names = [...example.matchAll(/^#? ?([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name);
    expect(names).toEqual(variables.map(({ name }) => name));
  });

  it.each(variables)('says what $name does, with its default', ({ name, description, default: fallback = '' }) => {
    expect(example).toContain(`\n# ${description}\n# ${name}=${fallback}\n`);
  });

  it('changes nothing as it is, nor with every line switched on', () => {
    const switchedOn = example.replace(/^# (?=[A-Z][A-Z0-9_]*=)/gm, '');
    expect(parseEnv(example)).toEqual({});
    expect(Object.keys(parseEnv(switchedOn))).toHaveLength(variables.length);
    expect(loadConfig(parseEnv(switchedOn))).toEqual(loadConfig({}));
  });
});
