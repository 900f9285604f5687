// A process of its own that uses the database of a directory until its standard input ends.
import { startEmbeddedPostgres } from '../src/index';

startEmbeddedPostgres({ directory: process.argv[2] as string, settings: { fsync: 'off' } }).then(
  (server) => {
    console.log(JSON.stringify({ url: server.url, joined: server.joined }));
    process.stdin.resume().once('end', () => void server.stop());
  },
  (error: Error) => console.log(JSON.stringify({ error: `${error.name}: ${error.message}` })),
);
