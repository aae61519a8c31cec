# SPDX-License-Identifier: Apache-2.0
# PyYAML: a configuration read and written, anchors, tags, errors, several documents.
import yaml, datetime, io
CONFIG = '''
# comment
name: &name Test
numbers: [1, 0x1F, 0o17, 1_000, 1.5, .inf, -.INF, 1e3, ~]
bools: {a: yes, b: No, c: true, d: off}
dates: [2001-12-14, 2001-12-14t21:59:43.10-05:00, 2001-12-15 2:59:43.10]
base: &base {x: 1, y: 2}
derived:
  <<: *base
  y: 3
  text: |
    line one
      line two
  folded: >-
    these are
    one line
nested:
  - a
  - - b
    - c: d
      e: "q\\tuoted \\u263a"
  - *name
? complex key
: value
binary: !!binary aGVsbG8=
set: !!set {one, two}
pairs: !!pairs [a: 1, a: 2]
omap: !!omap [x: 1, y: 2]
'''
data = yaml.safe_load(CONFIG)
for k, v in data.items(): print(repr(k), '->', repr(v))
print(yaml.safe_dump({'b': [1, 2.5, None, True, 'text: x', 'multi\nline', 'ünï', '123', ''], 'a': {'d': datetime.date(2020, 1, 2), 'e': datetime.datetime(2020, 1, 2, 3, 4, 5)}}, allow_unicode=True))
shared = [1, 2]
print(yaml.dump({'x': shared, 'y': shared, 't': (1, 2), 's': {3, 4}}, default_flow_style=False))
print(yaml.dump_all([{'a': 1}, [1, 2]], explicit_start=True, indent=4, width=20))
class Point:
    def __init__(self, x, y): self.x, self.y = x, y
    def __repr__(self): return f'Point({self.x}, {self.y})'
yaml.add_constructor('!point', lambda loader, node: Point(*loader.construct_sequence(node)), yaml.SafeLoader)
yaml.add_representer(Point, lambda d, p: d.represent_sequence('!point', [p.x, p.y]))
print(yaml.safe_load('[!point [1, 2], !point [3, 4]]'), yaml.dump([Point(5, 6)]))
for bad in ('a: [1, 2', 'a: b: c', '\tx', '*none', '!!python/object:os.system x', '- a\nb', 'key: "unclosed', '%YAML 9.1\n---\n', '{a: 1, {}: 2}', '- &x\n- &x 1\n- *y'):
    try: print(yaml.safe_load(bad))
    except yaml.YAMLError as e: print(type(e).__name__, str(e).replace('\n', ' | '))
for event in yaml.parse('a: [b, {c: d}]\n--- &x !t text\n'): print(event)
print(list(yaml.safe_load_all('a\n---\nb\n...\n---\n- c\n')), [t.id for t in yaml.scan('a: {b: *c}')])
big = [{'id': i, 'name': 'item %d' % i, 'tags': ['x', 'y', str(i)], 'nested': {'f': i / 3}} for i in range(120)]
text = yaml.safe_dump(big)
print(len(text), yaml.safe_load(text) == big)
