// A route that could tell its callers apart is not kept for everyone: the whole application refuses to start with it.
import 'reflect-metadata';
import { PublicCache } from '@app/caching';
import { loadConfig } from '@app/config';
import { Caller, createAdapter, Load, Operation } from '@app/http';
import { Controller, Get, Headers, Inject, Injectable, Ip, Post, Query, Req, Scope, UseGuards } from '@nestjs/common';
import { NestFactory, REQUEST } from '@nestjs/core';
import { AppModule } from '../../apps/api/src/app.module';
import { createDatabase } from '../support/database';

class Answer {}
const open = { summary: 'Read', answers: Answer, isPublic: true };

class Guard {
  canActivate = (): boolean => true;
}

@Injectable({ scope: Scope.REQUEST })
class Whoever {
  constructor(@Inject(REQUEST) readonly request: object) {}
}

@Controller('a')
class NamesItsCaller {
  @Get()
  @PublicCache()
  @Operation(open)
  namesItsCaller(@Caller() caller: unknown): unknown {
    return caller;
  }
}

@Controller('b')
class SeesTheRequest {
  @Get()
  @PublicCache()
  @Operation(open)
  seesTheRequest(@Req() request: unknown): unknown {
    return request;
  }
}

@Controller('c')
class ReadsAHeader {
  @Get()
  @PublicCache()
  @Operation(open)
  readsAHeader(@Headers('x-tenant') tenant: string): string {
    return tenant;
  }
}

@Controller('d')
class ReadsTheAddress {
  @Get()
  @PublicCache()
  @Operation(open)
  readsTheAddress(@Ip() address: string): string {
    return address;
  }
}

@Controller('e')
class DemandsALogin {
  @Get()
  @PublicCache()
  @Operation({ ...open, demands: 'login' })
  demandsALogin(): string {
    return '';
  }
}

@Controller('f')
@UseGuards(Guard)
class IsGuarded {
  @Get()
  @PublicCache()
  @Operation(open)
  isGuarded(): string {
    return '';
  }
}

@Controller('g')
class IsPrivate {
  @Get()
  @PublicCache()
  @Operation({ summary: 'Read', answers: Answer })
  isPrivate(): string {
    return '';
  }
}

@Controller('h')
class Writes {
  @Post()
  @PublicCache()
  @Operation(open)
  writesThings(): string {
    return '';
  }
}

@Controller('i')
class Streams {
  @Get()
  @PublicCache()
  @Operation({ ...open, answers: 'stream', produces: ['text/csv'] })
  streamsRows(): string {
    return '';
  }
}

@Controller('j')
class Undescribed {
  @Get()
  @PublicCache()
  undescribedRoute(): string {
    return '';
  }
}

@Controller('k')
class InjectsTheRequest {
  constructor(private readonly whoever: Whoever) {}

  @Get()
  @PublicCache()
  @Operation(open)
  injectsTheRequest(): unknown {
    return this.whoever;
  }
}

@Controller('l')
class Inherits extends NamesItsCaller {}

@Controller('m')
class IsTheSameForAll {
  @Get()
  @PublicCache()
  @Operation(open)
  isTheSameForAll(@Query('q') word: string): string {
    return word;
  }
}

describe('a route marked @PublicCache()', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;

  beforeAll(async () => {
    database = await createDatabase();
  });

  afterAll(() => database.drop());

  async function boot(controller: new (...args: never[]) => object): Promise<void> {
    const jwtSecret = 'a secret that is used in tests only, 32 bytes or more';
    const config = loadConfig({ DATABASE_URL: database.url, JWT_SECRET: jwtSecret, LOG_LEVEL: 'silent' });
    const onUnfitDatabase = (error: Error): never => {
      throw error;
    };
    class Feature {}
    class Root {}
    const application = AppModule.with({ ...config, databaseUrl: database.url, jwtSecret, onUnfitDatabase });
    const feature = { module: Feature, controllers: [controller], providers: [Whoever] };
    const root = { module: Root, imports: [application, feature] };
    const app = await NestFactory.create(root, await createAdapter({ ...config, load: new Load() }), {
      logger: false,
      abortOnError: false,
    });
    // What has begun would go on until long after the test.
    await app.init().finally(() => app.close());
  }

  it.each([
    [NamesItsCaller, /^NamesItsCaller\.namesItsCaller is marked @PublicCache\(\), but has a parameter that is neither/],
    [SeesTheRequest, /seesTheRequest .* has a parameter that is neither of the path nor of the query/],
    [ReadsAHeader, /readsAHeader .* has a parameter that is neither of the path nor of the query/],
    [ReadsTheAddress, /readsTheAddress .* has a parameter that is neither of the path nor of the query/],
    [DemandsALogin, /demandsALogin .* demands a login/],
    [IsGuarded, /isGuarded .* has a guard/],
    [IsPrivate, /isPrivate .* its operation is not isPublic/],
    [Writes, /writesThings .* is not a GET/],
    [Streams, /streamsRows .* answers with a stream/],
    [Undescribed, /undescribedRoute .* has no @Operation\(\)/],
    [InjectsTheRequest, /injectsTheRequest .* is made anew for each request/],
    [Inherits, /^Inherits\.namesItsCaller .* has a parameter that is neither/],
  ])('refuses to boot: %p', async (controller, sentence) => {
    await expect(boot(controller)).rejects.toThrow(sentence);
  });

  it('boots when its answer can only depend on its path and its query', () => boot(IsTheSameForAll));
});
