# SPDX-License-Identifier: Apache-2.0
# TLS between two ends of our own: contexts, certificates, names, protocols, memory and sockets, time limits, errors, an HTTPS request, asyncio.
import asyncio
import os
import socket
import ssl
import test
import threading
import warnings

HERE = os.path.dirname(test.__file__)
CERT, CA, OTHER = (os.path.join(HERE, name) for name in ("keycert3.pem", "pycacert.pem", "keycert.pem"))
warnings.simplefilter("ignore")


def shown(e):
    """An error without what differs: places in a source file, paths."""
    text = str(e).split(" (_ssl.c:")[0].replace(HERE, "DIR")
    return type(e).__name__, text.replace("_ssl.c:", "").replace("_ssl: ", "").lstrip("0123456789: "), getattr(e, "reason", None), getattr(e, "library", None)


def tried(f):
    try:
        print(f())
    except Exception as e:
        print(shown(e))


# contexts
for protocol in ssl.PROTOCOL_TLS_CLIENT, ssl.PROTOCOL_TLS_SERVER, ssl.PROTOCOL_TLS:
    c = ssl.SSLContext(protocol)
    print(c.protocol, c.options, c.minimum_version, c.maximum_version, c.verify_mode, c.verify_flags, c.check_hostname, len(c.get_ciphers()), c.security_level, c._host_flags,
          c.num_tickets, c.post_handshake_auth, c.keylog_filename, c.sni_callback)
client = ssl.create_default_context(cafile=CA)
print(client.verify_mode, client.check_hostname, client.cert_store_stats(), [sorted(d) for d in client.get_ca_certs()], client.get_ciphers()[0])
for f in (lambda: setattr(client, "verify_mode", ssl.CERT_NONE), lambda: setattr(client, "verify_mode", 9), lambda: client.load_cert_chain("/no/such/file"),
          lambda: client.load_cert_chain(CA), lambda: client.load_cert_chain(3), lambda: client.load_verify_locations(), lambda: client.load_verify_locations("/no/such/file"),
          lambda: client.load_verify_locations(cadata=""), lambda: client.load_verify_locations(cadata=b"nonsense"), lambda: client.load_verify_locations(cadata=3),
          lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).set_ciphers("nonsense"), lambda: client.set_ecdh_curve("nonsense"), lambda: client.set_alpn_protocols(["x" * 300]), lambda: ssl._ssl._SSLContext(99),
          lambda: setattr(client, "minimum_version", 7), lambda: client.wrap_socket(socket.socket(), server_hostname=""), lambda: client.wrap_bio(1, 2),
          lambda: client.load_cert_chain(CERT, password=3), lambda: setattr(client, "sni_callback", print)):
    tried(f)
print(client.load_verify_locations(cadata=open(CA).read()), client.cert_store_stats())
print(client.load_verify_locations(cadata=ssl.PEM_cert_to_DER_cert(ssl.DER_cert_to_PEM_cert(client.get_ca_certs(True)[0]))), client.set_ecdh_curve("prime256v1"))
protected = os.path.join(HERE, "keycert.passwd.pem")
fresh = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
for password in "somepass", b"somepass", bytearray(b"somepass"), lambda: "somepass", lambda: b"somepass", lambda: 3, lambda: 1 / 0, "x" * 2000:
    tried(lambda: fresh.load_cert_chain(protected, password=password))
print(ssl._ssl._test_decode_cert(CERT), ssl.RAND_status(), len(ssl.RAND_bytes(16)), ssl._ssl.txt2obj("1.3.6.1.5.5.7.3.1"), ssl._ssl.nid2obj(129))
for f in lambda: ssl._ssl.txt2obj("nonsense"), lambda: ssl._ssl.nid2obj(-1), lambda: ssl.RAND_bytes(-1), lambda: ssl._ssl._test_decode_cert("/no/such/file"):
    tried(f)

# memory
server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server.load_cert_chain(CERT)
server.set_alpn_protocols(["h2", "http/1.1"])
client.set_alpn_protocols(["http/1.1", "spdy"])


def pair(c, s, name="localhost", **options):
    a, b = ssl.MemoryBIO(), ssl.MemoryBIO()
    return c.wrap_bio(a, b, server_hostname=name, **options), s.wrap_bio(b, a, server_side=True)


def shake(*ends):
    todo = list(ends)
    for _ in range(10):
        for end in list(todo):
            try:
                end.do_handshake()
                todo.remove(end)
            except ssl.SSLWantReadError:
                pass
        if not todo:
            return True
    return False


b = ssl.MemoryBIO()
print(b.read(), b.pending, b.eof, b.write(b"hello"), b.pending, b.read(2), b.write(bytearray(b" you")), b.read(), b.write_eof(), b.eof, b.read())
tried(lambda: b.write(b"x"))
tried(lambda: ssl.MemoryBIO(3))
for version in ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3:
    server.maximum_version = version
    near, far = pair(client, server)
    tried(lambda: near.getpeercert())
    tried(lambda: near.do_handshake())
    print(near.version(), near.cipher() is None, near.pending(), near.server_side, far.server_side, near.server_hostname)
    print(shake(near, far), near.version(), far.version(), near.selected_alpn_protocol(), far.selected_alpn_protocol(), near.compression(), near.session_reused)
    print(near.cipher() == far.cipher(), near.getpeercert(), len(near.getpeercert(True)), far.getpeercert(), len(near._sslobj.get_verified_chain()),
          near._sslobj.get_unverified_chain()[0].get_info() == near.getpeercert(), near._sslobj.get_unverified_chain())
    print(near.write(b"abc"), far.read(2), far.pending(), far.read(), far.write(memoryview(b"x" * 40000)))
    got, buffer = b"", bytearray(100)
    while len(got) < 40000:
        n = near.read(100, buffer)
        got += buffer[:n]
    print(got == b"x" * 40000, near.read(0), near.context is client, near.get_channel_binding() is not None)
    tried(lambda: near.read(10))
    tried(lambda: near.read(-1))
    tried(lambda: near.get_channel_binding("nonsense"))
    tried(lambda: near.unwrap())
    tried(lambda: far.read(10))
    tried(lambda: far.unwrap())
    tried(lambda: near.unwrap())
    tried(lambda: near.write(b"late"))
server.maximum_version = ssl.TLSVersion.MAXIMUM_SUPPORTED
# what does not hold
for c, name in ((client, "example.org"), (client, "127.0.0.1"), (ssl.create_default_context(cafile=OTHER), "localhost")):
    near, far = pair(c, server, name)
    tried(lambda: shake(near, far))
    e = None
    near, far = pair(c, server, name)
    try:
        shake(near, far)
    except ssl.SSLCertVerificationError as x:
        print(x.verify_code, x.verify_message, isinstance(x, ValueError))
    tried(lambda: far.do_handshake())
near, far = pair(client, ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
tried(lambda: shake(near, far))
tried(lambda: near.do_handshake())
junk, out = ssl.MemoryBIO(), ssl.MemoryBIO()
junk.write(b"GET / HTTP/1.0\r\n\r\n")
tried(lambda: server.wrap_bio(junk, out, server_side=True).do_handshake())
# the client's certificate, sessions, names
both = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
both.load_cert_chain(CERT)
both.load_verify_locations(CA)
both.verify_mode = ssl.CERT_REQUIRED
seen = []
both.sni_callback = lambda s, name, context: seen.append((type(s).__name__, name, context is both))
own = ssl.create_default_context(cafile=CA)
own.maximum_version = ssl.TLSVersion.TLSv1_2
near, far = pair(own, both)
tried(lambda: shake(near, far))
own.load_cert_chain(CERT)
near, far = pair(own, both)
print(shake(near, far), far.getpeercert()["subject"], seen)
session = near.session
again, other = pair(own, both, session=session)
print(shake(again, other), again.session_reused, other.session_reused, again.session == session, session != session, session.has_ticket, session.timeout)
tried(lambda: setattr(again, "session", session))
tried(lambda: setattr(other, "session", session))
tried(lambda: setattr(pair(client, both)[0], "session", session))
both.sni_callback = lambda s, name, context: ssl.AlertDescription.ALERT_DESCRIPTION_ACCESS_DENIED
near, far = pair(own, both)
tried(lambda: shake(near, far))
tried(lambda: near.do_handshake())
both.sni_callback = None
messages = []
watched = ssl.create_default_context(cafile=CA)
watched._msg_callback = lambda conn, direction, version, content, message, data: messages.append((direction, str(content)))
near, far = pair(watched, server)
print(shake(near, far), messages[0][0], len(messages) > 5)

# sockets
def serve(sock, context, talk):
    def run():
        try:
            with context.wrap_socket(sock, server_side=True) as s:
                talk(s)
        except OSError as e:
            outcome.append(shown(e))
    outcome = []
    thread = threading.Thread(target=run)
    thread.start()
    return thread, outcome


def echo(s):
    while data := s.recv(1000):
        s.sendall(data.upper())


a, b = socket.socketpair()
thread, outcome = serve(b, server, echo)
with client.wrap_socket(a, server_hostname="localhost") as s:
    print(s.version(), s.server_hostname, s.selected_alpn_protocol(), s.getpeercert()["subjectAltName"], s.send(b"hello"), s.recv(5), s.gettimeout())
    s.sendall(b"y" * 100000 if False else b"y" * 900)
    got = b""
    while len(got) < 900:
        got += s.recv(500)
    print(got == b"Y" * 900)
    s.settimeout(0.01)
    tried(lambda: s.recv(1))
    s.setblocking(False)
    tried(lambda: s.recv(1))
    s.settimeout(60)
    with s.makefile("rwb") as f:
        f.write(b"a line\n")
        f.flush()
        print(f.readline())
    tried(lambda: s.sendto(b"x", ("a", 1)))
    tried(lambda: s.recvfrom(1))
thread.join()
print(outcome)
# One thread reads while another writes, the same connection: ours is made for it; CPython 3.11 may crash, so it is not asked.
a, b = socket.socketpair()
thread, outcome = serve(b, server, echo)
n = 200000
with client.wrap_socket(a, server_hostname="localhost") as s:
    if ssl.sys.implementation.name == "krait":
        writer = threading.Thread(target=lambda: [s.sendall(b"z" * 500) for _ in range(400)])
        writer.start()
        n = 0
        while n < 200000:
            n += len(s.recv(4000))
        writer.join()
print(n, outcome)
thread.join()
# a peer that goes without a word
a, b = socket.socketpair()
b.close()
tried(lambda: client.wrap_socket(a, server_hostname="localhost"))
a, b = socket.socketpair()
a.settimeout(0.01)
tried(lambda: client.wrap_socket(a, server_hostname="localhost"))

# HTTPS
import http.server
import urllib.request


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"https")

    def log_message(self, *args):
        pass


httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
plain = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
plain.load_cert_chain(CERT)
httpd.socket = plain.wrap_socket(httpd.socket, server_side=True)
thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
thread.start()
trusting = ssl.create_default_context(cafile=CA)
resolve = socket.getaddrinfo # a system without /etc/hosts knows no localhost, which the certificate is for
socket.getaddrinfo = lambda host, *args, **named: resolve("127.0.0.1" if host == "localhost" else host, *args, **named)
with urllib.request.urlopen("https://localhost:%d/" % httpd.server_port, context=trusting) as r:
    print(r.status, r.read())
httpd.shutdown()
httpd.server_close()
thread.join()


# asyncio
async def main():
    async def talk(reader, writer):
        writer.write((await reader.readline()).upper())
        await writer.drain()
        writer.close()

    srv = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=plain)
    reader, writer = await asyncio.open_connection(*srv.sockets[0].getsockname(), ssl=trusting, server_hostname="localhost")
    writer.write(b"over tls\n")
    print(await reader.readline(), writer.get_extra_info("peercert")["subject"][-1])
    writer.close()
    srv.close()


asyncio.run(main())
