/* SPDX-License-Identifier: Apache-2.0 */
/* One command and its reply. */
#include "redis/service/exchange.h"

#include "redis/wire/reply_error.h"
#include "sdk/host.h"

#include <stdio.h>

/* Redirects are followed so often, and what passes is asked again so often, after pauses that double, ms. */
enum { REDIRECTS_MAX = 5, AGAIN_MAX = 3, PAUSE = 20 };

/* What the tries of a command know of each other. */
struct tries {
    struct pool *pool;
    const struct command *command;
    const struct mstr_call *call;
    struct mstr_error *error;
    struct endpoint place; /* where a server sent us */
    bool placed;
    bool asking;      /* for this try alone */
    bool whole;       /* the script's text is sent */
    bool anew;        /* no resting connection is taken */
    bool reconnected; /* once */
    unsigned redirects;
    unsigned again;
};

static bool format(const struct tries *tries, struct buffer *out)
{
    static const struct word asking[] = {{"ASKING", 6}};
    const struct command *command = tries->command;
    struct word words[COMMAND_WORDS_MAX + 3];
    char keys[8];
    size_t count = 0;
    if (tries->asking) {
        resp_command(out, asking, 1);
    }
    if (command->script != NULL) {
        snprintf(keys, sizeof(keys), "%u", (unsigned)command->keys);
        words[count++] = word_of(tries->whole ? "EVAL" : "EVALSHA");
        words[count++] = word_of(tries->whole ? command->script->text : command->script->hash);
        words[count++] = word_of(keys);
    }
    for (size_t i = 0; i < command->count; i++) {
        words[count++] = command->words[i];
    }
    return resp_command(out, words, count);
}

/* Whether there is another try, after a pause with jitter, within the deadline. */
static bool pause_before_another(struct tries *tries)
{
    uint16_t chance = 0;
    int64_t pause = (int64_t)PAUSE << tries->again;
    if (tries->again++ == AGAIN_MAX || host->random(&chance, sizeof(chance)) != 0) {
        return false;
    }
    return host->sleep(tries->call, pause / 2 + chance % pause) == MSTR_OK;
}

/* Whether there is another try after a failure that was no reply. */
static bool survives(struct tries *tries, enum mstr_code code, const struct connection *connection, bool rested)
{
    if (code != MSTR_E_NETWORK) {
        return false;
    }
    if (connection == NULL) { /* nothing was sent */
        return pause_before_another(tries);
    }
    if (rested && tries->command->repeatable && !tries->reconnected) { /* it had ended while it rested */
        tries->anew = tries->reconnected = true;
        return true;
    }
    return false;
}

static bool follow(struct tries *tries, const struct resp *reply, const struct connection *connection, bool asking)
{
    struct endpoint to;
    if (tries->redirects++ == REDIRECTS_MAX || !reply_error_place(reply, &connection->endpoint, &to)) {
        return false;
    }
    tries->place = to;
    tries->placed = true;
    tries->asking = asking;
    return true;
}

/* Whether there is another try after the store's refusal. */
static bool recovers(struct tries *tries, const struct resp *reply, struct connection *connection)
{
    const struct reply_kind *kind = reply_error_kind(reply);
    connection->spent |= kind->spent;
    tries->asking = false;
    switch (kind->action) {
    case REPLY_LOAD:
        tries->whole = !tries->whole && tries->command->script != NULL;
        return tries->whole;
    case REPLY_AGAIN:
        return pause_before_another(tries);
    case REPLY_ELSEWHERE:
        pool_forget(tries->pool);
        tries->placed = false;
        return !tries->reconnected && (tries->reconnected = true);
    case REPLY_MOVED:
    case REPLY_ASK:
        return follow(tries, reply, connection, kind->action == REPLY_ASK);
    default:
        return false;
    }
}

/* Sends it once. *more: it is to be tried again. */
static enum mstr_code try_once(struct tries *tries, struct resp **reply, bool *more)
{
    struct buffer octets = BUFFER_INIT;
    struct connection *connection = NULL;
    const struct wait wait = {tries->call, INT64_MAX};
    enum mstr_code code = format(tries, &octets) ? MSTR_OK : MSTR_E_MEMORY;
    if (code == MSTR_OK) {
        code = pool_take(tries->pool, tries->placed ? &tries->place : NULL, tries->anew, tries->call, &connection,
                         tries->error);
    } else {
        host->error_set(tries->error, code, "out of memory");
    }
    tries->anew = false;
    bool rested = connection != NULL && connection->used;
    if (code == MSTR_OK) {
        code = connection_ask(connection, &octets, tries->asking ? 2 : 1, &wait, reply, tries->error);
    }
    if (code != MSTR_OK) {
        *more = survives(tries, code, connection, rested);
    } else if ((*reply)->type == RESP_ERROR) {
        code = reply_error_tell(*reply, connection_hidden(connection), tries->error);
        *more = recovers(tries, *reply, connection);
    }
    pool_give(tries->pool, connection);
    buffer_release(&octets);
    return code;
}

enum mstr_code exchange(struct pool *pool, const struct command *command, const struct mstr_call *call,
                        struct resp **reply, struct mstr_error *error)
{
    struct tries tries = {.pool = pool, .command = command, .call = call, .error = error};
    enum mstr_code code = MSTR_OK;
    bool more = true;
    *reply = NULL;
    while (more) {
        more = false;
        resp_free(*reply);
        *reply = NULL;
        code = try_once(&tries, reply, &more);
    }
    if (code != MSTR_OK) {
        resp_free(*reply);
        *reply = NULL;
    }
    return code;
}

enum mstr_code exchange_tell_senseless(struct mstr_error *error)
{
    return host->error_set(error, MSTR_E_PROTOCOL, "the store's reply makes no sense");
}
