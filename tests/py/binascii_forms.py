# SPDX-License-Identifier: Apache-2.0
# base64, hexadecimal, quoted-printable, uu, checksums; good and bad input.
import binascii
def show(f, *args, **kw):
    try: r = f(*args, **kw)
    except BaseException as e: r = type(e).__name__ + ': ' + str(e)
    print(ascii(r))
for d in (b'', b'YWJj', b'YWJ', b'Y', b'YW==', b'YW=', b'Y=W=', b'=', b'==', b'YWJj=', b'YW=Jj', b'Y!WJj', b'YWJjZA=', b'YWJjZ===', b'YWJjZA==YWJj', 'YWJj', '\u1234', b'YWJjZA==\n', b'YW==YW==',
          b'\nYWJj', b'A', b'ab cd ef gh', b'+/+/', 5, bytearray(b'YWJj')):
    show(binascii.a2b_base64, d), show(binascii.a2b_base64, d, strict_mode=True)
for n in range(8): show(binascii.b2a_base64, bytes(range(250, 250 + n % 6)) * n), show(binascii.b2a_base64, b'x' * n, newline=False)
show(binascii.b2a_base64, 'x'), print(binascii.a2b_base64(binascii.b2a_base64(bytes(range(256)))) == bytes(range(256)))
for d in (b'1', '1g', '\u1234', 1, 'aBcD09', b'', b'00ff'): show(binascii.a2b_hex, d), show(binascii.unhexlify, d)
for a in ((b'abcdef',), (b'abcdef', '-'), (b'abcdef', b':', 2), (b'abcdefg', ':', -3), (b'abc', 'xx'), (b'abc', 5), ('abc',), (b'', '-')): show(binascii.hexlify, *a), show(binascii.b2a_hex, *a)
for d in (b'a' * 46, b'', b'abc', b'ab', b'a', b'a\0b', bytes(45)): show(binascii.b2a_uu, d), show(binascii.b2a_uu, d, backtick=True)
for d in (b'#86)C\n', b'#8', b'#86)C foo', b'#\xff6)C', b'', b' ', b'!```', b'#86)C``\r\n', b'M'): show(binascii.a2b_uu, d)
for d in (b'a=b', b'a=\nb', b'=41=4', b'a_b', b'=\r\nx', b'==41', b'a=', b'=4z', b'=\rfoo\nbar', b'=zz', 'str=20'): show(binascii.a2b_qp, d), show(binascii.a2b_qp, d, header=True)
for d in (b'', b'a b\t', b'.', b'.\n', b'a' * 80, b'a=\x80\n b\t\n', b'a\r\nb \r\n_', b'x' * 75 + b'\n', b'x' * 76, b'x' * 77 + b' ', b'=' * 30, b'a\rb\nc\r\n', b'x' * 73 + b'=y'):
    for kw in ({}, {'quotetabs': True}, {'istext': False}, {'header': True}, {'quotetabs': True, 'header': True, 'istext': False}): show(binascii.b2a_qp, d, **kw)
for d in (b'', b'abc', b'x' * 63, b'x' * 64, b'x' * 5000, bytes(range(256)) * 20):
    for c in (0, 1, -1, 2**32 - 1, 2**40 + 3): show(binascii.crc32, d, c), show(binascii.crc_hqx, d, c)
show(binascii.crc32, 'x'), show(binascii.crc32, b'x', 'y'), print(binascii.Error.__mro__, binascii.Incomplete.__mro__)
