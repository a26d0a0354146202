/* SPDX-License-Identifier: Apache-2.0 */
/* Telling how far a run has come. */
#define _GNU_SOURCE /* pipe2() */
#include "progress.h"

#include "deadline.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TERMINAL_PERIOD = 200, LINE_MAX_LENGTH = 96 };

static void describe(struct progress *progress, char *text, size_t size)
{
    int64_t done = atomic_load(&progress->done);
    int64_t expected = atomic_load(&progress->expected);
    if (expected >= done && expected > 0) {
        snprintf(text, size, "%" PRId64 " of %" PRId64 " %s", done, expected, progress->what);
    } else {
        snprintf(text, size, "%" PRId64 " %s", done, progress->what);
    }
}

/* In one write, so that nothing comes between. What cannot be written is no loss, nor waited for at a terminal that
 * was stopped. */
static void put(const char *text)
{
    bool ready = poll(&(struct pollfd){.fd = STDERR_FILENO, .events = POLLOUT}, 1, 0) > 0;
    ssize_t written = ready ? write(STDERR_FILENO, text, strlen(text)) : 0;
    (void)written;
}

static void wipe(struct progress *progress)
{
    if (progress->drawn) {
        put("\r\033[K");
        progress->drawn = false;
    }
}

static void tell(struct progress *progress)
{
    char text[LINE_MAX_LENGTH];
    char line[LINE_MAX_LENGTH + 8];
    describe(progress, text, sizeof text);
    if (progress->on_terminal) {
        snprintf(line, sizeof line, "\r%s\033[K", text);
        put(line);
        progress->drawn = true;
    } else {
        progress->tool->options.log(MSTR_LEVEL_INFO, "progress", text, progress->tool->options.log_data);
    }
}

/* Whether the period has passed, and not the run. */
static bool await_period(const struct progress *progress)
{
    struct pollfd end = {.fd = progress->ends[0], .events = POLLIN};
    const int64_t until = deadline_clock() + progress->period;
    for (;;) {
        int64_t left = until - deadline_clock();
        int ready = poll(&end, 1, left > 0 ? (int)left : 0);
        if (ready != 0 && (ready > 0 || errno != EINTR)) {
            return false;
        }
        if (ready == 0 && left <= 0) {
            return true;
        }
    }
}

static void *run(void *data)
{
    struct progress *progress = data;
    while (await_period(progress)) {
        pthread_mutex_lock(&progress->lock);
        if (!progress->held) {
            tell(progress);
        }
        pthread_mutex_unlock(&progress->lock);
    }
    wipe(progress);
    return NULL;
}

/* One that understands how a line is wiped, and where the log does not write as well. */
static bool is_capable_terminal(const struct tool *tool)
{
    const char *term = getenv("TERM");
    return isatty(STDERR_FILENO) != 0 && term != NULL && *term != '\0' && strcmp(term, "dumb") != 0 &&
           tool->options.log_level < MSTR_LEVEL_INFO;
}

/* Signals are the other threads' affair. */
static bool start_thread(struct progress *progress)
{
    sigset_t all, before;
    if (pipe2(progress->ends, O_CLOEXEC) != 0) {
        return false;
    }
    pthread_mutex_init(&progress->lock, NULL);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&progress->thread, NULL, run, progress) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!started) {
        close(progress->ends[0]);
        close(progress->ends[1]);
    }
    return started;
}

void progress_begin(struct progress *progress, const struct tool *tool, const char *what, bool alone,
                    int64_t line_period)
{
    *progress = (struct progress){.tool = tool, .what = what, .period = line_period};
    atomic_store(&progress->expected, -1);
    if (alone && is_capable_terminal(tool)) {
        progress->on_terminal = true;
        progress->period = TERMINAL_PERIOD;
    } else if (tool->options.log == NULL || tool->options.log_level < MSTR_LEVEL_INFO) {
        return;
    }
    progress->begun = start_thread(progress);
}

void progress_hold(struct progress *progress, bool hold)
{
    if (progress != NULL && progress->begun) {
        pthread_mutex_lock(&progress->lock);
        progress->held = hold;
        wipe(progress);
        pthread_mutex_unlock(&progress->lock);
    }
}

void progress_end(struct progress *progress)
{
    if (!progress->begun) {
        return;
    }
    ssize_t written = write(progress->ends[1], "", 1); /* always fits */
    (void)written;
    pthread_join(progress->thread, NULL);
    close(progress->ends[0]);
    close(progress->ends[1]);
    pthread_mutex_destroy(&progress->lock);
    progress->begun = false;
}
