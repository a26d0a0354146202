/* SPDX-License-Identifier: Apache-2.0 */
/* RESP2: commands and replies. */
#include "redis/wire/resp.h"

#include "sdk/host.h"

#include <hiredis/read.h>
#include <stdlib.h>

/* What of its peculiarities we mend: hiredis 0.14 reserves what an array announces, lets a text be of any length, and
 * does not look at the line end behind it. A refusal by one of the functions below looks like a want of memory to
 * it. */
struct resp_reader {
    redisReader *reader;
    size_t pending;      /* octets since the last whole reply */
    const char *refused; /* why one of the functions gave nothing */
    bool failed;         /* memory ran out */
};

static const enum resp_type types[] = {
    [REDIS_REPLY_STRING] = RESP_TEXT, [REDIS_REPLY_ARRAY] = RESP_ARRAY,   [REDIS_REPLY_INTEGER] = RESP_INTEGER,
    [REDIS_REPLY_NIL] = RESP_NIL,     [REDIS_REPLY_STATUS] = RESP_STATUS, [REDIS_REPLY_ERROR] = RESP_ERROR,
};

static struct resp_reader *reader_of(const redisReadTask *task)
{
    return task->privdata;
}

/* Hangs a new one into its array. */
static struct resp *make(const redisReadTask *task)
{
    struct resp *made = calloc(1, sizeof(*made));
    if (made == NULL) {
        reader_of(task)->failed = true;
        return NULL;
    }
    made->type = types[task->type];
    if (task->parent != NULL) {
        struct resp *parent = task->parent->obj;
        parent->items[task->idx] = made;
    }
    return made;
}

static void *refuse(const redisReadTask *task, const char *why)
{
    reader_of(task)->refused = why;
    return NULL;
}

static void *make_text(const redisReadTask *task, char *text, size_t length)
{
    if (length > RESP_TEXT_MAX) {
        return refuse(task, "a text over 256 KiB");
    }
    if (memcmp(text + length, "\r\n", 2) != 0) {
        return refuse(task, "a text without its end");
    }
    char *copy = malloc(length + 1);
    struct resp *made = copy != NULL ? make(task) : NULL;
    if (made == NULL) {
        reader_of(task)->failed = true;
        free(copy);
        return NULL;
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    made->text = copy;
    made->length = length;
    return made;
}

static void *make_array(const redisReadTask *task, int elements)
{
    if (elements > RESP_ITEMS_MAX) {
        return refuse(task, "an array of more than 1,024 items");
    }
    struct resp **items = calloc((size_t)elements + 1, sizeof(struct resp *));
    struct resp *made = items != NULL ? make(task) : NULL;
    if (made == NULL) {
        reader_of(task)->failed = true;
        free(items);
        return NULL;
    }
    made->items = items;
    made->length = (size_t)elements;
    return made;
}

static void *make_integer(const redisReadTask *task, long long number)
{
    struct resp *made = make(task);
    if (made != NULL) {
        made->number = number;
    }
    return made;
}

static void *make_nil(const redisReadTask *task)
{
    struct resp *made = make(task);
    if (made != NULL) { /* whose task has the type of what is not there */
        made->type = RESP_NIL;
    }
    return made;
}

static void free_object(void *object)
{
    resp_free(object);
}

/* Arrays hold arrays at most 8 deep: hiredis refuses more. */
void resp_free(struct resp *reply)
{
    if (reply != NULL) {
        for (size_t i = 0; reply->items != NULL && i < reply->length; i++) {
            resp_free(reply->items[i]);
        }
        free(reply->items);
        free(reply->text);
        free(reply);
    }
}

struct resp_reader *resp_reader_new(void)
{
    static redisReplyObjectFunctions functions = {make_text, make_array, make_integer, make_nil, free_object};
    struct resp_reader *reader = calloc(1, sizeof(*reader));
    if (reader != NULL) {
        reader->reader = redisReaderCreateWithFunctions(&functions);
    }
    if (reader != NULL && reader->reader == NULL) {
        free(reader);
        return NULL;
    }
    if (reader != NULL) {
        reader->reader->privdata = reader;
    }
    return reader;
}

void resp_reader_free(struct resp_reader *reader)
{
    if (reader != NULL) {
        redisReaderFree(reader->reader);
        free(reader);
    }
}

void resp_feed(struct resp_reader *reader, const char *octets, size_t length)
{
    reader->pending += length;
    if (redisReaderFeed(reader->reader, octets, length) != REDIS_OK) {
        reader->failed = true;
    }
}

static enum mstr_code tell(const struct resp_reader *reader, struct mstr_error *error)
{
    if (reader->refused != NULL) {
        return host->error_set(error, MSTR_E_PROTOCOL, "the store's reply is %s", reader->refused);
    }
    if (reader->failed) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    host->error_set(error, MSTR_E_PROTOCOL, "what answers there does not speak the store's protocol");
    return error_hint(error, MSTR_E_PROTOCOL, "see that host and port of \"url\" are those of Redis or Valkey");
}

enum mstr_code resp_next(struct resp_reader *reader, struct resp **reply, struct mstr_error *error)
{
    void *made = NULL;
    *reply = NULL;
    if (reader->failed || redisReaderGetReply(reader->reader, &made) != REDIS_OK) {
        return tell(reader, error);
    }
    if (made == NULL && reader->pending > RESP_REPLY_MAX) {
        reader->refused = "longer than 1 MiB";
        return tell(reader, error);
    }
    if (made != NULL) {
        reader->pending = 0;
    }
    *reply = made;
    return MSTR_OK;
}

bool resp_is_empty(const struct resp_reader *reader)
{
    return reader->reader->pos == reader->reader->len;
}

bool resp_has(const struct resp *reply, size_t count)
{
    return reply->type == RESP_ARRAY && reply->length >= count;
}

int64_t resp_number(const struct resp *array, size_t index)
{
    return resp_has(array, index + 1) && array->items[index]->type == RESP_INTEGER ? array->items[index]->number : -1;
}

const char *resp_text(const struct resp *array, size_t index)
{
    return resp_has(array, index + 1) ? array->items[index]->text : NULL;
}

struct word word_of(const char *text)
{
    return (struct word){text, strlen(text)};
}

bool resp_command(struct buffer *out, const struct word *words, size_t count)
{
    buffer_printf(out, "*%zu\r\n", count);
    for (size_t i = 0; i < count; i++) {
        buffer_printf(out, "$%zu\r\n", words[i].length);
        buffer_append(out, words[i].octets, words[i].length);
        buffer_puts(out, "\r\n");
    }
    return !out->failed;
}
