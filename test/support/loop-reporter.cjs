// Preloaded into a server's process: for how long its event loop was busy in one piece. Whoever connects is told the longest
// time, in milliseconds, since somebody was told before.
const { rmSync } = require('node:fs');
const { createServer } = require('node:net');

const spent = () => ({ wall: performance.now(), cpu: process.cpuUsage() });
let last = spent();
let longest = 0;

/** A process that waits for its core has not been busy, and other threads' work does not keep the loop: so the lesser counts. */
function tick() {
  const now = spent();
  const cpuMs = (now.cpu.user - last.cpu.user + now.cpu.system - last.cpu.system) / 1_000;
  longest = Math.max(longest, Math.min(now.wall - last.wall, cpuMs));
  last = now;
}

setInterval(tick, 1).unref();
createServer((socket) => {
  tick();
  socket.on('error', () => undefined).end(String(longest));
  longest = 0;
})
  .listen(process.env.LOOP_PROBE)
  .unref();
process.once('exit', () => rmSync(process.env.LOOP_PROBE, { force: true }));
