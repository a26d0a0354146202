/* SPDX-License-Identifier: Apache-2.0 */
/* Subject tokens that the program itself gives, by the callback that it set. */
#include "gcp/identity/subject.h"

enum { TOKEN_MAX = 64 * 1024 };

/* Hosts before ABI 1.2 have no such service. */
static enum mstr_code check(const struct gcp_identity *identity, struct json_object *source, struct mstr_error *error)
{
    (void)source;
    return MSTR_HAS(host, struct mstr_host, subject_token)
               ? MSTR_OK
               : host->error_set(error, MSTR_E_CONFIG, "%s: needs the object \"credential_source\"",
                                 identity->source);
}

static enum mstr_code fetch(const struct gcp_identity *identity, struct json_object *source,
                            const struct mstr_call *call, struct subject *subject, struct mstr_error *error)
{
    char *token = host->secret_alloc(TOKEN_MAX);
    (void)source;
    if (token == NULL) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    enum mstr_code code =
        host->subject_token(call, json_member_text(identity->config, "audience"),
                            json_member_text(identity->config, "subject_token_type"), token, TOKEN_MAX, error);
    if (code == MSTR_OK && !buffer_puts(&subject->token, token)) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (code == MSTR_E_NOT_AVAILABLE) {
        host->error_detail(error, MSTR_DETAIL_HINT,
                           "add a credential_source to the credential file, or give the token in the program by "
                           "mstr_context_set_subject_token()");
    }
    host->secret_free(token);
    return code;
}

const struct subject_source subject_program = {NULL, check, fetch};
