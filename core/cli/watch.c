/* SPDX-License-Identifier: Apache-2.0 */
/* Values that are asked for again and again. */
#define _GNU_SOURCE /* pipe2() */
#include "watch.h"

#include "failure.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/random.h>
#include <unistd.h>

/* A number below `count`. */
static int64_t chance(int64_t count)
{
    uint32_t number = 0;
    if (count <= 0 || getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number) {
        return 0;
    }
    return number % count;
}

/* False once it is to end. */
static bool pause_for(const struct watch *watch, int64_t milliseconds)
{
    struct pollfd stop = {.fd = watch->stop[0], .events = POLLIN};
    return poll(&stop, 1, (int)milliseconds) == 0;
}

/* The same questions again, past the cache. False where one has no answer. */
static bool ask(const struct watch *watch, struct asked *again)
{
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    call.flags = MSTR_CALL_NO_CACHE;
    call.cancel = watch->cancel;
    return asked_again(&watch->known, again) && asked_resolve(again, watch->context, &call) == MSTR_OK;
}

/* What a change brings within a while counts as one. The last answers that are whole. */
static bool gather(const struct watch *watch, struct asked *changed)
{
    struct asked later;
    if (!pause_for(watch, watch->times.gather)) {
        return false;
    }
    if (ask(watch, &later)) {
        asked_release(changed);
        *changed = later;
    } else {
        asked_release(&later);
    }
    return !asked_same(&watch->known, changed);
}

/* Keeps them as what is known, and hands a second set over. */
static void tell(struct watch *watch, struct asked *changed)
{
    struct asked copy;
    bool whole = asked_again(changed, &copy);
    for (size_t i = 0; whole && i < copy.count; i++) {
        copy.settings[i].value = mstr_secret_retain(changed->settings[i].value);
    }
    if (!whole) { /* it is seen again next time */
        asked_release(&copy);
        return;
    }
    asked_release(&watch->known);
    watch->known = copy;
    pthread_mutex_lock(&watch->mutex);
    asked_release(&watch->changed);
    watch->changed = *changed;
    *changed = (struct asked){0};
    pthread_mutex_unlock(&watch->mutex);
    ssize_t written = write(watch->told[1], "", 1);
    (void)written; /* a pipe that is full says it already */
}

static void *run(void *data)
{
    struct watch *watch = data;
    const struct watch_times *times = &watch->times;
    while (pause_for(watch, times->interval - times->interval / 10 + chance(times->interval / 5 + 1))) {
        struct asked changed;
        if (ask(watch, &changed) && !asked_same(&watch->known, &changed) && gather(watch, &changed) &&
            pause_for(watch, chance(times->splay + 1))) {
            tell(watch, &changed);
        }
        asked_release(&changed);
    }
    return NULL;
}

bool watch_start(struct watch *watch, mstr_context *context, const struct asked *known, struct watch_times times)
{
    *watch = (struct watch){.context = context, .times = times, .told = {-1, -1}, .stop = {-1, -1}};
    pthread_mutex_init(&watch->mutex, NULL);
    watch->cancel = mstr_cancel_new();
    bool good = watch->cancel != NULL && asked_again(known, &watch->known) &&
                pipe2(watch->told, O_CLOEXEC | O_NONBLOCK) == 0 && pipe2(watch->stop, O_CLOEXEC) == 0;
    for (size_t i = 0; good && i < known->count; i++) {
        watch->known.settings[i].value = mstr_secret_retain(known->settings[i].value);
    }
    watch->running = good && pthread_create(&watch->thread, NULL, run, watch) == 0;
    if (!watch->running) {
        watch_stop(watch);
    }
    return watch->running;
}

int watch_descriptor(const struct watch *watch)
{
    return watch->told[0];
}

bool watch_take(struct watch *watch, struct asked *changed)
{
    char told[16];
    while (read(watch->told[0], told, sizeof told) > 0) {
    }
    pthread_mutex_lock(&watch->mutex);
    *changed = watch->changed;
    watch->changed = (struct asked){0};
    pthread_mutex_unlock(&watch->mutex);
    return changed->count > 0;
}

static void close_pipe(int *ends)
{
    for (int i = 0; i < 2; i++) {
        if (ends[i] >= 0) {
            close(ends[i]);
        }
    }
}

void watch_stop(struct watch *watch)
{
    if (watch->running) {
        mstr_cancel_now(watch->cancel);
        close(watch->stop[1]);
        watch->stop[1] = -1;
        pthread_join(watch->thread, NULL);
    }
    close_pipe(watch->told);
    close_pipe(watch->stop);
    mstr_cancel_free(watch->cancel);
    asked_release(&watch->known);
    asked_release(&watch->changed);
    pthread_mutex_destroy(&watch->mutex);
}

int watch_option_poll(struct tool *tool, const char *value, struct watch_times *times)
{
    enum { LEAST = 5000, LONGEST = 86400000 };
    bool good = mstr_duration_parse(value, &times->interval) == MSTR_OK && times->interval >= LEAST &&
                times->interval <= LONGEST;
    return good ? 0 : tool_usage(tool, "--poll takes a duration from 5s to 24h, not \"%.40s\"", value);
}

int watch_option_splay(struct tool *tool, const char *value, struct watch_times *times)
{
    enum { LONGEST = 3600000 };
    bool good = mstr_duration_parse(value, &times->splay) == MSTR_OK && times->splay <= LONGEST;
    return good ? 0 : tool_usage(tool, "--splay takes a duration up to 1h, not \"%.40s\"", value);
}
