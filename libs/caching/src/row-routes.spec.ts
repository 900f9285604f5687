import { Gathered } from '@app/database';
import { Operation, PathParameter, text } from '@app/http';
import { Controller, Get, Query } from '@nestjs/common';
import { Entity, PrimaryColumn } from 'typeorm';
import { scriptedFeed } from '../../database/test/scripted-source';
import { Caches } from './caches';
import { Memory } from './memory';
import { PublicCache } from './public-cache';
import { pathOf, rowRouteOf } from './row-routes';

@Entity('gadgets')
class Gadget {
  @PrimaryColumn('uuid')
  id!: string;
}

class Filter {}
const open = { summary: 'Read', answers: Gadget, isPublic: true };
const Name = () => PathParameter('name', text({ min: 1, max: 20, pattern: /^[a-z]+$/, expected: 'letters' }));

@Controller('gadgets')
class Gadgets {
  @Get('by-name/:name')
  @PublicCache({ row: 'gadgets', staleIfError: '1m' })
  @Operation({ ...open, isVersioned: true })
  readGadget(@Name() name: string): string {
    return name;
  }

  @Get('lists/:name')
  @PublicCache({ row: 'gadgets.lists' })
  @Operation(open)
  readGadgetList(@Name() name: string): string {
    return name;
  }

  @Get('slow/:name')
  @PublicCache({ row: 'gadgets.slow' })
  @Operation(open)
  readSlowGadget(@Name() name: string): string {
    return name;
  }

  @Get('absent/:name')
  @PublicCache({ row: 'nothing' })
  @Operation(open)
  readAbsentGadget(@Name() name: string): string {
    return name;
  }

  @Get('queried/:name')
  @PublicCache({ row: 'gadgets' })
  @Operation(open)
  readQueriedGadget(@Name() name: string, @Query() _filter: Filter): string {
    return name;
  }

  @Get(':name/parts')
  @PublicCache({ row: 'gadgets' })
  @Operation(open)
  readGadgetParts(@Name() name: string): string {
    return name;
  }

  @Get(':name')
  @PublicCache({ row: 'gadgets' })
  @Operation(open)
  readGadgetOrAll(@Name() name: string): string {
    return name;
  }

  @Get('all')
  @PublicCache()
  @Operation(open)
  readAllGadgets(): string {
    return '';
  }
}

const handled = (name: keyof Gadgets) => ({ controller: Gadgets, handler: Gadgets.prototype[name] });

function routeOf(name: keyof Gadgets) {
  const caches = new Caches(scriptedFeed().feed, new Memory(1_000_000));
  const load = Object.create(Gathered.prototype) as Gathered<Gadget>;
  caches.open('gadgets', { rowsOf: Gadget, ttl: '1h', load });
  caches.open('gadgets.lists', { tableOf: Gadget, ttl: '1h', load });
  caches.open('gadgets.slow', { rowsOf: Gadget, ttl: '1h', load: () => Promise.resolve(new Map()) });
  const names = Object.getOwnPropertyNames(Gadgets.prototype).slice(1) as (keyof Gadgets)[];
  return rowRouteOf(handled(name), { caches, paths: names.map((one) => pathOf(handled(one))), vary: 'Origin' });
}

it('a marked row is known by its path, its cache and its rule', () => {
  expect(routeOf('readGadget')).toMatchObject({
    prefix: '/gadgets/by-name/',
    template: '/gadgets/by-name/:name',
    isVersioned: true,
    cacheControl: 'public, no-cache',
    vary: 'Origin',
    longVary: 'Origin, Accept-Encoding',
  });
  expect(routeOf('readGadget')?.questionOf('lamp')).toBe('readGadget {"name":"lamp"}');
});

it('a mark that names no row makes no such route', () => expect(routeOf('readAllGadgets')).toBeUndefined());

it.each([
  ['readGadgetList', 'that cache has not each row by itself'],
  ['readSlowGadget', 'that cache has not each row by itself'],
  ['readAbsentGadget', 'there is no such cache'],
  ['readQueriedGadget', 'it has a query'],
  ['readGadgetParts', 'its path has not one parameter, at its end'],
  ['readGadgetOrAll', '/gadgets/all would be taken for one'],
] as const)('%s is refused at boot', (name, why) => expect(() => routeOf(name)).toThrow(why));
