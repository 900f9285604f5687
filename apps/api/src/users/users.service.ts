import { Injectable } from '@nestjs/common';
import { type PublicProfile, toPublicProfile } from './users.dto';
import { UsersRepository } from './users.repository';

export { DEMO_USER } from './users.demo';
export { PublicProfile } from './users.dto';

@Injectable()
export class UsersService {
  constructor(private readonly rows: UsersRepository) {}

  /** Public profiles by id; deleted accounts have none. */
  async profiles(ids: readonly string[]): Promise<Map<string, PublicProfile>> {
    const users = await this.rows.findMany(ids);
    return new Map(users.filter(({ status }) => status !== 'deleted').map((user) => [user.id, toPublicProfile(user)]));
  }
}
