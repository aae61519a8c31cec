# SPDX-License-Identifier: Apache-2.0
# httpx, anyio, h11: client against an ASGI and a WSGI application, transports, an HTTP connection by hand, task groups.
# threads: no, anyio.run and the applications are one for the process
import httpx, h11, anyio, asyncio, json
async def app(scope, receive, send):
    body = b''
    while True:
        m = await receive(); body += m.get('body', b'')
        if not m.get('more_body'): break
    await send({'type': 'http.response.start', 'status': 200 if scope['path'] != '/none' else 404, 'headers': [(b'content-type', b'application/json'), (b'set-cookie', b'a=b')]})
    await send({'type': 'http.response.body', 'body': json.dumps({'path': scope['path'], 'query': scope['query_string'].decode(), 'method': scope['method'], 'body': body.decode()}).encode()})
async def main():
    async with httpx.AsyncClient(app=app, base_url='http://test') as c:
        for r in (await c.get('/a', params={'x': [1, 2]}), await c.post('/b', json={'k': 'ü'}), await c.put('/c', data={'f': 'g'}), await c.request('DELETE', '/none'), await c.post('/d', content=b'raw')): print(r.status_code, r.json(), r.headers.get('content-type'), dict(r.cookies))
        print(sorted([(await r).json()['path'] for r in [c.get(f'/{i}') for i in range(10)]]), [r.json()['path'] for r in await asyncio.gather(*(c.get(f'/g{i}') for i in range(10)))])
        try: (await c.get('/none')).raise_for_status()
        except httpx.HTTPStatusError as e: print(str(e).split('\n')[0])
        async with c.stream('GET', '/s') as r: print([chunk async for chunk in r.aiter_text()])
    results = []
    async def work(n, lim):
        async with lim: await anyio.sleep(0); results.append(n)
    lim = anyio.CapacityLimiter(3)
    async with anyio.create_task_group() as tg:
        for i in range(10): tg.start_soon(work, i, lim)
    print(sorted(results))
    with anyio.move_on_after(0.01) as scope: await anyio.sleep(10)
    print(scope.cancel_called)
    try:
        with anyio.fail_after(0.01): await anyio.sleep(10)
    except TimeoutError: print('timeout')
    send, receive = anyio.create_memory_object_stream(5)
    async def produce():
        async with send:
            for i in range(5): await send.send(i)
    async with anyio.create_task_group() as tg:
        tg.start_soon(produce)
        async with receive: print([i async for i in receive])
    print(await anyio.to_thread.run_sync(lambda: sum(range(1000))))
    try:
        async with anyio.create_task_group() as tg:
            async def bad(): raise ValueError('bad')
            tg.start_soon(bad); await anyio.sleep(5)
    except ValueError as e: print(repr(e))
anyio.run(main)
def wsgi(environ, start): start('200 OK', [('Content-Type', 'text/plain')]); return [environ['PATH_INFO'].encode(), b' ', environ['wsgi.input'].read()]
with httpx.Client(transport=httpx.WSGITransport(app=wsgi), base_url='http://x') as c: print(c.get('/p').text, c.post('/q', content='body').text, c.build_request('GET', '/z', params={'a': 'b c'}).url)
def handler(request): return httpx.Response(302, headers={'location': '/to'}) if request.url.path == '/from' else httpx.Response(200, json={'url': str(request.url), 'auth': request.headers.get('authorization')})
with httpx.Client(transport=httpx.MockTransport(handler), follow_redirects=True, auth=('u', 'p')) as c: r = c.get('http://h/from'); print(r.json(), r.history)
print(httpx.URL('http://u:p@host:8080/a/b?c=d#e').copy_with(path='/x', params={'y': 'z'}), httpx.Headers({'A': 'b', 'a': 'c'}), httpx.QueryParams('a=1&a=2').multi_items(), httpx.codes.NOT_FOUND)
server, client = h11.Connection(h11.SERVER), h11.Connection(h11.CLIENT)
data = client.send(h11.Request(method='POST', target='/x', headers=[('Host', 'h'), ('Transfer-Encoding', 'chunked')])) + client.send(h11.Data(data=b'hello')) + client.send(h11.EndOfMessage())
print(data); server.receive_data(data)
while True:
    e = server.next_event(); print(e)
    if e in (h11.NEED_DATA, h11.PAUSED) or type(e) is h11.EndOfMessage: break
out = server.send(h11.Response(status_code=200, headers=[('Content-Length', '2')])) + server.send(h11.Data(data=b'ok')) + server.send(h11.EndOfMessage()); client.receive_data(out)
print(out, client.next_event(), client.next_event(), client.next_event(), server.states, client.their_state)
bad = h11.Connection(h11.SERVER); bad.receive_data(b'nonsense\r\n\r\n')
try: bad.next_event()
except h11.RemoteProtocolError as e: print(e)
