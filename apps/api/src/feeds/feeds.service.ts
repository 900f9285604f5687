import { defineProblem, type Page, Pages, type Precondition, type Principal, type Refusal } from '@app/http';
import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Feed } from './feed.entity';
import { type FeedChanges, type FeedView, type ListFeedsQuery, type NewFeed, toFeedView } from './feeds.dto';
import { FeedsRepository } from './feeds.repository';
import { MAX_FEEDS } from './feeds.rules';

export { type FeedView, NewFeed } from './feeds.dto';

export const feedNotFound: Refusal = defineProblem({
  status: 404,
  code: 'feed_not_found',
  title: 'There is no such feed',
});
export const feedNameTaken: Refusal = defineProblem({
  status: 409,
  code: 'feed_name_taken',
  title: 'Another feed has this name',
  constraint: 'feeds_name_key',
  pointer: '/name',
});
export const tooManyFeeds: Refusal = defineProblem({
  status: 409,
  code: 'too_many_feeds',
  title: 'There are as many feeds as there may be',
});

@Injectable()
export class FeedsService {
  constructor(
    private readonly rows: FeedsRepository,
    private readonly pages: Pages,
  ) {}

  list(query: ListFeedsQuery): Promise<Page<FeedView>> {
    return this.pages.read(query, { feeds: {} }, (window) => this.rows.page(window), toFeedView);
  }

  async get(id: string): Promise<FeedView> {
    return toFeedView(await this.existing(id));
  }

  async create({ id: ownerId }: Principal, feed: NewFeed): Promise<FeedView> {
    const row = await this.rows.insert(uuidv7(), ownerId, feed, MAX_FEEDS);
    return toFeedView(row ?? tooManyFeeds(`There are ${MAX_FEEDS} feeds: delete one first.`));
  }

  async update(id: string, changes: FeedChanges, precondition: Precondition): Promise<FeedView> {
    const changed = await this.rows.update(id, changes, precondition.versionsOf(id));
    if (changed) return toFeedView(changed);
    // It has the right version by now, or there is none.
    precondition.verify(await this.existing(id));
    return this.update(id, changes, precondition);
  }

  async remove(id: string, precondition: Precondition): Promise<void> {
    if (await this.rows.delete(id, precondition.versionsOf(id))) return;
    precondition.verify(await this.existing(id));
    return this.remove(id, precondition);
  }

  private async existing(id: string): Promise<Feed> {
    return (await this.rows.find(id)) ?? feedNotFound(`No feed has the id ${id}.`);
  }
}
