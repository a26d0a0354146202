/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store, and what it is asked: a script with its keys and arguments, each of which is looked at, put together in
 * place.
 */
#ifndef MSTR_PROVIDERS_REDIS_SERVICE_QUESTION_H
#define MSTR_PROVIDERS_REDIS_SERVICE_QUESTION_H

#include "redis/service/exchange.h"

/* Its settings, its connections, and what it has its servers do. What the module's calls get as `self`. */
struct redis_store {
    struct settings settings;
    struct pool pool;
    struct scripts scripts;
};

enum { QUESTION_TEXTS_MAX = 8, QUESTION_TEXT = 160, MEMBER_MAX = 64 };

struct question {
    struct command command;
    char texts[QUESTION_TEXTS_MAX][QUESTION_TEXT];
    size_t used;
    const char *wrong; /* what cannot be asked; NULL = all is well */
};

/* For a script that is as good twice as once, or not. */
void question_begin(struct question *question, const struct redis_store *store, enum script_id id, bool repeatable);
/* Keys come first. `kind` follows the name: "", "/lease", "/fence", "/members". */
void question_key(struct question *question, const char *group, const char *name, const char *kind);
/* A channel as argument. */
void question_channel(struct question *question, const char *group, const char *name);
/* Borrowed until the answer is there. */
void question_octets(struct question *question, const void *octets, size_t length);
void question_text(struct question *question, const char *text);
void question_number(struct question *question, int64_t number);
/* A time in ms, which must be above 0. */
void question_span(struct question *question, int64_t milliseconds);
/* A lease's token, with its fence behind unless that is 0. */
void question_token(struct question *question, const char *token, int64_t fence);

/* A script's reply, an array of at least `items`. */
enum mstr_code question_ask(struct redis_store *store, const struct question *question, size_t items,
                            const struct mstr_call *call, struct resp **reply, struct mstr_error *error);
/* The reply of a script that gives an outcome alone. */
enum mstr_code question_outcome(struct redis_store *store, const struct question *question,
                                enum mstr_store_outcome *outcome, const struct mstr_call *call,
                                struct mstr_error *error);
/* False where the number is none of an outcome. */
bool question_read_outcome(int64_t number, enum mstr_store_outcome *outcome);

#endif
