# SPDX-License-Identifier: Apache-2.0
# Every property of every code point, in Unicode 14 and 3.2, as checksums a block; names both ways; normal forms of characters and of mixtures.
import unicodedata, _sha256
def show(f, *args):
    try: r = f(*args)
    except BaseException as e: r = type(e).__name__ + ': ' + str(e)
    print(ascii(r))
asks = ('category', 'bidirectional', 'east_asian_width', 'combining', 'mirrored', 'decomposition')
for data in (unicodedata, unicodedata.ucd_3_2_0):
    print(data.unidata_version)
    for at in list(range(0, 0x30000, 0x2000)) + [0xe0000, 0x10e000]:
        rows = []
        for code in range(at, at + 0x2000):
            c = chr(code)
            rows.append((*(getattr(data, a)(c) for a in asks), data.decimal(c, None), data.digit(c, None), data.numeric(c, None), data.name(c, None), data.normalize('NFC', c), data.normalize('NFKD', c), data.normalize('NFKC', c)))
        print(hex(at), _sha256.sha256(repr(rows).encode('utf-8', 'surrogatepass')).hexdigest())
for code in range(0, 0x30000, 7):
    name = unicodedata.name(chr(code), None)
    if name and unicodedata.lookup(name.lower()) != chr(code): print('lookup', hex(code), name)
for name in ('LATIN SMALL LETTER A', 'latin small letter a', 'NULL', 'LF', 'LINE FEED', 'NBSP', 'ZWJ', 'HANGUL SYLLABLE GAG', 'HANGUL SYLLABLE', 'HANGUL SYLLABLE GAGX', 'CJK UNIFIED IDEOGRAPH-4E00', 'CJK UNIFIED IDEOGRAPH-4e00',
             'CJK UNIFIED IDEOGRAPH-04E00', 'CJK UNIFIED IDEOGRAPH-0041', 'TANGUT IDEOGRAPH-17000', 'nothing', '', 'x' * 300, 'VS17', 'SNOWMAN', 'GRINNING FACE'): show(unicodedata.lookup, name)
state = 1
for i in range(400):
    s = ''
    for _ in range(i % 13):
        state = (state * 1103515245 + 12345) % 2**31
        s += chr((0x300 + state // 7 % 80, 0x61 + state // 7 % 26, 0x1100 + state // 7 % 120, 0xac00 + state // 7 % 11172, 0xc0 + state // 7 % 400, 0x900 + state // 7 % 1000, 0x1d15e + state // 7 % 100, 0xf900 + state // 7 % 512, 0x11100 + state // 7 % 64)[state // 3 % 9])
    for form in ('NFC', 'NFD', 'NFKC', 'NFKD'):
        n = unicodedata.normalize(form, s); print(ascii(n), unicodedata.is_normalized(form, s), unicodedata.is_normalized(form, n), unicodedata.ucd_3_2_0.normalize(form, s) == n)
for f in (unicodedata.category, unicodedata.name, unicodedata.numeric, unicodedata.decomposition, unicodedata.digit): show(f, 'ab'), show(f, 5), show(f, '\ue000')
show(unicodedata.normalize, 'X', 'a'), show(unicodedata.normalize, 'X', ''), show(unicodedata.normalize, 'NFC', 5), show(unicodedata.decimal, 'x', 'default'), print('\N{SNOWMAN}\N{latin small letter e with acute}')
