# SPDX-License-Identifier: Apache-2.0
# Threads that share moments, zones and durations: hash, compare, shift, write and read them, first hash included; and classes of their own.
import threading, zlib
from datetime import *
class Zone(tzinfo):
    def utcoffset(self, dt): return timedelta(hours=1 + (dt is not None and dt.month > 6))
    def dst(self, dt): return timedelta(0)
    def tzname(self, dt): return 'Z'
    def __repr__(self): return 'Zone()'
class Moment(datetime): pass
zones = [None, timezone.utc, timezone(timedelta(hours=-5), 'five'), Zone()]
shared = [Moment(2000 + i, i % 12 + 1, i % 28 + 1, i % 24, tzinfo=zones[i % 4], fold=i % 2) if i % 3 else datetime(2000 + i, 1, 1, tzinfo=zones[i % 4]) for i in range(200)]
times = [time(i % 24, i % 60, tzinfo=zones[i % 4]) for i in range(200)]
delta, barrier, results = timedelta(days=1, microseconds=5), threading.Barrier(4), {}
def work(n):
    barrier.wait()
    crc = 0
    for i, (x, t) in enumerate(zip(shared, times)):
        hashes = hash(x), hash(t), hash(x.date()), hash(delta)
        y = x + delta
        assert y - delta == x and hash(y - delta) == hashes[0] and hash(t.replace()) == hashes[1]
        aware = x if x.tzinfo else x.replace(tzinfo=timezone.utc)
        parts = y.isoformat(), x.isoformat(), datetime.fromisoformat(x.isoformat()).isoformat(), aware.astimezone(zones[1 + i % 3]).isoformat(), x.strftime('%Y %j %H%z'), x.strftime('%b %d'), x.isocalendar(), x.timetuple(), t.isoformat(), x.tzname(), aware - shared[1 + 4 * (i % 40)], \
            divmod(y - x, timedelta(hours=7)), delta * i, delta / (i + 1), x.replace(year=1999).ctime(), timezone.utc.utcoffset(x), timezone.utc.tzname(None), datetime.combine(x.date(), t).time().isoformat()
        crc = zlib.crc32(repr(parts).encode(), crc)
    class Own(datetime): 'made by this thread'
    for i in range(100):
        v = Own.fromtimestamp(i * 1e7, timezone.utc) + delta
        assert type(v) is Own and v.fold == 0 and v.tzinfo is timezone.utc and datetime.strptime('2020-01-%02d' % (i % 28 + 1), '%Y-%m-%d').day == i % 28 + 1
        assert datetime.now() <= datetime.now() + delta and datetime.now(timezone.utc) > shared[1]
    results[n] = crc
threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for t in threads: t.start()
for t in threads: t.join()
print(len(results), len(set(results.values())), results[0])
