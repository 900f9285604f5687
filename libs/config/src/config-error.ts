// The one error of this library: a sentence for the operator, never a value out of the environment.

/** The configuration is refused. The message is one line that names each variable at fault and never quotes its value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
