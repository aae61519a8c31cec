# SPDX-License-Identifier: Apache-2.0
# What `from X import Y` says when there is no Y: message, name and path of the ImportError.
import pathlib, sys, tempfile, types
with tempfile.TemporaryDirectory() as d:
    sys.path.insert(0, d)
    sys.dont_write_bytecode = True
    p = pathlib.Path(d)
    (p / 'plain.py').write_text('x = 1\n')
    (p / 'ring_a.py').write_text('from ring_b import y\nx = 1\n')
    (p / 'ring_b.py').write_text('from ring_a import x\ny = 1\n')
    (p / 'ring_c.py').write_text('import ring_d\nx = 1\n')
    (p / 'ring_d.py').write_text('import ring_c\nring_c.x\n')
    (p / 'space').mkdir()
    sys.modules['made'] = types.ModuleType('made')
    nameless = types.ModuleType('nameless')
    del nameless.__name__
    sys.modules['nameless'] = nameless
    sys.modules['object'] = object()
    class Odd:
        __name__ = 'odd'
        __file__ = 3
    sys.modules['odd'] = Odd()
    for source in ('from plain import z', 'from ring_a import x', 'from ring_a import q', 'import ring_c', 'from space import z', 'from made import z', 'from nameless import z',
                   'from object import z', 'from odd import z', 'from sys import nothing', 'from math import nothing', 'from os.path import nothing', 'from plain import x, z'):
        try:
            exec(source)
            print(source, 'works')
        except (ImportError, AttributeError) as e:
            print(source, '|', type(e).__name__, str(e).replace(d, 'D'), '|', e.name, '|', str(getattr(e, 'path', '')).replace(d, 'D'), '|', [str(a).replace(d, 'D') for a in e.args])
