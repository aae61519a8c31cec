# SPDX-License-Identifier: Apache-2.0
# Digests of texts of every length around a block, in one piece and in many; parameters of BLAKE2; copies; errors.
import _md5, _sha1, _sha256, _sha512, _sha3, _blake2
def show(f, *args, **kw):
    try: r = f(*args, **kw)
    except BaseException as e: r = type(e).__name__ + ': ' + str(e)
    print(ascii(r))
makers = [_md5.md5, _sha1.sha1, _sha256.sha224, _sha256.sha256, _sha512.sha384, _sha512.sha512, _sha3.sha3_224, _sha3.sha3_256, _sha3.sha3_384, _sha3.sha3_512, _blake2.blake2b, _blake2.blake2s]
text = bytes(i * 7 & 255 for i in range(5000))
for make in makers:
    h = make(); print(h.name, h.digest_size, h.block_size, h.hexdigest())
    whole = make()
    for n in list(range(0, 20)) + list(range(50, 75)) + list(range(100, 150)) + [1000, 4999]: whole.update(make(text[:n]).digest())
    print(whole.hexdigest())
    parts = make()
    for i in range(0, 5000, 37): parts.update(text[i:i + 37])
    print(parts.digest() == make(text).digest(), parts.copy().hexdigest() == parts.hexdigest())
    c = parts.copy(); c.update(b'x'); print(c.digest() != parts.digest(), c.digest() == make(text + b'x').digest())
    show(make, 'x'), show(h.update, 5), show(make, b'', usedforsecurity=False) if 0 else None
for make in (_sha3.shake_128, _sha3.shake_256):
    h = make(text); print(h.name, h.digest_size, h.block_size, h.hexdigest(10), h.hexdigest(400), h.digest(0)); show(h.digest), show(h.digest, -1)
for make in (_blake2.blake2b, _blake2.blake2s):
    print(make.MAX_DIGEST_SIZE, make.MAX_KEY_SIZE, make.SALT_SIZE, make.PERSON_SIZE)
    for kw in (dict(digest_size=1), dict(key=b'k'), dict(key=b'k' * 32, digest_size=20), dict(salt=b'salt'), dict(person=b'me'), dict(fanout=2, depth=2, leaf_size=4096, node_offset=1, node_depth=1, inner_size=16),
               dict(last_node=True), dict(fanout=0), dict(leaf_size=2**32 - 1), dict(digest_size=0), dict(digest_size=65), dict(key=b'x' * 65), dict(salt=b'x' * 17), dict(person=b'x' * 17), dict(fanout=256),
               dict(depth=0), dict(leaf_size=-1), dict(leaf_size=2**32), dict(node_offset=2**48), dict(node_depth=256), dict(inner_size=65)):
        try: print(make(b'abc', **kw).hexdigest())
        except BaseException as e: print(type(e).__name__, e)
print(_blake2.BLAKE2B_SALT_SIZE, _blake2.BLAKE2S_MAX_DIGEST_SIZE)
