/* SPDX-License-Identifier: Apache-2.0 */
/* Messages, and the store's time. */
#include "redis/service/messages.h"

#include "base/text.h"
#include "redis/wire/reply_error.h"
#include "sdk/host.h"

#include <stdlib.h>

/* After so much silence, ms, the store is asked whether it is there; after thrice as much it is not. */
enum { SILENCE = 15 * 1000 };

struct subscription {
    struct connection *connection;
    int64_t heard; /* when something came last, monotonic, ms */
    int64_t asked; /* when it was asked last */
};

/* A command of the words that the question has, without a script. */
static void begin(struct question *question, const char *command, bool repeatable)
{
    *question = (struct question){.command = {.repeatable = repeatable}};
    question_text(question, command);
}

static enum mstr_code check(const struct question *question, struct mstr_error *error)
{
    return question->wrong == NULL ? MSTR_OK
                                   : host->error_set(error, MSTR_E_USAGE, "the store is given %s", question->wrong);
}

enum mstr_code messages_publish(void *self, const struct mstr_store_key *channel, const char *message,
                                const struct mstr_call *call, struct mstr_error *error)
{
    struct redis_store *store = self;
    struct question question;
    struct resp *reply = NULL;
    begin(&question, "PUBLISH", false);
    question_channel(&question, channel->group, channel->name);
    question_text(&question, message);
    enum mstr_code code = check(&question, error);
    code = code == MSTR_OK ? exchange(&store->pool, &question.command, call, &reply, error) : code;
    resp_free(reply);
    return code;
}

enum mstr_code messages_time(void *self, int64_t *now, const struct mstr_call *call, struct mstr_error *error)
{
    struct redis_store *store = self;
    struct question question;
    struct resp *reply = NULL;
    int64_t seconds = 0;
    int64_t micro = 0;
    begin(&question, "TIME", true);
    enum mstr_code code = exchange(&store->pool, &question.command, call, &reply, error);
    if (code == MSTR_OK) {
        const char *first = resp_text(reply, 0);
        const char *second = resp_text(reply, 1);
        bool good =
            first != NULL && second != NULL && text_to_int64(first, &seconds) && text_to_int64(second, &micro);
        *now = seconds * 1000 + micro / 1000;
        code = good ? MSTR_OK : exchange_tell_senseless(error);
    }
    resp_free(reply);
    return code;
}

static struct subscription *make(struct connection *connection)
{
    struct subscription *made = calloc(1, sizeof(*made));
    if (made != NULL) {
        *made = (struct subscription){connection, host->monotonic(), host->monotonic()};
    }
    return made;
}

/* Subscribes over a new connection, which is *connection. */
static enum mstr_code join(struct redis_store *store, const struct buffer *octets, const struct mstr_call *call,
                           struct connection **connection, struct mstr_error *error)
{
    const struct wait wait = {call, INT64_MAX};
    struct resp *reply = NULL;
    enum mstr_code code = pool_take(&store->pool, NULL, true, call, connection, error);
    code = code == MSTR_OK ? connection_ask(*connection, octets, 1, &wait, &reply, error) : code;
    if (code == MSTR_OK && reply->type == RESP_ERROR) {
        code = reply_error_tell(reply, connection_hidden(*connection), error);
    } else if (code == MSTR_OK && !resp_has(reply, 3)) {
        code = exchange_tell_senseless(error);
    }
    resp_free(reply);
    return code;
}

enum mstr_code messages_subscribe(void *self, const struct mstr_store_key *channel, void **subscription,
                                  const struct mstr_call *call, struct mstr_error *error)
{
    struct question question;
    struct buffer octets = BUFFER_INIT;
    struct connection *connection = NULL;
    begin(&question, "SUBSCRIBE", true);
    question_channel(&question, channel->group, channel->name);
    *subscription = NULL;
    enum mstr_code code = check(&question, error);
    if (code == MSTR_OK) {
        code = resp_command(&octets, question.command.words, question.command.count)
                   ? join(self, &octets, call, &connection, error)
                   : host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (code == MSTR_OK && (*subscription = make(connection)) == NULL) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (code != MSTR_OK) {
        connection_close(connection);
    }
    buffer_release(&octets);
    return code;
}

/* Sees to a store that is silent. */
static enum mstr_code probe(struct subscription *subscription, const struct wait *wait, struct mstr_error *error)
{
    static const char ping[] = "*1\r\n$4\r\nPING\r\n";
    int64_t now = host->monotonic();
    if (now - subscription->heard >= (int64_t)3 * SILENCE) {
        return host->error_set(error, MSTR_E_NETWORK, "the store has fallen silent");
    }
    if (now - subscription->heard < SILENCE || now - subscription->asked < SILENCE) {
        return MSTR_OK;
    }
    subscription->asked = now;
    return connection_send(subscription->connection, ping, strlen(ping), wait, error);
}

/* ["message", CHANNEL, TEXT]; all else is an answer to a probe. */
static bool is_message(const struct resp *reply)
{
    const char *what = resp_text(reply, 0);
    return what != NULL && strcmp(what, "message") == 0 && resp_text(reply, 2) != NULL;
}

static void copy(const struct resp *reply, struct mstr_store_message *message)
{
    const struct resp *text = reply->items[2];
    size_t length = text->length < message->capacity ? text->length : message->capacity - 1;
    memcpy(message->text, text->text, length);
    message->text[length] = '\0';
}

/* What comes within a part of the time; NULL = nothing. */
static enum mstr_code listen_for(struct subscription *subscription, const struct mstr_call *call, struct resp **reply,
                                 struct mstr_error *error)
{
    const struct wait wait = {call, host->monotonic() + SILENCE};
    enum mstr_code code = probe(subscription, &wait, error);
    code = code == MSTR_OK ? connection_receive(subscription->connection, &wait, reply, error) : code;
    if (wait_is_impatient(&wait, code)) {
        *reply = NULL;
        return MSTR_OK;
    }
    if (code == MSTR_OK) {
        subscription->heard = host->monotonic();
    }
    return code;
}

enum mstr_code messages_next(void *self, void *subscription, struct mstr_store_message *message,
                             const struct mstr_call *call, struct mstr_error *error)
{
    enum mstr_code code = message->capacity > 0 ? MSTR_OK : MSTR_E_USAGE;
    (void)self;
    while (code == MSTR_OK) {
        struct resp *reply = NULL;
        code = listen_for(subscription, call, &reply, error);
        bool come = code == MSTR_OK && reply != NULL && is_message(reply);
        if (come) {
            copy(reply, message);
        }
        resp_free(reply);
        if (come) {
            break;
        }
    }
    return code;
}

void messages_unsubscribe(void *self, void *subscription)
{
    (void)self;
    if (subscription != NULL) {
        connection_close(((struct subscription *)subscription)->connection);
        free(subscription);
    }
}
