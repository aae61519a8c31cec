# SPDX-License-Identifier: Apache-2.0
# docutils: a document to HTML, LaTeX, pseudo-XML; errors of the source.
import io
from docutils.core import publish_string, publish_parts, publish_doctree
TEXT = '''
=====
Title
=====
--------
Subtitle
--------
:Author: Me
:Date: 2020-01-02

.. contents:: Table

Section
=======
Some *emphasis*, **strong**, ``literal``, `link <http://example.com>`_, a footnote [1]_, |sub|, :sup:`2`, :math:`a^2`.

- one
- two

  1. nested
  2. list

term : classifier
    definition

.. code:: python

   def f(x):
       return x

.. |sub| replace:: substituted *text*
.. [1] The note.

+-----+-------+
| a   | b     |
+=====+=======+
| 1   | two   |
|     +-------+
|     | three |
+-----+-------+

===  ===
x    y
===  ===
1    2
===  ===

.. note:: Watch out.
.. image:: a.png
   :alt: picture
   :width: 50%
.. list-table:: T
   :header-rows: 1

   * - h
     - i
   * - 1
     - 2

Option list
-----------
-a         command
--long=X   other

::

   literal block

>>> doctest

.. _target:

Target_ and target_. Unknown_ |none| *unclosed

.. unknown:: directive
'''
settings = {'_disable_config': True, 'report_level': 5, 'datestamp': None, 'generator': None, 'embed_stylesheet': False, 'stylesheet_path': None, 'input_encoding': 'unicode', 'output_encoding': 'unicode', 'halt_level': 6, 'syntax_highlight': 'none'}
import tempfile, os
with tempfile.NamedTemporaryFile('w', suffix='.txt', delete=False) as f: f.write('%(head)s|%(body)s')
settings['template'] = f.name
for writer in ('pseudoxml', 'xml', 'manpage', 'html4css1', 'html5'):
    print(writer); print(publish_string(TEXT, writer_name=writer, settings_overrides=settings))
os.unlink(f.name)
parts = publish_parts('*a* `b`', writer_name='pseudoxml', settings_overrides=settings); print(parts['whole'], sorted(parts))
stream = io.StringIO()
tree = publish_doctree('Bad\n==\n\n*x\n\n.. none::\n', settings_overrides=dict(settings, report_level=1, warning_stream=stream))
print(stream.getvalue(), len(list(tree.findall())))
