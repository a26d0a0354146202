/* SPDX-License-Identifier: Apache-2.0 */
/* Vault: answers that are kept behind a token which opens them once. */
#include "vault.h"

#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct wrapping {
    struct wrapping *next;
    char token[64];
    char path[VAULT_TEXT_MAX];
    char *answer;
    int64_t created;
    int64_t seconds;
    bool used;
} * wrappings;

void vault_wrapping_unload(void)
{
    while (wrappings) {
        struct wrapping *next = wrappings->next;
        free(wrappings->answer);
        free(wrappings);
        wrappings = next;
    }
}

static struct wrapping *keep(struct vault_call *call, int64_t seconds)
{
    struct wrapping *wrapping = calloc(1, sizeof(*wrapping));
    if (!wrapping)
        abort();
    snprintf(wrapping->token, sizeof(wrapping->token), "hvs.");
    sim_random_text(wrapping->token + 4, 40, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    snprintf(wrapping->path, sizeof(wrapping->path), "%s", call->path);
    wrapping->answer = text_copy(buffer_text(&call->reply->body));
    wrapping->created = sim_now();
    wrapping->seconds = seconds;
    wrapping->next = wrappings;
    wrappings = wrapping;
    return wrapping;
}

void vault_wrap(struct vault_call *call)
{
    const char *header = sim_header(call->request, "X-Vault-Wrap-TTL");
    struct json_object *asked = header ? json_object_new_string(header) : NULL;
    const int64_t seconds = vault_seconds(asked, 0);
    json_object_put(asked);
    if (seconds <= 0 || call->reply->status != 200)
        return;
    char time[40];
    const struct wrapping *wrapping = keep(call, seconds);
    struct json_object *envelope = vault_envelope(call);
    struct json_object *info = json_object_new_object();
    vault_time(wrapping->created, time);
    sim_put(info, "token", wrapping->token);
    sim_put(info, "accessor", "");
    sim_put_int(info, "ttl", seconds);
    sim_put(info, "creation_time", time);
    sim_put(info, "creation_path", wrapping->path);
    json_object_object_add(envelope, "wrap_info", info);
    vault_send(call, 200, envelope);
}

/* The one in the body or, without a body, in the place of the client's own token. */
static struct wrapping *find_wrapping(struct vault_call *call, bool *by_other)
{
    const char *own = sim_header(call->request, "X-Vault-Token");
    const char *token = vault_input(call, "token");
    struct wrapping *wrapping = wrappings;
    *by_other = token && (!own || strcmp(own, token) != 0);
    if (!token)
        token = own;
    while (wrapping && (!token || strcmp(wrapping->token, token) != 0 || wrapping->used ||
                        wrapping->created + wrapping->seconds * 1000 <= sim_now()))
        wrapping = wrapping->next;
    return wrapping;
}

static void look_up(struct vault_call *call, const struct wrapping *wrapping)
{
    char time[40];
    struct json_object *data = json_object_new_object();
    vault_time(wrapping->created, time);
    sim_put(data, "creation_path", wrapping->path);
    sim_put(data, "creation_time", time);
    sim_put_int(data, "creation_ttl", wrapping->seconds);
    vault_send_data(call, data);
}

/* A wrapping token is presented as the client's own, or in the body by a client who has another one. */
void vault_wrapping(struct vault_call *call, const char *what)
{
    bool by_other = false;
    struct wrapping *wrapping = find_wrapping(call, &by_other);
    if (!strcmp(what, "unwrap") && by_other && !(call->token = vault_token_of(call)))
        return;
    if (!wrapping) {
        vault_refuse(call, 400, "wrapping token is not valid or does not exist");
    } else if (!strcmp(what, "lookup")) {
        look_up(call, wrapping);
    } else {
        sim_count("vault", "unwraps");
        wrapping->used = true;
        sim_reply_text(call->reply, 200, "application/json", wrapping->answer);
    }
}
