import { busy, Caller, Operation, PathId, type Principal } from '@app/http';
import { Body, Controller, Delete, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiKeyList, IssuedApiKey, NewApiKey } from './api-keys.dto';
import { apiKeyNotFound, ApiKeysService, tooManyApiKeys } from './api-keys.service';

@ApiTags('api-keys')
@Controller('v1/api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeysService) {}

  @Get()
  @Operation({ summary: 'List the own API keys', demands: 'session', answers: ApiKeyList })
  listApiKeys(@Caller() caller: Principal): Promise<ApiKeyList> {
    return this.keys.list(caller);
  }

  /** Not idempotent: the answer would have to be stored, and the key with it. */
  @Post()
  @Operation({
    summary: 'Make an API key',
    limit: 'credentials',
    description:
      'The answer is the only one that shows the key. `Idempotency-Key` is not honoured here, since the key would have to be stored for ' +
      'it: if the answer was lost, delete the key and make another.',
    demands: 'session',
    answers: IssuedApiKey,
    status: 201,
    refuses: [tooManyApiKeys, busy],
  })
  createApiKey(@Caller() caller: Principal, @Body() key: NewApiKey): Promise<IssuedApiKey> {
    return this.keys.create(caller, key);
  }

  @Delete(':id')
  @Operation({
    summary: 'Delete an API key',
    description: 'It is refused from the next request on.',
    demands: 'session',
    refuses: [apiKeyNotFound],
  })
  deleteApiKey(@Caller() caller: Principal, @PathId('01980a6e-5d5a-7c3e-8a52-3f1d2c4b5a69') id: string): Promise<void> {
    return this.keys.remove(caller, id);
  }
}
