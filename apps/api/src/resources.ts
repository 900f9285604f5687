import { type Config, ensureSecrets } from '@app/config';
import { startEmbeddedPostgres } from '@app/embedded-postgres';
import type { Settings } from './app.module';

export interface Resources {
  readonly settings: Settings;
  /** Gives back what was opened; the embedded database stops unless another process uses it. */
  readonly release: () => Promise<void>;
}

/** What a process needs before its first module: secrets and a database, the given one or the embedded one. */
export async function openResources(config: Config, onUnfitDatabase: Settings['onUnfitDatabase']): Promise<Resources> {
  if (config.databaseUrl !== undefined) {
    const { databaseUrl, jwtSecret = '' } = config;
    return { settings: { ...config, databaseUrl, jwtSecret, onUnfitDatabase }, release: () => Promise.resolve() };
  }
  const { jwtSecret } = ensureSecrets(config);
  const postgres = await startEmbeddedPostgres({ directory: config.dataDir });
  return {
    settings: { ...config, databaseUrl: postgres.url, jwtSecret, onUnfitDatabase },
    release: () => postgres.stop(),
  };
}
