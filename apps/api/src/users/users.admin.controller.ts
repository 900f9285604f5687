import { Caller, IfMatch, Operation, PathId, type Precondition, type Principal } from '@app/http';
import { Body, Controller, Delete, Get, Patch, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Account, StandingChanges } from './users.dto';
import { AccountPage, ListUsersQuery } from './users.query.dto';
import { DEMO_USER, lastAdmin, userNotFound, UsersService } from './users.service';

@ApiTags('users')
@Controller('v1/users')
export class UsersAdminController {
  constructor(private readonly users: UsersService) {}

  @Get()
  @Operation({
    summary: 'List and search accounts',
    description: 'Newest first; deleted accounts are not listed.',
    demands: 'admin',
    answers: AccountPage,
  })
  listUsers(@Query() query: ListUsersQuery): Promise<AccountPage> {
    return this.users.list(query);
  }

  @Patch(':id')
  @Operation({
    summary: 'Change an account’s role or status',
    description:
      'A merge patch (RFC 7396). Takes effect on the account’s next request. The `ETag` is the account’s, as in the answer to ' +
      'this operation (`"{id}.{version}"`), not that of the public profile.',
    demands: 'admin',
    consumes: ['application/merge-patch+json', 'application/json'],
    answers: Account,
    isVersioned: true,
    isConditional: true,
    refuses: [userNotFound, lastAdmin],
  })
  updateUser(
    @Caller() caller: Principal,
    @PathId(DEMO_USER.id) id: string,
    @Body() changes: StandingChanges,
    @IfMatch() precondition: Precondition,
  ): Promise<Account> {
    return this.users.changeStanding(caller, id, changes, precondition);
  }

  @Delete(':id')
  @Operation({
    summary: 'Delete an account',
    description:
      'Erases address, name, password, sessions, keys and mails from the database, at once and for good. What the account owns stays.',
    demands: 'admin',
    isConditional: true,
    refuses: [userNotFound, lastAdmin],
  })
  deleteUser(
    @Caller() caller: Principal,
    @PathId(DEMO_USER.id) id: string,
    @IfMatch() precondition: Precondition,
  ): Promise<void> {
    return this.users.remove(caller, id, precondition);
  }
}
