import { Caller, Operation, PathId, type Principal } from '@app/http';
import { Controller, Delete, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { SessionList } from './sessions.dto';
import { sessionNotFound, Sessions } from './sessions.service';

@ApiTags('auth')
@Controller('v1/auth/sessions')
export class SessionsController {
  constructor(private readonly sessions: Sessions) {}

  @Get()
  @Operation({
    summary: 'List the own sessions',
    description: 'Where the account is logged in.',
    demands: 'session',
    answers: SessionList,
  })
  listSessions(@Caller() caller: Principal): Promise<SessionList> {
    return this.sessions.list(caller);
  }

  @Delete(':id')
  @Operation({
    summary: 'End one of the own sessions',
    description: 'Its access tokens and its refresh token are worth nothing from now on.',
    demands: 'session',
    refuses: [sessionNotFound],
  })
  endSession(@Caller() caller: Principal, @PathId() id: string): Promise<void> {
    return this.sessions.remove(caller, id);
  }
}
