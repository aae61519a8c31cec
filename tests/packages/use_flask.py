# SPDX-License-Identifier: Apache-2.0
# Flask: routes, templates, sessions, errors, blueprints, JSON, cookies, streams, through the test client.
# threads: no, the application and its extensions are one for the process
import flask, io, logging
from flask import Flask, request, session, jsonify, render_template_string, redirect, url_for, abort, make_response, Blueprint, g, flash, get_flashed_messages, Response, stream_with_context
app = Flask('demo'); app.secret_key = 'secret'; app.config['TESTING'] = False; app.logger.disabled = True
bp = Blueprint('api', 'api', url_prefix='/api')
@app.before_request
def before(): g.user = request.headers.get('X-User', 'nobody')
@app.after_request
def after(r): r.headers['X-After'] = g.user; return r
@app.route('/')
def index(): return render_template_string('<h1>{{ title }}</h1>{% for m in get_flashed_messages(with_categories=true) %}{{ m }}{% endfor %}<a href="{{ url_for("item", id=3, q="ä b") }}">{{ g.user }} {{ session.n }}</a>', title='<Home>')
@app.route('/item/<int:id>', methods=['GET', 'POST', 'DELETE'])
def item(id): return {'id': id, 'method': request.method, 'args': request.args.to_dict(flat=False), 'form': request.form.to_dict(), 'files': {k: [f.filename, f.read().decode()] for k, f in request.files.items()}}
@app.route('/count')
def count(): session['n'] = session.get('n', 0) + 1; flash(f'count {session["n"]}', 'info'); return redirect(url_for('index'))
@app.route('/cookie')
def cookie(): r = make_response('ok', 201); r.set_cookie('a', 'b c', max_age=60, httponly=True); r.set_etag('tag'); return r.make_conditional(request)
@app.route('/stream')
def stream(): return Response(stream_with_context(f'{i}{request.args["x"]}\n' for i in range(3)), mimetype='text/csv')
@app.route('/<path:rest>/end/<any(x,y):k>/<float:f>/<uuid:u>')
def odd(rest, k, f, u): return f'{rest} {k} {f} {u}'
@app.route('/fail')
def fail(): return 1 / 0
@app.errorhandler(404)
def missing(e): return f'nothing: {e.code} {e.name}', 404
@app.errorhandler(ZeroDivisionError)
def zero(e): return str(e), 500
@bp.route('/echo', methods=['PUT', 'POST'])
def echo(): return jsonify(request.get_json(), request.content_type, request.is_json), 202
@bp.route('/teapot')
def teapot(): abort(418)
app.register_blueprint(bp)
client = app.test_client()
def show(r): print(r.status, sorted((k, v) for k, v in r.headers if k not in ('Date', 'Set-Cookie', 'Allow')), r.get_data(as_text=True))
for path in ('/', '/item/3?a=1&a=2&b=%C3%A4', '/item/x', '/none', '/stream?x=y', '/a/b/end/x/1.5/12345678-1234-5678-1234-567812345678', '/fail', '/api/teapot', '/cookie', '/count', '/api/echo'): show(client.get(path, headers={'X-User': 'me'}))
show(client.get('/count', follow_redirects=True)); show(client.post('/item/5', data={'x': 'ü', 'f': (io.BytesIO(b'content'), 'a.txt')})); show(client.put('/api/echo', json={'a': [1, None, 'ü']})); show(client.post('/api/echo', data='{bad', content_type='application/json')); show(client.delete('/item/7')); show(client.options('/item/7')); show(client.head('/')); show(client.get('/cookie', headers={'If-None-Match': '"tag"'}))
with app.test_request_context('/x?y=1', method='POST', base_url='https://host/'): print(url_for('item', id=1, _external=True, _anchor='z'), request.url, request.path, request.args['y'], request.is_secure)
print(sorted(str(r) for r in app.url_map.iter_rules()), app.test_cli_runner().invoke(args=['routes']).output)
