# SPDX-License-Identifier: Apache-2.0
# jsonschema: drafts, formats, references, errors in order, custom validators.
import jsonschema
from jsonschema import Draft7Validator, Draft202012Validator, Draft4Validator, validators, FormatChecker, RefResolver, exceptions
schema = {'$schema': 'http://json-schema.org/draft-07/schema#', 'type': 'object', 'required': ['name', 'tags'], 'additionalProperties': False, 'definitions': {'pos': {'type': 'integer', 'exclusiveMinimum': 0}, 'node': {'type': 'object', 'properties': {'v': {'$ref': '#/definitions/pos'}, 'next': {'$ref': '#/definitions/node'}}}},
    'properties': {'name': {'type': 'string', 'minLength': 2, 'pattern': '^[a-z]+$'}, 'age': {'$ref': '#/definitions/pos'}, 'tags': {'type': 'array', 'items': {'enum': ['a', 'b']}, 'uniqueItems': True, 'maxItems': 3}, 'mail': {'type': 'string', 'format': 'email'}, 'date': {'format': 'date'}, 'ip': {'format': 'ipv4'}, 'tree': {'$ref': '#/definitions/node'}, 'one': {'oneOf': [{'type': 'integer'}, {'minimum': 3}]}, 'any': {'anyOf': [{'type': 'null'}, {'const': 5}]}, 'not': {'not': {'type': 'string'}}, 'cond': {'if': {'type': 'integer'}, 'then': {'multipleOf': 3}, 'else': {'type': 'string'}}, 'float': {'multipleOf': 0.1}},
    'patternProperties': {'^x-': {'type': 'string'}}, 'dependencies': {'age': ['mail']}, 'propertyNames': {'maxLength': 6}}
Draft7Validator.check_schema(schema)
v = Draft7Validator(schema, format_checker=FormatChecker())
for doc in ({'name': 'ann', 'tags': ['a']}, {}, {'name': 'A', 'tags': ['a', 'a', 'c', 'b'], 'age': -1}, {'name': 'bob', 'tags': [], 'mail': 'nope', 'date': '2020-13-01', 'ip': '1.2.3.400', 'x-y': 3, 'extra': 1, 'toolongname': 2}, {'name': 'zoe', 'tags': [], 'tree': {'v': 1, 'next': {'v': 0, 'next': {'v': 'x'}}}, 'one': 4, 'any': 4, 'not': 's', 'cond': 4, 'float': 0.35}, [], None):
    print(doc, v.is_valid(doc))
    for e in sorted(v.iter_errors(doc), key=lambda e: (list(map(str, e.path)), e.validator, e.message)): print('  ', e.json_path, '|', e.message, '|', e.validator, list(e.absolute_schema_path), [c.message for c in e.context])
    best = exceptions.best_match(v.iter_errors(doc)); print(best and best.message)
try: jsonschema.validate({'a': [1, 'x']}, {'properties': {'a': {'items': {'type': 'integer'}}}})
except jsonschema.ValidationError as e: print(e)
for bad in ({'type': 'none'}, {'minimum': 'x'}, {'properties': []}, {'$ref': 5}):
    try: print(Draft202012Validator.check_schema(bad))
    except jsonschema.SchemaError as e: print(e.message, list(e.path))
d = Draft202012Validator({'prefixItems': [{'type': 'string'}], 'items': {'type': 'number'}, 'contains': {'const': 7}, 'minContains': 2, 'unevaluatedItems': False, '$defs': {'x': {'$anchor': 'here', 'type': 'string'}}})
for doc in (['a', 7, 7], ['a', 7], [1, 'b'], 'x'): print([e.message for e in d.iter_errors(doc)])
def even(validator, value, instance, schema):
    if value and instance % 2: yield jsonschema.ValidationError(f'{instance} is odd')
print([e.message for e in validators.extend(Draft7Validator, {'even': even}, type_checker=Draft7Validator.TYPE_CHECKER.redefine('number', lambda c, i: isinstance(i, complex) or isinstance(i, int)))({'items': {'even': True, 'type': 'number'}}).iter_errors([1, 2, 3])])
tree = jsonschema.ErrorTree(v.iter_errors({'name': 1, 'tags': ['z']})); print(sorted(tree), 'name' in tree, tree['tags'][0].errors.keys(), tree.total_errors)
