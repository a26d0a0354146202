/* SPDX-License-Identifier: Apache-2.0 */
/* Batches. */
#include "sdk/batch.h"

#include "sdk/host.h"

#include <stdlib.h>

struct batch_item *batch_at(const struct batch *batch, size_t index)
{
    return (struct batch_item *)(void *)((char *)batch->items + index * batch->kind->size);
}

bool batch_waits(const struct batch_item *item)
{
    return item->code == MSTR_OK && !item->answered;
}

const struct batch_item *batch_find(const struct batch_item *item,
                                    bool (*fits)(const struct batch_item *other, const struct batch_item *item))
{
    for (size_t i = 0; i < item->batch->count; i++) {
        const struct batch_item *other = batch_at(item->batch, i);
        if (other != item && fits(other, item)) {
            return other;
        }
    }
    return NULL;
}

bool batch_is_tokenless(const struct batch_item *other, const struct batch_item *item)
{
    (void)item;
    return other->tokenless;
}

enum mstr_code batch_fail_like(const struct batch_item *other, struct mstr_error *error)
{
    host->error_copy(error, other->error);
    return other->request->code;
}

void batch_answer(struct batch_item *item, const void *octets, size_t length, const struct mstr_meta *meta)
{
    host->set_value(item->asked, octets, length, meta);
    item->answered = true;
}

void batch_fail(const struct batch *batch, enum mstr_code code, const struct mstr_error *error)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct batch_item *item = batch_at(batch, i);
        if (batch_waits(item)) {
            item->code = code;
            host->error_copy(item->error, error);
        }
    }
}

void batch_send(const struct batch *batch, const struct request *like)
{
    struct request *requests = calloc(batch->count, sizeof(*requests));
    size_t sent = 0;
    for (size_t i = 0; i < batch->count; i++) {
        struct batch_item *item = batch_at(batch, i);
        if (requests != NULL && batch_waits(item)) {
            requests[sent] = *like;
            requests[sent].error = item->error;
            requests[sent].data = item;
            item->request = &requests[sent++];
        } else if (batch_waits(item)) {
            item->code = host->error_set(item->error, MSTR_E_MEMORY, "out of memory");
        }
    }
    request_send_many(requests, sent, batch->call);
    for (size_t i = 0; i < sent; i++) {
        struct batch_item *item = requests[i].data;
        item->code = requests[i].code;
        item->request = NULL;
    }
    free(requests);
}

/* Whether there is anything to be fetched. */
static bool read_all(const struct batch *batch, struct mstr_request *const *requests)
{
    bool some = false;
    for (size_t i = 0; i < batch->count; i++) {
        struct batch_item *item = batch_at(batch, i);
        *item = (struct batch_item){
            .batch = batch, .asked = requests[i], .reference = requests[i]->reference, .error = host->error_new()};
        item->code = batch->kind->read(item);
        some = some || item->code == MSTR_OK;
    }
    return some;
}

static void end(const struct batch *batch, struct batch_item *item)
{
    if (batch_waits(item) && batch->kind->answer != NULL) {
        batch->kind->answer(item);
    }
    if (!item->answered) {
        request_fail(item->asked, item->code, item->error);
    }
    if (batch->kind->release != NULL) {
        batch->kind->release(item);
    }
    host->error_free(item->error);
}

void batch_resolve(const struct batch_kind *kind, void *self, struct mstr_request *const *requests, size_t count,
                   const struct mstr_call *call)
{
    const struct batch batch = {
        .kind = kind, .self = self, .call = call, .items = calloc(count, kind->size), .count = count};
    if (batch.items != NULL && read_all(&batch, requests)) {
        kind->fetch(&batch);
    }
    for (size_t i = 0; i < count; i++) {
        if (batch.items != NULL) {
            end(&batch, batch_at(&batch, i));
        } else {
            host->set_error(requests[i], MSTR_E_MEMORY, "out of memory");
        }
    }
    free(batch.items);
}
