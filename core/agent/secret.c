/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v1/secret: one value as its octets, for curl and the like. */
#include "base/buffer.h"
#include "base/clock.h"
#include "base/json_scan.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "base/uri.h"
#include "resolving.h"
#include "routes.h"

#include <inttypes.h>
#include <stdio.h>

/* The query of a request, decoded. */
struct wish_for {
    struct buffer reference;
    struct buffer field;
    bool whole;
    bool refresh;
};

static bool is_word(const struct buffer *value, bool *flag)
{
    const char *text = buffer_text(value);
    *flag = strcmp(text, "1") == 0 || strcmp(text, "true") == 0;
    return *flag || strcmp(text, "0") == 0 || strcmp(text, "false") == 0;
}

/* One name=value; what is wrong with it, or NULL. */
static const char *read_part(struct wish_for *wish, const char *at, size_t length)
{
    struct buffer value = BUFFER_INIT;
    const char *equals = memchr(at, '=', length);
    size_t name = equals != NULL ? (size_t)(equals - at) : length;
    const char *fault = "the query has a part that is none of reference, field, whole and refresh";
    if (equals == NULL || !uri_decode(&value, equals + 1, length - name - 1)) {
        fault = "the query is not name=value, with escapes that are right";
    } else if (name == strlen("reference") && memcmp(at, "reference", name) == 0) {
        fault = wish->reference.length > 0 ? "the query names two references" : NULL;
        buffer_append(&wish->reference, buffer_text(&value), value.length);
    } else if (name == strlen("field") && memcmp(at, "field", name) == 0) {
        fault = wish->field.length > 0 ? "the query names two fields" : NULL;
        buffer_append(&wish->field, buffer_text(&value), value.length);
    } else if (name == strlen("whole") && memcmp(at, "whole", name) == 0) {
        fault = is_word(&value, &wish->whole) ? NULL : "\"whole\" is neither 1 nor 0";
    } else if (name == strlen("refresh") && memcmp(at, "refresh", name) == 0) {
        fault = is_word(&value, &wish->refresh) ? NULL : "\"refresh\" is neither 1 nor 0";
    }
    buffer_release(&value);
    return fault;
}

/* What is wrong with the query, or NULL. */
static const char *read_query(struct wish_for *wish, const char *target)
{
    const char *at = target + strcspn(target, "?");
    const char *fault = NULL;
    for (at += *at == '?'; fault == NULL && *at != '\0';) {
        size_t length = strcspn(at, "&");
        fault = read_part(wish, at, length);
        at += length + (at[length] == '&');
    }
    if (fault == NULL && wish->reference.length == 0) {
        fault = "the query names no reference";
    }
    if (fault == NULL && wish->field.length > 0 && strchr(buffer_text(&wish->reference), '#') != NULL) {
        fault = "the field is told twice";
    }
    if (fault == NULL && wish->field.length > 0) {
        buffer_printf(&wish->reference, "#%s", buffer_text(&wish->field));
    }
    return fault;
}

/* Set where the whole was asked for, or a field: else an object is no answer to anything. */
static bool may_be_object(const struct request *request)
{
    struct wish_for wish = {0};
    bool may = read_query(&wish, request->target) == NULL &&
               (wish.whole || strchr(buffer_text(&wish.reference), '#') != NULL);
    buffer_release(&wish.reference);
    buffer_release(&wish.field);
    return may;
}

static bool is_object(const mstr_secret *secret)
{
    struct json_span span;
    return json_scan_check(mstr_secret_octets(secret), mstr_secret_length(secret), &span) && *span.at == '{';
}

static void give(const mstr_secret *secret, struct reply *reply)
{
    char number[32];
    char expires[21];
    int64_t age = (clock_now() - mstr_secret_fetched(secret)) / 1000;
    reply->status = 200;
    reply->type = "application/octet-stream";
    buffer_append(&reply->body, mstr_secret_octets(secret), mstr_secret_length(secret));
    snprintf(number, sizeof(number), "%" PRId64, age > 0 ? age : 0);
    reply_header(reply, "Age", number);
    reply_header(reply, "X-Mstr-Source", mstr_secret_source(secret));
    if (mstr_secret_version(secret) != NULL) {
        reply_header(reply, "X-Mstr-Version", mstr_secret_version(secret));
    }
    if (mstr_secret_expires(secret) != 0) {
        timestamp_format_rfc3339(mstr_secret_expires(secret), expires);
        reply_header(reply, "X-Mstr-Expires", expires);
    }
}

static void compose(const struct resolving *resolving, struct request *request)
{
    struct resolved resolved = resolving_at(resolving, 0);
    if (resolved.secret == NULL) {
        reply_error(&request->reply, resolved.error);
    } else if (is_object(resolved.secret) && !may_be_object(request)) {
        reply_problem(&request->reply, 400, "field-missing",
                      "the value is a JSON object: name a field, or ask for all of it with whole=1");
    } else {
        give(resolved.secret, &request->reply);
    }
}

static bool answer(struct agent *agent, struct request *request)
{
    struct wish_for wish = {0};
    struct resolving *resolving = NULL;
    const char *fault = read_query(&wish, request->target);
    if (fault != NULL) {
        reply_problem(&request->reply, 400, "usage", "%s", fault);
    } else if ((resolving = resolving_new(agent, request, 1, compose)) == NULL) {
        reply_busy(&request->reply, 503, 1, "out of memory");
    } else {
        resolving_add(resolving, buffer_text(&wish.reference), wish.refresh);
    }
    buffer_release(&wish.reference);
    buffer_release(&wish.field);
    return resolving == NULL || resolving_settle(resolving);
}

const struct route route_secret = {.method = "GET",
                                   .path = "/v1/secret",
                                   .answer = answer,
                                   .dispatch = resolving_dispatch,
                                   .release = resolving_release,
                                   .give_up = resolving_give_up};
