import {
  choice,
  Field,
  identifier,
  listOf,
  moment,
  objectOf,
  type Page,
  PageCursor,
  PageLimit,
  pageOf,
  partialOf,
  text,
  wholeNumber,
} from '@app/http';
import { PublicProfile } from '../users/users.service';
import { DEMO_ITEM } from './items.demo';
import { ITEM_FIELDS, ItemView } from './items.dto';

export const SORTS = [
  'createdAt',
  '-createdAt',
  'updatedAt',
  '-updatedAt',
  'name',
  '-name',
  'price',
  '-price',
] as const;
export type ItemField = (typeof ITEM_FIELDS)[number];

const amount = wholeNumber({ min: 0, max: Number.MAX_SAFE_INTEGER });

/** Which items: all conditions must hold. */
export class ItemFilter {
  @Field(text({ min: 1, max: 500 }), {
    optional: true,
    description: 'Full-text search; words, "a phrase", or, -without.',
  })
  q?: string;

  @Field(listOf(text({ min: 1, max: 128 }), { max: 20 }), {
    optional: true,
    description: 'Repeatable: all tags must be there.',
  })
  tag?: string[];

  @Field(listOf(text({ min: 1, max: 64 }), { max: 100 }), { optional: true, description: 'Repeatable: any of them.' })
  sku?: string[];

  @Field(identifier(), { optional: true })
  ownerId?: string;

  @Field(amount, { optional: true, description: 'In the minor unit.' })
  priceMin?: number;

  @Field(amount, { optional: true, description: 'In the minor unit.' })
  priceMax?: number;

  @Field(text({ min: 3, max: 3, pattern: /^[A-Z]{3}$/, expected: 'three capital letters' }), {
    optional: true,
    description: 'ISO 4217.',
  })
  currency?: string;

  @Field(wholeNumber({ min: 0, max: 2_147_483_647 }), { optional: true })
  stockMin?: number;

  @Field(moment(), { optional: true, description: 'Changed at this time or later.' })
  updatedSince?: string;

  @Field(listOf(text({ min: 2, max: 10_200, pattern: /^[^:]+:/, expected: 'of the form key:value' }), { max: 20 }), {
    optional: true,
    description:
      'Repeatable: all attributes must have these values, for example `material:walnut`. The first colon ends the key. Values are ' +
      'compared as text: `5` finds the number and the text, `null` and `true` likewise; a number is found however JSON may spell it.',
  })
  attr?: string[];
}

export class ListItemsQuery extends ItemFilter {
  @PageLimit()
  limit!: number;

  @PageCursor()
  cursor?: string;

  @Field(choice(SORTS), {
    optional: true,
    description: 'Default: best match first with `q`, else `-createdAt`. Ties by id, nulls last.',
  })
  sort?: (typeof SORTS)[number];

  @Field(listOf(choice(ITEM_FIELDS), { min: 1, max: ITEM_FIELDS.length, dedupe: true, commas: true }), {
    optional: true,
    description: 'Only these members, separated by commas.',
  })
  fields?: ItemField[];

  @Field(listOf(choice(['owner']), { min: 1, max: 1, commas: true }), {
    optional: true,
    description: 'Adds the owner’s public profile.',
  })
  include?: 'owner'[];

  @Field(choice(['none', 'estimated', 'exact']), {
    default: 'none',
    description: 'How to count the rows on all pages.',
  })
  count!: 'none' | 'estimated' | 'exact';
}

export class ExportItemsQuery extends ItemFilter {
  @Field(choice(['ndjson', 'csv']), { optional: true, description: 'Default: what `Accept` asks for, else `ndjson`.' })
  format?: 'ndjson' | 'csv';
}

const owner = { optional: true, nullable: true, description: 'With `include=owner`; null if the account was deleted.' };

export class ListedItem extends ItemView {
  @Field(objectOf(PublicProfile), owner)
  owner?: PublicProfile | null;
}

/** An item with only the members that `fields` asks for. */
export class ItemSelection extends partialOf(ItemView) {
  @Field(objectOf(PublicProfile), owner)
  owner?: PublicProfile | null;
}

export const ItemPage = pageOf<ListedItem | ItemSelection>('ItemPage', ListedItem, ItemSelection);
export type ItemPage = Page<ListedItem | ItemSelection>;

export class ItemIds {
  @Field(listOf(identifier(), { min: 1, max: 100, commas: true }), {
    description: 'At most 100, separated by commas.',
    example: [DEMO_ITEM.id],
  })
  ids!: string[];
}

export class ItemsFound {
  @Field(listOf(objectOf(ItemView), { max: 100 }), { description: 'In the order asked.' })
  data!: ItemView[];

  @Field(listOf(identifier(), { max: 100 }), { description: 'Ids that no item has.' })
  missing!: string[];
}
