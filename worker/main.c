// SPDX-License-Identifier: Apache-2.0
// krait-worker: reads the settings and hands over to the supervisor. Everything else is in the parts that worker.h draws.

#include <stdio.h>

#include "worker/worker.h"

int main(int argc, char **argv)
{
    static struct worker w;
    struct conf_args args;
    enum log_level level = LOG_INFO;
    switch (conf_load(&settings_program, argc, argv, &w.set, &args)) {
    case CONF_DONE:
        return 0;
    case CONF_BAD:
        return 2;
    case CONF_RUN:
        break;
    }
    int status = args.n ? conf_usage(&settings_program, "%s: no such option; see --help", args.v[0])
                        : settings_check(&w.set);
    if (!status && w.set.check_config) {
        conf_print(&settings_program, &w.set, stdout);
    } else if (!status) {
        log_level_parse(w.set.log_level, &level);
        log_init(&w.log, "krait-worker", 2, level, w.set.log_format ? LOG_JSON : LOG_TEXT);
        status = supervisor_run(&w);
    }
    settings_free(&w.set);
    conf_free(&settings_program, &w.set, &args);
    return status;
}
