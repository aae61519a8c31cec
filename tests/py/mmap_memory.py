# SPDX-License-Identifier: Apache-2.0
# mmap: anonymous memory and files, access, the file's way and the sequence's, resizing, buffers, errors.
import mmap
import os
import tempfile


def tried(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)


m = mmap.mmap(-1, 10)
print(len(m), bytes(m), m, m.tell(), m.closed, mmap.PAGESIZE)
print(m.write(b"abcdef"), m.tell(), m[0], m[-10], m[1:4], m[::-2], m.seek(0), m.read(2), m.read(), m.read_byte if False else m.tell())
m[0] = 65
m[2:4] = b"XY"
m[5:10:2] = b"123"
m.seek(0)
m.write_byte(66)
print(m[:], m.find(b"Y"), m.find(b"Y", 4), m.rfind(b"\0"), m.find(b"", 3), m.rfind(b"B", 0, 1), m.find(b"Y", -9, -1), m.move(6, 0, 3), m[:])
m.seek(-2, 2)
m.seek(1, 1)
print(m.tell(), m.readline(), m.readline())
for f in (m.size, lambda: m.read_byte(), lambda: m.write(b"x" * 20), lambda: m.write_byte(1), lambda: m.write_byte(300), lambda: m.seek(11), lambda: m.seek(0, 9), lambda: m[10], lambda: m["a"],
          lambda: m.__setitem__(0, 256), lambda: m.__setitem__(0, "a"), lambda: m.__setitem__(20, "a"), lambda: m.__setitem__(slice(0, 3), b"x"), lambda: m.__delitem__(0), lambda: m.move(8, 0, 5),
          lambda: m.find(3), lambda: m.read("a"), lambda: m.flush(0, 99), lambda: mmap.mmap(-1, -1), lambda: mmap.mmap(-1, 0), lambda: mmap.mmap(-1, 5, access=9),
          lambda: mmap.mmap(-1, 5, prot=1, access=1), lambda: mmap.mmap(-1, 5, offset=-1), lambda: m.madvise(mmap.MADV_NORMAL, 20)):
    tried(f)
view = memoryview(m)
tried(m.close)
tried(lambda: m.resize(20))
view[0] = 90
view.release()
m.resize(5000)
print(len(m), m[0], m.flush(), m.madvise(mmap.MADV_NORMAL))
with m:
    pass
print(m.closed, m)
for f in lambda: m[0], lambda: len(m), lambda: m.read(), m.close, lambda: m.__enter__(), lambda: memoryview(m):
    tried(f)
with tempfile.TemporaryFile() as file:
    tried(lambda: mmap.mmap(file.fileno(), 0))
    file.write(b"one\ntwo\nthree\n")
    file.flush()
    with mmap.mmap(file.fileno(), 0) as m:
        print(len(m), m.readline(), list(iter(m.readline, b"")), m)
        m[0:3] = b"ONE"
        m.flush()
        m.resize(20)
    print(os.pread(file.fileno(), 30, 0))
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as m:
        for f in lambda: m.write(b"x"), lambda: m.__setitem__(0, 1), lambda: m.resize(3), lambda: memoryview(m).readonly:
            tried(f)
    with mmap.mmap(file.fileno(), 3, access=mmap.ACCESS_COPY) as m:
        m[:] = b"two"
        print(m[:], os.pread(file.fileno(), 3, 0))
        tried(lambda: m.resize(3))
    for f in lambda: mmap.mmap(file.fileno(), 99), lambda: mmap.mmap(file.fileno(), 0, offset=mmap.PAGESIZE), lambda: mmap.mmap(file.fileno(), 5, offset=3):
        tried(f)
shared = mmap.mmap(-1, 4)
pid = os.fork()
if not pid:
    shared[:] = b"kid!"
    os._exit(0)
os.waitpid(pid, 0)
print(shared[:])
