/* SPDX-License-Identifier: Apache-2.0 */
/* The credentials of a login to values. */
#include "resolve/credentials.h"

#include "resolve/credential.h"

#include <stdlib.h>
#include <string.h>

/* The templates of those wants that have references. */
static enum mstr_code parse_wants(const struct credential_want *wants, size_t count, struct template **templates,
                                  mstr_error *error)
{
    for (size_t i = 0; i < count; i++) {
        const mstr_credential *credential = wants[i].credential;
        enum mstr_code code = MSTR_OK;
        if (credential != NULL && credential->origin == CREDENTIAL_REFERENCE) {
            code = template_of_reference(credential->text, &templates[i], error);
        } else if (credential != NULL && credential->origin == CREDENTIAL_TEMPLATE) {
            code = template_parse(credential->text, &templates[i], error);
        }
        if (code != MSTR_OK) {
            error_prefix(error, "%s: ", mstr_credential_kind_name(wants[i].kind));
            return code;
        }
    }
    return MSTR_OK;
}

enum mstr_code credentials_check_value(enum mstr_credential_kind kind, const char *octets, size_t length,
                                       mstr_error *error)
{
    const char *name = mstr_credential_kind_name(kind);
    if (length == 0) {
        return error_set(error, MSTR_E_CONFIG, "%s resolved to an empty value", name);
    }
    if (kind != MSTR_CREDENTIAL_PERSISTENCE_KEY && strlen(octets) != length) {
        return error_set(error, MSTR_E_CONFIG, "%s resolved to a value with NUL octets", name);
    }
    return MSTR_OK;
}

static enum mstr_code ask_callback(struct credential_want *want, mstr_error *error)
{
    const mstr_credential *credential = want->credential;
    enum mstr_code code = credential->callback(&want->value, error, credential->data);
    if (code == MSTR_OK && want->value == NULL) {
        code = error_set(error, MSTR_E_CONFIG, "its callback succeeded without giving a value");
    } else if (code != MSTR_OK && mstr_error_code(error) != code) {
        error_set(error, code, "its callback failed: %s", mstr_code_text(code));
    }
    return code;
}

static bool has_references(const struct template *template)
{
    for (size_t i = 0; i < template->count; i++) {
        if (template->pieces[i].alternative_count > 0) {
            return true;
        }
    }
    return false;
}

/* Gives each want its value; the first failure wins. */
static enum mstr_code collect(struct credential_want *wants, size_t count, struct evaluation *evaluations,
                              mstr_error *error)
{
    for (size_t i = 0; i < count; i++) {
        struct credential_want *want = &wants[i];
        enum mstr_code code = evaluations[i].code;
        if (want->credential == NULL) {
            continue;
        }
        if (want->credential->origin == CREDENTIAL_LITERAL) {
            want->value = mstr_secret_retain(want->credential->literal);
        } else if (want->credential->origin == CREDENTIAL_CALLBACK) {
            code = ask_callback(want, error);
        } else if (code == MSTR_OK) {
            want->value = mstr_secret_retain(evaluations[i].value);
            want->from_cache = evaluations[i].from_cache;
            want->referenced = has_references(evaluations[i].template);
        } else {
            error_copy(error, evaluations[i].error);
        }
        if (code != MSTR_OK) {
            error_prefix(error, "%s: ", mstr_credential_kind_name(want->kind));
            return code;
        }
        code = credentials_check_value(want->kind, mstr_secret_octets(want->value), mstr_secret_length(want->value),
                                       error);
        if (code != MSTR_OK) {
            return code;
        }
    }
    return MSTR_OK;
}

enum mstr_code credentials_resolve(const struct resolver *resolver, struct credential_want *wants, size_t count,
                                   bool refresh, const struct limits *limits, mstr_error *error)
{
    struct template *templates[MSTR_CREDENTIAL_KINDS] = {NULL};
    struct evaluation evaluations[MSTR_CREDENTIAL_KINDS] = {{NULL, NULL, MSTR_OK, NULL, false}};
    if (count > MSTR_CREDENTIAL_KINDS) {
        return error_set(error, MSTR_E_USAGE, "more credentials than there are kinds");
    }
    for (size_t i = 0; i < count; i++) {
        wants[i].value = NULL;
        wants[i].from_cache = wants[i].referenced = false;
    }
    enum mstr_code code = parse_wants(wants, count, templates, error);
    if (code == MSTR_OK) {
        for (size_t i = 0; i < count; i++) {
            evaluations[i] = (struct evaluation){.template = templates[i], .error = mstr_error_new()};
        }
        resolver_evaluate(resolver, evaluations, count, refresh, limits);
        code = collect(wants, count, evaluations, error);
    }
    for (size_t i = 0; i < count; i++) {
        if (code != MSTR_OK) {
            mstr_secret_release(wants[i].value);
            wants[i].value = NULL;
        }
        mstr_secret_release(evaluations[i].value);
        mstr_error_free(evaluations[i].error);
        template_free(templates[i]);
    }
    return code;
}
