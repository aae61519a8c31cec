// SPDX-License-Identifier: Apache-2.0
// A disk on which every flush takes MS milliseconds, to be preloaded into redis-server. What is lost then is the test's question.

#include <time.h>
#include <unistd.h>

int fdatasync(int fd)
{
    struct timespec t = { MS / 1000, MS % 1000 * 1000000 };
    (void)fd;
    nanosleep(&t, NULL);
    return 0;
}
