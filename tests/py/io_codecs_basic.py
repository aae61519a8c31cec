# _codecs: every codec in C, incremental decoding, error handlers, the registry.
import _codecs as c

def show(f, *a):
    try:
        print(f.__name__, a, '->', f(*a))
    except Exception as e:
        print(f.__name__, a, '!!', type(e).__name__, e)

texts = ['abc', 'h\xe9llo', '\u20ac\U0001f600x', 'a\ud800b', '\udcff', '', '+-~\\', '\n\t\r\\\'"', '\x00\x7f\x80\xff\u0100']
encs = ['utf_8', 'utf_7', 'utf_16', 'utf_16_le', 'utf_16_be', 'utf_32', 'utf_32_le', 'utf_32_be', 'latin_1', 'ascii', 'unicode_escape', 'raw_unicode_escape']
for e in encs:
    enc = getattr(c, e + '_encode')
    for s in texts:
        for err in ('strict', 'ignore', 'replace', 'backslashreplace', 'xmlcharrefreplace', 'surrogateescape', 'surrogatepass', None):
            show(enc, s, err)
datas = [b'abc', b'\xc3\xa9', b'\xc3', b'\xe2\x82', b'\xff\xfea\x00', b'\xfe\xff\x00a', b'\xed\xa0\x80', b'a\xffb', b'+AGE-b', b'+AGE', b'+2D3eAA-', b'+', b'\xff',
         b'\\x41\\u20ac\\U0001f600\\n\\101', b'\\x4', b'\\u12', b'\\', b'\\U00110000', b'\x00\xd8', b'\x00\xd8\x00\xdc', b'\x00\x00\x11\x00']
for e in encs:
    dec = getattr(c, e + '_decode')
    for d in datas:
        for err in ('strict', 'ignore', 'replace', 'backslashreplace', 'surrogateescape'):
            show(dec, d, err)
            if e not in ('latin_1', 'ascii'):
                show(dec, d, err, True)
                show(dec, d, err, False)
for f in (c.utf_16_ex_decode, c.utf_32_ex_decode):
    for d in (b'', b'\xff', b'\xff\xfea\x00', b'\xfe\xff\x00a', b'\xff\xfe\x00\x00a\x00\x00\x00', b'a\x00\x00\x00'):
        for o in (-1, 0, 1):
            show(f, d, 'replace', o, False)
show(c.escape_decode, b'a\\n\\x41\\101\\\\')
show(c.escape_decode, 'a\\x')
show(c.escape_decode, b'a\\xz', 'replace')
show(c.escape_decode, b'a\\xz', 'ignore')
show(c.escape_decode, b'a\\xz', 'what')
show(c.escape_decode, b'\\')
show(c.escape_encode, b"a'\\\x00\n\xff\"")
show(c.readbuffer_encode, 'h\xe9')
print(c.readbuffer_encode(memoryview(b'xyz')))
table = ''.join(chr(i) for i in range(128)) + ''.join(chr(0x400 + i) for i in range(127)) + '\ufffe'
m = c.charmap_build(table)
print(type(m).__name__)
print(type(c.charmap_build('abc')).__name__, c.charmap_build('abc'))
show(c.charmap_decode, bytes(range(120, 140)), 'strict', table)
show(c.charmap_decode, b'a\xff', 'strict', table)
show(c.charmap_decode, b'a\xff', 'replace', table)
show(c.charmap_decode, b'abc', 'strict', {97: 'xx', 98: 0x20ac, 99: None})
show(c.charmap_decode, b'abc', 'ignore', {97: 'xx', 98: 0x20ac, 99: None})
show(c.charmap_decode, b'a', 'strict', {97: 1.5})
show(c.charmap_decode, b'a', 'strict', {97: 0x110000})
for err in ('strict', 'ignore', 'replace', 'backslashreplace', 'xmlcharrefreplace'):
    try:
        print(c.charmap_encode('ab\u0401\u20ac\u20acz', err, m))
    except UnicodeEncodeError as e:
        print(e, e.start, e.end)
show(c.charmap_encode, 'ab', 'strict', {97: 1, 98: b'xyz'})
show(c.charmap_encode, 'ab', 'strict', {97: 256})
show(c.charmap_encode, 'ab', 'strict', {97: 'x'})
show(c.utf_8_encode, 1)
show(c.utf_8_decode, 'x')
show(c.lookup_error, 'nothere')
print(c.lookup_error('strict').__name__, c.lookup_error('namereplace').__name__)

def handler(e):
    return ('<%d:%d>' % (e.start, e.end), e.end)
c.register_error('test.mine', handler)
print('a\u20ac\u20acb'.encode('ascii', 'test.mine'), b'a\xff\xfeb'.decode('utf-8', 'test.mine'))
def search(name):
    if name == 'krait_rev':
        return (lambda s, e='strict': (s[::-1].encode(), len(s)), lambda b, e='strict': (bytes(b).decode()[::-1], len(b)), None, None)
c.register(search)
print(c.encode('abc', 'Krait-Rev'), c.decode(b'abc', 'krait-rev'), 'xyz'.encode('krait-rev'), b'xyz'.decode('krait-rev'))
c.unregister(search)
show(c.encode, 'abc', 'krait-rev')
show(c.register, 1)
