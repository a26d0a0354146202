/* SPDX-License-Identifier: Apache-2.0 */
/* What a text that comes from elsewhere may have resolved: which of its schemes there are, and which of its
 * references somebody allowed. */
#include "base/text.h"
#include "base/trusted_file.h"
#include "context/agent_policy.h"
#include "context/context.h"

#include <stdlib.h>
#include <string.h>

bool context_names_provider(mstr_context *context, const char *text)
{
    struct instance *instance = NULL;
    size_t length = strcspn(text, ":");
    if (text[length] != ':' || !reference_is_scheme(text, length)) {
        return false;
    }
    char *scheme = text_copy_length(text, length); /* if memory lacks for it, so it will for whoever resolves it */
    bool known = scheme == NULL || registry_find(context_registry(context), scheme, &instance, NULL) != MSTR_E_CONFIG;
    free(scheme);
    return known;
}

int mstr_context_knows(mstr_context *context, const char *text)
{
    return text != NULL && context_names_provider(context, text);
}

/* A text of the caller's is no secret, and needs nobody's leave. */
static enum mstr_code check_one(mstr_context *context, const struct policy *policy, const struct reference *reference,
                                mstr_error *error)
{
    struct agent_reference *asked = NULL;
    if (strcmp(reference->parts.scheme, "text") == 0) {
        return MSTR_OK;
    }
    enum mstr_code code = agent_reference_read(context, reference->key, &asked, error);
    if (code == MSTR_OK && !policy_allows(policy, asked)) {
        code = error_set(error, MSTR_E_DENIED, "no pattern allows it");
        error_set_reference(error, reference->key);
    }
    agent_reference_free(asked);
    return code;
}

static enum mstr_code check_all(mstr_context *context, const struct policy *policy, const struct template *template,
                                mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    for (size_t i = 0; i < template->count; i++) {
        const struct template_piece *piece = &template->pieces[i];
        for (size_t k = 0; code == MSTR_OK && k < piece->alternative_count; k++) {
            code = check_one(context, policy, piece->alternatives[k], error);
        }
    }
    return code;
}

enum mstr_code mstr_context_allows(mstr_context *context, const char *allow, const char *text, mstr_error *error)
{
    struct buffer problem = BUFFER_INIT;
    struct template *template = NULL;
    struct policy *policy = policy_new(allow, NULL, &problem);
    enum mstr_code code = MSTR_OK;
    if (policy == NULL) {
        code = problem.length > 0 ? error_set(error, MSTR_E_CONFIG, "%s", buffer_text(&problem))
                                  : error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    code = code == MSTR_OK ? template_of_value(text, &template, error) : code;
    code = code == MSTR_OK ? check_all(context, policy, template, error) : code;
    template_free(template);
    policy_free(policy);
    buffer_release(&problem);
    return code;
}

enum mstr_code mstr_trusted_open(const char *path, int *descriptor, mstr_error *error)
{
    struct trusted_file file;
    enum trusted_verdict verdict = trusted_file_open(path, TRUSTED_CONFIGURATION, &file);
    enum mstr_code code = MSTR_OK;
    *descriptor = -1;
    if (verdict == TRUSTED_GOOD) {
        *descriptor = file.fd;
        file.fd = -1;
    } else {
        code = trusted_file_class(&file, verdict == TRUSTED_REFUSED ? MSTR_E_DENIED : MSTR_E_NOT_FOUND);
        error_set(error, code, "%s", buffer_text(&file.problem));
        error_set_hint(error, "%s", buffer_text(&file.remedy));
    }
    trusted_file_close(&file);
    return code;
}
