# SPDX-License-Identifier: Apache-2.0
# marshmallow, wtforms, mako, itsdangerous, jwt, passlib, blinker: data checked, forms, templates, signatures, signals.
import marshmallow as ma, datetime, decimal, uuid, wtforms, mako.template, mako.lookup, itsdangerous, jwt, passlib.hash, blinker
from marshmallow import fields, validate, Schema, post_load, pre_load, validates, validates_schema, ValidationError, EXCLUDE
class Sub(Schema):
    n = fields.Integer(required=True, validate=validate.Range(1, 9)); when = fields.DateTime(format='iso')
class Main(Schema):
    name = fields.String(required=True, validate=[validate.Length(2, 10), validate.Regexp('^[a-z ]+$')]); mail = fields.Email(); url = fields.Url(); price = fields.Decimal(places=2, as_string=True); id = fields.UUID(); subs = fields.List(fields.Nested(Sub)); kv = fields.Dict(keys=fields.Str(), values=fields.Float()); kind = fields.Str(validate=validate.OneOf(['a', 'b'])); flag = fields.Boolean(load_default=True); up = fields.Function(lambda o: str(o.get('name')).upper()); date = fields.Date(); secret = fields.Str(load_only=True); ip = fields.IPv4(); delta = fields.TimeDelta(); t = fields.Tuple((fields.Int(), fields.Str())); plucked = fields.Pluck(Sub, 'n')
    @pre_load
    def strip(self, data, **kw): return {k: v.strip() if isinstance(v, str) else v for k, v in data.items()}
    @validates('kind')
    def no_b(self, v):
        if v == 'b': raise ValidationError('not b today')
    @validates_schema
    def both(self, data, **kw):
        if data.get('kind') == 'a' and not data.get('mail'): raise ValidationError('a needs mail', 'mail')
    class Meta: ordered = True
for doc in ({'name': ' ann ', 'mail': 'a@b.de', 'price': '1.239', 'id': '12345678123456781234567812345678', 'subs': [{'n': '3', 'when': '2020-01-02T03:04:05'}], 'kv': {'a': '1.5'}, 'date': '2020-02-03', 'ip': '1.2.3.4', 'delta': 5, 't': [1, 'x'], 'plucked': 4}, {'name': 'A1', 'mail': 'x', 'url': 'nope', 'price': 'p', 'id': 'u', 'subs': [{'n': 99}, {}, 3], 'kv': {'a': 'z'}, 'kind': 'b', 'extra': 1, 'ip': 'x', 't': [1]}, {'name': 'bob', 'kind': 'a'}, {}):
    try: print(Main().load(doc))
    except ValidationError as e: print(e.messages, e.valid_data)
print(Main(exclude=['id']).dumps({'name': 'zoe', 'price': decimal.Decimal('2.5'), 'subs': [{'n': 1, 'when': datetime.datetime(2020, 1, 1)}], 'secret': 's', 'date': datetime.date(2020, 1, 1), 'delta': datetime.timedelta(1)}), Main(many=True, only=['name'], unknown=EXCLUDE).load([{'name': 'xx', 'q': 1}]), Schema.from_dict({'z': fields.Int()})().load({'z': '3'}))
class Form(wtforms.Form):
    name = wtforms.StringField('Name', [wtforms.validators.Length(2, 5), wtforms.validators.InputRequired()]); age = wtforms.IntegerField(default=3, validators=[wtforms.validators.NumberRange(1, 9), wtforms.validators.Optional()]); kind = wtforms.SelectField(choices=[('a', 'A'), ('b', 'B')]); many = wtforms.SelectMultipleField(choices=[('1', 'x'), ('2', 'y')]); ok = wtforms.BooleanField(); when = wtforms.DateField(format='%Y-%m-%d', validators=[wtforms.validators.Optional()]); pw = wtforms.PasswordField(validators=[wtforms.validators.EqualTo('pw2')]); pw2 = wtforms.PasswordField(); items = wtforms.FieldList(wtforms.StringField(), min_entries=2); text = wtforms.TextAreaField(render_kw={'rows': 3})
    def validate_name(self, field):
        if field.data == 'bad': raise wtforms.ValidationError('bad <name>')
class Post(dict):
    def getlist(self, k): v = self[k]; return v if isinstance(v, list) else [v]
for post in (Post(), Post(name='bad', age='x', kind='c', when='z', pw='1', pw2='2'), Post(name='ann', age='5', kind='b', many=['1', '2'], ok='y', when='2020-01-02', text='<x>', **{'items-0': 'q', 'items-1': 'r'})):
    f = Form(post if post else None); print(f.validate(), f.errors, f.data); print([str(x()) for x in f], f.name.label, f.name(class_='c"d', disabled=True))
lookup = mako.lookup.TemplateLookup(strict_undefined=True, default_filters=['h']); lookup.put_string('base.mako', '<t>${self.body()}<%block name="foot">base foot</%block></t>'); lookup.put_string('page.mako', '<%inherit file="base.mako"/><%! import math %><%def name="row(x, y=2)">[${x}:${y}]</%def>\n% for i in range(3):\n${loop.index} ${row(i)|n} ${"odd" if loop.odd else "even"}\n% endfor\n% if title:\n${title} ${math.floor(2.7)}\n% else:\nnone\n% endif\n<%block name="foot">${parent.foot()|n}!</%block><%text>${raw}</%text>\n## comment\n<%doc>gone</%doc>${capture(row, 9)|n} <% z = 5 %>${z}')
print(lookup.get_template('page.mako').render(title='<T>'))
for bad in ('% if x:\n', '${1/0}', '${nope}', '<%def name="x">'):
    try: print(mako.template.Template(bad, strict_undefined=True).render())
    except Exception as e: print(type(e).__name__, str(e).split(' in file')[0])
s = itsdangerous.URLSafeSerializer('key', salt='s'); token = s.dumps({'a': [1, 'ü']}); print(token, s.loads(token)); signer = itsdangerous.Signer('k', digest_method=__import__('hashlib').sha256); print(signer.sign('v'), signer.unsign(signer.sign('v')))
for bad in (token[:-1] + ('A' if token[-1] != 'A' else 'B'), 'nothing', ''):
    try: print(s.loads(bad))
    except itsdangerous.BadSignature as e: print(type(e).__name__)
t = jwt.encode({'sub': 'x', 'exp': 4102444800, 'aud': 'me'}, 'secret' * 6, algorithm='HS256', headers={'kid': '1'}); print(t, jwt.decode(t, 'secret' * 6, algorithms=['HS256'], audience='me'), jwt.get_unverified_header(t))
for kw in (dict(key='other', algorithms=['HS256'], audience='me'), dict(key='secret' * 6, algorithms=['HS512'], audience='me'), dict(key='secret' * 6, algorithms=['HS256'], audience='you')):
    try: print(jwt.decode(t, **kw))
    except jwt.PyJWTError as e: print(type(e).__name__, e)
try: jwt.decode(jwt.encode({'exp': 1}, 'k'), 'k', algorithms=['HS256'])
except jwt.ExpiredSignatureError as e: print(e)
h = passlib.hash.pbkdf2_sha256.using(rounds=1000, salt=b'saltsalt').hash('pw'); print(h, passlib.hash.pbkdf2_sha256.verify('pw', h), passlib.hash.sha512_crypt.using(rounds=1000, salt='abc').hash('pw'), passlib.hash.md5_crypt.using(salt='abc').hash('pw'), passlib.hash.apr_md5_crypt.using(salt='abc').hash('pw'), passlib.hash.nthash.hash('pw'), passlib.hash.ldap_salted_sha1.verify('x', passlib.hash.ldap_salted_sha1.hash('x')), passlib.hash.des_crypt.using(salt='ab').hash('pw'))
sig = blinker.signal('ready'); got = []
@sig.connect
def on(sender, **kw): got.append((sender, kw))
sig.send('me', x=1); sig.disconnect(on); sig.send('me', x=2); print(got, bool(sig.receivers))
