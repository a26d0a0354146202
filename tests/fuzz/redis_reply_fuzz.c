/* SPDX-License-Identifier: Apache-2.0 */
/* What a store of a fleet answers, in pieces whose size the first octet says: each reply is within its limits, errors
 * have a class and lead to places that can be, and whatever is refused is told in bounded lines. */
#include "redis/wire/reply_error.h"
#include "sdk/host.h"
#include "support/fake_host.h"
#include "told.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_error(const struct resp *reply, struct mstr_error *error)
{
    static const struct endpoint from = {"node", "1"};
    struct endpoint to;
    enum mstr_code code = reply_error_tell(reply, "hunter2", error);
    check_told(code, error);
    if (strstr(host->error_message(error), "hunter2") != NULL ||
        (reply_error_place(reply, &from, &to) && (to.host[0] == '\0' || to.port[0] == '\0'))) {
        abort();
    }
}

/* As a Sentinel tells where the primary is. */
static void check_place(const struct resp *reply)
{
    struct endpoint place;
    const char *name = resp_text(reply, 0);
    const char *port = resp_text(reply, 1);
    if (name != NULL && port != NULL && endpoint_make(&place, name, strlen(name), port, strlen(port)) &&
        (place.host[0] == '\0' || place.port[0] == '\0' || strlen(place.host) > strlen(name))) {
        abort();
    }
}

static void check(const struct resp *reply, struct mstr_error *error, unsigned depth)
{
    if (depth > 9 || (reply->items != NULL && reply->length > RESP_ITEMS_MAX) ||
        (reply->text != NULL && (reply->length > RESP_TEXT_MAX || reply->text[reply->length] != '\0'))) {
        abort();
    }
    if (reply->type == RESP_ERROR) {
        check_error(reply, error);
    }
    check_place(reply);
    for (size_t i = 0; reply->items != NULL && i < reply->length; i++) {
        check(reply->items[i], error, depth + 1);
        resp_number(reply, i);
        resp_text(reply, i);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fake_host_reset();
    struct mstr_error *error = host->error_new();
    struct resp_reader *reader = resp_reader_new();
    size_t piece = size > 0 && data[0] > 0 ? data[0] : 1;
    enum mstr_code code = MSTR_OK;
    for (size_t at = 1; code == MSTR_OK && at < size; at += piece) {
        struct resp *reply = NULL;
        resp_feed(reader, (const char *)data + at, size - at < piece ? size - at : piece);
        while ((code = resp_next(reader, &reply, error)) == MSTR_OK && reply != NULL) {
            check(reply, error, 0);
            resp_free(reply);
        }
    }
    if (code != MSTR_OK) {
        check_told(code, error);
    }
    resp_reader_free(reader);
    host->error_free(error);
    return 0;
}
