# SPDX-License-Identifier: Apache-2.0
# datetime: arguments, ranges, operators between all types, texts and their reading, and the messages of what fails.
from datetime import *
import datetime as module
def show(f, *a, **k):
    try: r = repr(f(*a, **k))
    except Exception as e: r = type(e).__name__ + ': ' + str(e)
    print(*(x.split(' at 0x')[0] for x in (getattr(f, '__qualname__', ''), ascii(a), ascii(k), '->', ascii(r))))
print([n for n in ('date', 'time', 'datetime', 'timedelta', 'tzinfo', 'timezone', 'UTC', 'MINYEAR', 'MAXYEAR') if hasattr(module, n)], module.__doc__ is not None)
for c in (date, datetime, time, timedelta):
    for a in ((), (1,), (1, 2), (1,) * 10, ('a',), (1.5, 2, 3), (2**31, 1, 1), (2**70, 1, 1), (-2**40, 1, 1), (0, 1, 1), (1, 13, 1), (1, 2, 30), (True, True, True)): show(c, *a)
    for k in ({'x': 3}, {'year': 1}): show(c, 1, 2, 3, **k)
show(datetime, 1, 1, 1, 24), show(datetime, 1, 1, 1, 0, 60), show(datetime, 1, 1, 1, 0, 0, 60), show(datetime, 1, 1, 1, 0, 0, 0, 1000000), show(datetime, 1, 1, 1, fold=2), show(datetime, 1, 1, 1, tzinfo=3)
show(datetime, 1, 1, 1, 0, 0, 0, 0, None, 0), show(time, 1, 1, 1, 0, None, 1), show(date, day=1, month=2, year=3), show(time, fold=1, tzinfo=timezone.utc)
d, dt, t, td = date(2020, 1, 2), datetime(2020, 1, 2, 3, 4, 5, 6), time(1, 2, 3, 4), timedelta(1, 2, 3)
for o in (d, dt, t):
    show(o.replace, *range(1, 11)), show(o.replace, year=0), show(o.replace, hour=25), show(o.replace, foo=1), show(o.replace, tzinfo=1), show(o.replace, fold=3), show(o.replace, 'a'), show(o.replace)
    show(o.isoformat, 1), show(o.isoformat, 'a', 'b'), show(o.isoformat, timespec='foo'), show(o.isoformat, 'ab'), show(o.isoformat, sep=1), show(o.isoformat, timespec=1)
    for s in ('auto', 'hours', 'minutes', 'seconds', 'milliseconds', 'microseconds'): show(o.isoformat, timespec=s)
    show(o.strftime), show(o.strftime, 1), show(o.strftime, 'a', 1), show(o.strftime, format='%H'), show(o.__format__, 1), show(o.__format__, ''), show(o.__format__, '%m'), show(o.__reduce__, 1), show(str, o)
    for p in range(6): show(o.__reduce_ex__, p)
    show(o.__reduce_ex__, 'a')
show(dt.isoformat, '\u1234'), show(dt.isoformat, '\x00', 'hours')
for a in (0, -5, 10**9, 'a', 1.5, 10**20, 1, 3652059, 3652060): show(date.fromordinal, a)
show(date.fromisoformat, 1), show(date.fromisocalendar, 1), show(date.fromisocalendar, year=2020, week=1, day=1)
for a in ((2020, 54, 1), (2020, 53, 7), (2020, 1, 8), (2020, 0, 1), (0, 1, 1), (10000, 1, 1), (2020, 2**40, 1), (2**70, 1, 1), ('a', 1, 1), (2021, 53, 1), (9999, 52, 7), (9999, 52, 5), (1, 1, 1)): show(date.fromisocalendar, *a)
show(date.today, 1), show(datetime.now, 1), show(datetime.now, 1, 2), show(datetime.utcnow, 1), show(datetime.now, foo=1)
for f in (date.fromtimestamp, datetime.fromtimestamp, datetime.utcfromtimestamp):
    for v in ('a', None, 10**20, -10**20, 1e300, float('nan'), float('inf'), 2**62, -2**55, 253402300800, -62135596801, 1e12, -1e11, 10**17): show(f, v)
for v in (0.5, 1.5e-6, 2.5e-6, -0.5e-6, -1.5e-6, -0.25, 0.9999995, 1e9 + 0.1, -1.9999999, -62135596800, 253402300799.25, True): show(datetime.utcfromtimestamp, v), show(datetime.fromtimestamp, v, timezone.utc)
show(datetime.fromtimestamp), show(datetime.fromtimestamp, 1, 2), show(datetime.fromtimestamp, 1, 2, 3), show(datetime.fromtimestamp, 0, tz=3)
show(datetime.combine, 1, 2), show(datetime.combine, d), show(datetime.combine, d, 1), show(datetime.combine, d, t, 3), show(datetime.combine, date=dt, time=t, tzinfo=timezone.utc)
show(datetime.strptime, 1, 2), show(datetime.strptime, 'a', 1), show(datetime.strptime, '2020-02-30', '%Y-%m-%d'), show(datetime.strptime, '2020-02-28 1.25 +0130', '%Y-%m-%d %H.%f %z')
show(dt.astimezone, 3), show(dt.astimezone, 1, 2), show(dt.astimezone, foo=1), show(dt.timestamp, 1), show(dt.date, 1)
for a in (d, dt, t, td, timezone.utc):
    for b in (d, dt, t, td, 2, -1.5, None, 'a', timezone.utc, dt.replace(tzinfo=timezone.utc), t.replace(tzinfo=timezone.utc)):
        for op in ('+', '-', '*', '/', '//', '%', '<', '<=', '==', '!=', '>', '>='):
            try: r = repr(eval('a %s b' % op))
            except TypeError as e: r = str(e)
            print(repr(a), op, repr(b), '->', r)
        show(divmod, a, b)
for a in ((1,), (td,), (timedelta(hours=1), 1), (timedelta(hours=24),), (timedelta(hours=-24),), (timedelta(hours=1), None), (timedelta(hours=1), 'a'), (timedelta(0), ''), (td, 'a', 3), ()): show(timezone, *a)
show(timezone, offset=timedelta(0)), show(timezone, timedelta(hours=1), name='x')
u = timezone.utc
for m in ('utcoffset', 'dst', 'tzname', 'fromutc'):
    for z in (u, tzinfo(), timezone(timedelta(hours=-3), 'k')):
        for a in ((), (1,), (None,), (dt,), (dt.replace(tzinfo=u),), (dt.replace(tzinfo=z),)):
            try: r = repr(getattr(z, m)(*a))
            except Exception as e: r = type(e).__name__ + ': ' + str(e)
            print(m, len(a), r)
print(tzinfo().__reduce__(), u.__reduce__(), timezone(timedelta(1, 0, 1) * .5, 'k').__reduce__(), u.__getinitargs__(), type(tzinfo(1, 2, x=3)))
print(u, repr(u), timezone.min, timezone.max, repr(timezone.min), timezone(timedelta(0, 1, 5)), timezone(-timedelta(0, 1, 5)), timezone(timedelta(hours=1)), hash(u) == hash(timedelta(0)), u == timezone(timedelta(0), 'x'), u == 1,
      timezone(timedelta(0)) is u, UTC is u, timezone(timedelta(0), 'UTC') is u)
show(lambda: u < u), show(lambda: type('X', (timezone,), {})), show(lambda: setattr(d, 'year', 1)), show(lambda: setattr(d, 'foo', 1)), show(lambda: delattr(dt, 'hour'))
x = dt.isocalendar(); print(x, type(x).__mro__, x.year, x.week, x.weekday, x[0], x.__reduce__(), x + (1,), x == (2020, 1, 4), hash(x) == hash((2020, 1, 4)), tuple(x))
show(type(x), 1), show(type(x), 1, 2, 3), show(type(x), year=1, week=2, weekday=4)
for k in ('days', 'seconds', 'microseconds', 'milliseconds', 'minutes', 'hours', 'weeks'):
    for v in ('a', None, [], float('inf'), float('-inf'), float('nan'), 10**10, 10**30, -10**60, 0.5, -0.1, 1e-7, 2.5e-6, 1e300, True, 1.0): show(timedelta, **{k: v})
show(timedelta, days=10**40, hours=-24 * 10**40), show(timedelta, days=10**40, hours=-24 * 10**40, microseconds=0.5), show(timedelta, days=10**40, hours=-24 * 10**40, microseconds=1.5)
show(timedelta, days=999999999, hours=24), show(timedelta, days=-999999999, microseconds=-1), show(timedelta, microseconds=0.5, milliseconds=0.0005), show(timedelta, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5)
M, m = timedelta.max, timedelta.min
class F(float):
    def as_integer_ratio(self): return ratio
for e in ('M+td', 'm-td', 'M*2', 'M*1.5', 'M*10**30', 'M*10**50', '-m', '-M', 'abs(m)', '+m', 'M/0', 'M//0', 'M/0.0', 'M%timedelta(0)', 'M//timedelta(0)', 'M/timedelta(0)', 'divmod(M,timedelta(0))',
          'td*float("nan")', 'td*float("inf")', 'td/float("nan")', 'td/float("inf")', 'M/1e-9', 'M*1e300', 'td*1e-320', 'td/5e-324', 'd+M', 'd-M', 'dt+M', 'dt-M', 'dt+m', 'date.max+timedelta(1)',
          'date.min-timedelta(1)', 'datetime.max+timedelta(0,0,1)', 'datetime.min-timedelta(0,0,1)', 'M*True', 'M/True', 'M.total_seconds()', 'm.total_seconds()', 'M//timedelta(0,0,1)', 'M/timedelta(0,0,1)',
          'M/7', 'm/7', 'm//7', 'M/10**40', 'M//10**40', 'm//10**40', 'timedelta(0)*10**100', 'hash(td)', 'hash(M)', 'hash(m)', 'hash(-td)', 'str(m)', 'str(M)', 'repr(m)', 'str(td)', 'str(-td)', 'repr(td)',
          'repr(timedelta())', 'repr(timedelta(0,0,1))', 'td.__reduce__()', 'bool(td)', 'bool(timedelta())', 'M%td', 'm%td', 'divmod(m,td)', 'divmod(td,-td)', 'M*1e-9', 'm*1e-9', 'td/1e-9', 'td/1e9',
          'timedelta(0,0,1)/2', 'timedelta(0,0,3)/2', 'timedelta(0,0,5)/-2', 'timedelta(0,0,1)*0.5', 'timedelta(0,0,3)*0.5', 'timedelta(0,0,7)*-0.5', 'timedelta.resolution', 'date.resolution', 'time.max',
          'datetime.min', 'hash(datetime.max.replace(tzinfo=timezone.min))', 'hash(datetime.min.replace(tzinfo=timezone.max))'): show(eval, e)
for ratio in (1, (1,), (1, 2, 3), (1, 2), (1.5, 2), (3, 0), (10**50, 10**49), (1, -3)): show(lambda: td * F(2)), show(lambda: td / F(2))
for c, *a in ((date, b'\x07\xe4\x01\x02'), (date, b'\x07\xe4\x0d\x02'), (date, '\x07\xe4\x01\x02'), (date, '\x07\u1234\x01\x02'), (datetime, b'\x07\xe4\x81\x02\1\2\3\0\0\1'), (datetime, '\x07\xe4\x01\x02\1\2\3\0\0\1'),
              (datetime, '\x07\u1234\x01\x02\1\2\3\0\0\1'), (datetime, b'\x07\xe4\x81\x02\1\2\3\0\0\1', u), (datetime, b'\x07\xe4\x81\x02\1\2\3\0\0\1', 3), (datetime, b'\x07\xe4\x8d\x02\1\2\3\0\0\1'),
              (time, b'\x81\2\3\0\0\1'), (time, b'\x99\2\3\0\0\1'), (time, '\x01\2\3\0\0\1'), (time, '\x01\u1234\3\0\0\1'), (time, b'\x01\2\3\0\0\1', u), (time, b'\x01\2\3\0\0\1', 4), (time, b'abc')): show(c, *a)
for f in ('%Y\0%m', 'a\0b', '%', '%%', 'abc%', '%f%z%Z', '%Q', '%-d', '%:z', '%E', '%\xe9', '\xe9%Y', '\ud800', '%Y\ud800', '', '%y %j %C', '%A %a %B %b %p %I %U %W %w %u %G %V %c %x %X', '%%Y%%%m', '\U0001f600 %H:%M'):
    show(d.strftime, f), show(date(7, 1, 2).strftime, f), show(t.strftime, f), show(datetime(12, 3, 4, 5, 6, 7, 8, timezone(-timedelta(0, 1, 5), 'a%b\xe9')).strftime, f)
for s in ('2020010199', '20200101xx', '2020-W01', '2020W01', '2020W011', '2020-W01-1', '2020-1-1', '2020W0112', '9999-W52-7', '0001-W01-1', '2020-W54-1', '\uff12020-01-01', '2020-01-01\0', '2020-01\0', 'x'): show(date.fromisoformat, s)
for s in ('2020-01-01T', '2020-01-01T12:+01:00', '2020-01-01T12x+01:00', '2020-01-01T1230455', '2020-01-01T12304556', '2020-01-01T12:30:45:5', '2020-01-01T12:30:45.123456xyz+01:00', '2020-01-01T12:30:45+00:00:00.000001',
          '2020-01-01T12:30:45+24:00', '2020-01-01T24:00', '2020-01-01\xe912:30', '2020-01-01\ud80012:30', '2020-W01-1\ud80012', '2020-W01\ud80012:30\ud800', '2020-01-01T12:30\ud800', '20200101T12Z', '20200101T12Z1',
          '20200101T12z', '2020-01-01T12:30+', '2020-01-01T12:30-01:00:00', '20200101T', '20200101', '2020-01-01', '2020-01-0112', '2020W01112', '2020W011 12', '2020W01T12', '2020W0111', '2020-W01-12', '2020-W01T12',
          '2020-W01-1T12', '2020-W01-', '2020-W01-1', '2020-01-01T12:30:45.', '2020-01-01T12:30:45,5', '2020-01-01T12:30.5', '2020-01-01T123045.5+0130', '2020-01-01T12:30:45.1234567', '2020-01-01T12:30:45.123456789x',
          '9999-W52-7', '2020-01-01T12:30:60', '2020-01-01\U0001f60012', '2020-01-01T12:3', '2020-01-01T1', '2020-01-01T12:30\0', '2020-01-01T12:30+01:00\0', '', 'abc', '2020-02-30T00:00'): show(datetime.fromisoformat, s)
for s in ('T12', '12', '', 'T', 'TT12', '12:30', '1230', '123', '12:30Z', '12:30+01', 'T12:30:45.5-0230', '12:30\xe9', '\xe9', '12\ud800', '24', '12-01', '12+25', '12:30:45.999999999', '123456.7Z'): show(time.fromisoformat, s)
class R(tzinfo):
    def utcoffset(s, d): return v
    def dst(s, d): return v
    def tzname(s, d): return v
for v in (1, 'x', timedelta(1), timedelta(-1), timedelta(-1, 0, 1), timedelta(1) - timedelta.resolution, None):
    x = datetime(2020, 1, 1, tzinfo=R())
    for f in (x.utcoffset, x.dst, x.isoformat, x.tzname, x.astimezone, x.timestamp, x.timetuple, x.utctimetuple, time(1, tzinfo=R()).utcoffset, x.timetz().isoformat): show(f) if f != x.astimezone else show(f, u)
    show(x.strftime, '%z'), show(x.strftime, '%Z'), show(R().fromutc, x.replace(tzinfo=(z := R()))), show(z.fromutc, x.replace(tzinfo=z))
for x in (datetime.min, datetime.max):
    for f in (x.replace(tzinfo=u).timestamp, x.replace(tzinfo=timezone.max).utctimetuple, x.replace(tzinfo=timezone.min).utctimetuple): show(f)
    show(x.replace(tzinfo=timezone.min).astimezone, timezone.max), show(x.replace(tzinfo=timezone.max).astimezone, timezone.min), show(lambda: x.replace(tzinfo=timezone.max) - x.replace(tzinfo=timezone.min))
