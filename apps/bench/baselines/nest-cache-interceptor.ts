// Nest on Fastify with a TypeORM repository and Nest's own CacheInterceptor, as its documentation shows it.
// Arguments: the URL of the database, and `memory` or the URL of a Redis.
import 'reflect-metadata';
import { CacheInterceptor, CacheModule, type CacheOptions } from '@nestjs/cache-manager';
import {
  Controller,
  DefaultValuePipe,
  Get,
  Module,
  NotFoundException,
  Param,
  ParseIntPipe,
  ParseUUIDPipe,
  Query,
  UseInterceptors,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { KeyvAdapter } from 'cache-manager';
import { redisStore } from 'cache-manager-redis-yet';
import { Keyv } from 'keyv';
import { DataSource, type Repository } from 'typeorm';
import { Item } from './item.entity';

const [databaseUrl, cache] = process.argv.slice(2) as [string, string];

/** Long enough for nothing to run out while it is measured. */
const TTL_MS = 3_600_000;
const MAX_LIMIT = 100;

@Controller('v1/items')
@UseInterceptors(CacheInterceptor)
class ItemsController {
  private readonly items: Repository<Item>;

  constructor(dataSource: DataSource) {
    this.items = dataSource.getRepository(Item);
  }

  @Get()
  async list(@Query('limit', new DefaultValuePipe(20), ParseIntPipe) limit: number): Promise<{ items: Item[] }> {
    return {
      items: await this.items.find({ order: { createdAt: 'DESC', id: 'DESC' }, take: Math.min(limit, MAX_LIMIT) }),
    };
  }

  @Get(':id')
  async get(@Param('id', ParseUUIDPipe) id: string): Promise<Item> {
    const item = await this.items.findOneBy({ id });
    if (item === null) throw new NotFoundException();
    return item;
  }
}

@Module({
  imports: [
    cache === 'memory'
      ? CacheModule.register({ ttl: TTL_MS })
      : CacheModule.registerAsync({
          useFactory: async () => {
            const store = new KeyvAdapter(await redisStore({ url: cache }));
            // The same class, declared once for CommonJS and once for ES modules.
            return { stores: [new Keyv({ store, ttl: TTL_MS })] as unknown as CacheOptions['stores'] };
          },
        }),
  ],
  controllers: [ItemsController],
  providers: [
    {
      provide: DataSource,
      useFactory: () =>
        new DataSource({ type: 'postgres', url: databaseUrl, entities: [Item], poolSize: 10 }).initialize(),
    },
  ],
})
class AppModule {}

async function start(): Promise<void> {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), { logger: ['error'] });
  await app.listen(0, '127.0.0.1');
  process.stdout.write(`listening on ${await app.getUrl()}\n`);
}

start().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
