import { Operation } from '@app/http';
import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Liveness, Readiness } from './health.dto';
import { HealthService, notReady } from './health.service';

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get('live')
  @Operation({ summary: 'Is the process alive?', answers: Liveness, isUnstored: true })
  getLiveness(): Liveness {
    return { status: 'ok' };
  }

  @Get('ready')
  @Operation({ summary: 'May this instance get traffic?', answers: Readiness, isUnstored: true, refuses: [notReady] })
  getReadiness(): Promise<Readiness> {
    return this.health.readiness();
  }
}
