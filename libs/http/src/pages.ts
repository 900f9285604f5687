// What a list answers: rows, and opaque cursors to both neighbours.
import type { KeysetRows, KeysetWindow } from '@app/database';
import { Injectable, type Type } from '@nestjs/common';
import { Cursors } from './cursors';
import { anyOf, listOf } from './compound-rules';
import { Field, nameClass } from './fields';
import { objectOf } from './input';
import { choice, type Rule, text, wholeNumber } from './rules';

export const MAX_PAGE = 100;

/** Characters: a cursor holds a sort value as JSON, which writes a control character as six. */
const MAX_CURSOR = 4_000;

/** The query parameters that every list has; declared with `@PageLimit()` and `@PageCursor()`. */
export interface PageQuery {
  limit: number;
  cursor?: string;
}

export const PageLimit = (): PropertyDecorator =>
  Field(wholeNumber({ min: 1, max: MAX_PAGE }), { default: 20, description: 'Rows on a page.' });

export const PageCursor = (): PropertyDecorator =>
  Field(text({ min: 1, max: MAX_CURSOR }), {
    optional: true,
    description: '`page.next` or `page.previous` of an answer to the same filter and sort; opaque.',
  });

export class Count {
  @Field(wholeNumber({ min: 0, max: Number.MAX_SAFE_INTEGER }), { description: 'Rows on all pages.' })
  value!: number;

  @Field(choice(['estimated', 'exact']), { description: 'An estimate is the query planner’s.' })
  kind!: 'estimated' | 'exact';
}

export class PagePosition {
  @Field(wholeNumber({ min: 1, max: MAX_PAGE }), { description: 'Rows on a full page.' })
  limit!: number;

  @Field(text({ max: MAX_CURSOR }), { nullable: true, description: 'Cursor of the next page; null on the last.' })
  next!: string | null;

  @Field(text({ max: MAX_CURSOR }), { nullable: true, description: 'Cursor of the previous page; null on the first.' })
  previous!: string | null;

  @Field(objectOf(Count), { nullable: true, description: 'Null unless asked for.' })
  count!: Count | null;
}

export interface Page<View> {
  data: View[];
  page: PagePosition;
}

/** The class that documents a page of views, named `<View>Page`; several classes for a row are alternatives. */
export function pageOf<View>(name: string, ...views: Type<object>[]): Type<Page<View>> {
  const rule: Rule =
    views.length === 1 ? objectOf(views[0] as Type<object>) : anyOf(views.map(objectOf), 'one of its forms');
  class PageView implements Page<View> {
    @Field(listOf(rule, { max: MAX_PAGE }))
    data!: View[];

    @Field(objectOf(PagePosition))
    page!: PagePosition;
  }
  nameClass(PageView, name);
  return PageView;
}

@Injectable()
export class Pages {
  constructor(private readonly cursors: Cursors) {}

  /**
   * Reads one page.
   * @param scope everything that decides which rows are listed and in which order; binds the cursors
   * @param fetch a keyset query for the window
   */
  async read<Row, View>(
    query: PageQuery,
    scope: object,
    fetch: (window: KeysetWindow) => Promise<KeysetRows<Row>>,
    view: (row: Row) => View,
  ): Promise<Page<View>> {
    const bound = JSON.stringify(scope);
    const found = await fetch(this.cursors.read(bound, query));
    return {
      data: found.rows.map(view),
      page: {
        limit: query.limit,
        next: found.next ? this.cursors.write(bound, found.next, false) : null,
        previous: found.previous ? this.cursors.write(bound, found.previous, true) : null,
        count: null,
      },
    };
  }
}
