# SPDX-License-Identifier: Apache-2.0
# datetime: classes made from its types, zones written in Python, copies, and pickles of every protocol, read as CPython wrote them.
from datetime import *
import copy, datetime as module, io, pickle, pickletools
calls = []
class D(date):
    extra = 'x'
    def __new__(cls, *a, **k): calls.append(('D', len(a), sorted(k))); return super().__new__(cls, *a, **k)
    def isoformat(self): return 'D' + super().isoformat()
    def timetuple(self): calls.append('timetuple'); return super().timetuple()
class M(datetime):
    def __new__(cls, *a, **k): calls.append(('M', len(a), sorted(k))); return super().__new__(cls, *a, **k)
    def isoformat(self, sep='T'): return 'M' + super().isoformat(sep)
    def utcoffset(self): calls.append('utcoffset'); return super().utcoffset()
class T(time):
    def __new__(cls, *a, **k): calls.append(('T', len(a), sorted(k))); return super().__new__(cls, *a, **k)
    def isoformat(self): return 'T' + super().isoformat()
class S(timedelta):
    def __new__(cls, *a, **k): calls.append(('S', len(a), sorted(k))); return super().__new__(cls, *a, **k)
def show(x): print(type(x).__name__, repr(x), str(x), calls[:]); calls.clear()
td, z = timedelta(1, 2, 3), timezone(timedelta(hours=2), 'two')
d, m, t, s = D(2020, 1, 2), M(2020, 1, 2, 3, 4, 5, 6, z, fold=1), T(1, 2, 3, 4, z, fold=1), S(1, 2, 3); calls.clear()
for x in (d, m, t, s): show(x)
for x in (d + td, td + d, d - td, d - d, d.replace(year=3), D.fromordinal(5), D.fromisoformat('2020-02-03'), D.fromisocalendar(2020, 1, 1), D.fromtimestamp(86400 * 5)): show(x)
for x in (m + td, td + m, m - td, m - m, m.replace(year=3), m.date(), m.time(), m.timetz(), M.fromtimestamp(5, timezone.utc), M.utcfromtimestamp(5), M.fromordinal(5), M.combine(date(1, 2, 3), t), M.fromisoformat('2020-02-03T04:05+01:00'),
          M.strptime('2020', '%Y'), m.astimezone(timezone.utc), m.astimezone(z), M.fromisocalendar(2020, 1, 1)): show(x)
for x in (t.replace(hour=3), T.fromisoformat('04:05Z'), s + td, td + s, -s, s * 2, s / 2, s // 2, s % td, abs(s), S(hours=1.5)): show(x)
print(d == date(2020, 1, 2), hash(d) == hash(date(2020, 1, 2)), m == datetime(2020, 1, 2, 3, 4, 5, 6, z), s == td, hash(s) == hash(td), m > datetime(1, 1, 1, tzinfo=z), isinstance(m, date), issubclass(M, date))
show(d.strftime('%Y %j')), show(f'{d:%d}'), show(f'{d}'), show(f'{m}'), show(f'{m:%z}'), show(M.today().year > 2000), show(D.today() <= date.today())
d.note = 1; print(d.__dict__, D.min, D.extra, M.max.year); calls.clear()
class Bad(datetime):
    def __new__(cls, *a, **k): return 'not a datetime'
print(Bad.utcfromtimestamp(5), Bad.strptime('2000', '%Y'), Bad.fromisoformat('2020-01-01'), Bad.combine(date(1, 1, 1), time(1, fold=1)))
class Raises(date):
    def __new__(cls, *a): raise KeyError('no')
for f in (lambda: Raises.fromordinal(5), lambda: Raises.today()):
    try: f()
    except KeyError as e: print('KeyError', e)
class Args(date):
    def __init__(self, *a, **k): self.a = a, k
print(Args(1, 2, 3).a, Args(1, day=2, month=3).a, (Args(1, 2, 3) + td).a, Args(1, 2, 3).replace(year=7).__dict__)

class Zone(tzinfo):
    'Two hours ahead, an hour more in the middle of the year.'
    def __init__(self, name='zone'): self.name = name
    def utcoffset(self, dt): return timedelta(hours=2) + self.dst(dt)
    def dst(self, dt):
        if dt is None: return timedelta(0)
        return timedelta(hours=4 <= dt.month < 10 or (dt.month == 10 and dt.day == 1 and dt.hour < 3 and not (dt.hour >= 2 and dt.fold)))
    def tzname(self, dt): return self.name + '%'
zone = Zone()
for x in (datetime(2020, 3, 31, 21, 59, 59), datetime(2020, 3, 31, 22), datetime(2020, 7, 1), datetime(2020, 9, 30, 23, 30), datetime(2020, 10, 1, 0, 30), datetime(2020, 12, 1)):
    y = x.replace(tzinfo=timezone.utc).astimezone(zone)
    print(y, y.fold, y.utcoffset(), y.dst(), y.tzname(), y.strftime('%Z %z'), y.timestamp(), y.astimezone(timezone.utc), y.timetuple().tm_isdst, y == x.replace(tzinfo=timezone.utc), datetime.fromtimestamp(x.replace(tzinfo=timezone.utc).timestamp(), zone) == y)
a = datetime(2020, 10, 1, 2, 30, tzinfo=zone); b = a.replace(fold=1); u = a.astimezone(timezone.utc)
print(a == b, a < b, a - b, hash(a) == hash(b), a == u, u == a, a != u, a < u, a <= u, b == b.astimezone(timezone.utc), time(1, tzinfo=zone) == time(23, tzinfo=timezone.utc), time(1, tzinfo=zone) == time(1), time(3, tzinfo=zone).utcoffset())
class Fixed(tzinfo):
    def utcoffset(self, dt): return timedelta(minutes=90)
    def dst(self, dt): return None
    def fromutc(self, dt): return 'mine ' + repr(dt.tzinfo is self)
print(datetime(2020, 1, 1, tzinfo=timezone.utc).astimezone(Fixed()), datetime.fromtimestamp(0, Fixed()), repr(Fixed())[:10])
for f in (lambda: tzinfo.fromutc(f0, datetime(2020, 1, 1, tzinfo=f0)), lambda: datetime(2020, 1, 1, tzinfo=f0).tzname()):
    f0 = Fixed()
    try: f()
    except Exception as e: print(type(e).__name__, e)

module.Zone = Zone
class Plain(tzinfo): pass
for x in (date(2020, 2, 29), datetime(2020, 2, 29, 1, 2, 3, 4), datetime(2020, 2, 29, 1, 2, 3, 4, fold=1), datetime(1, 1, 1, tzinfo=timezone.utc), datetime(9999, 12, 31, 23, 59, 59, 999999, z), time(1, 2, 3, 4), time(23, fold=1, tzinfo=z), td,
          timedelta.min, timezone.utc, z, timezone(timedelta(0), 'UTC'), timezone.max, datetime(2020, 10, 1, 2, 30, tzinfo=zone, fold=1), d, m, t, s, date(2020, 1, 5).isocalendar(), [td, td, z, z]):
    for p in range(6):
        b = pickle._dumps(x, p); y = pickle._loads(b)
        print(p, b.hex(), y == x, type(y) is type(x), getattr(y, 'fold', None), repr(y) == repr(x) or repr(y)[:20])
        calls.clear()
    y, w = copy.copy(x), copy.deepcopy(x)
    print(y == x, w == x, y is x, w is x); calls.clear()
# As Python 2 wrote them: states that are text.
for text in ("cdatetime\ndate\n(S'\\x07\\xdf\\x0b\\x1b'\ntR.", "cdatetime\ndatetime\n(S'\\x07\\xdf\\x0b\\x1b\\x14;\\x01\\x00\\x10\\x00'\ntR.", "cdatetime\ntime\n(S'\\x14;\\x10\\x00\\x10\\x00'\ntR."):
    print(pickle._loads(text.encode(), encoding='latin1'), pickle._loads(text.encode(), encoding='bytes'))
q = Zone('n'); q.more = 5; r = pickle.loads(pickle.dumps(q)); print(type(r).__name__, r.__dict__, q.__reduce__()[1:])
