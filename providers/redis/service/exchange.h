/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One command and its reply: on which connection, what is sent again and when, and where servers of a cluster send
 * us. What may have been done is never sent twice, unless doing it twice comes to the same.
 */
#ifndef MSTR_PROVIDERS_REDIS_SERVICE_EXCHANGE_H
#define MSTR_PROVIDERS_REDIS_SERVICE_EXCHANGE_H

#include "redis/service/pool.h"
#include "redis/service/scripts.h"

enum { COMMAND_WORDS_MAX = 16 };

struct command {
    const struct script *script; /* NULL = the words are the whole command */
    struct word words[COMMAND_WORDS_MAX];
    size_t count;
    size_t keys;     /* of a script: so many words come first */
    bool repeatable; /* twice is as good as once */
};

/* The reply, which is no error, to be freed with resp_free(). */
enum mstr_code exchange(struct pool *pool, const struct command *command, const struct mstr_call *call,
                        struct resp **reply, struct mstr_error *error);
/* That a reply makes no sense. */
enum mstr_code exchange_tell_senseless(struct mstr_error *error);

#endif
