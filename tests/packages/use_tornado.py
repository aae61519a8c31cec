# SPDX-License-Identifier: Apache-2.0
# tornado: an HTTP server and its client, web sockets, coroutines, queues, templates, options.
import asyncio, tornado.web, tornado.httpserver, tornado.httpclient, tornado.websocket, tornado.template, tornado.gen, tornado.queues, tornado.locks, tornado.escape, tornado.ioloop, tornado.util, tornado.testing, tornado.netutil, logging, datetime
logging.disable(logging.CRITICAL)
class Main(tornado.web.RequestHandler):
    def set_default_headers(self): self.clear_header('Date'); self.set_header('Server', 'x')
    async def get(self, name=''): await asyncio.sleep(0); self.set_cookie('a', 'b'); self.write({'name': name, 'args': self.get_arguments('q'), 'cookie': self.get_cookie('c')})
    def post(self): self.write(self.request.body.upper() + str({k: [f.filename for f in v] for k, v in self.request.files.items()}).encode())
class Fail(tornado.web.RequestHandler):
    def get(self, code): raise tornado.web.HTTPError(int(code), reason='Because') if code != '500' else ValueError('x')
    def write_error(self, code, **kw): self.finish(f'<{code}>')
class Stream(tornado.web.RequestHandler):
    async def get(self):
        for i in range(3): self.write(f'{i};'); await self.flush()
class Echo(tornado.websocket.WebSocketHandler):
    def open(self): self.write_message('open')
    def on_message(self, m): self.write_message(m[::-1], binary=isinstance(m, bytes))
class Page(tornado.web.RequestHandler):
    def get(self): self.write(tornado.template.Template('{% for i in items %}{{ i }}{% if i == "<b>" %}!{% end %},{% end %}{% raw x %}{% set y = 3 %}{{ y * 2 }}{% comment z %}').generate(items=['a', '<b>'], x='<raw>'))
async def main():
    app = tornado.web.Application([(r'/fail/(\d+)', Fail), (r'/stream', Stream), (r'/ws', Echo), (r'/page', Page), tornado.web.URLSpec(r'/go', tornado.web.RedirectHandler, {'url': '/page'}), (r'/(\w*)', Main)], log_function=lambda h: None)
    sockets = tornado.netutil.bind_sockets(0, '127.0.0.1'); server = tornado.httpserver.HTTPServer(app); server.add_sockets(sockets)
    base = f'127.0.0.1:{sockets[0].getsockname()[1]}'; client = tornado.httpclient.AsyncHTTPClient()
    for path, kw in (('/ann?q=1&q=2', {'headers': {'Cookie': 'c=d'}}), ('/', {'method': 'POST', 'body': 'text'}), ('/fail/404', {}), ('/fail/500', {}), ('/stream', {}), ('/page', {}), ('/go', {}), ('/go', {'follow_redirects': False}), ('/x/y', {}), ('/a', {'method': 'HEAD'}), ('/a', {'method': 'DELETE'})):
        r = await client.fetch(f'http://{base}{path}', raise_error=False, **kw); print(path, r.code, r.reason, r.body, sorted((k, v) for k, v in r.headers.get_all() if k not in ('Date',)))
    print(sorted(tornado.escape.json_decode(r.body)['name'] for r in await tornado.gen.multi([client.fetch(f'http://{base}/n{i}') for i in range(8)])))
    ws = await tornado.websocket.websocket_connect(f'ws://{base}/ws'); print(await ws.read_message()); await ws.write_message('abc'); print(await ws.read_message()); await ws.write_message(b'\x00\xff', binary=True); print(await ws.read_message()); ws.close(); print(await ws.read_message())
    try: await client.fetch(f'http://{base}/fail/403')
    except tornado.httpclient.HTTPClientError as e: print(e)
    q = tornado.queues.PriorityQueue(3); got = []
    async def consume():
        async for item in q: got.append(item); q.task_done()
    task = asyncio.ensure_future(consume())
    for i in (3, 1, 2, 9, 7): await q.put(i)
    await q.join(); task.cancel(); print(sorted(got))
    sem, cond, ev = tornado.locks.Semaphore(2), tornado.locks.Condition(), tornado.locks.Event()
    async with sem: ev.set(); await ev.wait()
    try: await tornado.gen.with_timeout(datetime.timedelta(milliseconds=5), cond.wait())
    except tornado.util.TimeoutError: print('timeout')
    @tornado.gen.coroutine
    def old(): a = yield tornado.gen.moment; b = yield {'x': tornado.gen.sleep(0.001), 'y': asyncio.sleep(0, 5)}; raise tornado.gen.Return(b)
    print(await old(), await tornado.ioloop.IOLoop.current().run_in_executor(None, sum, [1, 2]))
    server.stop(); await server.close_all_connections(); client.close()
asyncio.run(main())
print(tornado.escape.xhtml_escape('<&">'), tornado.escape.url_escape('a b/ü'), tornado.escape.linkify('see http://x.y/z now'), tornado.escape.squeeze('a   b'))
