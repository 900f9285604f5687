import type { ItemsIntake, ItemsSource } from '../items/items.intake.service';
import type { ClaimedRun, FeedRunsRepository } from './feeds.runs.repository';

const PAGE = 1_000;

/**
 * After a feed was read to its end: what it had before and has no longer is not in stock. A line whose SKU can't be read could
 * stand for any of them, and a feed without a single row is more likely an accident than the end of a supplier: then nothing is.
 * @throws RunLost when the run is not the worker's any more
 */
export async function clearMissing(
  run: ClaimedRun,
  source: ItemsSource,
  { intake, rows }: { readonly intake: ItemsIntake; readonly rows: FeedRunsRepository },
  signal: AbortSignal,
): Promise<void> {
  const { feedId, ownerId } = run;
  let skus = source.report.received > 0 && source.unreadable === 0 ? await rows.known.page(feedId, '', PAGE) : [];
  while (skus.length > 0 && !signal.aborted) {
    const missing = skus.filter((sku) => !source.has(sku));
    if (missing.length > 0) await rows.known.remove(run, missing, () => intake.clearStock(ownerId, missing));
    skus = await rows.known.page(feedId, skus.at(-1) as string, PAGE);
  }
  for (const page of pagesOf(source.skus())) {
    if (signal.aborted) break;
    await rows.known.add(run, page);
  }
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
