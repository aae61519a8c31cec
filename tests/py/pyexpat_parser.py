# SPDX-License-Identifier: Apache-2.0
# pyexpat: handlers, attributes, errors, external entities, encodings, buffers.
import pyexpat, io
from xml.parsers import expat

HANDLERS = [n for n in dir(pyexpat.XMLParserType) if n.endswith('Handler') or n.endswith('Expand')]
print(len(HANDLERS), HANDLERS)
DOC = b'''<?xml version="1.0" encoding="iso-8859-1" standalone="no"?>
<!-- a comment \xe4 -->
<?target some data?>
<!DOCTYPE quotations SYSTEM "quotations.dtd" [
<!ELEMENT root ANY>
<!ELEMENT pair (a, (b | c)*, d?)+>
<!ATTLIST root attr1 CDATA #REQUIRED attr2 CDATA "fallback" kind (x|y) #IMPLIED>
<!NOTATION notation SYSTEM "notation.jpeg" "pub">
<!ENTITY acirc "&#226;">
<!ENTITY external_entity SYSTEM "entity.file">
<!ENTITY unparsed_entity SYSTEM "entity.file" NDATA notation>
<!ENTITY % param "<!--inside-->">
%param;
%unparsed_entity;
]>
<root attr1="value1" attr2="value2&#8000;">
<myns:subelement xmlns:myns="http://www.python.org/namespace">Contents of subelements</myns:subelement>
<sub2><![CDATA[contents of <CDATA> section]]></sub2>
&external_entity;&skipped_entity;
\xb5&acirc;
</root>
'''.replace(b' "pub"', b'')
def record(p, out, names=HANDLERS, answer=1):
    for n in names:
        def handler(*args, n=n):
            out.append((n, args, p.CurrentLineNumber, p.CurrentColumnNumber, p.CurrentByteIndex))
            return answer
        setattr(p, n, handler)
for names in ([n for n in HANDLERS if not n.startswith('Default')], [n for n in HANDLERS if n != 'DefaultHandlerExpand'], [n for n in HANDLERS if n != 'DefaultHandler'], ['CharacterDataHandler']):
    for separator in (None, '!', ''):
        for text in (False, True):
            p = pyexpat.ParserCreate(namespace_separator=separator)
            p.buffer_text = text
            p.ordered_attributes = text
            p.specified_attributes = separator == '!'
            p.namespace_prefixes = text
            out = []
            record(p, out, names)
            try:
                print(p.Parse(DOC, True))
            except expat.ExpatError as e:
                print(e, e.code, e.lineno, e.offset, expat.ErrorString(e.code))
            for row in out: print(row)
            print(sorted(p.intern, key=str))

def attempt(f, *a, **k):
    try:
        r = f(*a, **k)
        print(r if isinstance(r, (int, str, bytes, type(None), dict)) else type(r))
    except Exception as e:
        print(type(e).__name__, e)
p = pyexpat.ParserCreate()
for name, v in (('buffer_size', 'a'), ('buffer_size', 0), ('buffer_size', 1 << 40), ('buffer_size', 7), ('buffer_text', []), ('buffer_text', 1), ('CurrentLineNumber', 1),
                ('intern', {}), ('none', 1), ('StartElementHandler', None), ('StartElementHandler', 3), ('StartElementHandler', None)):
    attempt(setattr, p, name, v)
    print(name, getattr(p, name, 'absent'))
for name in ('StartElementHandler', 'buffer_size', 'buffer_text', 'ordered_attributes', 'CurrentLineNumber'): attempt(delattr, p, name)
for args in ((1,), ('utf-8', 'ab'), ('utf-8', ''), (None, None, 3), ('utf-8', None, None), (None, ' ', {})): attempt(pyexpat.ParserCreate, *args)
for data in ('<a>', '<b x="1"/>', 3, bytearray(b'text'), '\ud800', '</c>', '</a>'): attempt(p.Parse, data)
attempt(p.Parse, b'', True)
attempt(type(p))
for code in (-1, 0, 1, 2, 40, 43, 44, 1000): print(code, pyexpat.ErrorString(code))
print(len(expat.errors.codes), expat.errors.messages[4], expat.errors.codes['syntax error'], expat.errors.XML_ERROR_FINISHED, expat.model.XML_CTYPE_SEQ)
print(pyexpat.version_info, pyexpat.EXPAT_VERSION, pyexpat.native_encoding, pyexpat.features, pyexpat.ExpatError.__mro__, pyexpat.XMLParserType)

# An exception of a handler goes through and ends the parser.
p = pyexpat.ParserCreate()
def fail(name, attrs):
    if name == 'c': raise KeyError(name, attrs)
    print(p.GetInputContext())
p.StartElementHandler = fail
p.CharacterDataHandler = print
print(p.GetInputContext(), p.GetBase(), p.SetBase('/base'), p.GetBase())
attempt(p.Parse, '<a>text<b/><c d="e"/>more</a>', True)
print(p.StartElementHandler, p.CharacterDataHandler)
attempt(p.Parse, '', True)

# Buffered text: pieces by size.
for size in (3, 5, 100):
    p = pyexpat.ParserCreate()
    p.buffer_text, p.buffer_size = True, size
    out = []
    p.CharacterDataHandler = out.append
    p.Parse('<a>1<!-- -->2\n345\n6789&amp;0', False)
    print(out, p.buffer_used)
    p.Parse('end</a>', True)
    print(out, p.buffer_used)
p = pyexpat.ParserCreate()
def swap(text):
    print('first', text); p.CharacterDataHandler = lambda text: print('second', text)
def drop(text):
    print('drop', text); p.CharacterDataHandler = None
p.CharacterDataHandler = swap
p.Parse('<a>one\ntwo\nthree\n')
p.CharacterDataHandler = drop
p.Parse('four\nfive\nsix</a>', True)

# Files.
class Reader:
    def __init__(self, *pieces): self.pieces = list(pieces)
    def read(self, n): print('read', n); return self.pieces.pop(0)
for reader in (io.BytesIO(DOC), Reader(b'<a>', bytearray(b'</a>'), b''), Reader(b'x' * 2049), Reader('<a/>'), Reader(b'<a><b>', b'</a>'), Reader(), 3):
    p = pyexpat.ParserCreate()
    out = []
    p.StartElementHandler = lambda *a: out.append(a)
    attempt(p.ParseFile, reader)
    print(out)

# Encodings that the library knows and expat does not.
for encoding in ('cp1252', 'koi8-r', 'iso-8859-15', 'utf-16', 'utf-7', 'no-such', 'ascii'):
    p = pyexpat.ParserCreate()
    out = []
    p.CharacterDataHandler = out.append
    try:
        text = ('<?xml version="1.0" encoding="%s"?><a>äя€</a>' % encoding).encode(encoding if encoding != 'no-such' else 'ascii', 'xmlcharrefreplace')
        p.Parse(text, True)
        print(encoding, ''.join(out))
    except (expat.ExpatError, ValueError, LookupError) as e: print(encoding, type(e).__name__, e)
    p = pyexpat.ParserCreate('koi8-r')
    p.CharacterDataHandler = out.append
    p.Parse('<a>я</a>'.encode('koi8-r'), True)
    print(out[-1])

# External entities.
for mode in (expat.XML_PARAM_ENTITY_PARSING_NEVER, expat.XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE, expat.XML_PARAM_ENTITY_PARSING_ALWAYS):
    for foreign in (None, True, False):
        p = pyexpat.ParserCreate()
        def external(context, base, system, public):
            print('external', context, base, system, public)
            sub = p.ExternalEntityParserCreate(context) if mode else p.ExternalEntityParserCreate(context, 'utf-8')
            print(sub.ordered_attributes, sub.buffer_size, sub.StartElementHandler is p.StartElementHandler)
            sub.Parse("<!ELEMENT doc (#PCDATA)*><!ENTITY e 'E'>" if system == 'dtd' or system is None else '<inner/>', True)
            return 1
        p.ExternalEntityRefHandler = external
        p.ordered_attributes, p.buffer_size = True, 99
        p.StartElementHandler = lambda *a: print('start', a)
        p.CharacterDataHandler = lambda *a: print('text', a)
        p.ElementDeclHandler = lambda *a: print('element', a)
        print(p.SetParamEntityParsing(mode))
        if foreign is not None: p.UseForeignDTD(foreign)
        attempt(p.Parse, "<?xml version='1.0'?><!DOCTYPE doc SYSTEM 'dtd' [<!ENTITY x SYSTEM 'xfile'>]><doc>&x;&e;</doc>", True)
for answer in (0, 'no', None):
    p = pyexpat.ParserCreate()
    p.ExternalEntityRefHandler = lambda *a: answer
    if answer is not None: attempt(p.Parse, "<!DOCTYPE doc [<!ENTITY x SYSTEM 'xfile'>]><doc>&x;</doc>", True)
    p = pyexpat.ParserCreate()
    p.NotStandaloneHandler = lambda: 0
    attempt(p.Parse, "<!DOCTYPE doc SYSTEM 'a'><doc/>", True)
