# SPDX-License-Identifier: Apache-2.0
# _csv: dialects and their errors, every state of the reader, every rule of the writer; threads that share a reader get whole records.
import _csv
import io
import threading


def tried(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)


FIELDS = "delimiter doublequote escapechar lineterminator quotechar quoting skipinitialspace strict".split()
for options in (dict(delimiter=""), dict(delimiter="ab"), dict(delimiter=3), dict(delimiter=None), dict(quotechar="ab"), dict(quotechar=3), dict(quotechar=""),
                dict(quotechar=None), dict(quoting=9), dict(quoting="x"), dict(quoting=None), dict(quoting=True), dict(lineterminator=3), dict(lineterminator=None),
                dict(nonsense=1), dict(escapechar=""), dict(escapechar="aa"), dict(skipinitialspace="x"), dict(doublequote=None), dict(quotechar=None, quoting=0),
                dict(delimiter="\n"), dict(delimiter="\U0001F600", strict=1)):
    print(options)
    tried(lambda: {k: getattr(_csv.Dialect(**options), k) for k in FIELDS})


class Colons:
    delimiter = ":"
    quoting = _csv.QUOTE_ALL


_csv.register_dialect("colons", Colons, strict=True)
print(_csv.list_dialects(), {k: getattr(_csv.get_dialect("colons"), k) for k in FIELDS})
d = _csv.Dialect("colons")
print(_csv.Dialect(d) is d, _csv.Dialect(d, strict=False).strict, _csv.reader([], d).dialect is d, _csv.writer(io.StringIO(), "colons").dialect.delimiter)
_csv.unregister_dialect("colons")
for f in (lambda: _csv.reader(3), lambda: _csv.reader([], "nope"), lambda: _csv.reader([], nonsense=1), lambda: _csv.writer(3), lambda: _csv.register_dialect(3),
          lambda: _csv.register_dialect("a", nonsense=3), lambda: _csv.unregister_dialect("zz"), lambda: _csv.get_dialect("zz"), lambda: _csv.field_size_limit("a"),
          lambda: _csv.field_size_limit(), lambda: setattr(d, "delimiter", ";"), lambda: d.__reduce_ex__(2)):
    tried(f)

TEXTS = ["", "\n", "a,b", 'a,"b",c', '"a,b"', '"a""b"', '"a"b', 'a"b', '"a', '"a\nb",c', "a\nb", "a\r\n", "a\r", " a, b", '"a" ,b', "a\\,b", '"a\\"b"', "a\\", "\\", "a,", ",", ",,",
         "1,2.5,3", '"1",2', "x,1", "é,\u20ac,\U0001F600", "a\0b", '""', '"",a', 'a,""', '"a"\n', "'a','b'", "a\tb", '"a\\\nb"', "a\\\nb,c"]
for options in ({}, dict(strict=True), dict(escapechar="\\"), dict(escapechar="\\", strict=True, doublequote=False), dict(quoting=2), dict(quoting=3),
                dict(quoting=3, escapechar="\\"), dict(skipinitialspace=True), dict(quotechar="'"), dict(delimiter="\t"), dict(delimiter="\u20ac", quotechar="\U0001F600")):
    for text in TEXTS:
        print(options, ascii(text), end=" ")
        tried(lambda: ascii(list(_csv.reader(io.StringIO(text, newline=""), **options))))
        tried(lambda: ascii(list(_csv.reader([text], **options))))
r = _csv.reader(["a", '"b', 'c"', "d"])
print([(row, r.line_num) for row in r])
for bad in [3], [b"a"], [None]:
    tried(lambda: next(_csv.reader(bad)))
old = _csv.field_size_limit(5)
tried(lambda: next(_csv.reader(["aaaaa,b"])))
tried(lambda: next(_csv.reader(["aaaaaa,b"])))
tried(lambda: next(_csv.reader(['"aaa\n', 'aaa"'])))
print(old, _csv.field_size_limit(old))

ROWS = [[], [""], [None], ["a", "b"], ["a,b"], ['a"b'], ["a\nb"], [1, 2.5, None], ["", None], [" a"], ["\r"], ["a", "\\"], ["é", "\u20ac", "\U0001F600"], [True, 1j, b"x"], ("t",), "str",
        iter("xy"), {"k": 1}, ['"'], ["\u20ac"]]
for row in ROWS:
    for options in ({}, dict(quoting=1), dict(quoting=2), dict(quoting=3), dict(quoting=3, escapechar="\\"), dict(doublequote=False, escapechar="\\"), dict(doublequote=False),
                    dict(quotechar=None, quoting=3, escapechar="!"), dict(lineterminator="X"), dict(delimiter="\u20ac")):
        out = io.StringIO()
        print(options, end=" ")
        tried(lambda: (_csv.writer(out, **options).writerow(row), ascii(out.getvalue())))
w = _csv.writer(io.StringIO())
for f in lambda: w.writerow(3), lambda: w.writerows(3), lambda: w.writerows([3]), lambda: w.writerows([[1], [2]]):
    tried(f)


class Bad:
    def __str__(self):
        raise ValueError("no text")


tried(lambda: w.writerow([Bad()]))

# one reader, several threads: every record whole, each once
N = 4000


class Lines:
    """An iterator that threads may share."""

    def __init__(self):
        self.lock, self.n = threading.Lock(), 0

    def __iter__(self):
        return self

    def __next__(self):
        with self.lock:
            self.n += 1
            if self.n > N:
                raise StopIteration
            return '%d,"%d ""x"""' % (self.n, self.n)


shared, found = _csv.reader(Lines()), [[] for _ in range(4)]


def read(mine):
    for row in shared:
        mine.append(row)


threads = [threading.Thread(target=read, args=(mine,)) for mine in found]
for t in threads:
    t.start()
for t in threads:
    t.join()
rows = sorted((row for mine in found for row in mine), key=lambda row: int(row[0]))
print(len(rows), rows == [[str(i), '%d "x"' % i] for i in range(1, N + 1)], shared.line_num)
