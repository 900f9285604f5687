const { rmSync } = require('node:fs');

module.exports = async () => {
  const { server, directory } = globalThis.postgres;
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
};
