// Nest on Fastify with a TypeORM repository and, if wanted, Nest's own CacheInterceptor, as its documentation shows it.
// Arguments: the URL of the database, the id of the owner of new items, `none`, `memory` or the URL of a Redis, and the
// milliseconds that an answer is kept, which is all of its invalidation.
import 'reflect-metadata';
import { CacheInterceptor } from '@nestjs/cache-manager';
import {
  Body,
  Controller,
  DefaultValuePipe,
  Get,
  Module,
  NotFoundException,
  Param,
  ParseIntPipe,
  ParseUUIDPipe,
  Patch,
  Post,
  Query,
  UseInterceptors,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource, type Repository } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { Item } from './item.entity';
import { cacheModule } from './nest-cache';

const [databaseUrl, ownerId, cache, ttl] = process.argv.slice(2) as [string, string, string, string];
const isCached = cache !== 'none';
const MAX_LIMIT = 100;

@Controller('v1/items')
@UseInterceptors(...(isCached ? [CacheInterceptor] : []))
class ItemsController {
  private readonly items: Repository<Item>;

  constructor(dataSource: DataSource) {
    this.items = dataSource.getRepository(Item);
  }

  @Get()
  async list(@Query('limit', new DefaultValuePipe(20), ParseIntPipe) limit: number): Promise<{ data: Item[] }> {
    const take = Math.min(limit, MAX_LIMIT);
    return { data: await this.items.find({ order: { createdAt: 'DESC', id: 'DESC' }, take }) };
  }

  @Get(':id')
  async get(@Param('id', ParseUUIDPipe) id: string): Promise<Item> {
    const item = await this.items.findOneBy({ id });
    if (item === null) throw new NotFoundException();
    return item;
  }

  @Post()
  async create(@Body() content: Partial<Item>): Promise<Item> {
    const item = this.items.create({ description: null, tags: [], attributes: {}, ...content, id: uuidv7(), ownerId });
    await this.items.insert(item);
    return item;
  }

  @Patch(':id')
  async update(@Param('id', ParseUUIDPipe) id: string, @Body() changes: Partial<Item>): Promise<Item> {
    const item = await this.get(id);
    return this.items.save(Object.assign(item, changes));
  }
}

@Module({
  imports: isCached ? [cacheModule(cache, Number(ttl))] : [],
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
