import type { ItemsIntake, ItemsSource } from '../items/items.intake.service';
import type { ClaimedRun, FeedRunsRepository } from './feeds.runs.repository';

const PAGE = 1_000;

/**
 * After a feed was read to its end: what it had before and has no longer is not in stock. A line whose SKU can't be read could
 * stand for any of them, and a feed without a single row is more likely an accident than the end of a supplier: then nothing is.
 * @returns whether it may be asked for news only from now on; not if another feed has cleared meanwhile what this one has
 * @throws RunLost when the run is not the worker's any more
 */
export async function clearMissing(
  run: ClaimedRun,
  source: ItemsSource,
  { intake, rows }: { readonly intake: ItemsIntake; readonly rows: FeedRunsRepository },
  signal: AbortSignal,
): Promise<boolean> {
  const { feedId, ownerId } = run;
  let skus = source.report.received > 0 && source.unreadable === 0 ? await rows.known.page(feedId, '', PAGE) : [];
  while (skus.length > 0 && !signal.aborted) {
    const missing = skus.filter((sku) => !source.has(sku));
    if (missing.length > 0) await rows.known.remove(run, missing, (gone) => intake.clearStock(ownerId, gone));
    skus = await rows.known.page(feedId, skus.at(-1) as string, PAGE);
  }
  let added = 0;
  for (const page of pagesOf(source.skus())) {
    if (signal.aborted) break;
    added += await rows.known.add(run, page);
  }
  return added === 0 || !(await rows.known.isContested(run));
}

function* pagesOf(skus: Iterable<string>): Generator<string[]> {
  let page: string[] = [];
  for (const sku of skus) {
    if (page.push(sku) < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
