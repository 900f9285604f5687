import { parseArgs } from 'node:util';
import { ItemsImport } from '../items/items.import';
import { type ItemImportFault, ItemImportReport } from '../items/items.import.dto';
import { UsersService } from '../users/users.service';
import { type Command, withApplication } from './context';
import { type Input, openInput } from './input';
import { number, showProgress } from './progress';
import { EXIT, interruptibly, sentenceOf, Stopped } from './stopped';

/** `npm run import -- FILE`: creates and changes items, in the name of the first administrator. */
export const runImport: Command = (args) =>
  interruptibly(async (signal) => {
    const [path, ...others] = parseArgs({ args, allowPositionals: true }).positionals;
    if (!path || others.length > 0)
      throw new Stopped('Say which file: npm run import -- FILE, or - for standard input.');
    const input = await openInput(path);
    signal.addEventListener('abort', () => input.stop(signal.reason as Error));
    return withApplication(async ({ app }) => {
      const { id } = await app.get(UsersService).firstAdmin();
      const report = new ItemImportReport();
      const started = performance.now();
      const hideProgress = showProgress(() => ({ rows: report.received, share: shareOf(input) }));
      try {
        await app.get(ItemsImport).run({ id, isAdmin: true }, input.bytes, input.format, report);
      } catch (error) {
        throw new Stopped(`${sentenceOf(error)} ${soFar(report)}`.trim());
      } finally {
        hideProgress();
      }
      process.stderr.write(rejectedLines(report));
      process.stdout.write(summaryOf(report, (performance.now() - started) / 1_000));
      await app.get(ItemsImport).settling;
      return report.rejected > 0 ? EXIT.rejected : EXIT.done;
    });
  });

const shareOf = ({ totalBytes, readBytes }: Input): number | undefined =>
  totalBytes && Math.min(1, readBytes() / totalBytes);

const summaryOf = (report: ItemImportReport, seconds: number): string =>
  `${countsOf(report)}, ${number(report.rejected)} rejected: ${number(report.received)} lines ` +
  `in ${seconds.toFixed(1)} s, ${number(report.received / seconds)} a second.\n`;

const countsOf = ({ created, updated, unchanged }: ItemImportReport): string =>
  `${number(created)} created, ${number(updated)} updated, ${number(unchanged)} unchanged`;

const soFar = (report: ItemImportReport): string =>
  report.created + report.updated + report.unchanged > 0 ? `${countsOf(report)} so far: run it again to go on.` : '';

function rejectedLines({ errors, rejected }: ItemImportReport): string {
  const more = rejected - new Set(errors.map(({ line }) => line)).size;
  const lines = [...errors.map(sentenceOfLine), ...(more > 0 ? [`and ${number(more)} more lines`] : [])];
  return lines.map((line) => `${line}\n`).join('');
}

/** Names come from the file: they must not reach the terminal as commands to it. */
function sentenceOfLine({ line, pointer, detail }: ItemImportFault): string {
  const field = pointer?.slice(1, 100).replace(/\p{C}/gu, '?');
  return `Line ${line}${field === undefined ? '' : `: ${field}`} ${detail}`;
}
