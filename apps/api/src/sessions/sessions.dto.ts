import { Field, flag, identifier, listOf, moment, objectOf, text } from '@app/http';
import type { ShownSession } from './sessions.repository';

export class SessionView {
  @Field(identifier())
  id!: string;

  @Field(moment(), { description: 'When somebody logged in.' })
  createdAt!: string;

  @Field(moment(), { description: 'When it was refreshed last, to the minute.' })
  lastUsedAt!: string;

  @Field(moment(), {
    description: 'When it ends unless it is refreshed before, to the minute; 30 days after the login at the latest.',
  })
  expiresAt!: string;

  @Field(text({ max: 200 }), {
    nullable: true,
    description: 'What the program that logged in calls itself, which proves nothing.',
    example: 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
  })
  userAgent!: string | null;

  @Field(flag(), { description: 'It is the one that this request belongs to.' })
  current!: boolean;
}

export class SessionList {
  @Field(listOf(objectOf(SessionView), { max: 100 }), { description: 'The last used first, 100 at most.' })
  data!: SessionView[];
}

export const toSessionView = (
  { id, createdAt, lastUsedAt, expiresAt, userAgent }: ShownSession,
  current: boolean,
): SessionView => ({
  id,
  createdAt: createdAt.toISOString(),
  lastUsedAt: lastUsedAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
  userAgent,
  current,
});
