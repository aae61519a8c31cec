# SPDX-License-Identifier: Apache-2.0
# Werkzeug: routing, data structures, multipart, HTTP parsing, passwords, a WSGI application served over a socket.
from werkzeug.datastructures import *
from werkzeug.http import *
from werkzeug.routing import Map, Rule, Submount, Subdomain
from werkzeug.test import EnvironBuilder, Client
from werkzeug.wrappers import Request, Response
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.security import check_password_hash, generate_password_hash
from werkzeug.utils import secure_filename
from werkzeug.urls import url_quote, url_parse, url_join
import io, threading, urllib.request, datetime
m = Map([Rule('/', endpoint='index'), Rule('/<lang>/<int(min=3):n>/', endpoint='n'), Submount('/sub', [Rule('/<path:p>', endpoint='p', methods=['POST'])]), Rule('/old', redirect_to='/new')], strict_slashes=True)
a = m.bind('example.com', '/')
for path, method in (('/', 'GET'), ('/de/5/', 'GET'), ('/de/5', 'GET'), ('/de/2/', 'GET'), ('/sub/a/b', 'POST'), ('/sub/a', 'GET'), ('/old', 'GET'), ('/x', 'GET')):
    try: print(a.match(path, method))
    except HTTPException as e: print(type(e).__name__, e.code, getattr(e, 'new_url', None), getattr(e, 'valid_methods', None))
print(a.build('n', {'lang': 'ä', 'n': 7, 'q': [1, 2]}), a.build('p', {'p': 'x/y'}, method='POST', force_external=True))
d = MultiDict([('a', 1), ('a', 2), ('b', 3)]); h = Headers([('Content-Type', 'text/html'), ('x-y', 'z')]); h.add('Link', '<a>', rel='b c')
print(d, d.getlist('a'), d.to_dict(flat=False), h, 'X-Y' in h, ImmutableDict(a=1), CombinedMultiDict([d, MultiDict({'c': 4})]).get('c'), parse_accept_header('text/html;q=0.5,application/json', MIMEAccept).best, parse_options_header('form-data; name="x"; filename*=UTF-8\'\'%e2%82%ac'), parse_cache_control_header('max-age=5, no-cache'), parse_range_header('bytes=0-5,10-'), parse_etags('W/"a", "b"'), dump_cookie('k', 'v ä', path='/'), parse_cookie('a=b; c="d e"'), http_date(0), parse_date('Sun, 06 Nov 1994 08:49:37 GMT'), quote_etag('x', True), parse_authorization_header('Basic dTpw'), generate_etag(b'x'))
@Request.application
def app(request):
    if request.path == '/none': return NotFound()
    return Response(f'{request.method} {request.path} {sorted(request.args.lists())} {sorted(request.form.items())} {[(k, f.filename, f.read()) for k, f in request.files.items()]} {request.cookies.to_dict()}', mimetype='text/plain')
c = Client(app)
for kw in (dict(path='/a?b=1&b=2&c=%20'), dict(path='/p', method='POST', data={'x': 'y', 'f': (io.BytesIO(b'12'), 'n.bin')}), dict(path='/none'), dict(path='/r', method='PUT', data='x=1&y=ü', content_type='application/x-www-form-urlencoded')):
    r = c.open(**kw); print(r.status, r.get_data(as_text=True), r.headers['Content-Length'])
print(check_password_hash(generate_password_hash('pw', 'pbkdf2:sha256:1000'), 'pw'), secure_filename('../../ä b?.txt'), url_quote('/a b?ü'), url_parse('http://u:p@h:8/p?q#f'), url_join('http://a/b/c', '../d'))
from werkzeug.serving import make_server, WSGIRequestHandler
class Quiet(WSGIRequestHandler):
    def log(self, *args): pass
server = make_server('127.0.0.1', 0, app, threaded=True, request_handler=Quiet); t = threading.Thread(target=server.serve_forever); t.start()
for path in ('/x?y=1', '/none'):
    try: print(urllib.request.urlopen(f'http://127.0.0.1:{server.port}{path}').read())
    except urllib.error.HTTPError as e: print(e.code, e.read())
server.shutdown(); t.join(); server.server_close()
