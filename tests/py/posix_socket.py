# SPDX-License-Identifier: Apache-2.0
"""_socket: streams, datagrams, limits of time, addresses; what the library's socket stands on."""
import _socket as s
import posix
import threading

a, b = s.socketpair()
a.sendall(b'hi')
print(b.recv(10), a.family == s.AF_UNIX, repr(a.getpeername()))
a.sendmsg([b'x', b'y'], [(s.SOL_SOCKET, s.SCM_RIGHTS, (0).to_bytes(4, 'little'))])
data, anc, flags, addr = b.recvmsg(10, s.CMSG_SPACE(4))
print(data, len(anc), anc[0][:2], flags, addr)
posix.close(int.from_bytes(anc[0][2], 'little'))
buf = bytearray(4)
a.send(b'abcdef')
print(b.recv_into(buf), buf, b.recv(9))
a.close()
print(b.recv(1), a.fileno())
b.close()

server = s.socket(s.AF_INET, s.SOCK_STREAM)
server.bind(('127.0.0.1', 0))
server.listen()
port = server.getsockname()[1]


def serve():
    fd, addr = server._accept()
    with open(fd, 'rb+', buffering=0) as c:
        c.write(c.read(100).upper())


t = threading.Thread(target=serve)
t.start()
c = s.socket()
c.settimeout(5)
c.connect(('127.0.0.1', port))
c.sendall(b'hello')
print(c.recv(100), c.gettimeout(), c.getblocking())
c.close()
t.join()
server.settimeout(0.01)
try:
    server._accept()
except TimeoutError as e:
    print(repr(e))
server.settimeout(0)
try:
    server._accept()
except BlockingIOError as e:
    print(e)
server.close()
c = s.socket()
print(c.connect_ex(('127.0.0.1', port)))
for wrong in (('127.0.0.1',), 5, ('127.0.0.1', 70000), ('127.0.0.1', 'x')):
    try:
        c.connect(wrong)
    except (TypeError, OverflowError) as e:
        print(type(e).__name__, e)
c.close()
u = s.socket(s.AF_INET, s.SOCK_DGRAM)
u.bind(('127.0.0.1', 0))
print(u.sendto(b'x', u.getsockname()), u.recvfrom(5)[0], u.getsockopt(s.SOL_SOCKET, s.SO_TYPE) == s.SOCK_DGRAM)
u.close()
print(s.getaddrinfo('127.0.0.1', 80, 0, s.SOCK_STREAM), s.inet_ntop(s.AF_INET6, bytes(15) + b'\1'), s.htons(1), s.inet_aton('1.2.3.4'))
try:
    s.getaddrinfo('1.2.3.4.5', None, 0, 0, 0, s.AI_NUMERICHOST)
except s.gaierror as e:
    print(type(e).__mro__, e)

# what is at the edge: a descriptor closed behind a socket's back, an address with a scope, sizes of control messages
import socket
s = socket.socket()
socket.close(s.fileno())
for f in (s.close, s.close, lambda: socket.close(-1)):
    try:
        print(f())
    except OSError as e:
        print(e)
for host in 'fe80::1%lo', '::1', '::ffff:1.2.3.4':
    print(socket.getaddrinfo(host, 80, type=socket.SOCK_STREAM)[0][4])
for n in (0, 1, 8, 2147483616, 2147483617, 2147483623, 2147483624, 2147483631, 2147483632, 2 ** 63 - 1, -1):
    for f in socket.CMSG_LEN, socket.CMSG_SPACE:
        try:
            print(n, f(n))
        except OverflowError as e:
            print(n, e)
