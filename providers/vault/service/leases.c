/* SPDX-License-Identifier: Apache-2.0 */
/* Leases that end with the instance. */
#include "vault/service/leases.h"

#include "base/json.h"
#include "base/text.h"
#include "sdk/host.h"

#include <stdlib.h>

enum { LEASES_MOST = 256 };

struct noted_lease {
    struct noted_lease *next;
    char *namespace; /* NULL = none */
    char *id;
    int64_t expires; /* ms since 1970; 0 = not known */
};

bool vault_leases_init(struct vault_leases *leases)
{
    leases->newest = NULL;
    return pthread_mutex_init(&leases->mutex, NULL) == 0;
}

static void release(struct noted_lease *lease)
{
    if (lease == NULL) {
        return;
    }
    free(lease->namespace);
    free(lease->id);
    free(lease);
}

void vault_leases_destroy(struct vault_leases *leases)
{
    while (leases->newest != NULL) {
        struct noted_lease *lease = leases->newest;
        leases->newest = lease->next;
        release(lease);
    }
    pthread_mutex_destroy(&leases->mutex);
}

/* With the mutex held: lets go of those that have ended by themselves, and of the oldest where there are too many. */
static void thin_out(struct vault_leases *leases)
{
    size_t count = 0;
    int64_t now = host->now();
    for (struct noted_lease **at = &leases->newest; *at != NULL;) {
        struct noted_lease *lease = *at;
        if (count == LEASES_MOST || (lease->expires != 0 && lease->expires <= now)) {
            *at = lease->next;
            release(lease);
        } else {
            at = &lease->next;
            count++;
        }
    }
}

void vault_leases_note(struct vault_leases *leases, const char *namespace, const char *id, int64_t expires)
{
    struct noted_lease *lease = calloc(1, sizeof(*lease));
    if (lease == NULL || (lease->id = text_copy(id)) == NULL ||
        (namespace != NULL && (lease->namespace = text_copy(namespace)) == NULL)) {
        release(lease);
        return; /* it ends by itself */
    }
    lease->expires = expires;
    pthread_mutex_lock(&leases->mutex);
    lease->next = leases->newest;
    leases->newest = lease;
    thin_out(leases);
    pthread_mutex_unlock(&leases->mutex);
}

static enum mstr_code revoke(const struct noted_lease *lease, const struct vault_token *token,
                             const struct vault_settings *settings, const struct mstr_call *call,
                             struct mstr_error *error)
{
    struct vault_answer answer;
    struct buffer body = BUFFER_INIT;
    json_put_member(&body, "lease_id", lease->id);
    buffer_putc(&body, '}');
    struct vault_message message = {.settings = settings,
                                    .method = "PUT",
                                    .namespace = lease->namespace,
                                    .token = token->text,
                                    .body = buffer_text(&body),
                                    .asked = {.what = "ending a lease"}};
    vault_message_add(&message, "sys/leases/revoke");
    enum mstr_code code = vault_message_send(&message, call, &answer, NULL, error);
    vault_answer_release(&answer);
    vault_message_release(&message);
    buffer_release(&body);
    return code;
}

/* One that cannot be ended keeps none of the others. */
void vault_leases_revoke(struct vault_leases *leases, struct vault_tokens *tokens, const struct mstr_call *call)
{
    struct vault_token *token = NULL;
    struct mstr_error *why = host->error_new();
    thin_out(leases);
    bool failed = leases->newest != NULL && vault_tokens_get(tokens, call, &token, why) != MSTR_OK;
    for (const struct noted_lease *lease = leases->newest; lease != NULL && token != NULL; lease = lease->next) {
        failed |= revoke(lease, token, tokens->settings, call, failed ? NULL : why) != MSTR_OK;
    }
    if (failed) {
        host->log(tokens->settings->instance, MSTR_LEVEL_WARN, "leases were not ended: %s", host->error_message(why));
    }
    host->error_free(why);
    vault_token_release(token);
}
