import { PublicCache } from '@app/caching';
import { busy, Caller, IfMatch, Operation, PathId, type Precondition, type Principal } from '@app/http';
import { Body, Controller, Delete, Get, Patch, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Credentials } from './users.credentials.service';
import { Account, AccountDeletion, NewAccount, PasswordChange, ProfileChanges, PublicProfile } from './users.dto';
import { DEMO_USER, emailTaken, lastAdmin, userNotFound, UsersService } from './users.service';

@ApiTags('users')
@Controller('v1/users')
export class UsersController {
  constructor(
    private readonly users: UsersService,
    private readonly credentials: Credentials,
  ) {}

  @Post()
  @Operation({
    summary: 'Sign up',
    limit: 'sign-up',
    answers: Account,
    status: 201,
    isVersioned: true,
    location: '/v1/users/{id}',
    refuses: [emailTaken, busy],
  })
  signUp(@Body() account: NewAccount): Promise<Account> {
    return this.users.signUp(account);
  }

  @Get('me')
  @Operation({
    summary: 'Read the own account',
    demands: 'login',
    answers: Account,
    isVersioned: true,
    refuses: [userNotFound],
  })
  getMe(@Caller() { id }: Principal): Promise<Account> {
    return this.users.get(id);
  }

  @Patch('me')
  @Operation({
    summary: 'Change the own account',
    limit: 'credentials',
    description:
      'A merge patch (RFC 7396). Another e-mail address holds as soon as it is confirmed: a mail goes there, and one to the present address, ' +
      'alike whether or not another account has it.',
    demands: 'session',
    consumes: ['application/merge-patch+json', 'application/json'],
    answers: Account,
    isVersioned: true,
    isConditional: true,
    refuses: [userNotFound, busy],
  })
  updateMe(
    @Caller() caller: Principal,
    @Body() changes: ProfileChanges,
    @IfMatch() precondition: Precondition,
  ): Promise<Account> {
    return this.users.updateProfile(caller, changes, precondition);
  }

  @Delete('me')
  @Operation({
    summary: 'Delete the own account',
    limit: 'credentials',
    description:
      'Erases address, name, password, sessions, keys and mails from the database, at once and for good. What the account owns stays.',
    demands: 'session',
    isConditional: true,
    refuses: [userNotFound, lastAdmin, busy],
  })
  deleteMe(
    @Caller() caller: Principal,
    @Body() deletion: AccountDeletion,
    @IfMatch() precondition: Precondition,
  ): Promise<void> {
    return this.users.removeOwn(caller, deletion, precondition);
  }

  @Put('me/password')
  @Operation({
    summary: 'Change the own password',
    limit: 'credentials',
    description: 'Ends every access token of the account, this one included: log in again.',
    demands: 'session',
    refuses: [busy],
  })
  changePassword(@Caller() caller: Principal, @Body() change: PasswordChange): Promise<void> {
    return this.credentials.changePassword(caller, change);
  }

  @Get(':id')
  @PublicCache({ row: 'user_profile' })
  @Operation({
    summary: 'Read a public profile',
    answers: PublicProfile,
    isPublic: true,
    refuses: [userNotFound],
  })
  getProfile(@PathId(DEMO_USER.id) id: string): Promise<PublicProfile> {
    return this.users.getProfile(id);
  }
}
