import { Database } from '@app/database';
import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { User } from './user.entity';

@Injectable()
export class UsersRepository {
  constructor(private readonly database: Database) {}

  findMany(ids: readonly string[]): Promise<User[]> {
    return this.database.repository(User).findBy({ id: In([...ids]) });
  }
}
