import { choice, Field, listOf, objectOf, text } from '@app/http';

/** RFC 7517, and RFC 8037 for the kind of key. */
export class PublicKey {
  @Field(choice(['OKP']), { description: 'The kind of key: an octet key pair.' })
  kty!: 'OKP';

  @Field(choice(['Ed25519']), { description: 'The curve.' })
  crv!: 'Ed25519';

  @Field(text({ min: 43, max: 43 }), { description: 'The public key.' })
  x!: string;

  @Field(text({ min: 1, max: 100 }), { description: 'The id of the key, as in the header of the tokens.' })
  kid!: string;

  @Field(choice(['EdDSA']), { description: 'The algorithm of the signatures.' })
  alg!: 'EdDSA';

  @Field(choice(['sig']), { description: 'What the key is for.' })
  use!: 'sig';
}

export class PublicKeySet {
  @Field(listOf(objectOf(PublicKey), { max: 100 }), { description: 'The newest first.' })
  keys!: PublicKey[];
}
