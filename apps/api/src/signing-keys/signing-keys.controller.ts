import { PublicCache } from '@app/caching';
import { Operation } from '@app/http';
import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { PublicKeySet } from './signing-keys.dto';
import { PUBLISHED_FOR } from './signing-keys.rotation';
import { SigningKeys } from './signing-keys.service';

@ApiTags('auth')
@Controller('.well-known')
export class SigningKeysController {
  constructor(private readonly keys: SigningKeys) {}

  @Get('jwks.json')
  @PublicCache({ cacheControl: { maxAge: PUBLISHED_FOR } })
  @Operation({
    summary: 'List the public keys of the access tokens',
    description: 'A JWK set (RFC 7517) for those who verify tokens themselves. A new key is listed before it signs.',
    answers: PublicKeySet,
    isPublic: true,
  })
  listSigningKeys(): Promise<PublicKeySet> {
    return this.keys.published();
  }
}
