# SPDX-License-Identifier: Apache-2.0
# datetime: thousands of values through every operation, each answer into a checksum; every day of the calendar both ways.
from datetime import *
import operator, zlib
state = 12345
def rnd(n):
    global state
    state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
    return (state >> 33) % n
class Sum:
    def __init__(self): self.crc = 0
    def add(self, x): self.crc = zlib.crc32(repr(x).encode('utf-8', 'backslashreplace'), self.crc)
    def call(self, f, *a, **k):
        try: r = f(*a, **k)
        except Exception as e: r = type(e).__name__ + str(e)
        self.add(r)
        return r
def rdate(): return date.fromordinal(rnd(3652059) + 1)
def rzone(): return (None, timezone.utc, timezone(timedelta(minutes=rnd(2879) - 1439)), timezone(timedelta(microseconds=rnd(172799999999) - 86399999999), 'n%d' % rnd(9)))[rnd(4)]
def rtime(z=None): return time(rnd(24), rnd(60), rnd(60), rnd(1000000) * rnd(2), z, fold=rnd(2))
def rmoment(z=None): return datetime.combine(rdate(), rtime(z))
def rdelta():
    k = rnd(5)
    if k == 0: return timedelta(microseconds=rnd(2000) - 1000)
    if k == 1: return timedelta(seconds=rnd(2000000) - 1000000, microseconds=rnd(1000000))
    if k == 2: return timedelta(rnd(2000000000) - 1000000000 or 1, rnd(86400), rnd(1000000)) if rnd(9) else timedelta.max
    if k == 3: return timedelta(rnd(20000) - 10000)
    return timedelta(rnd(4000) - 2000, rnd(86400), rnd(1000000))
def rnumber(): return (rnd(100) - 50, rnd(2**31) - 2**30, (rnd(2**31) - 2**30) * 2**rnd(140), (rnd(2000) - 1000) / 7, (rnd(2**31) - 2**30) * 2.0 ** (rnd(400) - 200), (rnd(400) - 200) / 2)[rnd(6)]

s, days = Sum(), 0
for n in range(1, 3652060, 7):
    x = date.fromordinal(n)
    days += x.toordinal() == n
    s.crc = zlib.crc32(b'%d %d %d' % (x.year, x.month, x.day), s.crc)
print('days', s.crc, days)
s = Sum()
for y in list(range(1, 60)) + list(range(1890, 2110)) + list(range(9900, 10000)):
    for m in range(1, 13):
        for d in (1, 2, 27, 28, 29, 30, 31):
            try: x = date(y, m, d)
            except ValueError as e: s.add(str(e)); continue
            i = x.isocalendar()
            s.add((x.toordinal(), x.weekday(), x.isoweekday(), tuple(i), x.timetuple()[7], x.strftime('%j %U %W %u %a %G-%V')))
            assert date.fromisocalendar(*i) == x
print('calendar', s.crc)
s = Sum()
for _ in range(6000):
    a, b, n = rdelta(), rdelta(), rnumber()
    for f in (operator.add, operator.sub, operator.truediv, operator.floordiv, operator.mod, divmod, operator.lt, operator.le, operator.eq, operator.ne): s.call(f, a, b)
    for f in (operator.mul, operator.truediv, operator.floordiv): s.call(f, a, n), s.call(f, n, a)
    for f in (operator.neg, abs, str, repr, hash, bool, timedelta.total_seconds): s.call(f, a)
    s.call(timedelta, days=rnumber(), seconds=rnumber(), microseconds=rnumber(), milliseconds=rnumber(), minutes=rnumber(), hours=rnumber(), weeks=rnumber())
    s.call(timedelta, rnd(1000) / 3, rnd(1000) / 7, rnd(1000) / 11, rnd(1000) / 13)
    if rnd(50) == 0: print('delta', s.crc) if rnd(4) == 0 else None
print('deltas', s.crc)
s = Sum()
for _ in range(6000):
    a, b, d = rmoment(rzone()), rmoment(rzone()), rdelta()
    for f in (operator.sub, operator.lt, operator.eq, operator.ne, operator.ge): s.call(f, a, b), s.call(f, a.date(), b.date()), s.call(f, a.timetz(), b.timetz())
    for f in (operator.add, operator.sub): s.call(f, a, d), s.call(f, a.date(), d)
    for f in (repr, str, datetime.isoformat, datetime.timestamp if a.tzinfo else datetime.ctime, datetime.utctimetuple, datetime.timetuple, datetime.utcoffset, datetime.tzname, datetime.dst, datetime.timetz, datetime.time,
              datetime.date, datetime.isocalendar, datetime.toordinal, datetime.weekday): s.call(f, a)
    if a.tzinfo: s.call(hash, a)
    z = rzone() or timezone.utc
    if a.tzinfo: s.add(c := s.call(a.astimezone, z)); s.add(c == a)
    text = a.isoformat(sep='T x'[rnd(3)], timespec=('auto', 'hours', 'minutes', 'seconds', 'milliseconds', 'microseconds')[rnd(6)])
    s.add(text), s.call(datetime.fromisoformat, text), s.call(time.fromisoformat, text[11:]), s.call(date.fromisoformat, text[:10])
    s.call(a.replace, year=rnd(10010), day=rnd(33)), s.call(a.replace, hour=rnd(26), tzinfo=z, fold=rnd(2)), s.call(a.time().replace, minute=rnd(61))
    s.call(a.strftime, '%Y-%m-%d %H:%M:%S.%f %z %Z %y %j|%a %b %p'), s.call(format, a, '%d/%m'), s.call(format, a.time(), '%H.%f')
    s.add([datetime.fromisoformat(a.isoformat()) == a, hash(a) == hash(a.replace(fold=1 - a.fold)), a == a.replace(fold=1 - a.fold), hash(a.timetz()) == hash(a.timetz().replace(fold=0)), {a: 1}.get(a + timedelta()), {a.date(), a.date() + timedelta(0)} == {a.date()}])
    t = (rnd(2**31) * 200 - 2**37) / 2**rnd(30)
    s.call(datetime.utcfromtimestamp, t), s.call(datetime.fromtimestamp, t, z), s.call(datetime.fromtimestamp, rnd(2**31), timezone.utc)
print('moments', s.crc)
# Texts that are nearly ISO 8601: pieces of good ones, with bytes changed.
s, good = Sum(), 0
for _ in range(40000):
    a = rmoment(rzone())
    text = a.isoformat() if rnd(2) else a.strftime(('%Y%m%dT%H%M%S.%f', '%Y%m%d %H%M', '%G-W%V-%uT%H:%M', '%GW%V%u%H', '%GW%V %H%M%S,%f%z', '%Y-%m-%dT%H%M%z', '%G-W%V:%H', '%Y-%m-%d%H:%M:%S:%f')[rnd(8)])
    for _ in range(rnd(3)):
        i = rnd(len(text) + 1)
        text = (text[:i] + '0159:-+.,ZTW x\xe9'[rnd(15)] + text[i + rnd(2):]) if rnd(3) else text[:i]
    if 'W' in text and text.startswith('0000'): continue
    r = s.call(datetime.fromisoformat, text)
    good += isinstance(r, datetime)
    s.call(date.fromisoformat, text[:10]), s.call(time.fromisoformat, text[11:])
print('texts', s.crc, good)
