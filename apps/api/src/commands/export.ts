import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { createGzip } from 'node:zlib';
import { examine, fieldsOf } from '@app/http';
import { ItemsExport } from '../items/items.export';
import { ExportItemsQuery } from '../items/items.query.dto';
import { type Command, withApplication } from './context';
import { EXIT, interruptibly, Stopped } from './stopped';

/** `npm run export -- [FILE] [--format csv] [--tag …]`: writes all matching items; to standard output unless a file is named. */
export const runExport: Command = (args) =>
  interruptibly(async (signal) => {
    const { path, query } = exportOf(args);
    const { format = /\.csv(\.gz)?$/i.test(path) ? 'csv' : 'ndjson', ...filter } = query;
    return withApplication(async ({ app }) => {
      const parts = Readable.from(app.get(ItemsExport).parts(filter, format));
      await (path === '-' ? toStandardOutput(parts, signal) : toFile(parts, path, signal));
      return EXIT.done;
    });
  });

/** Whoever reads it may close the pipe when he has seen enough. */
async function toStandardOutput(parts: Readable, signal: AbortSignal): Promise<void> {
  try {
    await pipeline(parts, process.stdout, { signal, end: false });
    await new Promise((resolve) => process.stdout.write('', resolve));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

/** The file appears when it is complete. */
async function toFile(parts: Readable, path: string, signal: AbortSignal): Promise<void> {
  const draft = `${path}.part`;
  try {
    const packing = path.endsWith('.gz') ? [createGzip()] : [];
    await pipeline([parts, ...packing, createWriteStream(draft)], { signal });
    renameSync(draft, path);
    process.stdout.write(`Wrote ${path}.\n`);
  } catch (error) {
    rmSync(draft, { force: true });
    const { code, syscall } = error as NodeJS.ErrnoException;
    throw syscall === undefined ? error : new Stopped(`${path} can not be written (${code}).`);
  }
}

/** The options are the query parameters of the HTTP export, `--price-min` for `priceMin`. */
function exportOf(args: string[]): { path: string; query: ExportItemsQuery } {
  const fields = [...fieldsOf(ExportItemsQuery)];
  const options: ParseArgsConfig['options'] = Object.fromEntries(
    fields.map(([name, { schema }]) => [optionOf(name), { type: 'string', multiple: schema['type'] === 'array' }]),
  );
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [path = '-', ...others] = positionals;
  if (others.length > 0) throw new Stopped('Name one file: npm run export -- FILE.');
  const given = fields.map(([name, field]) => [name, field.fromQuery(values[optionOf(name)])]);
  const { instance, faults } = examine(ExportItemsQuery, Object.fromEntries(given) as Record<string, unknown>);
  if (faults.length > 0)
    throw new Stopped(
      faults.map(({ at, detail }) => `--${optionOf(at?.split('/')[1] ?? '')} ${detail}`).join('; ') + '.',
    );
  return { path, query: instance };
}

const optionOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
