# SPDX-License-Identifier: Apache-2.0
# Markdown: a document with the usual extensions.
import markdown
TEXT = '''Title
=====

[TOC]

Some *emphasis*, **strong**, `code`, [a link](http://example.com "Title"), ![image](a.png), <http://auto.link>, and a footnote[^1].

* one
* two
    1. nested
    2. list

    paragraph in item
* three

## Code {#custom .cls key=val}

    indented code & <b>

```python
def f(x): return x < 3
```

> quoted
> > deeper

Column | Other
------ | -----:
a      | 1
`b|c`  | **2**

Term
:   Definition one
:   Definition two

*[HTML]: Hyper Text
HTML is here. A line with two blanks@@
breaks. Escaped \\*stars\\*. &copy; AT&T

<div markdown="1">
*inside*
</div>

!!! note "Watch out"
    An admonition.

***

[^1]: The note.
[ref]: /url 'ref title'
See [ref] and [text][ref].
'''
TEXT = TEXT.replace('@@', '  ')
extensions = ['toc', 'extra', 'admonition', 'codehilite', 'sane_lists', 'smarty', 'meta', 'nl2br', 'wikilinks']
md = markdown.Markdown(extensions=extensions, output_format='html')
print(md.convert('Author: me\nDate: today\n\n' + TEXT)); print(md.Meta, md.toc_tokens)
print(markdown.markdown(TEXT)); md.reset()
print(len(md.convert(TEXT * 5)))
from markdown.extensions import Extension
from markdown.inlinepatterns import SimpleTagInlineProcessor
class Strike(Extension):
    def extendMarkdown(self, md): md.inlinePatterns.register(SimpleTagInlineProcessor(r'()~~(.*?)~~', 'del'), 'del', 175)
print(markdown.markdown('a ~~b~~ [[Wiki Page]]', extensions=[Strike(), 'wikilinks']))
