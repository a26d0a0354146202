/* SPDX-License-Identifier: Apache-2.0 */
/* The IAM Credentials API: tokens of a service account for those who may impersonate it. */
#include "gcp.h"

#include "base/json.h"
#include "base/text.h"
#include "base/timestamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIFETIME = 3600, EXTENDED_MAX = 43200, EMAIL_MAX = 255 };

static const char prefix[] = "projects/-/serviceAccounts/";

static bool may_impersonate(const char *caller, const char *email)
{
    struct json_object *account = gcp_find("service_accounts", "email", email);
    return account && sim_lists(json_member(account, "token_creators"), caller);
}

/* The caller, each delegate in turn, and the account: each must be allowed to act as the next. */
static bool chain_holds(const char *caller, struct json_object *delegates, const char *email)
{
    size_t count = json_object_is_type(delegates, json_type_array) ? json_object_array_length(delegates) : 0;
    for (size_t i = 0; i < count; i++) {
        const char *next = json_object_get_string(json_object_array_get_idx(delegates, i));
        if (next && text_starts_with(next, prefix))
            next += strlen(prefix);
        if (!next || !may_impersonate(caller, next))
            return false;
        caller = next;
    }
    return may_impersonate(caller, email);
}

/* "3600s" in seconds; -1 for what is none or too long. */
static int64_t lifetime_of(struct json_object *input, struct json_object *account)
{
    const char *text = json_member_text(input, "lifetime");
    char *end = NULL;
    long seconds = text ? strtol(text, &end, 10) : LIFETIME;
    long most = sim_flag(account, "extended_lifetime") ? EXTENDED_MAX : LIFETIME;
    return (text && strcmp(end, "s") != 0) || seconds < 1 || seconds > most ? -1 : seconds;
}

static bool join_scopes(struct json_object *list, struct buffer *scopes)
{
    size_t count = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
    for (size_t i = 0; i < count; i++)
        buffer_printf(scopes, "%s%s", i ? " " : "", json_object_get_string(json_object_array_get_idx(list, i)));
    return count > 0;
}

static void generate(struct gcp_call *call, struct json_object *input, const char *email, const char *caller)
{
    char expires[21];
    struct buffer scopes = BUFFER_INIT;
    struct json_object *account = gcp_find("service_accounts", "email", email);
    int64_t seconds = lifetime_of(input, account);
    if (sim_flag(account, "disabled") || !chain_holds(caller, json_member(input, "delegates"), email)) {
        gcp_error(call->reply, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED",
                  "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).");
    } else if (!join_scopes(json_member(input, "scope"), &scopes)) {
        gcp_error(call->reply, "INVALID_ARGUMENT", NULL, "Scope required.");
    } else if (seconds < 0) {
        gcp_error(call->reply, "INVALID_ARGUMENT", NULL, "The access token lifetime cannot exceed 3600 seconds.");
    } else {
        const struct gcp_token *token = gcp_token_issue("ya29.c.", email, buffer_text(&scopes), seconds);
        struct json_object *answer = json_object_new_object();
        timestamp_format_rfc3339(token->expires, expires);
        json_object_object_add(answer, "accessToken", json_object_new_string(token->text));
        json_object_object_add(answer, "expireTime", json_object_new_string(expires));
        sim_reply_json(call->reply, 200, answer);
    }
    buffer_release(&scopes);
}

const char *gcp_allowed_locations(const char *email)
{
    struct json_object *account = gcp_find("service_accounts", "email", email);
    const char *encoded = json_member_text(account, "allowed_locations");
    return encoded ? encoded : "0x0";
}

/* GET EMAIL/allowedLocations, for the account itself. */
static void show_locations(struct gcp_call *call, const char *email)
{
    const struct gcp_token *caller = gcp_bearer(call, "iamcredentials");
    if (!caller)
        return;
    if (strcmp(caller->principal, email) != 0) {
        gcp_error(call->reply, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED",
                  "These locations are another account's.");
        return;
    }
    struct json_object *answer = json_object_new_object();
    json_object_object_add(answer, "locations", json_object_new_array());
    json_object_object_add(answer, "encodedLocations", json_object_new_string(gcp_allowed_locations(email)));
    sim_reply_json(call->reply, 200, answer);
}

bool gcp_iam(struct gcp_call *call)
{
    char email[EMAIL_MAX + 1];
    const char *rest = sim_path_after(call->request, "/v1/projects/-/serviceAccounts/");
    const char *colon = rest ? strchr(rest, ':') : NULL;
    if (rest && text_ends_with(rest, "/allowedLocations") && sim_is(call->request, "GET")) {
        snprintf(email, sizeof(email), "%.*s", (int)strcspn(rest, "/"), rest);
        show_locations(call, email);
        return true;
    }
    if (!colon || strcmp(colon, ":generateAccessToken") != 0 || !sim_is(call->request, "POST"))
        return false;
    snprintf(email, sizeof(email), "%.*s", (int)(colon - rest), rest);
    const struct gcp_token *caller = gcp_bearer(call, "iamcredentials");
    struct json_object *input = sim_has_type(call->request, "application/json") ? sim_body_json(call->request) : NULL;
    if (caller && !json_object_is_type(input, json_type_object))
        gcp_error(call->reply, "INVALID_ARGUMENT", NULL, "Invalid JSON payload received.");
    else if (caller)
        generate(call, input, email, caller->principal);
    json_object_put(input);
    return true;
}
