# SPDX-License-Identifier: Apache-2.0
"""How much the machine itself stands in the way: a process that wants to run every 20 ms, and now and then to have a few bytes on the disk, and writes
down how long it had to wait for that. What that excuses is judge.py's to say.

    stall.py LOG     one line `WHEN SECONDS` for each wait of more than 30 ms
"""
import os
import sys
import time

STEP, WORTH, FLUSH = .02, .03, 10


def measure(path):
    with open(path, 'a', buffering=1) as log, open(path + '.disk', 'wb', buffering=0) as disk:
        turn = 0
        while os.getppid() != 1:
            began = time.monotonic()
            time.sleep(STEP)
            turn += 1
            if turn % FLUSH == 0:
                disk.seek(0)
                disk.write(b'%064d' % turn)
                os.fdatasync(disk.fileno())
            waited = time.monotonic() - began - STEP
            if waited > WORTH:
                log.write('%.3f %.3f\n' % (time.time(), waited))


if __name__ == '__main__':
    measure(sys.argv[1])
