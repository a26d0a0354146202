/* SPDX-License-Identifier: Apache-2.0 */
/* What a store is asked. */
#include "redis/service/question.h"

#include "base/text.h"
#include "sdk/host.h"

#include <inttypes.h>
#include <stdio.h>

/* Of both parts of a key, and of a token (mstr/store.h). */
enum { NAME_MAX_LENGTH = 64, TOKEN_LENGTH = 32 };

void question_begin(struct question *question, const struct redis_store *store, enum script_id id, bool repeatable)
{
    question->command = (struct command){.script = &store->scripts.list[id], .repeatable = repeatable};
    question->used = 0;
    question->wrong = NULL;
}

void question_octets(struct question *question, const void *octets, size_t length)
{
    struct command *command = &question->command;
    command->words[command->count++] = (struct word){octets, length};
}

void question_text(struct question *question, const char *text)
{
    question_octets(question, text, strlen(text));
}

MSTR_PRINTF(2, 3)
static void put(struct question *question, const char *format, ...)
{
    va_list arguments;
    char *text = question->texts[question->used++];
    va_start(arguments, format);
    vsnprintf(text, QUESTION_TEXT, format, arguments);
    va_end(arguments);
    question_text(question, text);
}

static bool is_name(const char *text)
{
    return text != NULL && text[0] != '\0' && strlen(text) <= NAME_MAX_LENGTH && text_is_made_of(text, "-_.:");
}

static void put_name(struct question *question, const char *group, const char *name, const char *kind)
{
    if (!is_name(group) || !is_name(name)) {
        question->wrong = "a key that has other octets than mstr/store.h allows, or too many";
        question_text(question, "");
        return;
    }
    put(question, "mstr:{%s}:%s%s", group, name, kind);
}

void question_key(struct question *question, const char *group, const char *name, const char *kind)
{
    put_name(question, group, name, kind);
    question->command.keys++;
}

void question_channel(struct question *question, const char *group, const char *name)
{
    put_name(question, group, name, "");
}

void question_number(struct question *question, int64_t number)
{
    put(question, "%" PRId64, number);
}

void question_span(struct question *question, int64_t milliseconds)
{
    if (milliseconds <= 0) {
        question->wrong = "a time that is not above 0";
    }
    question_number(question, milliseconds);
}

void question_token(struct question *question, const char *token, int64_t fence)
{
    if (token == NULL || strlen(token) != TOKEN_LENGTH || !text_is_made_of(token, "")) {
        question->wrong = "a token that is not of 32 hex digits";
        question_text(question, "");
    } else if (fence != 0) {
        put(question, "%s:%" PRId64, token, fence);
    } else {
        question_text(question, token);
    }
}

static enum mstr_code submit(struct redis_store *store, const struct question *question, const struct mstr_call *call,
                             struct resp **reply, struct mstr_error *error)
{
    *reply = NULL;
    if (question->wrong != NULL) {
        return host->error_set(error, MSTR_E_USAGE, "the store is given %s", question->wrong);
    }
    return exchange(&store->pool, &question->command, call, reply, error);
}

enum mstr_code question_ask(struct redis_store *store, const struct question *question, size_t items,
                            const struct mstr_call *call, struct resp **reply, struct mstr_error *error)
{
    enum mstr_code code = submit(store, question, call, reply, error);
    if (code == MSTR_OK && !resp_has(*reply, items)) {
        resp_free(*reply);
        *reply = NULL;
        return exchange_tell_senseless(error);
    }
    return code;
}

bool question_read_outcome(int64_t number, enum mstr_store_outcome *outcome)
{
    *outcome = (enum mstr_store_outcome)number;
    return number >= MSTR_STORE_DONE && number <= MSTR_STORE_LOST;
}

enum mstr_code question_outcome(struct redis_store *store, const struct question *question,
                                enum mstr_store_outcome *outcome, const struct mstr_call *call,
                                struct mstr_error *error)
{
    struct resp *reply = NULL;
    enum mstr_code code = submit(store, question, call, &reply, error);
    if (code == MSTR_OK && (reply->type != RESP_INTEGER || !question_read_outcome(reply->number, outcome))) {
        code = exchange_tell_senseless(error);
    }
    resp_free(reply);
    return code;
}
