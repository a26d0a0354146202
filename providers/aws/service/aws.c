/* SPDX-License-Identifier: Apache-2.0 */
/* Calls with the keys of an instance. */
#include "aws/service/aws.h"

#include "aws/wire/service_error.h"
#include "base/parallel.h"
#include "base/text.h"
#include "sdk/host.h"

#include <string.h>

#define ARN_OCTETS "-/_+=.@!:"

enum { TOGETHER_MAX = 20 };

enum mstr_code aws_read(struct batch_item *item)
{
    struct asked *asked = (struct asked *)(void *)item;
    const struct secret_service *service = ((struct aws *)item->batch->self)->service;
    enum mstr_code code = wanted_read(&service->kind, item->reference, &asked->wanted, item->error);
    asked->alone = asked->wanted.version != NULL || asked->wanted.stage != NULL ||
                   !text_is_made_of(asked->wanted.id, arn_is(asked->wanted.id) ? ARN_OCTETS : service->id_octets);
    return code;
}

static bool same_region(const struct inquiry *inquiry, const struct asked *a, const struct asked *b)
{
    const char *one = a->wanted.region != NULL ? a->wanted.region : inquiry->config->region;
    const char *other = b->wanted.region != NULL ? b->wanted.region : inquiry->config->region;
    return one == NULL || other == NULL ? one == other : strcmp(one, other) == 0;
}

/* Those that one call can ask for at once, together with the first. */
static size_t gather(const struct inquiry *inquiry, struct asked *first, const struct asked *end,
                     struct asked *group[TOGETHER_MAX])
{
    size_t size = 0;
    for (struct asked *asked = first; asked < end && size < inquiry->aws->service->together; asked++) {
        if (!first->alone && !asked->alone && batch_waits(&asked->item) && same_region(inquiry, first, asked)) {
            group[size++] = asked;
        }
    }
    for (size_t i = 0; i < size; i++) {
        group[i]->alone = true;
    }
    return size;
}

struct rest {
    const struct inquiry *inquiry;
    struct asked *asked;
};

static void fetch_rest(void *data, size_t index)
{
    const struct rest *rest = data;
    if (batch_waits(&rest->asked[index].item)) {
        rest->inquiry->aws->service->fetch_one(rest->inquiry, &rest->asked[index]);
    }
}

static void fetch_all(const struct inquiry *inquiry, struct asked *all, size_t count)
{
    const struct secret_service *service = inquiry->aws->service;
    struct rest rest = {inquiry, all};
    for (struct asked *first = all; first < all + count; first++) {
        struct asked *group[TOGETHER_MAX];
        size_t size = gather(inquiry, first, all + count, group);
        if (size > 1) {
            service->fetch_several(inquiry, group, size);
        }
    }
    parallel_run(count, service->side_by_side, fetch_rest, &rest);
}

void aws_fetch(const struct batch *batch)
{
    struct aws *aws = batch->self;
    struct configuration config;
    const struct inquiry inquiry = {.aws = aws, .config = &config, .call = batch->call};
    struct mstr_error *error = host->error_new();
    enum mstr_code code = configuration_load(batch->call, &aws->settings, &config, error);
    if (code == MSTR_OK) {
        fetch_all(&inquiry, batch->items, batch->count);
    } else {
        batch_fail(batch, code, error);
    }
    configuration_release(&config);
    host->error_free(error);
}

/* A call for several that is not allowed or not known is followed by one for each, which then tells its own failure;
 * the log has why. */
void aws_fail_several(const struct inquiry *inquiry, struct asked *const *asked, size_t count, enum mstr_code code,
                      const struct mstr_error *error)
{
    const char *hint = host->error_text(error, MSTR_DETAIL_HINT);
    bool singly = code != MSTR_E_UNAVAILABLE && service_error_is(error, OF_SEVERAL);
    if (singly) {
        host->log(inquiry->aws->settings.instance, MSTR_LEVEL_INFO, "asking for %zu secrets one by one: %s%s%s",
                  count, host->error_message(error), hint != NULL ? "; " : "", hint != NULL ? hint : "");
    }
    for (size_t i = 0; i < count && !singly; i++) {
        if (batch_waits(&asked[i]->item)) {
            asked[i]->item.code = code;
            host->error_copy(asked[i]->item.error, error);
        }
    }
}

static enum mstr_code tell_no_region(struct mstr_error *error)
{
    host->error_set(error, MSTR_E_CONFIG, "no AWS region is configured");
    host->error_detail(error, MSTR_DETAIL_HINT, "set region in the provider's section or profile, or AWS_REGION");
    return MSTR_E_CONFIG;
}

/* Where nobody says it, the region is that of the identity. */
static enum mstr_code send_signed(const struct inquiry *inquiry, struct aws_call call, struct aws_keys *keys,
                                  struct mstr_http_response **response, struct mstr_error *error)
{
    call.region = call.region != NULL ? call.region : inquiry->config->region;
    call.region = call.region != NULL ? call.region : keys->region;
    enum mstr_code code = call.region == NULL ? tell_no_region(error) : endpoint_check_region(call.region, error);
    return code == MSTR_OK ? aws_send(&call, keys, inquiry->call, response, error) : code;
}

/* Keys that have expired on the way are renewed once. */
static enum mstr_code send(const struct inquiry *inquiry, const struct aws_call *call, char identity[IDENTITY_SIZE],
                           struct mstr_http_response **response, struct mstr_error *error)
{
    struct renewable_keys *renewable = &inquiry->aws->keys;
    enum mstr_code code = MSTR_OK;
    bool again = true;
    for (int attempt = 0; again; attempt++) {
        struct aws_keys *keys = NULL;
        code = renewable_keys_get(renewable, call->region, inquiry->call, &keys, error);
        if (code == MSTR_OK) {
            identity_digest(aws_keys_proof(keys), identity);
            code = send_signed(inquiry, *call, keys, response, error);
        }
        again = attempt == 0 && code == MSTR_E_AUTHENTICATION && keys != NULL && service_error_is(error, OF_OLD_KEYS);
        if (again) {
            renewable_keys_forget(renewable, keys);
        }
        aws_keys_release(keys);
    }
    return code;
}

enum mstr_code aws_ask(const struct inquiry *inquiry, const char *action, const char *region,
                       const struct buffer *body, struct aws_answer *answer, struct mstr_error *error)
{
    struct aws *aws = inquiry->aws;
    const struct aws_call call = {.config = inquiry->config,
                                  .retry_policy = &aws->keys.retry_policy,
                                  .service = &aws->service->service,
                                  .endpoint = aws->settings.endpoint,
                                  .region = region,
                                  .action = action,
                                  .prefix = aws->service->prefix,
                                  .body = buffer_text(body),
                                  .body_length = body->length,
                                  .decrypts = true};
    struct mstr_http_response *response = NULL;
    enum mstr_code code = body->failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory")
                                       : send(inquiry, &call, answer->identity, &response, error);
    answer->body = code == MSTR_OK ? service_answer(response, action, error) : NULL;
    host->http_free(response);
    return code == MSTR_OK && answer->body == NULL ? host->error_code(error) : code;
}

void aws_refuse_another(struct asked *asked, const char *action, const char *named)
{
    struct mstr_error *error = asked->item.error;
    asked->item.code = error_hint(
        error, host->error_set(error, MSTR_E_PROTOCOL, "%s answered with another secret, \"%.200s\"", action, named),
        "check endpoint, and what stands between");
}
