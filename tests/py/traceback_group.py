# oracle: stderr
def fail(e):
    raise e


def collect():
    out = []
    for e in (ValueError('one'), TypeError('two'), KeyError('three')):
        try:
            fail(e)
        except Exception as x:
            out.append(x)
    try:
        raise ExceptionGroup('inner', out[:1]) from OSError('cause')
    except Exception as x:
        out.append(x)
        x.add_note('noted')
    out.extend(ValueError(i) for i in range(20))
    return out


raise ExceptionGroup('outer', collect())
