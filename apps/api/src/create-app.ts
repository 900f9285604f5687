import { Answers } from '@app/caching';
import { createAdapter, describeApi, docsRoutes, Drain, Load, setUpHttp } from '@app/http';
import { KeptMails, mailRoutes } from '@app/mail';
import { LOGGER, type Logger, NestLogger } from '@app/telemetry';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { API } from './api-description';
import { AppModule, type Settings } from './app.module';

/** The whole application, ready to listen: the same for `main.ts` and for every test. */
export async function createApp(settings: Settings): Promise<NestFastifyApplication> {
  const load = new Load();
  const answers = new Answers({ ...settings, load });
  const adapter = await createAdapter({ ...settings, load, front: answers.front });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.with({ ...settings, answers }), adapter, {
    bodyParser: false,
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(new NestLogger(app.get<Logger>(LOGGER)));
  setUpHttp(app, { ...settings, load });
  app.get(Drain).onBegin(() => (answers.isDraining = true));
  await docsRoutes(app.getHttpAdapter().getInstance(), {
    title: API.title,
    document: await describeApi(app, API),
  });
  if (settings.embedded) mailRoutes(app.getHttpAdapter().getInstance(), app.get(KeptMails));
  return app;
}
