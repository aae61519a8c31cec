# str: every method on texts of all widths.
from _rnd import e, pick, rnd

alphabet = ['a','b','c','A','B','Z',' ','\t','\n','\r','_','1','9','0','.','x','é','ß','É','ſ','ŉ','İ','ı','Σ','σ','ς','ǆ','ǅ','Ǆ','\x00','\x1c','\x85','\u2028','中','文','𝔘','𐐀','😀','١','²','½','Ⅷ','ﬁ','ᾳ','ͅ','\u0301','\ud800','"',"'",'\\','\x7f','\xad','ª','ʰ','·',':','-']
def text(n=12, al=None):
    al = al or pick([alphabet[:16], alphabet[:22], alphabet, ['a','b'], ['é','a'], ['中','a','b']])
    return ''.join([pick(al) for _ in range(rnd(n))])
noarg = 'capitalize casefold isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric isprintable isspace istitle isupper lower lstrip rstrip split rsplit splitlines strip swapcase title upper expandtabs'.split()
for i in range(250):
    s = text()
    for m in noarg:
        print(i, m, e(getattr(s, m)))
    print(ascii(s), e(repr, s), e(len, s), e(lambda: s[::-1]), e(lambda: s[1:-1]), e(lambda: s[-3:]), e(lambda: s[::2]), e(lambda: [c for c in s]))
    t = text(3); u = text(3); v = text(30)
    for m in 'find rfind index rindex count startswith endswith split rsplit partition rpartition removeprefix removesuffix strip lstrip rstrip'.split():
        print(i, m, e(getattr(v, m), t))
    for m in 'find rfind index rindex count startswith endswith'.split():
        a, b = rnd(20) - 10, rnd(40) - 10
        print(i, m, e(getattr(v, m), t, a), e(getattr(v, m), t, a, b), e(getattr(v, m), t, None, b))
    print(e(v.replace, t, u), e(v.replace, t, u, 2), e(v.split, t, 1), e(v.rsplit, t, 2), e(v.split, None, 1), e(v.rsplit, None, 2), e(v.splitlines, True), e(v.expandtabs, 3))
    print(e(s.center, 15), e(s.ljust, 15, u), e(s.rjust, 15, '中'), e(s.zfill, 12), e(lambda: s*3), e(lambda: s+t), e(t.join, [s, u, v]), e(lambda: (s<t, s<=t, s==t, s!=t, s>t, s>=t, t in v, s==s+'')))
    print(e(s.translate, {97: 'XX', 98: None, 99: 100, 'a': 1}), e(s.translate, str.maketrans('abc', '中yz', '19')), e(str.maketrans, s, s), e(v.startswith, (t, u)), e(v.endswith, (t, u)))
    h = hash(s); print(h == hash(s[:1] + s[1:]), {s: 1}.get(s + ''))
