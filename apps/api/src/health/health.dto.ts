import { choice, Field, finiteNumber, listOf, objectOf, text, wholeNumber } from '@app/http';

const count = wholeNumber({ min: 0, max: Number.MAX_SAFE_INTEGER });

export class Liveness {
  @Field(choice(['ok']))
  status!: 'ok';
}

export class Freshness {
  @Field(finiteNumber(), {
    description: 'Milliseconds for which cached state may still be shown; 0 while nobody asks.',
  })
  leaseMs!: number;

  @Field(finiteNumber(), {
    nullable: true,
    description: 'Milliseconds since changes were last looked for; null: never.',
  })
  lagMs!: number | null;
}

export class CacheReading {
  @Field(text({ min: 1, max: 100 }), { example: 'items' })
  name!: string;

  @Field(count, { description: 'Answered from this process.' })
  memoryHits!: number;

  @Field(count, { description: 'Answered by what another instance had stored.' })
  redisHits!: number;

  @Field(count, { description: 'Answered by the database; those who asked for the same meanwhile are not counted.' })
  loads!: number;

  @Field(finiteNumber(), { description: 'Share of questions that needed no statement of their own, 0 to 1.' })
  hitRatio!: number;
}

export class Readiness {
  @Field(choice(['ok']))
  status!: 'ok';

  @Field(choice(['ok']))
  database!: 'ok';

  @Field(choice(['ok', 'degraded', 'unused']), {
    description: 'Degraded: away; answers come from memory and database.',
  })
  redis!: 'ok' | 'degraded' | 'unused';

  @Field(objectOf(Freshness), { description: 'Of what is answered from caches.' })
  freshness!: Freshness;

  @Field(listOf(objectOf(CacheReading), { max: 1_000 }), { description: 'Counted since this process started.' })
  caches!: CacheReading[];
}
