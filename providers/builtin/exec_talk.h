/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A conversation with a program that stays, as all calls of one process share it: who waits for which answer, what is
 * on its way to the program and from it, and how one of those who wait reads for all. Everything is under the mutex,
 * but for the waiting and the reading of whoever leads.
 */
#ifndef MSTR_PROVIDERS_BUILTIN_EXEC_TALK_H
#define MSTR_PROVIDERS_BUILTIN_EXEC_TALK_H

#include "builtin/exec_command.h"
#include "builtin/exec_program.h"
#include "builtin/exec_stream.h"

#include <pthread.h>

/* Answers that the program may owe; who comes later waits for a place. */
enum { TALK_OWED_MOST = 256 };

/* One call of many, on its caller's stack. */
struct ask {
    struct ask *next;
    pthread_cond_t woken;
    const struct buffer *line;
    const struct mstr_call *call;
    struct mstr_error *error; /* the caller's */
    int64_t id;
    int64_t until; /* the program's time for an answer ends, monotonic ms */
    bool sent;
    bool again; /* it went to a program that has ended; it is not put to a third one */
    bool done;
    enum mstr_code code;
    struct json_object *answer;
};

/* All that the calls of one process share. */
struct talk {
    const struct exec_command *command;
    int64_t idle;
    pid_t owner;
    struct talk *inherited;       /* the parent's, where this process came by fork() while there was one */
    pthread_mutex_t mutex;        /* of all below */
    struct exec_program *program; /* NULL = none */
    struct ask *asks;
    int64_t late[TALK_OWED_MOST]; /* ids of those who left before they were answered */
    size_t late_count;
    struct buffer out; /* lines that are on their way */
    size_t out_sent;   /* octets of it that have gone */
    bool starting;     /* somebody starts a program */
    bool led;          /* somebody reads, and has `in` for himself */
    bool heard;        /* the program's output is at its end, or nobody listens to it any more */
    bool useful;       /* the program has answered since its start */
    enum mstr_code
        fault_code; /* it had to be killed: _PLUGIN where it broke the protocol as `fault` tells, _MEMORY */
    const char *fault;
    struct exec_stream in;
    unsigned failures; /* programs that ended badly since the last answer */
    int64_t quiet_until;
    enum mstr_code why_code;
    struct mstr_error *why;
};

/* The command is borrowed to the end. NULL without resources. */
struct talk *talk_new(const struct exec_command *command, int64_t idle);
/* There is no program any more. */
void talk_free(struct talk *talk);
/* The program's name, for messages. */
const char *talk_program(const struct talk *talk);

/* Ends the wait of a call, which takes it from there. */
void ask_conclude(struct ask *ask, enum mstr_code code);
void talk_wake_all(struct talk *talk);
/* Wakes one other to lead, where nobody does, and one to ask, where there is a place. */
void talk_wake_others(struct talk *talk, const struct ask *self);

/* Whether the program takes one more question. */
bool talk_may_ask(const struct talk *talk);
/* Puts the question of a call, where that may be. */
void talk_send(struct talk *talk, struct ask *ask);
/* Reads for all until something has come, `left` ms at most, or a fraction of a second. For one call at a time, while
 * there is a program that may still be heard. */
void talk_lead(struct talk *talk, const struct ask *self, int64_t left);

#endif
