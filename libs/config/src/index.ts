// One schema of the environment: a frozen, typed configuration, or a refusal that names the variable.
export { ConfigError } from './config-error';
export { describeConfig } from './describe';
export { loadConfig } from './load';
export { ensureSecrets } from './secrets';
export { variables, type Config, type Variable } from './variables';
