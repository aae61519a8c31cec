// SPDX-License-Identifier: Apache-2.0
// BullMQ's side of the comparison, in JavaScript, its own language: `bullmq.cjs PHASE N`, phases as in side.py; `worker` runs jobs until killed.
// The package is installed into a temporary folder by `run`; NODE_PATH points there.
const { Queue, QueueEvents, Worker } = require('bullmq');

const url = new URL(process.env.REDIS_URL);
const connection = { host: url.hostname, port: Number(url.port), maxRetriesPerRequest: null };
const [what, n] = [process.argv[2], Number(process.argv[3])];
const now = () => Number(process.hrtime.bigint()) / 1e6;
const CHUNK = 1000;

async function bulk(queue, many) {
  const jobs = [];
  for (let at = 0; at < many; at += CHUNK)
    jobs.push(...await queue.addBulk(Array.from({ length: Math.min(CHUNK, many - at) }, () => ({ name: 'noop', data: {} }))));
  return jobs;
}

async function main() {
  if (what === 'worker') {
    new Worker('bench', async () => null, { connection, concurrency: Number(process.env.BENCH_CONCURRENCY || 50) });
    return;
  }
  // By default only about 10,000 events are kept: four a job, so a reader that falls behind would wait for ever.
  const queue = new Queue('bench', { connection, streams: { events: { maxLen: 1000000 } } });
  await queue.waitUntilReady();
  let out;
  if (what === 'single') {
    await queue.add('noop', {});
    const t = now();
    for (let i = 0; i < n; i++) await queue.add('noop', {});
    out = { per_s: n / (now() - t) * 1000 };
  } else if (what === 'bulk') {
    const t = now();
    await bulk(queue, n);
    out = { per_s: n / (now() - t) * 1000 };
  } else {
    const events = new QueueEvents('bench', { connection });
    await events.waitUntilReady();
    if (what === 'through') {
      // The stream is read from its end on, and what came before the first read is missed: so first one job until one is heard of.
      let heard = false, left = n, end;
      const all = new Promise(resolve => { end = resolve; });
      const warm = new Set();
      events.on('completed', ({ jobId }) => {
        heard = true;
        if (!warm.has(jobId) && --left === 0) end();
      });
      while (!heard) {
        const id = `warm${warm.size}`;
        warm.add(id);
        await queue.add('noop', {}, { jobId: id });
        await new Promise(resolve => setTimeout(resolve, 100));
      }
      const t = now();
      await bulk(queue, n);
      await all;
      out = { per_s: n / (now() - t) * 1000 };
    } else {
      const times = [];
      for (let i = 0; i < n; i++) {
        const t = now();
        const job = await queue.add('noop', {});
        await job.waitUntilFinished(events);
        times.push(now() - t);
      }
      times.sort((a, b) => a - b);
      out = { p50_ms: times[n >> 1], p99_ms: times[Math.min(n - 1, Math.floor(n * .99))] };
    }
    await events.close();
  }
  console.log(JSON.stringify(out));
  await queue.close();
}
main().catch(e => { console.error(e); process.exit(1); });
