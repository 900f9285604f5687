import { type Cache, Caches } from '@app/caching';
import { Count, type Page, Pages } from '@app/http';
import { Injectable } from '@nestjs/common';
import { UsersService } from '../users/users.service';
import { Item } from './item.entity';
import { toItemView } from './items.dto';
import { orderOf } from './items.filter';
import { type ItemFilter, ItemPage, type ListedItem, type ListItemsQuery } from './items.query.dto';
import { ItemsRepository } from './items.repository';

@Injectable()
export class ItemsLists {
  private readonly lists: Cache<Page<Partial<ListedItem>>>;
  /** Apart from the pages, so that whoever walks through them has everything counted once. */
  private readonly counts: Cache<Count>;

  constructor(
    private readonly rows: ItemsRepository,
    private readonly pages: Pages,
    private readonly users: UsersService,
    caches: Caches,
  ) {
    this.lists = caches.open('items.lists', { tableOf: Item, ttl: '5m', view: ItemPage });
    this.counts = caches.open('items.counts', { tableOf: Item, ttl: '5m', view: Count });
  }

  async list(query: ListItemsQuery): Promise<Page<Partial<ListedItem>>> {
    return (await this.lists.get(query, () => this.read(query))) as Page<Partial<ListedItem>>;
  }

  private async read(query: ListItemsQuery): Promise<Page<Partial<ListedItem>>> {
    const { limit, cursor, fields, include, count, sort, ...filter } = query;
    const columns = fields && include ? [...fields, 'ownerId' as const] : fields;
    const page = await this.pages.read(
      { limit, cursor },
      { items: filter, sort },
      (window) => this.rows.page(filter, orderOf(query), window, columns),
      (row) => row,
    );
    page.page.count = count === 'none' ? null : await this.count(filter, count);
    const owners = include && (await this.users.profiles(page.data.map(({ ownerId }) => ownerId)));
    const view = (row: Item): Partial<ListedItem> => ({
      ...toItemView(row, fields),
      ...(owners && { owner: owners.get(row.ownerId) ?? null }),
    });
    return { ...page, data: page.data.map(view) };
  }

  private async count(filter: ItemFilter, kind: Count['kind']): Promise<Count> {
    const count = async (): Promise<Count> => ({
      kind,
      value: await (kind === 'exact' ? this.rows.count(filter) : this.rows.estimate(filter)),
    });
    return (await this.counts.get({ filter, kind }, count)) as Count;
  }
}
