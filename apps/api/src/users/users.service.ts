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

  /** Makes the account unless its e-mail is known; answers whether it was made. Safe when instances start together. (To be written.) */
  ensureAccount(_account: { id?: string; email: string; password: string; displayName: string; role: 'user' | 'admin' }): Promise<boolean> {
    return Promise.resolve(false);
  }

  /** The oldest active administrator; commands act in its name. Fails with a sentence when there is none. (To be written.) */
  firstAdmin(): Promise<{ id: string }> {
    return Promise.reject(new Error('There is no administrator.'));
  }
}
