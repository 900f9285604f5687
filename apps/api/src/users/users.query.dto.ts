import { Field, type Page, PageCursor, PageLimit, pageOf, text } from '@app/http';
import type { Role, Status } from './user.entity';
import { Account, role, status } from './users.dto';

/** Which users: all conditions must hold. */
export class UserFilter {
  @Field(text({ min: 1, max: 200 }), {
    optional: true,
    description: 'Beginnings of words of the e-mail address or display name; all must be found.',
  })
  q?: string;

  @Field(role, { optional: true })
  role?: Role;

  @Field(status, { optional: true })
  status?: Exclude<Status, 'deleted'>;
}

export class ListUsersQuery extends UserFilter {
  @PageLimit()
  limit!: number;

  @PageCursor()
  cursor?: string;
}

export const AccountPage = pageOf<Account>('AccountPage', Account);
export type AccountPage = Page<Account>;
