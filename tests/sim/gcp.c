/* SPDX-License-Identifier: Apache-2.0 */
/* Google Cloud: which API a request is for, and how its APIs refuse. */
#include "gcp.h"
#include "services.h"

#include "base/json.h"

#include <stdio.h>
#include <string.h>

static struct json_object *seed;

static bool (*const by_path[])(struct gcp_call *call) = {gcp_metadata, gcp_oauth, gcp_sts, gcp_iam, gcp_secrets};

struct json_object *gcp_seed(const char *name)
{
    return json_member(seed, name);
}

struct json_object *gcp_find(const char *list, const char *member, const char *value)
{
    return sim_find(gcp_seed(list), member, value);
}

/* google/rpc/code.proto with the HTTP status of each. */
static int http_status(const char *status)
{
    static const struct {
        const char *status;
        int http;
    } known[] = {{"INVALID_ARGUMENT", 400},
                 {"FAILED_PRECONDITION", 400},
                 {"UNAUTHENTICATED", 401},
                 {"PERMISSION_DENIED", 403},
                 {"NOT_FOUND", 404}};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (!strcmp(known[i].status, status))
            return known[i].http;
    return 500;
}

static void add_error_info(struct json_object *error, const char *reason)
{
    const bool of_iam = !strcmp(reason, "IAM_PERMISSION_DENIED");
    struct json_object *info = json_object_new_object();
    struct json_object *metadata = json_object_new_object();
    struct json_object *details = json_object_new_array();
    json_object_object_add(metadata, "service", json_object_new_string("secretmanager.googleapis.com"));
    json_object_object_add(info, "@type", json_object_new_string("type.googleapis.com/google.rpc.ErrorInfo"));
    json_object_object_add(info, "reason", json_object_new_string(reason));
    json_object_object_add(info, "domain", json_object_new_string(of_iam ? "iam.googleapis.com" : "googleapis.com"));
    json_object_object_add(info, "metadata", metadata);
    json_object_array_add(details, info);
    json_object_object_add(error, "details", details);
}

void gcp_error(struct sim_reply *reply, const char *status, const char *reason, const char *format, ...)
{
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    struct json_object *body = json_object_new_object();
    struct json_object *error = json_object_new_object();
    json_object_object_add(error, "code", json_object_new_int(http_status(status)));
    json_object_object_add(error, "message", json_object_new_string(message));
    json_object_object_add(error, "status", json_object_new_string(status));
    if (reason)
        add_error_info(error, reason);
    json_object_object_add(body, "error", error);
    sim_reply_json(reply, http_status(status), body);
    sim_verdict(reply, "%s: %s", reason ? reason : status, message);
}

void gcp_oauth_error(struct sim_reply *reply, int status, const char *error, const char *description)
{
    struct json_object *body = json_object_new_object();
    json_object_object_add(body, "error", json_object_new_string(error));
    json_object_object_add(body, "error_description", json_object_new_string(description));
    sim_reply_json(reply, status, body);
    sim_verdict(reply, "%s: %s", error, description);
}

static void handle(const struct sim_request *request, struct sim_reply *reply)
{
    struct gcp_call call = {request, reply};
    for (size_t i = 0; i < sizeof(by_path) / sizeof(by_path[0]); i++)
        if (by_path[i](&call))
            return;
    sim_reply_text(reply, 404, "text/html; charset=UTF-8",
                   "<!DOCTYPE html>\n<html lang=en>\n<title>Error 404 (Not Found)!!1</title>\n"
                   "<p><b>404.</b> <ins>That's an error.</ins>\n");
    sim_verdict(reply, "no API of the simulator has this path");
}

static bool load(struct json_object *section, struct buffer *why)
{
    if (section && !json_object_is_type(section, json_type_object)) {
        buffer_puts(why, "gcp is no object");
        return false;
    }
    seed = section;
    gcp_keys_load();
    gcp_tokens_unload();
    gcp_metadata_load();
    return true;
}

static void admin(const char *verb, struct json_object *arguments, struct sim_reply *reply)
{
    if (!strcmp(verb, "secrets"))
        gcp_secrets_admin(arguments, reply);
    else if (!strcmp(verb, "keys"))
        gcp_keys_admin(arguments, reply);
}

static void unload(void)
{
    gcp_keys_unload();
    gcp_tokens_unload();
    seed = NULL;
}

const struct sim_service sim_gcp = {"gcp", "", load, handle, admin, NULL, unload};
