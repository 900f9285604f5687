// A supplier whose answer never ends, as fast as it is read, in a process of its own: beside the proxies of a check, which stand between
// the service and its servers, it would keep those waiting.
const { createServer } = require('node:http');

const ROWS = '{"sku":"one","name":"One"}\n'.repeat(1_000);

const server = createServer((_, response) => {
  const write = () => {
    while (!response.destroyed && response.write(ROWS));
  };
  response.on('drain', write);
  write();
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit());
