#!/usr/bin/python3.11
# SPDX-License-Identifier: Apache-2.0
"""Kernels of what a task queue's users write: records, text, dates, classes, exceptions, reports; each takes CPython some tens of milliseconds.

everyday.py KRAIT-PYTHON [ROUNDS [KERNEL...]] and everyday.py --kernel NAME, as in library.py, which measures.
"""

from library import main


def json_records():
    import json
    records = [{"id": i, "user": "user%d@example.org" % i, "amount": i / 7, "tags": ["x", "y"], "ok": i % 3 == 0} for i in range(2000)]
    text = json.dumps(records)
    for r in json.loads(text):
        r["amount"] = round(r["amount"], 2)
    json.dumps(records, indent=2, sort_keys=True)


def json_lines():
    import json
    lines = [json.dumps({"n": i, "event": "click", "at": {"x": i, "y": -i}}) for i in range(3000)]
    sum(json.loads(line)["at"]["x"] for line in lines)


def aggregate():
    from collections import Counter, defaultdict
    rows = [("region%d" % (i % 7), "item%d" % (i % 50), i % 11, i * 0.5) for i in range(15000)]
    totals, counts, groups = defaultdict(float), Counter(), {}
    for region, item, quantity, price in rows:
        totals[region, item] += quantity * price
        counts[item] += quantity
        groups.setdefault(region, []).append(price)
    {k: sum(v) / len(v) for k, v in groups.items()}
    counts.most_common(5)


def csv_read_write():
    import csv
    import io
    out = io.StringIO()
    writer = csv.writer(out)
    for i in range(3000):
        writer.writerow([i, "name %d" % i, 'with "quotes", and comma', i / 3])
    out.seek(0)
    sum(float(row["p"]) for row in csv.DictReader(out, fieldnames=["i", "n", "q", "p"]))


def csv_by_hand():
    text = "\n".join("%d;name%d;%d;%s" % (i, i, i * 3, "open" if i % 2 else "closed") for i in range(6000))
    rows = [dict(zip(("id", "name", "n", "state"), line.split(";"))) for line in text.splitlines()]
    sum(int(r["n"]) for r in rows if r["state"] == "open")


def build_text():
    parts = []
    for i in range(15000):
        parts.append("line " + str(i) + ": " + "x" * (i % 13) + "\n")
    text = "".join(parts)
    words = {}
    for w in text.split():
        words[w] = words.get(w, 0) + 1
    text.replace("x", "yy").upper().title().strip()


def concatenate():
    s = ""
    for i in range(60000):
        s += "ab"
    t = ""
    for c in s:
        t = t + c


def f_strings():
    total = 0
    for i in range(20000):
        total += len(f"{i}: {i * 0.5:.2f} {i:>8,d} {'name'!r:<10} {i:#x}")


def percent_format():
    total = 0
    for i in range(20000):
        total += len("%d: %s %.3f %-10s|%05d" % (i, "abc", i * 0.25, "left", i))


def str_format():
    total = 0
    for i in range(20000):
        total += len("{}: {name} {0:>6} {1:.1f}".format(i, i / 2, name="n")) if i % 2 else len("{:d}-{:s}".format(i, "x"))


def sort_key():
    people = [{"name": "n%d" % (i * 7919 % 10007), "age": i * 31 % 90} for i in range(8000)]
    sorted(people, key=lambda p: (p["age"], p["name"]))
    sorted(people, key=lambda p: p["name"], reverse=True)
    from operator import itemgetter
    people.sort(key=itemgetter("age"))


def sort_plain():
    numbers = [i * 7919 % 100003 for i in range(40000)]
    sorted(numbers)
    sorted(map(float, numbers))
    sorted(map(str, numbers))


def dataclass_use():
    from dataclasses import asdict, dataclass, field, replace

    @dataclass
    class Order:
        id: int
        name: str
        price: float = 0.0
        tags: list = field(default_factory=list)
    orders = [Order(i, "o%d" % i, i * 1.5) for i in range(6000)]
    orders == [Order(i, "o%d" % i, i * 1.5) for i in range(6000)]
    [asdict(o) for o in orders[:1000]]
    [replace(o, price=1.0) for o in orders[:1000]]
    [repr(o) for o in orders[:1000]]


def class_making():
    from dataclasses import dataclass
    from enum import Enum
    for i in range(15):
        @dataclass(order=True, frozen=True)
        class D:
            a: int
            b: str = ""

        class E(Enum):
            ONE = 1
            TWO = 2


def named_tuples():
    from collections import namedtuple
    Point = namedtuple("Point", "x y z")
    points = [Point(i, i + 1, i + 2) for i in range(20000)]
    sum(p.x * p.y - p.z for p in points)
    [p._replace(x=0) for p in points[:3000]]


def enum_use():
    from enum import Enum, IntFlag

    class Color(Enum):
        RED, GREEN, BLUE = 1, 2, 3

    class Mode(IntFlag):
        R, W, X = 4, 2, 1
    n = 0
    for i in range(6000):
        if Color(i % 3 + 1) is Color.RED:
            n += Color.RED.value
        n += len(Color["BLUE"].name)
        if Mode.R | Mode.W & Mode(i % 8):
            n += 1


def datetime_parse():
    from datetime import datetime, timedelta, timezone
    base = datetime(2024, 1, 31, 12, 30, 15, 123456, tzinfo=timezone.utc)
    for i in range(3000):
        t = datetime.fromisoformat((base + timedelta(seconds=i * 61)).isoformat())
        (t - base).total_seconds()
        t.astimezone(timezone(timedelta(hours=2))) > base


def datetime_strptime():
    from datetime import datetime
    for i in range(1500):
        t = datetime.strptime("2024-03-%02d 11:%02d:00" % (i % 28 + 1, i % 60), "%Y-%m-%d %H:%M:%S")
        t.strftime("%d.%m.%Y %H:%M")


def date_ranges():
    from datetime import date, timedelta
    day, last, n = date(2000, 1, 1), date(2012, 1, 1), 0
    while day < last:
        n += day.weekday() < 5
        day += timedelta(days=1)
    [date.fromordinal(730000 + i).isoformat() for i in range(3000)]


def datetime_clock():
    from datetime import datetime, timezone
    for i in range(12000):
        t = datetime.now(timezone.utc)
        u = datetime.fromtimestamp(1.7e9 + i * 3607.5)
        u.timestamp() < t.timestamp()
        datetime.utcnow().isoformat(sep=" ", timespec="seconds")


def datetime_records():
    from datetime import datetime, timedelta
    start = datetime(2024, 2, 28, 23, 59)
    rows = [start + timedelta(minutes=17 * (i * 7919 % 12000)) for i in range(12000)]
    days, months = {}, {}
    for t in sorted(rows):
        days.setdefault(t.date(), []).append(t.hour * 60 + t.minute)
        key = t.replace(day=1, hour=0, minute=0)
        months[key] = months.get(key, timedelta(0)) + (t - start)
    [f"{k:%Y-%m} {str(v)}" for k, v in months.items()]


def timedelta_math():
    from datetime import timedelta
    total, step = timedelta(0), timedelta(hours=1.5, seconds=7)
    for i in range(12000):
        part = step * i / 3 + timedelta(days=i % 9, milliseconds=i)
        total += part % step if part > step else -part
        total // step, divmod(part, step), part.total_seconds()


def decimal_money():
    from decimal import ROUND_HALF_UP, Decimal
    total, rate, cent = Decimal(0), Decimal("0.19"), Decimal("0.01")
    for i in range(6000):
        price = Decimal(i) / 100
        total += (price * (1 + rate)).quantize(cent, rounding=ROUND_HALF_UP)
    str(total)


def fractions_use():
    from fractions import Fraction
    total = Fraction(0)
    for i in range(1, 400):
        total += Fraction(1, i % 40 + 1)


def regex_log():
    import re
    line = re.compile(r'^(\S+) (\S+) \[([^\]]+)\] "(\w+) ([^"]*)" (\d{3}) (\d+|-)')
    text = ['10.0.0.%d - [12/Mar/2024:10:00:%02d] "GET /page/%d?x=1" 200 %d' % (i % 255, i % 60, i, i * 10) for i in range(3000)]
    hits = {}
    for entry in text:
        m = line.match(entry)
        if m and m.group(6) == "200":
            hits[m.group(1)] = hits.get(m.group(1), 0) + int(m.group(7))
    [m.groupdict() for m in map(re.compile(r"(?P<ip>[\d.]+) - ").match, text)]


def regex_sub():
    import re
    text = "The quick brown fox, aged 12, jumps over 34 lazy dogs on 2024-05-06. " * 150
    for _ in range(3):
        re.sub(r"\d+", "#", text)
        re.sub(r"(\w+)", r"<\1>", text)
        re.sub(r"\b[a-z]", lambda m: m.group().upper(), text)
        re.findall(r"\b\w{4}\b", text)


def hashing():
    import hashlib
    for i in range(8000):
        hashlib.sha256(b"block %d" % i).hexdigest()
    hashlib.md5(b"x" * 3_000_000).digest()


def base64_zlib():
    import base64
    import zlib
    data = bytes(range(256)) * 200
    for _ in range(10):
        base64.b64decode(base64.b64encode(data)) == zlib.decompress(zlib.compress(data, 1))
        data.hex()


def recursion():
    def depth(n):
        return 0 if n == 0 else 1 + depth(n - 1)

    def hanoi(n, a, b, c):
        return 0 if n == 0 else hanoi(n - 1, a, c, b) + 1 + hanoi(n - 1, c, b, a)
    for _ in range(60):
        depth(900)
    hanoi(15, "a", "b", "c")


def exceptions():
    class Bad(ValueError):
        pass

    def check(i):
        if i % 2:
            raise Bad("odd", i)
        return i
    n = 0
    for i in range(30000):
        try:
            n += check(i)
        except (KeyError, Bad) as e:
            n += len(e.args)
        finally:
            n += 1


def lookup_errors():
    d, n = {}, 0
    for i in range(30000):
        try:
            d[i]
        except KeyError:
            n += 1
        try:
            int("x1")
        except ValueError:
            n += 1


def context_managers():
    from contextlib import contextmanager, suppress

    class Guard:
        def __enter__(self):
            return self

        def __exit__(self, *exc):
            return False

    @contextmanager
    def scope(x):
        yield x
    for i in range(12000):
        with Guard() as g, scope(i) as x:
            g, x
        with suppress(KeyError):
            raise KeyError(i)


def comprehensions():
    for _ in range(10):
        squares = [i * i for i in range(5000) if i % 3]
        {i: str(i) for i in squares[:2000]}
        {i % 97 for i in squares}
        sum(i for i in squares)
        [(a, b) for a in range(60) for b in range(60) if a < b]
        any(i < 0 for i in squares), max(squares, key=lambda v: -v)


def generators():
    def numbers(n):
        for i in range(n):
            yield i

    def chain(*its):
        for it in its:
            yield from it
    for _ in range(6):
        sum(chain(numbers(5000), (i for i in range(5000)), numbers(5000)))


def itertools_use():
    import itertools
    rows = [(i // 100, i) for i in range(20000)]
    {k: sum(v for _, v in g) for k, g in itertools.groupby(rows, key=lambda r: r[0])}
    sum(1 for _ in itertools.combinations(range(40), 3))
    list(itertools.islice(itertools.chain.from_iterable([[1, 2, 3]] * 5000), 9000))
    list(itertools.accumulate(range(10000)))
    sum(a * b for a, b in zip(range(20000), itertools.cycle((1, 2, 3))))


def struct_pack():
    import struct
    packer = struct.Struct("<IHBd8s")
    data = b"".join(packer.pack(i, i % 65536, i % 256, i / 3, b"abc") for i in range(10000))
    sum(row[0] for row in packer.iter_unpack(data))
    for i in range(10000):
        struct.unpack_from("<I", data, i)


def bytes_work():
    buffer = bytearray()
    for i in range(10000):
        buffer += b"%d," % i
        buffer.append(10)
    for line in bytes(buffer).split(b"\n"):
        line.strip(b",").decode("ascii").encode("utf-8")


def utf8_text():
    text = "Grüße aus Köln – naïve café 日本語 " * 200
    for _ in range(60):
        text.encode("utf-8").decode("utf-8").lower().split()
        text.translate({ord("ü"): "ue"}).find("zzz")


def pickle_copy():
    import copy
    import pickle
    data = [{"id": i, "name": "n%d" % i, "values": [1.5, 2, (3, 4)], "sub": {"a": None}} for i in range(800)]
    pickle.loads(pickle.dumps(data))
    copy.deepcopy(data[:300])


def heap_queue():
    import bisect
    import heapq
    from collections import deque
    heap, queue, order = [], deque(maxlen=1000), []
    for i in range(12000):
        heapq.heappush(heap, (i * 7919 % 10007, i))
        queue.append(i)
        bisect.insort(order, i * 31 % 1009)
        if i % 3 == 0:
            heapq.heappop(heap)
            queue.popleft()


def caches():
    from functools import lru_cache, partial, reduce

    @lru_cache(maxsize=256)
    def slow(a, b):
        return a + b
    for i in range(20000):
        slow(i % 100, 3)
    add = partial(slow, 1)
    reduce(lambda a, b: a + b, map(add, range(10000)))


def properties():
    class Account:
        __slots__ = ("_balance", "log")

        def __init__(self):
            self._balance, self.log = 0, []

        @property
        def balance(self):
            return self._balance

        @balance.setter
        def balance(self, v):
            self._balance = v

        @classmethod
        def new(cls):
            return cls()

        @staticmethod
        def fee(x):
            return x // 100

        def __getattr__(self, name):
            return 0

        def __len__(self):
            return self._balance

        def __eq__(self, other):
            return self._balance == other._balance
    a, b = Account.new(), Account()
    for i in range(20000):
        a.balance += 1
        Account.fee(i), len(a), a == b, a.missing, isinstance(a, Account), hasattr(b, "log")


def inheritance():
    class Base:
        def __init__(self, a, **kw):
            self.a = a

        def run(self, x):
            return x + self.a

    class Middle(Base):
        def __init__(self, a, b=2, **kw):
            super().__init__(a, **kw)
            self.b = b

        def run(self, x):
            return super().run(x) * self.b

    class Leaf(Middle):
        def run(self, x):
            return super().run(x) - 1
    for i in range(10000):
        Leaf(i, b=3, extra=1).run(5)


def keyword_calls():
    def f(a, b=1, *args, c=2, **kw):
        return a + b + c + len(args) + len(kw)

    def wrap(*args, **kwargs):
        return f(*args, **kwargs)
    for i in range(25000):
        wrap(i, 2, c=3)
        wrap(1, 2, 3, c=4, d=5)
        f(a=1, b=2)


def closures():
    def make(n):
        count = 0

        def inc(k=1):
            nonlocal count
            count += k * n
            return count
        return inc
    for i in range(4000):
        f = make(i)
        for _ in range(10):
            f()
    list(map(lambda x: x + 1, filter(lambda x: x % 2, range(20000))))


def async_tasks():
    import asyncio

    async def work(i):
        await asyncio.sleep(0)
        return i

    async def everything():
        for _ in range(4):
            await asyncio.gather(*(work(i) for i in range(300)))
        queue = asyncio.Queue()
        for i in range(1000):
            await queue.put(i)
            await queue.get()
    asyncio.run(everything())


def matrix():
    n = 45
    a = [[i * j % 10 + 0.5 for j in range(n)] for i in range(n)]
    c = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            c[i][j] = sum(a[i][k] * a[k][j] for k in range(n))
    [list(col) for col in zip(*c)]


def big_integers():
    def fib(n):
        a, b = 0, 1
        for _ in range(n):
            a, b = b, a + b
        return a
    len(str(fib(6000)))
    n = 1
    for i in range(1, 1200):
        n *= i
    pow(3, n % 10**300, 10**200 + 7)


def primes():
    sieve = bytearray([1]) * 200000
    for i in range(2, 450):
        if sieve[i]:
            sieve[i * i::i] = bytes(len(range(i * i, 200000, i)))
    sum(sieve)
    found = []
    for n in range(2, 4000):
        if all(n % p for p in found if p * p <= n):
            found.append(n)


def words_sets():
    words = ["w%d" % (i * i % 3001) for i in range(20000)]
    seen = set()
    for w in words:
        if w not in seen:
            seen.add(w)
    index = {}
    for i, w in enumerate(words):
        index.setdefault(w[0:2], set()).add(i)
    len(seen & set(words[:500])) + len(seen - {"w1"}) + sum(w.startswith("w1") and w.endswith("9") for w in words)


def file_lines():
    import os
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "data.txt")
        with open(path, "w") as f:
            for i in range(15000):
                f.write("line %d of the file\n" % i)
        with open(path) as f:
            sum(len(line.rstrip()) for line in f)
        with open(path, "rb") as f:
            while f.read(4096):
                pass


def paths():
    import os
    from pathlib import PurePath
    for i in range(1500):
        p = PurePath("/srv/data") / ("u%d" % i) / "file.tar.gz"
        p.suffix, p.stem, p.parent.name, str(p.with_suffix(".bz2"))
        os.path.join("/a", "b", str(i)), os.path.splitext("x.y.z"), os.path.normpath("/a/../b/./c")


def uuids_random():
    import random
    import uuid
    r = random.Random(1)
    for i in range(3000):
        str(uuid.UUID(int=r.getrandbits(128)))
        r.random(), r.randint(1, 100), r.choice("abcdef")
    deck = list(range(3000))
    r.shuffle(deck)


def templates():
    from string import Template
    from textwrap import dedent, fill
    t = Template("Dear $name, your order $order of ${amount} is ready.")
    for i in range(1500):
        t.substitute(name="n", order=i, amount=i / 2)
    for _ in range(20):
        fill("the quick brown fox jumps over the lazy dog " * 20, 60), dedent("   a\n   b\n")


def urls():
    from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit
    for i in range(1200):
        u = urlsplit("https://user@host:80/path/%d?a=1&b=%d#f" % (i, i))
        parse_qs(u.query), urlencode({"k": "ä %d" % i, "v": i}), unquote(quote("a b/ü%d" % i))


def xml_html():
    import html
    import html.parser
    from xml.etree import ElementTree

    class Count(html.parser.HTMLParser):
        n = 0

        def handle_starttag(self, tag, attrs):
            self.n += len(attrs)
    Count().feed("<div class='a' id=b><p>text &amp; more</p></div>" * 200)
    for i in range(1000):
        html.unescape(html.escape("<a href='%d'>&</a>" % i))
    ElementTree.fromstring("<r>" + "<i k='v'>text</i>" * 1000 + "</r>").findall("i")


def threads_queue():
    import queue
    import threading
    q, done = queue.Queue(100), []

    def worker():
        while (x := q.get()) is not None:
            done.append(x)
    threads = [threading.Thread(target=worker) for _ in range(2)]
    for t in threads:
        t.start()
    for i in range(3000):
        q.put(i)
    for _ in threads:
        q.put(None)
    for t in threads:
        t.join()


def pattern_match():
    def kind(x):
        match x:
            case {"type": "point", "x": x0, "y": y0}:
                return x0 + y0
            case [a, b, *rest]:
                return a + b + len(rest)
            case int() | float():
                return x
            case str(s) if s:
                return len(s)
            case _:
                return 0
    items = [{"type": "point", "x": 1, "y": 2}, [1, 2, 3], 5, "abc", None, (4, 5)]
    for i in range(30000):
        kind(items[i % 6])


def statistics_use():
    import statistics
    data = [i * 7919 % 1000 / 10 for i in range(2500)]
    statistics.mean(data), statistics.median(data), statistics.stdev(data)
    statistics.quantiles(data, n=10)


def sqlite():
    try:
        import sqlite3
    except ImportError:
        return
    c = sqlite3.connect(":memory:")
    c.execute("create table t (a integer, b text)")
    c.executemany("insert into t values (?, ?)", ((i, "n%d" % i) for i in range(5000)))
    sum(a for a, _ in c.execute("select a, b from t where a % 2"))


KERNELS = [value for value in list(globals().values()) if getattr(value, "__module__", None) == __name__]

if __name__ == "__main__":
    main(__file__, KERNELS)
