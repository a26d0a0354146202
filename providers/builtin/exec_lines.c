/* SPDX-License-Identifier: Apache-2.0 */
/* A program that stays, and the many calls that speak with it at once. */
#include "builtin/exec_lines.h"

#include "base/condition.h"
#include "builtin/exec_answer.h"
#include "builtin/exec_restart.h"
#include "sdk/host.h"

#include <stdlib.h>
#include <unistd.h>

struct exec_lines {
    const struct exec_command *command;
    int64_t idle;
    _Alignas(8) int64_t last_id; /* atomic */
    struct talk *talk;           /* atomic; of the process that asked last */
};

/* What is left to a call, ms; its code where nothing is. */
static enum mstr_code time_left(const struct ask *ask, int64_t *left)
{
    const int64_t answered = ask->sent ? ask->until - host->monotonic() : INT64_MAX;
    *left = host->remaining(ask->call);
    *left = *left < answered ? *left : answered;
    return patience_check((struct patience){*left, true, host->cancelled(ask->call) != 0});
}

/* One step towards an answer; each may let go of the mutex. */
static void go_on(struct talk *talk, struct ask *ask, int64_t left)
{
    if (talk->program != NULL && talk->program->ended && talk->heard && !talk->led) {
        talk_settle(talk);
    } else if (talk->program == NULL && !talk->starting) {
        talk_begin(talk, ask);
    } else if (!ask->sent && talk_may_ask(talk)) {
        talk_send(talk, ask);
    } else if (talk->program == NULL || talk->led || talk->heard) {
        condition_wait(&ask->woken, &talk->mutex, (struct patience){left, true, host->cancelled(ask->call) != 0});
    } else {
        talk_lead(talk, ask, left);
    }
}

static void join(struct talk *talk, struct ask *ask)
{
    struct ask **end = &talk->asks;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = ask;
}

static void leave(struct talk *talk, const struct ask *ask)
{
    struct ask **at = &talk->asks;
    while (*at != ask) {
        at = &(*at)->next;
    }
    *at = ask->next;
    if (ask->sent && !ask->done) {
        talk->late[talk->late_count++] = ask->id;
    }
    if (talk->asks == NULL && talk->program != NULL && talk->program->ended) {
        talk_settle(talk); /* nobody reads what is left, and its pipes need not stay open */
    }
    talk_wake_others(talk, ask);
}

static enum mstr_code tell_given_up(const struct talk *talk, const struct ask *ask, enum mstr_code code)
{
    if (code == MSTR_E_TIMEOUT && ask->sent) {
        return host->error_set(ask->error, code, "program %s did not answer in time", talk_program(talk));
    }
    return call_tell_end(code, talk_program(talk), ask->error);
}

static enum mstr_code speak(struct talk *talk, struct ask *ask)
{
    int64_t left = 0;
    enum mstr_code code = MSTR_OK;
    pthread_mutex_lock(&talk->mutex);
    join(talk, ask);
    while (!ask->done && (code = time_left(ask, &left)) == MSTR_OK) {
        go_on(talk, ask, left);
    }
    leave(talk, ask);
    pthread_mutex_unlock(&talk->mutex);
    return ask->done ? ask->code : tell_given_up(talk, ask, code);
}

static void disown(struct talk *talk)
{
    if (talk->program != NULL) {
        exec_program_disown(talk->program);
    }
}

/* Frees what was inherited by fork(). Its threads are not here: what one of them was about to change, by which the
 * mutex is held or the stream is being read, is left as it is. */
static void free_inherited(struct talk *talk)
{
    while (talk != NULL) {
        struct talk *next = talk->inherited;
        if (!talk->led && pthread_mutex_trylock(&talk->mutex) == 0) {
            if (talk->program != NULL) {
                process_release(&talk->program->result);
                free(talk->program);
            }
            pthread_mutex_unlock(&talk->mutex);
            talk_free(talk);
        }
        talk = next;
    }
}

/* Of this process; NULL without resources. */
static struct talk *talk_of(struct exec_lines *lines)
{
    struct talk *talk = __atomic_load_n(&lines->talk, __ATOMIC_ACQUIRE);
    if (talk->owner == getpid()) {
        return talk;
    }
    struct talk *fresh = talk_new(lines->command, lines->idle);
    if (fresh == NULL) {
        return NULL;
    }
    fresh->inherited = talk; /* another thread may be looking at it */
    if (__atomic_compare_exchange_n(&lines->talk, &talk, fresh, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        disown(talk);
        return fresh;
    }
    talk_free(fresh); /* another thread was first; talk is what it put there */
    return talk;
}

struct exec_lines *exec_lines_new(const struct exec_command *command, int64_t idle)
{
    struct exec_lines *lines = calloc(1, sizeof(*lines));
    struct talk *talk = lines != NULL ? talk_new(command, idle) : NULL;
    if (talk == NULL) {
        free(lines);
        return NULL;
    }
    *lines = (struct exec_lines){.command = command, .idle = idle, .talk = talk};
    return lines;
}

void exec_lines_free(struct exec_lines *lines)
{
    struct talk *talk = lines != NULL ? lines->talk : NULL;
    if (talk != NULL && talk->owner != getpid()) {
        disown(talk);
        free_inherited(talk);
    } else if (talk != NULL) {
        free_inherited(talk->inherited);
        if (talk->program != NULL) {
            pthread_mutex_lock(&talk->mutex);
            exec_program_end(talk->program, false);
            pthread_mutex_unlock(&talk->mutex);
            exec_program_free(talk->program);
        }
        talk_free(talk);
    }
    free(lines);
}

enum mstr_code exec_lines_ask(struct exec_lines *lines, struct mstr_request *const *requests, size_t count,
                              const struct mstr_call *call, struct json_object **answer, struct mstr_error *error)
{
    struct talk *talk = talk_of(lines);
    struct buffer line = BUFFER_INIT;
    struct ask ask = {.line = &line, .call = call, .error = error};
    int64_t timeout = host->remaining(call);
    timeout = timeout < lines->command->timeout ? timeout : lines->command->timeout;
    ask.id = __atomic_add_fetch(&lines->last_id, 1, __ATOMIC_RELAXED);
    if (talk == NULL || !exec_write_line(requests, count, ask.id, timeout, &line) || !condition_init(&ask.woken)) {
        buffer_release(&line);
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    enum mstr_code code = speak(talk, &ask);
    *answer = ask.answer;
    pthread_cond_destroy(&ask.woken);
    buffer_release(&line);
    return code;
}
