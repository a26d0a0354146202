/* SPDX-License-Identifier: Apache-2.0 */
/* Records. */
#include "redis/service/records.h"

#include "sdk/host.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

/* What a double of the store's scripts holds in full: no time is as late, in ms. */
#define FENCE_MOST ((int64_t)1 << 53)

/* FENCE ":" OCTETS. False where it is no record of ours, or too long. */
static bool read_record(const struct resp *value, struct mstr_store_get *get)
{
    char *end = NULL;
    if (value->type != RESP_TEXT || !isdigit((unsigned char)value->text[0])) {
        return false;
    }
    int64_t fence = strtoll(value->text, &end, 10);
    if (fence <= 0 || fence > FENCE_MOST || *end != ':') {
        return false;
    }
    size_t length = value->length - (size_t)(end + 1 - value->text);
    if (length > MSTR_STORE_RECORD_MAX) {
        return false;
    }
    memcpy(get->octets, end + 1, length);
    get->length = length;
    get->fence = fence;
    return true;
}

enum mstr_code records_get(void *self, struct mstr_store_get *get, const struct mstr_call *call,
                           struct mstr_error *error)
{
    struct question question;
    struct resp *reply = NULL;
    question_begin(&question, self, SCRIPT_GET, true);
    question_key(&question, get->key.group, get->key.name, "");
    enum mstr_code code = question_ask(self, &question, 3, call, &reply, error);
    if (code != MSTR_OK) {
        return code;
    }
    int64_t left = resp_number(reply, 1);
    get->outcome = MSTR_STORE_ABSENT;
    get->length = 0;
    get->fence = 0;
    get->left = left > 0 ? left : 0;
    get->now = resp_number(reply, 2);
    if (reply->items[0]->type != RESP_NIL) {
        get->outcome = MSTR_STORE_DONE;
        if (!read_record(reply->items[0], get)) {
            code = host->error_set(error, MSTR_E_PROTOCOL, "the store has no record of mstr where one should be");
            error_hint(error, code, "see that nobody else writes keys which begin with mstr:");
        }
    }
    resp_free(reply);
    return code;
}

static enum mstr_code write(struct redis_store *store, struct mstr_store_put *put, const struct buffer *record,
                            const struct mstr_call *call, struct mstr_error *error)
{
    struct question question;
    const char *group = put->key.group;
    question_begin(&question, store, SCRIPT_PUT, false);
    question_key(&question, group, put->key.name, "");
    question_key(&question, group, put->key.name, "/fence");
    question_key(&question, group, put->lease, "/lease");
    question_token(&question, put->token, put->fence);
    question_number(&question, put->fence);
    question_octets(&question, record->data, record->length);
    question_span(&question, put->keep);
    question_text(&question, (put->flags & MSTR_STORE_RELEASE) != 0 ? "release" : "");
    if (put->channel != NULL && put->message != NULL) {
        question_channel(&question, group, put->channel);
        question_text(&question, put->message);
    } else {
        question_text(&question, "");
        question_text(&question, "");
    }
    return question_outcome(store, &question, &put->outcome, call, error);
}

enum mstr_code records_put(void *self, struct mstr_store_put *put, const struct mstr_call *call,
                           struct mstr_error *error)
{
    struct buffer record = BUFFER_INIT;
    if (put->length > MSTR_STORE_RECORD_MAX || put->fence <= 0 ||
        (put->message != NULL && strlen(put->message) > MSTR_STORE_RECORD_MAX)) {
        return host->error_set(error, MSTR_E_USAGE,
                               "the store is given a record that is too long, or without a fence");
    }
    buffer_reserve(&record, put->length + 32);
    buffer_printf(&record, "%" PRId64 ":", put->fence);
    buffer_append(&record, put->octets, put->length);
    enum mstr_code code = record.failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory")
                                        : write(self, put, &record, call, error);
    buffer_release(&record);
    return code;
}

enum mstr_code records_extend(void *self, const struct mstr_store_key *key, int64_t fence, int64_t keep,
                              enum mstr_store_outcome *outcome, const struct mstr_call *call,
                              struct mstr_error *error)
{
    struct question question;
    question_begin(&question, self, SCRIPT_EXTEND, true);
    question_key(&question, key->group, key->name, "");
    question_number(&question, fence);
    question_span(&question, keep);
    return question_outcome(self, &question, outcome, call, error);
}

enum mstr_code records_remove(void *self, const struct mstr_store_key *key, int64_t fence,
                              enum mstr_store_outcome *outcome, const struct mstr_call *call,
                              struct mstr_error *error)
{
    struct question question;
    question_begin(&question, self, SCRIPT_REMOVE, false);
    question_key(&question, key->group, key->name, "");
    question_key(&question, key->group, key->name, "/fence");
    question_number(&question, fence);
    return question_outcome(self, &question, outcome, call, error);
}
