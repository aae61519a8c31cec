# SPDX-License-Identifier: Apache-2.0
# Parsers in several threads: each its own, all the same one, trees side by side; cycles through handlers go away.
import gc, threading, weakref
import xml.etree.ElementTree as ET
from xml.parsers import expat
from xml.dom import minidom

errors = []
def run(f, n=4):
    def guard(i):
        try: f(i)
        except BaseException as e: errors.append(repr(e))
    threads = [threading.Thread(target=guard, args=(i,)) for i in range(n)]
    for t in threads: t.start()
    for t in threads: t.join()

text = '<list>' + ''.join('<item id="%d" kind="%s">text %d<sub/>tail</item>' % (i, 'ab'[i % 2], i) for i in range(150)) + '</list>'
def trees(i):
    for _ in range(4):
        root = ET.fromstring(text)
        assert len(root) == 150 and root[149].get('id') == '149' and root[3].text == 'text 3' and root[3][0].tail == 'tail'
        assert ET.tostring(root, encoding='unicode') == text.replace('<sub/>', '<sub />')
run(trees)
def documents(i):
    d = minidom.parseString(text)
    assert len(d.getElementsByTagName('item')) == 150
    assert d.documentElement.toxml() == text
run(documents)

shared = expat.ParserCreate()
names = []
shared.StartElementHandler = lambda name, attrs: names.append(name)
shared.Parse('<all>')
def feed(i):
    for k in range(200):
        shared.Parse('<t%d a="b">%d</t%d>' % (i, k, i))
        shared.CurrentLineNumber, shared.ErrorCode, shared.buffer_used
def swap(i):
    for k in range(200):
        shared.CharacterDataHandler = lambda text: None
        shared.CharacterDataHandler = None
        shared.buffer_text = k % 2
        shared.CommentHandler
run(lambda i: (swap if i == 3 else feed)(i))
shared.Parse('</all>', True)
print(len(names), sorted(set(names)), errors)

class Holder:
    def __init__(self):
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start
    def start(self, name, attrs): pass
h = Holder()
h.parser.Parse('<a/>', True)
w = weakref.ref(h)
del h
gc.collect()
print(w())
