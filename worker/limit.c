// SPDX-License-Identifier: Apache-2.0
// Reading affinity, cgroups and /proc. The group's own path is taken from /proc/self/cgroup and each level above it counts,
// too; where that path cannot be seen (a container that sees only its own part) the root stands for it.

#include "worker/limit.h"

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_SIZE 1024

static int affinity(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return CPU_COUNT(&set);
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (int)n : 1;
}

static bool read_line(const char *dir, const char *file, char *out, size_t size)
{
    char path[PATH_SIZE + 64];
    snprintf(path, sizeof path, "%s/%s", dir, file);
    FILE *f = fopen(path, "re");
    bool ok = f && fgets(out, (int)size, f);
    if (f)
        fclose(f);
    return ok;
}

// The path of this process's group: in v2 (controller "") or of a v1 controller.
static void own_group(const char *controller, char *out, size_t size)
{
    char line[PATH_SIZE];
    FILE *f = fopen("/proc/self/cgroup", "re");
    out[0] = 0;
    while (f && fgets(line, sizeof line, f)) {
        char *names = strchr(line, ':'), *path = names ? strchr(names + 1, ':') : NULL;
        if (!path)
            continue;
        *path++ = 0;
        path[strcspn(path, "\n")] = 0;
        bool hit = *controller ? strstr(names + 1, controller) != NULL : !names[1];
        if (hit) {
            snprintf(out, size, "%s", strcmp(path, "/") == 0 ? "" : path);
            break;
        }
    }
    if (f)
        fclose(f);
}

// Calls see for the group's folder and each one above it, up to the root of the hierarchy.
static void each_level(const char *root, const char *controller, void (*see)(void *, const char *), void *arg)
{
    char group[PATH_SIZE / 2], dir[PATH_SIZE];
    own_group(controller, group, sizeof group);
    for (;;) {
        if (*controller)
            snprintf(dir, sizeof dir, "%.400s/%s%s", root, controller, group);
        else
            snprintf(dir, sizeof dir, "%.400s%s", root, group);
        see(arg, dir);
        char *slash = strrchr(group, '/');
        if (!slash)
            return;
        *slash = 0;
    }
}

static void see_cpu(void *arg, const char *dir)
{
    double *least = arg, cores = 0;
    char line[128], period[128];
    if (read_line(dir, "cpu.max", line, sizeof line)) {
        double quota, per;
        if (sscanf(line, "%lf %lf", &quota, &per) == 2 && per > 0)
            cores = quota / per;
    } else if (read_line(dir, "cpu.cfs_quota_us", line, sizeof line) &&
               read_line(dir, "cpu.cfs_period_us", period, sizeof period)) {
        if (atof(line) > 0 && atof(period) > 0)
            cores = atof(line) / atof(period);
    }
    if (cores > 0 && (*least == 0 || cores < *least))
        *least = cores;
}

static void see_memory(void *arg, const char *dir)
{
    uint64_t *least = arg, n = 0;
    char line[128];
    if (!read_line(dir, "memory.max", line, sizeof line) && !read_line(dir, "memory.limit_in_bytes", line, sizeof line))
        return;
    if (line[0] >= '0' && line[0] <= '9')
        n = strtoull(line, NULL, 10);
    if (n && n < UINT64_C(1) << 60 && (!*least || n < *least))
        *least = n;
}

int limit_cores(const char *root)
{
    double quota = 0;
    int n = affinity();
    each_level(root, "", see_cpu, &quota);
    each_level(root, "cpu", see_cpu, &quota);
    int by_quota = (int)quota + (quota > (int)quota);
    if (quota > 0 && by_quota < n)
        n = by_quota;
    return n < 1 ? 1 : n;
}

uint64_t limit_memory(const char *root)
{
    uint64_t least = 0;
    each_level(root, "", see_memory, &least);
    each_level(root, "memory", see_memory, &least);
    return least;
}

uint64_t limit_resident(int pid)
{
    char path[64];
    uint64_t pages = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", pid);
    FILE *f = fopen(path, "re");
    if (f) {
        if (fscanf(f, "%*u %" SCNu64, &pages) != 1)
            pages = 0;
        fclose(f);
    }
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}
