/* SPDX-License-Identifier: Apache-2.0 */
/* A program that stays, and the thread that looks after it. */
#include "builtin/exec_program.h"

#include "base/thread.h"
#include "sdk/host.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* Of standard error so many octets are kept. */
enum { SAID_MOST = 4096 };

/* So long, ms, has a program to end by itself once its input has ended. */
enum { GRACE = 1000 };

/* The end of a program is looked for this often, ms, where the kernel does not tell it. */
enum { SLICE = 25 };

/* All that this process has, so that a descendant which never asks lets go of them too. */
static struct exec_program *programs;
static pthread_mutex_t programs_mutex = PTHREAD_MUTEX_INITIALIZER;

static void before_fork(void)
{
    pthread_mutex_lock(&programs_mutex);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&programs_mutex);
}

static void after_fork_in_child(void)
{
    for (; programs != NULL; programs = programs->next) {
        exec_program_disown(programs);
    }
    pthread_mutex_unlock(&programs_mutex);
}

static void watch_forks(void)
{
    pthread_atfork(before_fork, after_fork, after_fork_in_child); /* without memory they keep what they inherit */
}

static void list(struct exec_program *program)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch_forks);
    pthread_mutex_lock(&programs_mutex);
    program->next = programs;
    programs = program;
    pthread_mutex_unlock(&programs_mutex);
}

static void unlist(const struct exec_program *program)
{
    pthread_mutex_lock(&programs_mutex);
    for (struct exec_program **at = &programs; *at != NULL; at = &(*at)->next) {
        if (*at == program) {
            *at = program->next;
            break;
        }
    }
    pthread_mutex_unlock(&programs_mutex);
}

/* When something is to be done about it, monotonic ms. */
static int64_t due(const struct exec_program *program)
{
    if (program->ending) {
        return program->kill_at;
    }
    if (program->owed > 0) {
        return program->last + program->patience;
    }
    return program->idle_after > 0 ? program->last + program->idle_after : INT64_MAX;
}

static void be_due(struct exec_program *program)
{
    if (program->ending) {
        child_kill(&program->child, &program->result);
        program->killed = true;
        program->kill_at = INT64_MAX;
    } else {
        program->mute = program->owed > 0;
        exec_program_end(program, program->mute);
    }
}

static int64_t less_of(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* How long the thread may sleep, ms. Nobody wakes it for a question or an answer; but what these make due is so no
 * earlier than the shorter of the two times from now. */
static int sleep_of(const struct exec_program *program)
{
    int64_t left = less_of(due(program) - host->monotonic(), program->patience);
    left = program->idle_after > 0 ? less_of(left, program->idle_after) : left;
    left = program->child.ended < 0 ? less_of(left, SLICE) : left;
    return left > 0 ? (int)less_of(left, INT32_MAX) : 0;
}

/* Lets go of the mutex meanwhile. */
static void wait_for_something(struct exec_program *program)
{
    uint64_t calls = 0;
    struct pollfd waited[] = {
        {program->child.ended, POLLIN, 0}, {program->child.errors, POLLIN, 0}, {program->wake, POLLIN, 0}};
    const int longest = sleep_of(program);
    pthread_mutex_unlock(program->mutex);
    poll(waited, sizeof(waited) / sizeof(*waited), longest);
    pthread_mutex_lock(program->mutex);
    ssize_t got = read(program->wake, &calls, sizeof(calls));
    (void)got; /* nobody may have called */
    if (!child_drain(program->child.errors, &program->result.errors, SAID_MOST)) {
        child_close(&program->child.errors);
    }
}

static void *look_after(void *data)
{
    struct exec_program *program = data;
    pthread_mutex_lock(program->mutex);
    while (!child_reap(&program->child, &program->result)) {
        if (host->monotonic() >= due(program)) {
            be_due(program);
        }
        if (program->child.pid > 0) {
            wait_for_something(program);
        }
    }
    child_drain(program->child.errors, &program->result.errors, SAID_MOST);
    child_begin_whole(&program->result.errors, SAID_MOST);
    child_close(&program->child.errors);
    child_close(&program->child.ended);
    child_close(&program->wake);
    program->ended = true;
    program->on_end(program);
    pthread_mutex_unlock(program->mutex);
    return NULL;
}

enum mstr_code exec_program_start(struct exec_program *program, const struct process_spec *spec,
                                  struct mstr_error *error)
{
    program->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (program->wake < 0) {
        return host->error_set(error, MSTR_E_UNEXPECTED, "program %s cannot be started: %s", spec->argv[0],
                               strerror(errno));
    }
    list(program);
    enum mstr_code code = child_start(spec, &program->child, error);
    if (code == MSTR_OK) {
        program->patience = spec->timeout;
        program->last = host->monotonic();
        code = thread_start(&program->thread, look_after, program)
                   ? MSTR_OK
                   : host->error_set(error, MSTR_E_MEMORY, "out of memory, or threads, to look after program %s",
                                     spec->argv[0]);
    }
    if (code != MSTR_OK) {
        unlist(program);
        child_finish(&program->child, &program->result);
        child_close(&program->wake);
    }
    return code;
}

void exec_program_end(struct exec_program *program, bool at_once)
{
    static const uint64_t one = 1;
    const int64_t kill_at = host->monotonic() + (at_once ? 0 : GRACE);
    if (program->ended || (program->ending && !at_once)) {
        return;
    }
    program->ending = true;
    program->kill_at = kill_at;
    shutdown(program->child.input, SHUT_WR);
    ssize_t written = write(program->wake, &one, sizeof(one));
    (void)written; /* it fails only where the thread was called already */
}

void exec_program_listen(struct exec_program *program)
{
    child_drain(program->child.errors, &program->result.errors, SAID_MOST);
}

void exec_program_forget(struct exec_program *program)
{
    buffer_clear(&program->result.errors);
}

void exec_program_free(struct exec_program *program)
{
    pthread_join(program->thread, NULL);
    unlist(program);
    child_finish(&program->child, &program->result);
    process_release(&program->result);
    free(program);
}

void exec_program_disown(struct exec_program *program)
{
    child_close(&program->child.ended);
    child_close(&program->child.input);
    child_close(&program->child.output);
    child_close(&program->child.errors);
    child_close(&program->wake);
}
