# SPDX-License-Identifier: Apache-2.0
# toolz, more_itertools, sortedcontainers, cachetools, simplejson, toml, tomli, jmespath, unidecode, slugify, croniter, schedule, decorator, docopt, chardet, idna, importlib_metadata, arrow, xmlrpc …
# threads: no, schedule and cachetools keep something for the process
import toolz, toolz.curried, tlz, more_itertools as mi, sortedcontainers as sc, cachetools, simplejson, toml, tomli, jmespath, unidecode, slugify, croniter, schedule, decorator, docopt, chardet, idna, arrow, datetime, decimal, random, packaging.version, packaging.specifiers, packaging.requirements, packaging.markers, six, dns.name, dns.message, dns.rrset, rfc3986, pluggy, typing_extensions, pytz, io, contextlib, collections
print(toolz.pipe(range(10), toolz.curried.filter(lambda x: x % 2), toolz.curried.map(str), list), toolz.groupby(len, ['a', 'bb', 'cc']), toolz.merge_with(sum, {'a': 1}, {'a': 2, 'b': 3}), list(toolz.sliding_window(3, range(5))), toolz.compose(str, abs)(-3), toolz.get_in(['a', 0, 'b'], {'a': [{'b': 7}]}), toolz.reduceby(lambda x: x % 3, lambda a, b: a + b, range(10), 0), toolz.memoize(lambda x: x)(3), list(tlz.accumulate(lambda a, b: a * b, [1, 2, 3])), toolz.curry(lambda a, b, c=1: a + b + c)(1)(2), list(toolz.partition_all(2, range(5))), toolz.assoc_in({}, ['x', 'y'], 1), toolz.topk(2, [3, 1, 2]), toolz.frequencies('abca'))
print(list(mi.chunked(range(7), 3)), mi.first([], 'd'), list(mi.windowed([1, 2, 3], 2)), mi.one([5]), [list(x) for x in mi.split_at('a,b,c', lambda c: c == ',')], list(mi.collapse([1, [2, [3]]])), mi.peekable(iter('ab')).peek(), list(mi.interleave_longest([1, 2], [3])), mi.consume(iter('x')), list(mi.distinct_permutations('aab')), mi.ilen(iter('abc')), list(mi.roundrobin('AB', 'C')), [list(g) for g in mi.consecutive_groups([1, 2, 4])], sorted(mi.bucket('abA', key=str.lower)), list(mi.run_length.encode('aab')), mi.spy(iter('abc'), 2)[0], mi.nth_product(5, 'ab', 'cde'), list(mi.set_partitions('abc', 2)), list(mi.stagger([0, 1, 2])), mi.numeric_range(0, 5, 2)[1])
r = random.Random(7); l = sc.SortedList(); d = sc.SortedDict(); s = sc.SortedSet()
for i in range(5000): v = r.randrange(3000); l.add(v); d[v] = i; s.add(v); (i % 5 == 0) and l.pop(r.randrange(len(l)))
l._check(); d._check(); print(len(l), l[0], l[-1], l[100:103], l.bisect(1500), list(l.irange(10, 15)), l.count(7), d.peekitem(0), list(d.irange(5, 9)), d.bisect_left(50), s[5], len(s & sc.SortedSet(range(50))), list(sc.SortedKeyList([3, 1, 2], key=lambda x: -x)))
lru, ttl = cachetools.LRUCache(2), cachetools.TTLCache(5, 10, timer=lambda: 0); lru['a'] = 1; lru['b'] = 2; lru['a']; lru['c'] = 3; ttl['x'] = 1; print(lru, ttl, cachetools.LFUCache(3), cachetools.cached(lru)(lambda x: x)(5), cachetools.keys.hashkey(1, a=2))
print(simplejson.dumps({'a': decimal.Decimal('1.10'), 'b': [1, 2.5, None, float('inf')], 't': (1, 2)}, sort_keys=True, indent=2), simplejson.loads('{"a": 1.10, "b": "\\u00e4"}', use_decimal=True), simplejson.dumps(collections.namedtuple('N', 'x y')(1, 2)), simplejson.dumps('é<&>', for_json=True), simplejson.dumps(2 ** 60, bigint_as_string=True))
T = '[a]\nb = 1\nc = [1, 2]\nd = 1979-05-27T07:32:00Z\n[a."q k"]\ne = """x\ny"""\nf = 1e3\n[[h]]\ni = true\n[[h]]\nj = 0xff\nk = {l = "m"}\n'; print(tomli.loads(T), toml.dumps({'a': {'b': [1, 2], 'c': 'x"y'}, 'd': [{'e': 1}]}), toml.loads('[x]\ny = [1, 2]\nz = "ü"\n'))
for bad in ('a = ', '[a\n', 'a = 1\na = 2', 'x = "\\q"', 'd = 2020-13-01'):
    try: print(tomli.loads(bad))
    except tomli.TOMLDecodeError as e: print(e)
doc = {'people': [{'n': 'a', 'age': 3, 't': ['x']}, {'n': 'b', 'age': 5, 't': ['y', 'z']}]}; print([jmespath.search(q, doc) for q in ('people[*].n', 'people[?age > `3`].n | [0]', 'people[].t[]', 'max_by(people, &age).n', 'length(people)', '{x: people[0].n, y: sum(people[*].age)}', 'people[-1:]', 'sort_by(people, &n)[*].age', "join(',', people[].n)", 'people[0].*')])
print(unidecode.unidecode('Ünïcödé 北京 Москва ½ €'), slugify.slugify('Ä Title & more! 北京'), [croniter.croniter('*/15 3 * * 1-5', datetime.datetime(2020, 1, 1, 2, 50)).get_next(datetime.datetime)], croniter.croniter.is_valid('61 * * * *'), [str(croniter.croniter(x, datetime.datetime(2020, 3, 28)).get_prev(datetime.datetime)) for x in ('0 0 13 * *', '@hourly')], schedule.every(3).hours.do(print).interval)
@decorator.decorator
def trace(f, *a, **k): return ('traced', f(*a, **k))
@trace
def add(x, y=2, *z, **w): return x + y
import inspect; print(add(1), inspect.signature(add), docopt.docopt('Usage: prog [--a=<x>] [-v] <file>...\n\nOptions:\n  --a=<x>  X [default: 3].\n  -v  V.\n', ['-v', 'f', 'g']))
print(chardet.detect('Привет, как дела сегодня'.encode('koi8-r')), chardet.detect('äöü'.encode()), idna.encode('bücher.example'), idna.decode('xn--bcher-kva.example'))
a = arrow.get('2020-01-02T03:04:05+02:00'); print(a, a.to('UTC'), a.shift(months=1, weeks=-1), a.floor('month'), a.format('dddd, D. MMMM YYYY HH:mm ZZ', locale='de'), a.humanize(arrow.get('2020-01-03T00:00:00+00:00')), [str(x) for x in arrow.Arrow.range('day', a, a.shift(days=2))], arrow.get('1.2.2020', 'D.M.YYYY'), a.span('week'), arrow.get(0).dehumanize('in 2 days'))
v = packaging.version.Version; print(sorted(map(v, ['1.0', '1.0rc1', '1.0.post1', '0.9', '1.0.dev1', '1!0', '1.10'])), v('1.2') in packaging.specifiers.SpecifierSet('>=1,!=1.1,<2'), packaging.requirements.Requirement('a[b]>=1; python_version > "3"'), packaging.markers.Marker('os_name == "posix"').evaluate())
m = dns.message.make_query('example.com', 'MX', id=5); w = m.to_wire(); print(w, dns.message.from_wire(w).question, dns.name.from_text('a.B.c').canonicalize(), dns.rrset.from_text('x.', 60, 'IN', 'TXT', '"a b"'), rfc3986.uri_reference('HTTP://a.b/%7ex/../y?q').normalize().unsplit())
spec, impl = pluggy.HookspecMarker('p'), pluggy.HookimplMarker('p')
class Spec:
    @spec
    def go(self, x): pass
    @spec(firstresult=True)
    def first(self, x): pass
class One:
    @impl(trylast=True)
    def go(self, x): return x + 1
    @impl
    def first(self, x): return None
class Two:
    @impl
    def go(self, x): return x * 2
    @impl
    def first(self, x): return 'two'
    @impl(hookwrapper=True, specname='go')
    def wrap(self, x): out = yield; out.force_result(out.get_result() + ['wrapped'])
pm = pluggy.PluginManager('p'); pm.add_hookspecs(Spec); pm.register(One()); pm.register(Two()); print(pm.hook.go(x=3), pm.hook.first(x=1)); ny = pytz.timezone('Europe/Berlin'); print(ny.localize(datetime.datetime(2020, 7, 1)).isoformat(), ny.normalize(ny.localize(datetime.datetime(2020, 3, 29, 1, 59)) + datetime.timedelta(minutes=2)), six.text_type, typing_extensions.Literal['a'])
