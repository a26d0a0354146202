/* SPDX-License-Identifier: Apache-2.0 */
/* A conversation with a program that stays. */
#include "builtin/exec_talk.h"

#include "sdk/host.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* A cancellation is looked for this often, ms. */
enum { SLICE = 25 };

struct talk *talk_new(const struct exec_command *command, int64_t idle)
{
    struct talk *talk = calloc(1, sizeof(*talk));
    if (talk == NULL || pthread_mutex_init(&talk->mutex, NULL) != 0) {
        free(talk);
        return NULL;
    }
    talk->command = command;
    talk->idle = idle;
    talk->owner = getpid();
    talk->in.limit = command->output_limit;
    talk->why = host->error_new();
    return talk;
}

void talk_free(struct talk *talk)
{
    pthread_mutex_destroy(&talk->mutex);
    buffer_release(&talk->out);
    exec_stream_release(&talk->in);
    host->error_free(talk->why);
    free(talk);
}

const char *talk_program(const struct talk *talk)
{
    return talk->command->argv[0];
}

void talk_wake_all(struct talk *talk)
{
    for (struct ask *ask = talk->asks; ask != NULL; ask = ask->next) {
        pthread_cond_signal(&ask->woken);
    }
}

bool talk_may_ask(const struct talk *talk)
{
    const struct exec_program *program = talk->program;
    return program != NULL && !program->ending && !program->ended && !talk->heard && program->owed < TALK_OWED_MOST &&
           talk->out.length == 0;
}

void talk_wake_others(struct talk *talk, const struct ask *self)
{
    bool read = !talk->led;
    bool place = talk_may_ask(talk);
    for (struct ask *ask = talk->asks; ask != NULL && (read || place); ask = ask->next) {
        if (ask != self && !ask->done && (read || !ask->sent)) {
            pthread_cond_signal(&ask->woken);
            read = false;
            place = place && ask->sent;
        }
    }
}

void ask_conclude(struct ask *ask, enum mstr_code code)
{
    ask->done = true;
    ask->code = code;
    pthread_cond_signal(&ask->woken);
}

/* Sends what the program takes without a wait. What one takes no more of is not kept: its end will be seen. */
static void flush(struct talk *talk)
{
    while (talk->out_sent < talk->out.length) {
        ssize_t sent = send(talk->program->child.input, talk->out.data + talk->out_sent,
                            talk->out.length - talk->out_sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) {
            return;
        }
        if (sent < 0 && errno != EINTR) {
            break;
        }
        talk->out_sent += sent > 0 ? (size_t)sent : 0;
    }
    talk->out_sent = 0;
    buffer_clear(&talk->out);
}

void talk_send(struct talk *talk, struct ask *ask)
{
    if (!buffer_append(&talk->out, ask->line->data, ask->line->length)) {
        buffer_clear(&talk->out);
        ask_conclude(ask, host->error_set(ask->error, MSTR_E_MEMORY, "out of memory"));
        return;
    }
    const int64_t now = host->monotonic();
    ask->sent = true;
    ask->until = now + talk->command->timeout;
    talk->program->last = talk->program->owed++ == 0 ? now : talk->program->last;
    flush(talk);
}

/* Whether somebody who has left waited for this answer. */
static bool take_late(struct talk *talk, int64_t id)
{
    for (size_t i = 0; i < talk->late_count; i++) {
        if (talk->late[i] == id) {
            talk->late[i] = talk->late[--talk->late_count];
            return true;
        }
    }
    return false;
}

/* Without a fault memory has run out. */
static void break_off(struct talk *talk, const char *fault)
{
    talk->fault_code = fault != NULL ? MSTR_E_PLUGIN : MSTR_E_MEMORY;
    talk->fault = fault;
    talk->heard = true;
    exec_program_end(talk->program, true);
}

/* What the program said before it answered is of no use any more, and may hold the value. */
static void deliver(struct talk *talk, int64_t id, struct json_object *answer)
{
    struct ask *ask = talk->asks;
    while (ask != NULL && (ask->id != id || !ask->sent || ask->done)) {
        ask = ask->next;
    }
    if (ask == NULL && !take_late(talk, id)) {
        json_release(answer);
        break_off(talk, "has an \"id\" of no question that waits for one");
        return;
    }
    exec_program_forget(talk->program);
    talk->program->owed--;
    talk->program->last = host->monotonic();
    talk->useful = true;
    talk->failures = 0;
    if (ask == NULL) {
        json_release(answer);
        return;
    }
    ask->answer = answer;
    ask_conclude(ask, MSTR_OK);
}

/* Reads once; false at the end of it. Only he who leads. */
static bool hear(struct talk *talk, int output, bool *failed)
{
    char *room = exec_stream_room(&talk->in);
    ssize_t length = room != NULL ? read(output, room, EXEC_STREAM_PIECE) : 0;
    *failed = room == NULL;
    if (length > 0) {
        exec_stream_came(&talk->in, (size_t)length);
    }
    return length > 0 || (length < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Hands over all that has come, once what the program said is taken in. The mutex, which is not held before, is held
 * after. */
static void hand_over(struct talk *talk, bool has_said)
{
    struct json_object *answer = NULL;
    do {
        int64_t id = 0;
        bool broken = false;
        const char *fault = NULL;
        if (answer != NULL) {
            pthread_mutex_unlock(&talk->mutex);
        }
        answer = exec_stream_next(&talk->in, &id, &broken, &fault);
        pthread_mutex_lock(&talk->mutex);
        if (has_said) {
            exec_program_listen(talk->program);
        }
        if (answer != NULL) {
            deliver(talk, id, answer);
        } else if (broken) {
            break_off(talk, fault);
        }
    } while (answer != NULL && !talk->heard);
}

void talk_lead(struct talk *talk, const struct ask *self, int64_t left)
{
    struct exec_program *program = talk->program;
    const bool ended = program->ended;
    struct pollfd waited[] = {{program->child.output, POLLIN, 0},
                              {talk->out.length > 0 ? program->child.input : -1, POLLOUT, 0},
                              {program->child.errors, POLLIN, 0}};
    bool failed = false;
    bool more = true;
    talk->led = true;
    pthread_mutex_unlock(&talk->mutex);
    poll(waited, 3, ended ? 0 : left < SLICE ? (int)left : SLICE);
    if (waited[0].revents != 0) {
        more = hear(talk, waited[0].fd, &failed);
    }
    hand_over(talk, waited[2].revents != 0);
    flush(talk);
    if (failed) {
        break_off(talk, NULL);
    } else if (!more || (ended && waited[0].revents == 0)) {
        talk->heard = true; /* where it only closed its output, it is of no use either */
        exec_program_end(program, false);
    }
    talk->led = false;
    talk_wake_others(talk, self);
}
