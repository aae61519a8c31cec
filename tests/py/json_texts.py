# SPDX-License-Identifier: Apache-2.0
# Reading and writing JSON through the library: good and damaged texts, hooks, keys, circles, options.
import json, _json
def show(f, *args, **kw):
    try: r = f(*args, **kw)
    except BaseException as e: r = type(e).__name__ + ': ' + str(e)
    print(ascii(r))
for s in ('"abc', '"a\\', '"a\\x"', '"a\\u12"', '"a\\u12g4"', '"a\nb"', '"\\ud800\\udc00"', '"\\ud800x"', '"\\ud800\\u0041"', '"\\udc00"', '"\\ud800\\ud800\\udc00"', '"\\u 123"', '"a\\u', '"\\u0000"', '"\u1234\\n"'):
    show(_json.scanstring, s, 1), show(_json.scanstring, s, 1, False)
show(_json.scanstring, 'abc"', -1), show(_json.scanstring, 'abc', 10), show(_json.scanstring, b'abc', 1), show(_json.scanstring, 'a"', 0), show(_json.scanstring, 'a"', 'x')
texts = ['', '[', '[1', '[1,', '[1,]', '{', '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', '{1:2}', '{"a" 1}', '[1 2]', 'nul', 'tru', '-', '-x', '01', '1.', '1.5e', '1e5', '1E+5', '-0', '-0.0', 'NaN', '-Infinity',
    'Infinity', '[1]x', ' 1', '"a', '1.5.5', '{"a":nul}', '[nan]', '{}', '[]', '{ }', '[ ]', '{"a":1 ,"b" : [ 2 ] }', '123456789012345678901234567890', '--1', '-Infx', '[,1]', '{,}', '{"a":}', '"\\"', '1e400',
    '[1,\n2\t,\r3 ]', '{"a":1,"a":2}', 'true1', '[' * 50 + ']' * 50, '["\u1234", {"\u1234": "\U00012345"}]', '[1.25, -3.5e-7, 0.1, 123456789.125, 1e22, 1e23, 4.9e-324]', '999999999999999999', '9999999999999999999', '-9999999999999999999']
for s in texts:
    show(json.loads, s), show(json.loads, s, parse_int=str, parse_float=str, parse_constant=repr), show(json.loads, s, object_pairs_hook=lambda p: p), show(json.loads, s, object_hook=sorted)
show(json.loads, b'{"a": [1, 2]}'), show(json.loads, '\ufeff1'), show(json.loads, '"\t"', strict=False), show(json.loads, '[' * 100000)
class I(int):
    def __repr__(self): return 'I'
class F(float):
    def __repr__(self): return 'F'
class D(dict):
    def items(self): return [('x', 1), ('y', 2)]
class O: pass
for o in (1, 1.5, float('nan'), float('inf'), -0.0, 1e16, 2**70, -2**63, True, None, 'x', 'a"\\\n\u1234\U00012345\x7f\x00\b\f/', [], {}, (), [1, [2, {}]], {'a': 1, 2: 3, 1.5: 2, None: 1, True: 2, float('inf'): 1}, {(1, 2): 3, 'b': 1}, O(),
          {'a': O()}, (1, 2), I(5), F(2.5), {I(5): F(2.5)}, D(a=1), {'b': 1, 'a': 2}, {2: 1, 10: 2}, ['\u1234' * 3], {1, 2}):
    for kw in ({}, dict(ensure_ascii=False), dict(sort_keys=True), dict(allow_nan=False), dict(skipkeys=True), dict(indent=2), dict(separators=(',', ':')), dict(separators=('\u1234\u1234\u1234', '-----')), dict(default=lambda o: ['default']), dict(check_circular=False)):
        if kw != dict(check_circular=False) or not isinstance(o, O): show(json.dumps, o, **kw)
l = []; l.append(l); show(json.dumps, l)
d = {}; d['x'] = d; show(json.dumps, d)
o = O(); show(json.dumps, o, default=lambda x: x)
x = []
for i in range(100000): x = [x]
show(json.dumps, x)
while x: x = x[0]
show(_json.encode_basestring, b''), show(_json.encode_basestring_ascii, 1), show(_json.make_encoder), show(_json.make_scanner)
big = {'k%d' % i: [i, i / 7, str(i), None, {'n': i}] for i in range(500)}
print(json.loads(json.dumps(big)) == big, len(json.dumps(big)))
a = json.loads('[{"key": 1}, {"key": 2}]'); print(list(a[0])[0] is list(a[1])[0])
try: json.loads('{"a":\nnul}')
except json.JSONDecodeError as e: print(e.msg, e.pos, e.lineno, e.colno, e.doc)
