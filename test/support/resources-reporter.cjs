// Preloaded into a server's process. Whoever connects is told, after a full collection, how many bytes are alive and how many
// descriptors, timers, sockets and the like there are.
const { readdirSync, rmSync } = require('node:fs');
const { createServer } = require('node:net');
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

createServer((socket) => {
  // What waits for a finalizer goes at the second.
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  const handles = readdirSync('/proc/self/fd').length + process.getActiveResourcesInfo().length;
  socket.on('error', () => undefined).end(JSON.stringify({ bytes: heapUsed + external, handles }));
})
  .listen(process.env.RESOURCES_PROBE)
  .unref();
process.once('exit', () => rmSync(process.env.RESOURCES_PROBE, { force: true }));
