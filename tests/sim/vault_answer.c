/* SPDX-License-Identifier: Apache-2.0 */
/* Vault: envelopes and refusals, in the words of the server. */
#include "vault.h"

#include "base/json.h"
#include "base/text.h"
#include "base/timestamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct json_object *vault_envelope(const struct vault_call *call)
{
    char id[37];
    struct json_object *envelope = json_object_new_object();
    const char *type = json_member_text(call->mount, "type");
    sim_uuid(id);
    sim_put(envelope, "request_id", id);
    sim_put(envelope, "lease_id", "");
    sim_put_bool(envelope, "renewable", false);
    sim_put_int(envelope, "lease_duration", 0);
    sim_put(envelope, "data", NULL);
    sim_put(envelope, "wrap_info", NULL);
    sim_put(envelope, "warnings", NULL);
    sim_put(envelope, "auth", NULL);
    sim_put(envelope, "mount_type", type ? type : "system");
    return envelope;
}

void vault_send(struct vault_call *call, int status, struct json_object *envelope)
{
    sim_reply_json(call->reply, status, envelope);
}

void vault_send_data(struct vault_call *call, struct json_object *data)
{
    struct json_object *envelope = vault_envelope(call);
    json_object_object_add(envelope, "data", data);
    vault_send(call, 200, envelope);
}

void vault_done(struct vault_call *call)
{
    call->reply->status = 204;
}

static void send_errors(struct vault_call *call, int status, const char *text)
{
    struct json_object *body = json_object_new_object();
    struct json_object *errors = json_object_new_array();
    if (text)
        json_object_array_add(errors, json_object_new_string(text));
    json_object_object_add(body, "errors", errors);
    sim_reply_json(call->reply, status, body);
    sim_verdict(call->reply, "%s", text ? text : "nothing there");
}

void vault_refuse(struct vault_call *call, int status, const char *format, ...)
{
    struct buffer text = BUFFER_INIT;
    va_list arguments;
    va_start(arguments, format);
    buffer_vprintf(&text, format, arguments);
    va_end(arguments);
    send_errors(call, status, buffer_text(&text));
    buffer_release(&text);
}

void vault_nothing(struct vault_call *call)
{
    send_errors(call, 404, NULL);
}

void vault_unsupported(struct vault_call *call)
{
    send_errors(call, 405, "1 error occurred:\n\t* unsupported operation\n\n");
}

void vault_denied(struct vault_call *call)
{
    send_errors(call, 403, "1 error occurred:\n\t* permission denied\n\n");
}

void vault_time(int64_t milliseconds, char out[40])
{
    char text[21];
    timestamp_format_rfc3339(milliseconds, text);
    snprintf(out, 40, "%.19s.%03d000001Z", text, (int)(milliseconds % 1000));
}

int64_t vault_seconds(struct json_object *value, int64_t otherwise)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = {{'\0', 1}, {'s', 1}, {'m', 60}, {'h', 3600}};
    if (json_object_is_type(value, json_type_int))
        return json_object_get_int64(value);
    const char *text = json_text(value);
    char *end = NULL;
    const long long number = text ? strtoll(text, &end, 10) : 0;
    for (size_t i = 0; text && end != text && i < sizeof(units) / sizeof(units[0]); i++)
        if (*end == units[i].unit && (*end == '\0' || end[1] == '\0'))
            return number * units[i].seconds;
    return otherwise;
}
