import type { ItemsIntake, ItemsSource } from '../items/items.intake.service';
import type { ClaimedRun, FeedRunsRepository } from './feeds.runs.repository';

const PAGE = 1_000;

/**
 * After a feed was read to its end: what it had before and has no longer is not in stock. A line whose SKU can't be read could
 * stand for any of them, and a feed without a single row is more likely an accident than the end of a supplier: then nothing is.
 * @returns how many items were in stock until now
 */
export async function clearMissing(
  { feedId, ownerId }: ClaimedRun,
  source: ItemsSource,
  { intake, rows }: { readonly intake: ItemsIntake; readonly rows: FeedRunsRepository },
): Promise<number> {
  let cleared = 0;
  let skus = source.report.received > 0 && source.unreadable === 0 ? await rows.knownSkus(feedId, '', PAGE) : [];
  while (skus.length > 0) {
    const missing = skus.filter((sku) => !source.has(sku));
    if (missing.length > 0) {
      cleared += await intake.clearStock(ownerId, missing);
      await rows.forget(feedId, missing);
    }
    skus = await rows.knownSkus(feedId, skus.at(-1) as string, PAGE);
  }
  let page: string[] = [];
  for (const sku of source.skus()) {
    if (page.push(sku) < PAGE) continue;
    await rows.know(feedId, page);
    page = [];
  }
  if (page.length > 0) await rows.know(feedId, page);
  return cleared;
}
