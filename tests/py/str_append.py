# Texts that grow in place: every width, with and without their UTF-8 cached, their hash taken, and themselves appended.
def grow(start, piece, n, plus):
    s = start
    for i in range(n):
        if plus:
            s += piece
        else:
            s = s + piece
        if i % 7 == 0:
            s.encode()                      # ASCII is its own, the others keep it behind
        if i % 11 == 0:
            {s: 1}
        if i % 13 == 0:
            compile(repr(s), s[:20].replace('\n', ' '), 'eval')
    return s


for start in '', 'a', 'é', 'ж', '\u20ac\u0436', '\U0001f600', 'aé\U0001f600':
    for piece in 'b', 'bc' * 5, 'é', 'ж\u20ac', '\U0001f600!':
        for plus in True, False:
            s = grow(start, piece, 300, plus)
            assert s == start + piece * 300 and hash(s) == hash(start + piece * 300), (start, piece)
            print(len(s), ascii(s[-3:]), len(s.encode()), s.count(piece))


def doubled(s, n):
    for _ in range(n):
        s += s
    return s


for c in 'ab', 'éa', 'жa', '\U0001f600a':
    s = doubled(c, 12)
    print(len(s), len(s.encode()), s == c * 4096)
    t = s
    s += 'x'
    print(len(t), len(s), t.encode() + b'x' == s.encode())
