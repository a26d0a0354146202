/* SPDX-License-Identifier: Apache-2.0 */
/* One identity, and its proof. */
#include "kubernetes/identity/identity.h"

#include "base/text.h"
#include "sdk/host.h"

#include <stdlib.h>
#include <string.h>

static struct identity *identity_of(struct renewable *renewable)
{
    return (struct identity *)(void *)((char *)renewable - offsetof(struct identity, proof));
}

static void free_identity(struct kept *kept)
{
    struct identity *identity = (struct identity *)(void *)kept;
    renewable_destroy(&identity->proof);
    for (size_t i = 0; i < identity->impersonation_count; i++) {
        free((char *)(uintptr_t)identity->impersonation[i].name);
        free((char *)(uintptr_t)identity->impersonation[i].value);
    }
    free(identity->impersonation);
    cluster_release(&identity->cluster);
    kubeconfig_release(&identity->config);
    free(identity->token_file);
    free(identity->source);
    free(identity);
}

static enum mstr_code fetch(struct renewable *renewable, const struct mstr_call *call, struct kept **out,
                            struct mstr_error *error)
{
    struct identity *identity = identity_of(renewable);
    struct proof *proof = proof_new();
    enum mstr_code code = proof != NULL ? identity->kind->prove(identity, call, proof, error)
                                        : host->error_set(error, MSTR_E_MEMORY, "out of memory");
    if (code != MSTR_OK) {
        kept_release((struct kept *)(void *)proof);
        return code;
    }
    *out = &proof->kept;
    return MSTR_OK;
}

struct identity *identity_new(const struct mstr_instance *instance, const char *source)
{
    static const struct renewable_kind kind = {.name = "an identity of Kubernetes",
                                               .goes_on = "the identity could not be renewed, the old one goes on",
                                               .fetch = fetch};
    struct identity *identity = calloc(1, sizeof(*identity));
    if (identity == NULL || !renewable_init(&identity->proof, &kind, instance)) {
        free(identity);
        return NULL;
    }
    kept_init(&identity->kept, free_identity);
    identity->instance = instance;
    identity->source = text_copy(source);
    if (identity->source == NULL) {
        identity_release(identity);
        return NULL;
    }
    return identity;
}

void identity_release(struct identity *identity)
{
    kept_release((struct kept *)(void *)identity);
}

enum mstr_code identity_prove(struct identity *identity, const struct mstr_call *call, struct proof **out,
                              struct mstr_error *error)
{
    struct kept *kept = NULL;
    enum mstr_code code = renewable_get(&identity->proof, call, &kept, error);
    *out = (struct proof *)(void *)kept;
    return code;
}

enum mstr_code identity_prove_anew(struct identity *identity, const struct mstr_call *call,
                                   const struct proof *refused, struct proof **out, struct mstr_error *error)
{
    renewable_drop(&identity->proof, &refused->kept);
    enum mstr_code code = identity_prove(identity, call, out, error);
    if (code == MSTR_OK && proof_is_same(*out, refused)) {
        kept_release(&(*out)->kept);
        *out = NULL;
        code = MSTR_E_AUTHENTICATION;
    }
    return code;
}

/* A token whose claims tell its subject is known by that, so that its renewal is the same identity. */
void identity_whose(const struct identity *identity, const struct proof *proof, char digest[IDENTITY_SIZE])
{
    static const char bearer[] = "Bearer ";
    const char *authorization = buffer_text(&proof->authorization);
    char token[IDENTITY_SIZE];
    const char *texts[3 + 2 * IMPERSONATION_MAX] = {identity->cluster.server, authorization,
                                                    buffer_text(&proof->certificate)};
    size_t count = 3;
    if (text_starts_with(authorization, bearer)) {
        identity_digest_of_token(authorization + strlen(bearer), token);
        texts[1] = token;
    }
    for (size_t i = 0; i < identity->impersonation_count; i++) {
        texts[count++] = identity->impersonation[i].name;
        texts[count++] = identity->impersonation[i].value;
    }
    identity_digest_of(texts, count, digest);
}
