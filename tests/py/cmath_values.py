# cmath: values to twelve digits, signs of zeros, infinities, NaN, branch cuts, errors.
import cmath

inf, nan = cmath.inf, cmath.nan


def text(x):
    if isinstance(x, complex):
        return 'complex(%s, %s)' % (text(x.real), text(x.imag))
    if isinstance(x, tuple):
        return '(%s)' % ', '.join(map(text, x))
    if isinstance(x, float) and x == x and abs(x) != inf:
        return '%.12g' % x
    return 'nan' if x != x else repr(x)


def show(name, f, *args):
    try:
        r = text(f(*args))
    except Exception as e:
        r = '%s: %s' % (type(e).__name__, e)
    print(name, ', '.join(map(text, args)), r)


functions = ['acos', 'acosh', 'asin', 'asinh', 'atan', 'atanh', 'cos', 'cosh', 'exp', 'log', 'log10', 'sin', 'sinh', 'sqrt', 'tan', 'tanh', 'phase', 'polar', 'isfinite', 'isnan', 'isinf']
parts = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.75]
for name in functions:
    f = getattr(cmath, name)
    for re in parts:
        for im in parts:
            show(name, f, complex(re, im))
    for x in (2, -2, True, 0.25, 1e-200, 1e-200j, 1e200, 1e150j, complex(700, 1), complex(1, 1e5)):
        show(name, f, x)
# Signs and infinities where C and Python leave none of them open.
for name in ('exp', 'cosh', 'sinh', 'tanh', 'cos', 'sin', 'tan', 'sqrt', 'log', 'acos', 'asin', 'atan', 'acosh', 'asinh', 'atanh', 'log10'):
    f = getattr(cmath, name)
    for z in (complex(inf, 1), complex(-inf, 1), complex(1, inf), complex(1, -inf), complex(-1, inf), complex(inf, 0.0), complex(-inf, -0.0), complex(0.0, inf)):
        show(name, f, z)
    try:
        r = f(complex(nan, nan))
        print(name, 'nan', r.real != r.real and r.imag != r.imag)
    except Exception as e:
        print(name, 'nan', type(e).__name__)
for z in (complex(1000, 1), complex(-1000, 1), complex(1, 1000), complex(1e308, 1e308)):
    for name in ('exp', 'cosh', 'sinh', 'tanh', 'cos', 'sin', 'tan', 'sqrt', 'log', 'polar', 'acosh'):
        show(name, getattr(cmath, name), z)
for z, base in ((8, 2), (1j, 10), (0, 2), (2, 0), (2, 1), (-1, 1j), (100, 10.0)):
    show('log', cmath.log, z, base)
for r, phi in ((1, 0), (2, 1), (-1, 2.5), (0, 5), (0, inf), (1, inf), (inf, 1), (-inf, 2), (inf, 0), (inf, -0.0), (nan, 1), (1, nan), (inf, nan), (0.0, nan), (inf, inf)):
    show('rect', cmath.rect, r, phi)
for a, b, kw in ((1, 1 + 1e-10, {}), (1, 1.1, {}), (1j, 1j, {}), (inf, inf, {}), (inf, 1, {}), (nan, nan, {}), (0, 1e-12, {}), (0, 1e-12, {'abs_tol': 1e-9}), (1, 1.05, {'rel_tol': 0.1}), (1, 2, {'rel_tol': -1})):
    try:
        print(a, b, kw, cmath.isclose(a, b, **kw))
    except Exception as e:
        print(type(e).__name__, e)


class Complex:
    def __complex__(self):
        return 1 + 2j


class Index:
    def __index__(self):
        return 4


for v in (Complex(), Index(), '1', None, [1]):
    try:
        print(cmath.sqrt(v))
    except Exception as e:
        print(type(e).__name__, e)
print(cmath.pi, cmath.e, cmath.tau, cmath.inf, cmath.nan, cmath.infj, cmath.nanj)
print(sorted(n for n in dir(cmath) if n[0] != '_'), cmath.log.__text_signature__, cmath.isclose.__text_signature__)

# _statistics
import statistics
import _statistics

d = statistics.NormalDist(10, 2.5)
print([text(d.inv_cdf(p)) for p in (1e-300, 1e-20, 0.001, 0.02, 0.075, 0.1, 0.5, 0.7, 0.925, 0.93, 0.999, 1 - 1e-16)])
for args in ((0, 1, 1), (1, 1, 1), (0.5, 1, 0), (0.5, 'x', 1), (0.5, 3, 2)):
    try:
        print(_statistics._normal_dist_inv_cdf(*args))
    except Exception as e:
        print(type(e).__name__, e)
