# SPDX-License-Identifier: Apache-2.0
# asyncio without packages: a line server and many clients, queues, timeouts, subprocesses, exception groups, TaskGroup, threads, signals of cancellation.
import asyncio, sys, contextvars
var = contextvars.ContextVar('var', default=0)
async def serve(reader, writer):
    while line := await reader.readline():
        writer.write(line.upper()); await writer.drain()
    writer.close()
async def client(port, n):
    r, w = await asyncio.open_connection('127.0.0.1', port)
    out = []
    for i in range(5): w.write(f'client {n} line {i}\n'.encode()); out.append((await r.readline()).decode().strip())
    w.write_eof(); rest = await r.read(); w.close(); await w.wait_closed(); return out, rest
async def main():
    server = await asyncio.start_server(serve, '127.0.0.1', 0); port = server.sockets[0].getsockname()[1]
    print(await asyncio.gather(*(client(port, n) for n in range(12)))); server.close(); await server.wait_closed()
    q = asyncio.Queue(3); seen = []
    async def worker(n):
        while True: i = await q.get(); await asyncio.sleep(0); seen.append(i); q.task_done()
    ws = [asyncio.create_task(worker(i), name=f'w{i}') for i in range(3)]
    for i in range(20): await q.put(i)
    await q.join(); [w.cancel() for w in ws]; print(sorted(seen), await asyncio.gather(*ws, return_exceptions=True))
    try:
        async with asyncio.timeout(0.01): await asyncio.sleep(10)
    except TimeoutError as e: print('timeout', repr(e))
    try: await asyncio.wait_for(asyncio.Event().wait(), 0.01)
    except asyncio.TimeoutError: print('wait_for')
    async def bad(e): await asyncio.sleep(0); raise e
    try:
        async with asyncio.TaskGroup() as tg: tg.create_task(bad(ValueError(1))); tg.create_task(bad(KeyError(2))); tg.create_task(asyncio.sleep(10))
    except* ValueError as g: print('values', g.exceptions)
    except* KeyError as g: print('keys', g.exceptions)
    done, pending = await asyncio.wait([asyncio.create_task(asyncio.sleep(d, d)) for d in (0, 5)], return_when=asyncio.FIRST_COMPLETED); print([t.result() for t in done], len(pending)); [t.cancel() for t in pending]
    p = await asyncio.create_subprocess_exec('cat', stdin=-1, stdout=-1); print(await p.communicate(b'through cat'), p.returncode)
    p = await asyncio.create_subprocess_shell('echo out; echo err >&2; exit 3', stdout=-1, stderr=-1); print(await p.communicate(), await p.wait())
    async def ctx(n): var.set(n); await asyncio.sleep(0); return var.get()
    print(await asyncio.gather(*(ctx(i) for i in range(5))), var.get(), await asyncio.to_thread(lambda: var.get() + 1))
    lock, order = asyncio.Lock(), []
    async def locked(n):
        async with lock: order.append(n); await asyncio.sleep(0); order.append(n)
    await asyncio.gather(*(locked(i) for i in range(4))); print(order)
    async def agen():
        try:
            for i in range(10): yield i
        finally: print('closed')
    async for i in agen():
        if i == 2: break
    print([i async for i in agen() if i % 4 == 0], [await asyncio.sleep(0, i) for i in range(3)])
    async def cancelled():
        try: await asyncio.sleep(10)
        except asyncio.CancelledError as e: print('cancelled', e.args); raise
    t = asyncio.create_task(cancelled()); await asyncio.sleep(0); t.cancel('why')
    try: await t
    except asyncio.CancelledError as e: print(e.args, t.cancelled())
    loop = asyncio.get_running_loop(); f = loop.create_future(); loop.call_soon(f.set_result, 'soon'); loop.call_later(0.001, print, 'later'); print(await f); await asyncio.sleep(0.02)
    print(await asyncio.shield(asyncio.sleep(0, 's')), [await c for c in asyncio.as_completed([asyncio.sleep(0, 1)])])
asyncio.run(main())
