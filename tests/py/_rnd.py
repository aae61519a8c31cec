"""Numbers that look random and are the same everywhere; e() shows a result or an exception on one line."""

S = 98765


def rnd(n=1 << 53):
    global S
    S = (S * 6364136223846793005 + 1442695040888963407) & ((1 << 64) - 1)
    return (S >> 11) % n


def pick(seq): return seq[rnd(len(seq))]


def e(f, *a, **k):
    try:
        r = repr(f(*a, **k))
    except Exception as x:
        r = type(x).__name__ + ' ' + str(x)
    if len(r) > 400: r = r[:150] + '...' + str(len(r)) + r[-150:]
    return r
