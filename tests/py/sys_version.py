import sys
print(sys.version_info, sys.version_info.major, sys.version_info[:2], sys.version_info >= (3,8), type(sys.version_info))
try: type(sys.version_info)([1,2,3,4,5])
except TypeError as e: print(e)
print(sys.version_info.__reduce__(), sys.version_info.n_fields, sys.version_info.__match_args__, hash(sys.version_info)==hash(tuple(sys.version_info)))
a,b,*c=sys.version_info
print(a,b,c)
for x in sys.version_info: print(x)
match sys.version_info:
    case [x, *_]: print("match", x)
