// SPDX-License-Identifier: Apache-2.0
// Replacing the program: argument and environment vectors, execv, execve, system; the C environment. Leaves new processes to fork.c and spawn.c.
#include "interp/modules/posix/posix.h"
#include "interp/types/dict.h"

#include <stdlib.h>

// ---- vectors of C strings ----
// kept: owned list of bytes. returns malloc'd array of their texts, NULL behind; NULL: MemoryError.
static char **vector_of(struct thread *t, vref kept) {
    size_t n = list_size(kept);
    char **v = malloc((n + 1) * sizeof *v);
    if (!v) return raise_no_memory(t), NULL;
    for (size_t i = 0; i < n; i++) {
        value b = list_get_or_null(t, kept, i);
        v[i] = (char *)as_bytes(b)->data;
        release(t, b); // the list has it
    }
    v[n] = NULL;
    return v;
}
bool argv_get(struct thread *t, vref seq, const char *what, value *keep, char ***argv) {
    if (!is_list(seq) && !is_tuple(seq)) return raise(t, &exc_TypeError, "%s must be a tuple or list", what), false;
    value items = tuple_from_iterable(t, seq), list = items ? list_new(t, tuple_size(items)) : V_NULL;
    for (size_t i = 0; list && i < tuple_size(items); i++) {
        value b = path_bytes(t, tuple_at(items, i));
        if (!b || !list_append_take(t, list, b)) release_field(t, &list);
    }
    if (list && list_size(list) == 0) {
        raise(t, &exc_ValueError, "%s must not be empty", what);
        release_field(t, &list);
    }
    *argv = list ? vector_of(t, list) : NULL;
    if (*argv && !(*argv)[0][0]) {
        raise(t, &exc_ValueError, "%s first element cannot be empty", what);
        free(*argv);
        *argv = NULL;
    }
    if (!*argv && list) release_field(t, &list);
    release_opt(t, items);
    *keep = list;
    return list != V_NULL;
}
static value setting(struct thread *t, vref key, vref v) { // key=value as bytes
    value k = path_bytes(t, key), b = k ? path_bytes(t, v) : V_NULL, r = V_NULL;
    if (b) {
        const char *name = (const char *)as_bytes(k)->data;
        size_t nk = as_bytes(k)->length, nb = as_bytes(b)->length;
        if (nk == 0 || strchr(name + 1, '=')) raise(t, &exc_ValueError, "illegal environment variable name");
        else if ((r = bytes_new(t, NULL, nk + 1 + nb))) {
            memcpy(as_bytes(r)->data, name, nk);
            as_bytes(r)->data[nk] = '=';
            memcpy(as_bytes(r)->data + nk + 1, as_bytes(b)->data, nb);
        }
    }
    release_opt(t, k);
    release_opt(t, b);
    return r;
}
static value list_of(struct thread *t, vref mapping, const char *method) {
    value v = object_call_method_cstr(t, mapping, method, NULL, 0), list = v ? list_from_iterable(t, v) : V_NULL;
    release_opt(t, v);
    return list;
}
bool env_get(struct thread *t, vref mapping, value *keep, char ***envp) {
    *keep = V_NULL;
    if (!type_of(mapping)->getitem) return raise(t, &exc_TypeError, "execve: environment must be a mapping object"), false;
    value keys = list_of(t, mapping, "keys"), values = keys ? list_of(t, mapping, "values") : V_NULL, list = values ? list_new(t, list_size(keys)) : V_NULL;
    for (size_t i = 0; list && i < list_size(keys) && i < list_size(values); i++) {
        value k = list_get(t, keys, (int64_t)i), v = list_get(t, values, (int64_t)i), s = k && v ? setting(t, k, v) : V_NULL;
        if (!s || !list_append_take(t, list, s)) release_field(t, &list);
        release_opt(t, k);
        release_opt(t, v);
    }
    *envp = list ? vector_of(t, list) : NULL;
    if (!*envp && list) release_field(t, &list);
    release_opt(t, keys);
    release_opt(t, values);
    *keep = list;
    return list != V_NULL;
}

// ---- exec ----
static value run_program(struct thread *t, const char *function, const char *what, const vref *a, vref env) {
    struct path p = {.function = function, .name = "path", .allow_fd = env != V_NULL};
    value keep = V_NULL, keep_env = V_NULL;
    char **argv = NULL, **envp = NULL;
    if (path_get(t, &p, a[0]) && argv_get(t, a[1], what, &keep, &argv) && (!env || env_get(t, env, &keep_env, &envp))) {
        if (!env) execv(p.p, argv);
        else if (p.p) execve(p.p, argv, envp);
        else fexecve(p.fd, argv, envp);
        posix_path_error(t, &p);
    }
    if (keep) free(argv);
    if (keep_env) free(envp);
    release_opt(t, keep);
    release_opt(t, keep_env);
    path_drop(t, &p);
    return V_NULL;
}
static value f_execv(struct thread *t, const vref *a) { return run_program(t, "execv", "execv() arg 2", a, V_NULL); }
static value f_execve(struct thread *t, const vref *a) { return run_program(t, "execve", "execve: argv", a, a[2]); }
static value f_system(struct thread *t, const vref *a) {
    value command = path_bytes(t, a[0]);
    if (!command) return V_NULL;
    thread_detach(t);
    int r = system((const char *)as_bytes(command)->data);
    thread_attach(t);
    release(t, command);
    return from_int62(r);
}

// ---- the C environment ----
static value f_putenv(struct thread *t, const vref *a) {
    value name = path_bytes(t, a[0]), v = name ? path_bytes(t, a[1]) : V_NULL, r = V_NULL;
    if (v && strchr((const char *)as_bytes(name)->data, '=')) raise(t, &exc_ValueError, "illegal environment variable name");
    else if (v) r = posix_done(t, setenv((const char *)as_bytes(name)->data, (const char *)as_bytes(v)->data, 1));
    release_opt(t, name);
    release_opt(t, v);
    return r;
}
static value f_unsetenv(struct thread *t, const vref *a) {
    value name = path_bytes(t, a[0]);
    if (!name) return V_NULL;
    value r = posix_done(t, unsetenv((const char *)as_bytes(name)->data));
    release(t, name);
    return r;
}

const struct native posix_exec_natives[] = {
    F("execv", "($module, path, argv, /)", f_execv), F("execve", "($module, /, path, argv, env)", f_execve), F("system", "($module, /, command)", f_system),
    F("putenv", "($module, name, value, /)", f_putenv), F("unsetenv", "($module, name, /)", f_unsetenv), {0},
};
