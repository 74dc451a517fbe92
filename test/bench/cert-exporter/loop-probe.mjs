/**
 * Loaded into an exporter with --import: says four times a second for how long its event loop was busy at most between
 * two turns of a timer of a millisecond. Counted in CPU time of the main thread, which is wall time on a quiet machine
 * and does not count what other processes took; the wall time is said beside it.
 */
let longestCpuMs = 0;
let longestWallMs = 0;
let cpu = process.threadCpuUsage();
let wall = performance.now();
setInterval(() => {
  const [nextCpu, nextWall] = [process.threadCpuUsage(), performance.now()];
  longestCpuMs = Math.max(longestCpuMs, (nextCpu.user + nextCpu.system - cpu.user - cpu.system) / 1000);
  longestWallMs = Math.max(longestWallMs, nextWall - wall - 1);
  [cpu, wall] = [nextCpu, nextWall];
}, 1).unref();
setInterval(() => {
  process.stdout.write(`{"loopBusyMs":${longestCpuMs.toFixed(1)},"loopLateMs":${Math.max(0, longestWallMs).toFixed(1)}}\n`);
  [longestCpuMs, longestWallMs] = [0, 0];
}, 250).unref();
