/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/resolve: the values of references, in their order. */
#include "base/base64.h"
#include "base/json.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "order.h"
#include "resolving.h"
#include "routes.h"

#include <inttypes.h>

enum { BODY_MAX = 1024 * 1024 };

static void put_value(struct buffer *out, const mstr_secret *secret)
{
    const char *octets = mstr_secret_octets(secret);
    size_t length = mstr_secret_length(secret);
    if (memchr(octets, '\0', length) == NULL && text_is_utf8(octets, length)) {
        buffer_puts(out, "{\"value\":");
        json_put_string(out, octets, length);
    } else {
        buffer_puts(out, "{\"value_base64\":\"");
        base64_encode(out, octets, length);
        buffer_putc(out, '"');
    }
}

static void put_success(struct buffer *out, const struct resolved *resolved)
{
    const mstr_secret *secret = resolved->secret;
    int64_t expires = mstr_secret_expires(secret);
    const char *source = mstr_secret_source(secret);
    put_value(out, secret);
    json_put_member(out, "version", mstr_secret_version(secret));
    if (expires != 0) {
        char text[21];
        timestamp_format_rfc3339(expires, text);
        json_put_member(out, "expires", text);
    }
    buffer_printf(out, ",\"fresh_for\":%" PRId64 ",\"fetched\":%" PRId64, resolved->fresh_for,
                  mstr_secret_fetched(secret));
    json_put_member(out, "source", source);
    json_put_member(out, "content_type", context_agent_content_type(secret));
    json_put_member(out, "null_hint", context_agent_null_hint(secret));
    buffer_printf(out, ",\"stale\":%s}", strcmp(source, "stale") == 0 ? "true" : "false");
}

static void compose(const struct resolving *resolving, struct request *request)
{
    resolving_put_results(resolving, request, put_success);
}

/* Whether all that is compared may be asked about: a comparison tells how it is set. False with the reply filled
 * in. */
static bool may_compare(struct request *request, const struct order *order)
{
    const struct policy *policy = request->generation->settings.policy;
    bool may = true;
    if (order->profiles != NULL) {
        json_object_object_foreach(order->profiles, name, theirs)
        {
            (void)theirs;
            may = may && policy_allows_profile(policy, name);
        }
    }
    if (!may) {
        reply_problem(&request->reply, 403, "denied", "the agent's policy does not allow this profile");
    }
    return may;
}

/* False with the reply filled in: the caller would get other values by itself, or it cannot be said. */
static bool is_meant(struct agent *agent, struct request *request, bool profile, const char *name,
                     struct json_object *theirs)
{
    struct buffer setting = BUFFER_INIT;
    mstr_error *error = mstr_error_new();
    enum mstr_code code =
        context_agent_compare(request->generation->context, profile, name, agent->key, theirs, &setting, error);
    bool same = code == MSTR_OK && setting.length == 0 && !setting.failed;
    if (code != MSTR_OK) {
        reply_error(&request->reply, error);
    } else if (!same) {
        reply_difference(&request->reply, profile ? "profile" : "scheme", name, buffer_text(&setting));
    }
    buffer_release(&setting);
    mstr_error_free(error);
    return same;
}

static bool are_meant(struct agent *agent, struct request *request, bool profiles, struct json_object *fingerprints)
{
    bool same = true;
    if (fingerprints != NULL) {
        json_object_object_foreach(fingerprints, name, theirs)
        {
            same = same && is_meant(agent, request, profiles, name, theirs);
        }
    }
    return same;
}

/* What is known of the session of a profile, for who would else log in to find out. */
static void tell_session(struct agent *agent, struct request *request, struct json_object *profiles)
{
    if (profiles != NULL && json_object_object_length(profiles) == 1) {
        json_object_object_foreach(profiles, name, theirs)
        {
            const char *state = sessions_state(agent->sessions, request->generation, name);
            (void)theirs;
            if (state != NULL) {
                reply_header(&request->reply, "X-Mstr-Session", state);
            }
        }
    }
}

static bool answer(struct agent *agent, struct request *request)
{
    struct order order;
    struct resolving *resolving = NULL;
    bool good = order_read(request, request->generation->settings.references, &order);
    if (good && order.references == NULL) {
        reply_problem(&request->reply, 400, "usage", "\"references\" is missing");
        good = false;
    }
    good = good && may_compare(request, &order) && are_meant(agent, request, false, order.fingerprints) &&
           are_meant(agent, request, true, order.profiles);
    if (good) {
        tell_session(agent, request, order.profiles);
        resolving = resolving_of_order(agent, request, &order, order.refresh, compose);
    }
    order_release(&order);
    return resolving == NULL || resolving_settle(resolving);
}

const struct route route_resolve = {.method = "POST",
                                    .path = "/v1/resolve",
                                    .body = BODY_MAX,
                                    .answer = answer,
                                    .dispatch = resolving_dispatch,
                                    .release = resolving_release,
                                    .give_up = resolving_give_up};
