import { choice, Field } from '@app/http';

export class Liveness {
  @Field(choice(['ok']))
  status!: 'ok';
}

export class Readiness {
  @Field(choice(['ok']))
  status!: 'ok';

  @Field(choice(['ok']))
  database!: 'ok';
}
