# SPDX-License-Identifier: Apache-2.0
# requests and urllib3 against a server in a thread: methods, sessions, redirects, cookies, auth, files, streams, retries, errors.
import requests, urllib3, http.server, threading, json, gzip, io
from requests.adapters import HTTPAdapter
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    count = 0
    def log_message(self, *args): pass
    def answer(self):
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        if self.headers.get('Transfer-Encoding') == 'chunked':
            while n := int(self.rfile.readline(), 16): body += self.rfile.read(n); self.rfile.readline()
            self.rfile.readline()
        path, headers, code = self.path, [], 200
        if path.startswith('/redirect'): code, headers = 302, [('Location', '/get?redirected=1')]
        elif path == '/cookie': headers = [('Set-Cookie', 'a=b; Path=/'), ('Set-Cookie', 'c="d e"; Path=/; HttpOnly')]
        elif path == '/missing': code = 404
        elif path == '/auth' and not self.headers.get('Authorization'): code, headers = 401, [('WWW-Authenticate', 'Basic realm="x"')]
        elif path == '/flaky': Handler.count += 1; code = 503 if Handler.count % 3 else 200
        names = ('Accept', 'Cookie', 'Authorization', 'Content-Type', 'X-Test', 'Range')
        out = json.dumps({'path': path, 'method': self.command, 'body': body.decode('latin-1') if b'boundary' not in body and b'--' not in body else len(body), 'headers': {k: v.split('boundary')[0] for k, v in sorted(self.headers.items()) if k in names}}).encode()
        if path == '/gzip': out = gzip.compress(out); headers = [('Content-Encoding', 'gzip')]
        if path == '/latin': out = 'äöü'.encode('latin-1'); headers = [('Content-Type', 'text/plain; charset=iso-8859-1')]
        self.send_response(code)
        for k, v in headers: self.send_header(k, v)
        if path == '/chunked':
            self.send_header('Transfer-Encoding', 'chunked'); self.end_headers()
            for i in range(3): self.wfile.write(b'6\r\nline %d\r\n' % i)
            self.wfile.write(b'0\r\n\r\n')
        else:
            self.send_header('Content-Length', str(len(out))); self.end_headers()
            if self.command != 'HEAD': self.wfile.write(out)
    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = answer
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler); server.daemon_threads = True
thread = threading.Thread(target=server.serve_forever); thread.start()
base = f'http://127.0.0.1:{server.server_port}'
s = requests.Session(); s.trust_env = False; s.headers['X-Test'] = 'yes'
def show(r): print(r.status_code, r.reason, r.url.replace(base, ''), r.encoding, r.text, [h.status_code for h in r.history], r.ok)
show(s.get(base + '/get', params={'a': [1, 2], 'b': 'ü x'})); show(s.post(base + '/post', data={'k': 'v', 'l': ['1', '2']})); show(s.post(base + '/json', json={'a': [None, 1.5, 'ü']})); show(s.put(base + '/put', data=b'\x00\xff')); show(s.delete(base + '/del')); show(s.head(base + '/head')); show(s.patch(base + '/p', data='text'))
show(s.get(base + '/redirect')); show(s.get(base + '/redirect', allow_redirects=False)); show(s.get(base + '/cookie')); show(s.get(base + '/get')); print(sorted(s.cookies.get_dict().items())); show(s.get(base + '/auth')); show(s.get(base + '/auth', auth=('user', 'pass'))); show(s.get(base + '/gzip')); show(s.get(base + '/latin')); show(s.get(base + '/missing'))
r = s.post(base + '/files', files={'f': ('a.txt', io.BytesIO(b'content'), 'text/plain')}, data={'x': 'y'}); print(r.status_code, r.json()['headers']['Content-Type'])
with s.get(base + '/chunked', stream=True) as r: print(list(r.iter_lines()), r.headers['Transfer-Encoding'])
show(s.post(base + '/gen', data=(c for c in (b'one', b'two'))))
for action in (lambda: s.get(base + '/missing').raise_for_status(), lambda: s.get('nonsense'), lambda: s.get('http://127.0.0.1:1/'), lambda: s.get(base + '/latin').json(), lambda: s.get('ftp://x/'), lambda: s.get(base + '/get', timeout='x')):
    try: print(action())
    except (requests.RequestException, ValueError) as e: print(type(e).__name__, type(e).__mro__[1].__name__)
s.mount('http://', HTTPAdapter(max_retries=urllib3.Retry(5, status_forcelist=[503], backoff_factor=0))); show(s.get(base + '/flaky')); print(Handler.count)
p = requests.Request('POST', base + '/x', data={'a': 'b'}, headers={'H': 'v'}).prepare(); print(p.method, p.body, sorted(p.headers.items()))
pool = urllib3.PoolManager(); r = pool.request('GET', base + '/get', fields={'q': 'r'}); print(r.status, json.loads(r.data)['path'], urllib3.util.parse_url('http://u:p@h:80/a?b#c'))
results = []
def work(n):
    with requests.Session() as t:
        t.trust_env = False
        for i in range(5): results.append(t.get(f'{base}/get?{n}.{i}').json()['path'])
threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for t in threads: t.start()
for t in threads: t.join()
print(sorted(results))
s.close(); pool.clear(); server.shutdown(); thread.join(); server.server_close()
