# SPDX-License-Identifier: Apache-2.0
"""The node classes of the ast module, made from the compiler's own table of nodes. Trees become objects of them, and back, in front/ast_object.c."""
from _krait_ast import operators, shapes

PyCF_ALLOW_TOP_LEVEL_AWAIT = 0x2000
PyCF_ONLY_AST = 0x400
PyCF_TYPE_COMMENTS = 0x1000


class AST:
    _fields = ()
    _attributes = ()
    __match_args__ = ()
    __module__ = 'ast'

    def __init__(self, *args, **kwargs):
        fields = self._fields
        if len(args) > len(fields):
            raise TypeError('%s constructor takes at most %d positional argument%s' % (type(self).__name__, len(fields), '' if len(fields) == 1 else 's'))
        for name, value in zip(fields, args):
            setattr(self, name, value)
        for name, value in kwargs.items():
            if name in fields and fields.index(name) < len(args):
                raise TypeError("%s got multiple values for argument '%s'" % (type(self).__name__, name))
            setattr(self, name, value)

    def __reduce__(self):
        return type(self), (), dict(self.__dict__)


_places = ('lineno', 'col_offset', 'end_lineno', 'end_col_offset')


def _make(name, base=AST, fields=(), optional=(), places=False):
    body = {'__module__': 'ast', '_fields': fields, '__match_args__': fields}
    for field in optional:
        body[field] = None
    if places:
        body['_attributes'] = _places
        body['end_lineno'] = body['end_col_offset'] = None
    made = globals()[name] = type(name, (base,), body)
    return made


for _name in ('mod', 'expr_context', 'boolop', 'operator', 'unaryop', 'cmpop', 'type_ignore'):
    _make(_name)
for _name in ('stmt', 'expr', 'excepthandler', 'pattern'):
    _make(_name, places=True)
_groups = mod, stmt, expr, pattern, excepthandler, AST
for _name, _group, _names, _optional in shapes():
    _make(_name, _groups[_group], _names, _optional, _name in ('arg', 'keyword', 'alias'))
_make('FunctionType', mod, ('argtypes', 'returns'))
_make('TypeIgnore', type_ignore, ('lineno', 'tag'))
# One object stands for each context and operator.
_single = []
for _name in ('Load', 'Store', 'Del'):
    _single.append(_make(_name, expr_context)())
for _name in operators():
    _kind = (boolop if _name in ('And', 'Or') else unaryop if _name in ('Invert', 'Not', 'UAdd', 'USub') else
             cmpop if _name in ('Eq', 'NotEq', 'Lt', 'LtE', 'Gt', 'GtE', 'Is', 'IsNot', 'In', 'NotIn') else operator)
    _single.append(_make(_name, _kind)())
_single = tuple(_single)
del _name, _group, _names, _optional, _kind, _groups, _make, operators, shapes
