# SPDX-License-Identifier: Apache-2.0
# datetime and local time: folds and gaps of zones with and without summer time, timestamps, astimezone, and zoneinfo on top.
import os, time as clock, zlib
from datetime import *
def show(f, *a):
    try: r = f(*a)
    except Exception as e: r = type(e).__name__ + ': ' + str(e)
    print(repr(r))
for tz in ('UTC0', 'EST5EDT,M3.2.0,M11.1.0', 'CET-1CEST,M3.5.0,M10.5.0/3', '<+1030>-10:30<+11>-11,M10.1.0,M4.1.0', 'XXX-13:45:30', '<-03>3'):
    os.environ['TZ'] = tz
    clock.tzset()
    print(tz)
    for y, m, d in ((2020, 3, 8), (2020, 11, 1), (2020, 3, 29), (2020, 10, 25), (2020, 10, 4), (2020, 4, 5), (1971, 6, 1), (2037, 12, 31)):
        for minutes in (0, 59, 60, 90, 119, 120, 150, 179, 180, 210):
            for fold in (0, 1):
                x = datetime(y, m, d, fold=fold) + timedelta(minutes=minutes, microseconds=7 * fold)
                x = x.replace(fold=fold)
                t = x.timestamp()
                back = datetime.fromtimestamp(t)
                print(minutes, fold, t, back, back.fold, x.astimezone(), x.astimezone(timezone.utc), x.astimezone().tzname(), date.fromtimestamp(t), x.astimezone(timezone(timedelta(hours=3))).isoformat(), sep=' ')
    crc = 0
    for i in range(-40000, 80000, 13):
        x = datetime.fromtimestamp(i * 27013.25)
        crc = zlib.crc32(repr((x, x.timestamp(), x.astimezone())).encode(), crc)
    print(crc)
    for x in (datetime.min, datetime.max, datetime(1, 1, 2), datetime(1, 1, 3), datetime(9999, 12, 30)): show(x.timestamp), show(x.astimezone), show(x.replace(tzinfo=timezone.utc).astimezone)
    for x in (-62135596800, -62135510400, -62135424000, 253402300799, 253402214400, -1, 0): show(datetime.fromtimestamp, x), show(date.fromtimestamp, x)
    print(datetime(2020, 7, 1, 12).strftime('%s %Z|%z|%c'), abs(datetime.now() - datetime.fromtimestamp(clock.time())) < timedelta(seconds=5), abs(datetime.utcnow().replace(tzinfo=timezone.utc) - datetime.now(timezone.utc)) < timedelta(seconds=5),
          abs(datetime.now().timestamp() - clock.time()) < 5, abs(datetime.today() - datetime.now()) < timedelta(seconds=5), date.today() in (datetime.now().date(), (datetime.now() - timedelta(seconds=9)).date()))
from zoneinfo import ZoneInfo
import struct
def tzif(transitions, offsets, footer):
    'A zone as a file of version 2: transitions (when, index of the offset), offsets (seconds, dst, name).'
    names, index, rows = b'', {}, b''
    for seconds, dst, name in offsets:
        index.setdefault(name, len(names))
        if index[name] == len(names): names += name.encode() + b'\0'
        rows += struct.pack('>lbb', seconds, dst, index[name])
    head = lambda n, k, c: b'TZif2' + bytes(15) + struct.pack('>6l', 0, 0, 0, n, k, c)
    body = struct.pack('>%dq' % len(transitions), *(w for w, _ in transitions)) + bytes(i for _, i in transitions) + rows + names
    return head(0, 1, 1) + struct.pack('>lbb', 0, 0, 0) + b'\0' + head(len(transitions), len(offsets), len(names)) + body + b'\n' + footer + b'\n'
import io
zone = ZoneInfo.from_file(io.BytesIO(tzif([(0, 1), (15638400, 2), (31536000, 1)], [(-3600, 0, 'LMT'), (3600, 0, 'AAA'), (7200, 1, 'BBB')], b'CET-1CEST,M3.5.0,M10.5.0/3')), key='Test/Zone')
for x in (datetime(1969, 1, 1), datetime(1970, 7, 1), datetime(1970, 6, 30, 23, 30), datetime(2020, 3, 29, 1), datetime(2020, 10, 25, 0, 30), datetime(2020, 10, 25, 1, 30), datetime(2020, 12, 1)):
    y = x.replace(tzinfo=timezone.utc).astimezone(zone)
    print(y, y.fold, y.tzname(), y.dst(), y.utcoffset(), y.timestamp(), (y + timedelta(days=90)).isoformat(), y.astimezone(timezone.utc) == y, y.strftime('%Z %z'), datetime.fromtimestamp(y.timestamp(), zone) == y)
