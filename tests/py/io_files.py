# open() and the three layers: modes, newlines, encodings, positions, errors, what is closed and when.
import gc
import io
import os
import sys
import tempfile

d = tempfile.mkdtemp()
path = os.path.join(d, 'f')


def show(f, *a, **k):
    try:
        print('->', f(*a, **k))
    except Exception as e:
        print('!!', type(e).__name__, str(e).replace(d, 'D'))


with open(path, 'w', encoding='utf-8') as f:
    print(f.write('h\xe9llo\nworld\r\nx\ry'), f.tell(), f.encoding, f.errors, f.newlines, f.line_buffering, f.mode)
    show(f.read)
show(f.write, 'x')
show(f.read)
print(f.closed, f.buffer.closed, f.buffer.raw.closed)
for newline in (None, '', '\n', '\r', '\r\n'):
    with open(path, newline=newline, encoding='utf-8') as f:
        print(repr(newline), f.readlines(), f.newlines)
    with open(path, newline=newline, encoding='utf-8') as f:
        places = []
        while True:
            at = f.tell()
            line = f.readline()
            if not line:
                break
            places.append((at, line))
        for at, line in reversed(places):
            f.seek(at)
            assert f.readline() == line, (newline, at, line)
        print([at for at, _ in places])
for encoding in ('utf-8', 'utf-16', 'utf-32', 'utf-8-sig', 'cp1252', 'latin-1', 'utf-7'):
    with open(path, 'w', encoding=encoding) as f:
        f.write('abc\xe9\n')
        f.write('z\xfc\n')
    with open(path, 'a', encoding=encoding) as f:
        f.write('more\n')
    with open(path, 'rb') as f:
        print(encoding, f.read())
    with open(path, encoding=encoding) as f:
        print(f.read(2), f.tell() >= 0, f.readline(), f.read())
show(open, path, 'w', encoding='hex')
show(open, path, 'w', encoding='no such')
with open(path, 'wb') as f:
    f.write(bytes(range(256)) * 100)
with open(path, 'r+b') as f:
    print(type(f).__name__, f.read(3), f.tell(), f.peek(1)[:2])
    f.write(b'ZZ')
    print(f.tell(), f.read(2), f.seek(-4, 2), f.read(), f.truncate(100), f.seek(0, 2))
with open(path, 'rb', buffering=7) as f:
    b = bytearray(20)
    print(f.readinto(b), b[:4], f.readinto1(b), f.read1(), f.read1(100), f.readline(5), len(f.read()))
with open(path, 'rb', buffering=0) as f:
    print(type(f).__name__, f.mode, f.readall()[:5], f.read(1), f.seekable())
for mode in ('rb', 'wb', 'ab', 'r+b', 'w+b', 'a+b'):
    with open(path, mode) as f:
        print(mode, type(f).__name__, f.readable(), f.writable(), f.raw.mode)
os.unlink(path)
with open(path, 'xb') as f:
    print(f.raw.mode)
show(open, path, 'x')
for a in (('q',), ('rw',), ('rbt',), ('r', 0), ('rb', -1, 'utf-8'), ('rb', -1, None, 'strict'), ('rb', -1, None, None, ''), ('',), ('+',), ('r', -1, None, None, 'x')):
    show(open, path, *a)
show(open, os.path.join(d, 'none'))
show(open, d)
show(open, 1.5)
show(open, -1)
show(open, 'a\0b')
show(open, 99999)
show(io.FileIO, path, 'rr')
f = open(path, 'w', encoding='ascii')
show(f.write, 5)
show(f.write, '\xe9')
show(f.readline)
show(f.seek, 1, 1)
show(f.seek, -1)
show(f.seek, 0, 9)
raw = f.detach().detach()
print(type(raw).__name__)
show(f.write, 'x')
raw.close()
show(raw.read)

# what is lost is closed
class Raw(io.RawIOBase):
    def __init__(self):
        self.got = []

    def writable(self):
        return True

    def write(self, b):
        self.got.append(bytes(b))
        return len(b)

    def close(self):
        if not self.closed:
            print('closed', self.got)
        super().close()


w = io.TextIOWrapper(io.BufferedWriter(Raw()), encoding='utf-8')
w.write('pending')
del w
gc.collect()

b = io.BytesIO(b'abc\ndef\n')
print(b.readline(), b.read(2), b.tell(), b.seek(20), b.write(b'X'), b.getvalue())
v = b.getbuffer()
show(b.write, b'more')
v[0] = 65
v.release()
print(b.getvalue()[:4], list(io.BytesIO(b'1\n2\n3')))
s = io.StringIO('a\r\nb\rc\n', newline=None)
print(s.readlines(), s.newlines)
s = io.StringIO(newline='\r\n')
s.write('a\nb\n')
print(repr(s.getvalue()), s.tell(), s.seek(1), repr(s.read(2)), s.truncate(2), repr(s.getvalue()))
s = io.StringIO()
s.write('x')
s.write('\u20ac')
s.write('\U0001f600')
print(s.getvalue(), len(s.getvalue()))
dec = io.IncrementalNewlineDecoder(None, True)
print([dec.decode(x) for x in ('a\r', '\nb', '\r', 'c')], dec.newlines, dec.getstate())
r, w = os.pipe()
p = io.BufferedRWPair(io.FileIO(r, 'r'), io.FileIO(w, 'w'))
p.write(b'hello')
p.flush()
print(p.read(5), p.readable(), p.writable())
p.close()
print(sys.stdin.name, sys.stdout.name, sys.stderr.name, sys.stdout.fileno())
os.unlink(path)
os.rmdir(d)
