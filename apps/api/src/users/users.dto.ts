import { Field, identifier, moment, text } from '@app/http';
import type { User } from './user.entity';
import { DEMO_USER } from './users.demo';

export const displayName = text({ min: 1, max: 100 });

export class PublicProfile {
  @Field(identifier(), { example: DEMO_USER.id })
  id!: string;

  @Field(displayName, { example: DEMO_USER.displayName })
  displayName!: string;

  @Field(moment(), { example: '2026-01-31T12:00:00.000Z' })
  createdAt!: string;
}

export const toPublicProfile = ({ id, displayName: name, createdAt }: User): PublicProfile => ({
  id,
  displayName: name,
  createdAt: createdAt.toISOString(),
});
