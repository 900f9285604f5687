import { parseArgs } from 'node:util';
import { examine } from '@app/http';
import { FeedJobs } from '../feeds/feeds.jobs.service';
import { FeedsService, type FeedView, NewFeed } from '../feeds/feeds.service';
import { UsersService } from '../users/users.service';
import { type Command, type CommandContext, withApplication } from './context';
import { followJob } from './feeds-view';
import { EXIT, interruptibly, Stopped } from './stopped';

const OPTIONS = {
  format: { type: 'string', default: 'ndjson' },
  'clears-missing': { type: 'boolean', default: false },
  watch: { type: 'boolean', default: false },
} as const;
type Given = Awaited<ReturnType<typeof given>>;
const given = (args: string[]) => parseArgs({ args, allowPositionals: true, options: OPTIONS });

type Action = (
  context: CommandContext,
  words: string[],
  options: Given['values'],
  signal: AbortSignal,
) => Promise<number>;

const ACTIONS: Record<string, Action> = { list, add, refresh };

/** `npm run feeds -- list`, `add` and `refresh`, in the name of the first administrator. */
export const runFeeds: Command = (args) =>
  interruptibly(async (signal) => {
    const { positionals, values } = given(args);
    const [name = '', ...words] = positionals;
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (!action)
      throw new Stopped('Say what to do: npm run feeds -- list, add NAME URL, or refresh [NAME|ID …] [--watch].');
    return withApplication((context) => action(context, words, values, signal));
  });

async function list({ app }: CommandContext): Promise<number> {
  for await (const feed of feedsIn(app.get(FeedsService)))
    process.stdout.write(
      `${feed.id}  ${feed.enabled ? 'enabled ' : 'disabled'}  ${feed.format.padEnd(6)}  ${shown(feed.name)}  ${feed.url}\n`,
    );
  return EXIT.done;
}

async function add({ app }: CommandContext, words: string[], options: Given['values']): Promise<number> {
  const [name, url, ...others] = words;
  if (url === undefined || others.length > 0)
    throw new Stopped(
      'Say its name and where it is: npm run feeds -- add "Acme lamps" https://supplier.example/catalogue.ndjson',
    );
  const values = { name, url, format: options.format, clearsMissing: options['clears-missing'] };
  const { instance, faults } = examine(NewFeed, values);
  if (faults.length > 0)
    throw new Stopped(`${faults.map(({ at, detail }) => `${at?.slice(1)} ${detail}`).join('; ')}.`);
  const { id } = await app.get(UsersService).firstAdmin();
  const feed = await app.get(FeedsService).create({ id, isAdmin: true }, instance);
  process.stdout.write(`${feed.id}\n`);
  return EXIT.done;
}

async function refresh(
  { app }: CommandContext,
  words: string[],
  options: Given['values'],
  signal: AbortSignal,
): Promise<number> {
  const feedIds = words.length > 0 ? await idsOf(app.get(FeedsService), words) : undefined;
  const { id } = await app.get(UsersService).firstAdmin();
  const jobs = app.get(FeedJobs);
  const job = await jobs.refresh(id, { ...(feedIds && { feedIds }) });
  process.stdout.write(`Job ${job.id}: ${job.progress.feeds} feeds.\n`);
  return options.watch ? followJob(jobs.follow(job.id), signal) : EXIT.done;
}

async function idsOf(feeds: FeedsService, words: readonly string[]): Promise<string[]> {
  const ids = new Map<string, string>();
  for await (const { id, name } of feedsIn(feeds)) ids.set(name, id).set(id, id);
  const unknown = words.filter((word) => !ids.has(word));
  if (unknown.length > 0) throw new Stopped(`No feed is called ${unknown.join(', ')}.`);
  return [...new Set(words.map((word) => ids.get(word) as string))];
}

async function* feedsIn(feeds: FeedsService): AsyncGenerator<FeedView> {
  for (let cursor: string | null | undefined; cursor !== null;) {
    const { data, page } = await feeds.list({ limit: 100, ...(cursor && { cursor }) });
    yield* data;
    cursor = page.next;
  }
}

/** Names must not reach the terminal as commands to it. */
const shown = (name: string): string => name.replace(/\p{C}/gu, '?');
