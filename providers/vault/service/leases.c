/* Leases that end with the instance. */
#include "vault/service/leases.h"

#include "base/json.h"
#include "base/text.h"
#include "sdk/host.h"

#include <stdlib.h>

enum { LEASES_MOST = 1000 };

struct noted_lease {
    struct noted_lease *next;
    char *namespace; /* NULL = none */
    char *id;
};

bool vault_leases_init(struct vault_leases *leases)
{
    leases->newest = NULL;
    leases->count = 0;
    return pthread_mutex_init(&leases->mutex, NULL) == 0;
}

static void release(struct noted_lease *lease)
{
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

void vault_leases_note(struct vault_leases *leases, const char *namespace, const char *id)
{
    struct noted_lease *lease = calloc(1, sizeof(*lease));
    bool noted = false;
    if (lease != NULL) {
        lease->namespace = text_copy(namespace);
        lease->id = text_copy(id);
        pthread_mutex_lock(&leases->mutex);
        noted = lease->id != NULL && leases->count < LEASES_MOST; /* others end by themselves */
        if (noted) {
            lease->next = leases->newest;
            leases->newest = lease;
            leases->count++;
        }
        pthread_mutex_unlock(&leases->mutex);
    }
    if (lease != NULL && !noted) {
        release(lease);
    }
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

void vault_leases_revoke(struct vault_leases *leases, struct vault_tokens *tokens, const struct mstr_call *call)
{
    struct vault_token *token = NULL;
    struct mstr_error *why = host->error_new();
    enum mstr_code code = leases->newest != NULL ? vault_tokens_get(tokens, call, &token, why) : MSTR_E_NOT_FOUND;
    for (const struct noted_lease *lease = leases->newest; lease != NULL && code == MSTR_OK; lease = lease->next) {
        code = revoke(lease, token, tokens->settings, call, why);
    }
    if (leases->newest != NULL && code != MSTR_OK) {
        host->log(tokens->settings->instance, MSTR_LEVEL_WARN, "leases were not ended: %s", host->error_message(why));
    }
    host->error_free(why);
    vault_token_release(token);
}
