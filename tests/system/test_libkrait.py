# SPDX-License-Identifier: Apache-2.0
"""libkrait as its user meets it: the program in sdk/README.md compiles against the public header alone, links against what was
built, and works with a real broker. What each call does in detail is tests/unit/sdk_client.c's.
"""
import os
import re
import subprocess
import tempfile
import threading
import unittest

from brokers import BUILD, TOP, Broker
from patience import patience
from wire import SCHEMA, Worker

LIBS = os.path.join(BUILD, '.libs')


def example():
    with open(os.path.join(TOP, 'sdk/README.md')) as file:
        return '#include <stdio.h>\n#include <stdlib.h>\n' + re.search(r'```c\n(.*?)```', file.read(), re.S)[1]


def sanitizers():
    flags = os.environ.get('KRAIT_SANITIZER')
    return ['-fsanitize=' + flags] if flags else []


class Library(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix='krait-test-')
        self.addCleanup(scratch.cleanup)
        self.dir = scratch.name

    def compile(self, text, *flags, name='prog.c', compiler='cc'):
        source, program = os.path.join(self.dir, name), os.path.join(self.dir, 'prog')
        with open(source, 'w') as file:
            file.write(text)
        subprocess.run([compiler, '-Wall', '-Wextra', '-Werror', '-I', os.path.join(TOP, 'sdk/include'), source, '-o', program,
                        *flags, *sanitizers()], check=True)
        return program

    def libraries(self):
        """Each way to link: static always, shared where it was built."""
        yield [os.path.join(LIBS, 'libkrait.a'), '-lprotobuf-c', '-lm', '-pthread']
        if os.path.exists(os.path.join(LIBS, 'libkrait.so')):
            yield ['-L', LIBS, '-lkrait', '-Wl,-rpath,' + LIBS]

    def test_the_example_of_the_readme_works(self):
        for flags in self.libraries():
            program = self.compile(example(), *flags)
            with Broker() as broker:
                worker = Worker(broker.address, tasks=('tasks.add',))

                def add():
                    delivery, = worker.take(1)
                    body = SCHEMA.decode('Task', delivery['body'])
                    args = SCHEMA.decode('Payload', body['payload'])['args']
                    worker.done(delivery, result=sum(a['integer'] for a in args))

                adder = threading.Thread(target=add)
                adder.start()
                done = subprocess.run([program], capture_output=True, text=True, timeout=patience(60),
                                      env=dict(os.environ, KRAIT_BROKER=broker.address))
                adder.join()
                worker.close()
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, '3\n', ''))

    def test_the_tour_of_the_library_compiles(self):
        with open(os.path.join(TOP, 'sdk/client/README.md')) as file:
            many, dead = re.findall(r'```c\n(.*?)```', file.read(), re.S)
        function, use = dead.split('…\n')
        self.compile('#include <err.h>\n#include <krait.h>\n#include <stdio.h>\nenum { N = 10 };\n%s\nint main(void)\n{\n    struct krait *k = NULL;\n%s%s}\n'
                     % (function.replace('void *context', 'void *context __attribute__((unused))'), many, use), *next(self.libraries()))

    LARGE = r'''
#include <krait.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(void)
{
    size_t n = 3 << 20;
    char *args = malloc(n + 5), id[KRAIT_ID_SIZE];
    memset(args, 'x', n + 4);
    memcpy(args, "[\"", 2);
    memcpy(args + n + 2, "\"]", 3);
    struct krait *k;
    struct krait_result *r;
    struct krait_task task = KRAIT_TASK("t.echo");
    task.args_json = args;
    task.max_retries = 3;
    task.retry_on = (const char *const[]){ "ValueError" };
    task.n_retry_on = 1;
    task.backoff = KRAIT_STEPS;
    task.backoff_steps_ms = (const int64_t[]){ 1, 2, 3 };
    task.n_backoff_steps = 3;
    if (krait_connect(&k, NULL) || krait_enqueue(k, &task, id) || krait_wait(k, id, 60000, &r)) {
        fprintf(stderr, "%s\n", krait_message(k));
        return 1;
    }
    size_t size = 0;
    struct krait_value *v = krait_result_value(r);
    const char *text = v ? krait_value_data(v, &size) : NULL;
    printf("%zu %c\n", size, text ? text[size - 1] : '-');
    krait_value_free(v);
    krait_result_free(r);
    krait_close(k);
    free(args);
}
'''

    def test_large_ones_go_in_parts_both_ways(self):
        program = self.compile(self.LARGE, *next(self.libraries()))
        with Broker() as broker:
            worker = Worker(broker.address, tasks=('t.echo',))
            seen = []

            def echo():
                delivery, = worker.take(1)
                body = SCHEMA.decode('Task', delivery['body'])
                seen.append((body['payload'], body['parts'], body['options']['retry']['list_ms'], body['options']['retry']['retry_on']))
                parts = [worker.ask('part_ask', 'part', id=delivery['id'], of='PART_PAYLOAD', index=i) for i in range(body['parts'])]
                payload = b''.join(p['data'] for p in parts)
                seen.append((len(payload) == body['payload_size'], {p['count'] for p in parts}))
                result = SCHEMA.encode('Value', SCHEMA.decode('Payload', payload)['args'][0])
                cut = [result[at:at + (512 << 10)] for at in range(0, len(result), 512 << 10)]
                for i, data in enumerate(cut):
                    worker.ask('part', 'changed', id=delivery['id'], of='PART_RESULT', attempt=delivery['attempt'], index=i, count=len(cut), data=data)
                worker.finish((delivery, 'ENDED_DONE', {'value_parts': len(cut), 'value_size': len(result)}))

            echoing = threading.Thread(target=echo)
            echoing.start()
            done = subprocess.run([program], capture_output=True, text=True, timeout=patience(60), env=dict(os.environ, KRAIT_BROKER=broker.address))
            echoing.join()
            worker.close()
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, '%d x\n' % (3 << 20), ''))
            self.assertEqual(seen, [(b'', 7, [1, 2, 3], ['ValueError']), (True, {7})])

    def test_the_header_stands_alone_in_old_c(self):
        self.compile('#include <krait.h>\nint main(void) { return KRAIT_OK; }\n', '-std=c99', '-pedantic')

    def names(self, *nm):
        listed = subprocess.run(['nm', '--defined-only', *nm], capture_output=True, text=True, check=True).stdout
        return {line.split()[-1] for line in listed.splitlines() if len(line.split()) == 3}

    def test_only_krait_names_are_exported(self):
        with open(os.path.join(TOP, 'sdk/include/krait.h')) as file:
            declared = set(re.findall(r'KRAIT_API[^;]*?\b(krait_\w+)\(', file.read(), re.S))
        shared, static = os.path.join(LIBS, 'libkrait.so'), os.path.join(LIBS, 'libkrait.a')
        if os.path.exists(shared):
            self.assertEqual(self.names('-D', shared), declared)
        self.assertEqual({n for n in self.names('-g', static) if not n.startswith(('__asan', '__odr_asan'))}, declared)

    def test_the_pkg_config_file_is_whole(self):
        with open(os.path.join(BUILD, 'sdk/client/krait.pc')) as file:
            text = file.read()
        self.assertNotIn('@', text)
        self.assertRegex(text, r'(?m)^Version: \d+\.\d+\.\d+$')


if __name__ == '__main__':
    unittest.main()
