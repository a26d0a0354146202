/* SPDX-License-Identifier: Apache-2.0 */
/* The metadata server as an identity. */
#include "gcp/identity/metadata.h"

#include "base/uri.h"
#include "gcp/wire/metadata_client.h"
#include "gcp/wire/oauth.h"
#include "gcp/wire/residency.h"
#include "sdk/attempt.h"

#include <string.h>

enum mstr_code metadata_find(const struct mstr_instance *instance, const struct mstr_call *call,
                             struct gcp_identity **out, struct mstr_error *error)
{
    enum mstr_code code = residency_check(call, error);
    return code == MSTR_OK ? gcp_identity_new(instance, &metadata_identity, "metadata server", NULL, out, error)
                           : code;
}

static enum mstr_code refusal(const struct mstr_http_answer *answer, struct mstr_error *error)
{
    static const struct {
        int status;
        enum mstr_code code;
        const char *hint;
    } known[] = {
        {404, MSTR_E_NOT_AVAILABLE, "attach a service account to this machine, or annotate the Kubernetes one"},
        {403, MSTR_E_DENIED, "the metadata server refuses tokens here: check the scopes and workload identity"},
    };
    enum mstr_code code = attempt_class(answer->status, MSTR_E_PROTOCOL);
    const char *hint = NULL;
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (known[i].status == answer->status) {
            code = known[i].code;
            hint = known[i].hint;
        }
    }
    return error_hint(error,
                      host->error_set(error, code, "the metadata server answered %d to the request for a token",
                                      (int)answer->status),
                      hint);
}

/* Where an operator wants another universe, the machine must be of it: its tokens are worth nothing elsewhere. */
static enum mstr_code check_universe(const struct gcp_identity *identity, const struct mstr_call *call,
                                     struct mstr_error *error)
{
    struct buffer name = BUFFER_INIT;
    if (strcmp(identity->universe, UNIVERSE_DEFAULT) == 0) {
        return MSTR_OK;
    }
    enum mstr_code code = metadata_text(identity->instance, call, "universe/universe-domain", &name, error);
    if (code == MSTR_E_NOT_FOUND) {
        buffer_puts(&name, UNIVERSE_DEFAULT);
        code = MSTR_OK;
    }
    if (code == MSTR_OK && strcmp(buffer_text(&name), identity->universe) != 0) {
        code =
            host->error_set(error, MSTR_E_CONFIG, "this machine is of the universe %.100s, but %.100s is asked for",
                            buffer_text(&name), identity->universe);
    }
    buffer_release(&name);
    return code;
}

static enum mstr_code fetch(struct gcp_identity *identity, const struct mstr_call *call, struct token *token,
                            struct mstr_error *error)
{
    struct buffer path = BUFFER_INIT;
    struct mstr_http_response *response = NULL;
    enum mstr_code code = check_universe(identity, call, error);
    buffer_puts(&path, "instance/service-accounts/default/token?scopes=");
    if (!uri_encode(&path, SCOPE_CLOUD_PLATFORM, strlen(SCOPE_CLOUD_PLATFORM))) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (code == MSTR_OK) {
        code = metadata_get(identity->instance, call, buffer_text(&path), &response, error);
    }
    if (code == MSTR_OK) {
        const struct mstr_http_answer *answer = host->http_answer(response);
        code = answer->status == 200 ? oauth_read_token(answer, "the metadata server", token, error)
                                     : refusal(answer, error);
    }
    host->http_free(response);
    buffer_release(&path);
    return code;
}

const struct gcp_identity_kind metadata_identity = {"metadata server", NULL, fetch, NULL};
