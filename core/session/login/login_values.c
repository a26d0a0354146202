/* SPDX-License-Identifier: Apache-2.0 */
/* The mode of a login, and the values that it needs. */
#include "session/login/login_values.h"

#include "base/error.h"
#include "config/base_url.h"
#include "secret/secret.h"

#include <stdlib.h>
#include <string.h>

/* Where the login is missing because all is, or because the profile is another one. */
static void hint_at_profile(const mstr_session *session, mstr_error *error)
{
    const struct config *config = context_config(session->context);
    const char *other = session->settings.profile_absent ? config_first_profile(config) : NULL;
    if (other != NULL) {
        config_hint_profile(other, error);
    } else if (config_section_at(config, 0) == NULL) {
        error_set_hint(error,
                       "there is no configuration: write base_url and credentials into a section [profile default] "
                       "of ~/.config/mstr/config, or set MSTR_BASE_URL, MSTR_USERNAME and MSTR_PASSWORD; mstr "
                       "config path lists the files that are looked for");
    }
}

enum mstr_code login_choose_mode(const mstr_session *session, const struct login_mode **out, mstr_error *error)
{
    enum mstr_login_mode wanted = session->settings.login_mode;
    unsigned there = 0;
    for (unsigned kind = 0; kind < MSTR_CREDENTIAL_KINDS; kind++) {
        there |= session->credentials[kind] != NULL ? 1u << kind : 0;
    }
    enum mstr_code code = login_mode_choose(wanted, there, out, error);
    if (code != MSTR_OK && wanted == MSTR_LOGIN_GUESS) {
        hint_at_profile(session, error);
    }
    return code;
}

enum mstr_code login_values_resolve(const mstr_session *session, const struct login_mode *mode, size_t need_count,
                                    bool refresh, const struct limits *limits, struct login_values *out,
                                    mstr_error *error)
{
    static const enum mstr_credential_kind always[VALUES_ALWAYS] = {
        MSTR_CREDENTIAL_BASE_URL, MSTR_CREDENTIAL_PROXY_PASSWORD, MSTR_CREDENTIAL_KEY_PASSPHRASE};
    *out = (struct login_values){.mode = mode, .need_count = need_count};
    for (size_t i = 0; i < VALUES_ALWAYS + need_count; i++) {
        enum mstr_credential_kind kind = i < VALUES_ALWAYS ? always[i] : mode->needs[i - VALUES_ALWAYS];
        out->wants[i] = (struct credential_want){.kind = kind, .credential = session->credentials[kind]};
    }
    return context_resolve(session->context, out->wants, VALUES_ALWAYS + need_count, refresh, limits, error);
}

void login_values_release(struct login_values *values)
{
    for (size_t i = 0; i < VALUES_MAX; i++) {
        mstr_secret_release(values->wants[i].value);
        values->wants[i].value = NULL;
    }
}

mstr_secret *login_value(const struct login_values *values, size_t index)
{
    return values->wants[VALUES_ALWAYS + index].value;
}

bool login_values_are_cached(const struct login_values *values)
{
    bool cached = false;
    for (size_t i = 0; i < values->need_count; i++) {
        cached |= values->wants[VALUES_ALWAYS + i].from_cache;
    }
    return cached;
}

bool login_values_are_referenced(const struct login_values *values)
{
    bool referenced = false;
    for (size_t i = 0; i < values->need_count; i++) {
        referenced |= values->wants[VALUES_ALWAYS + i].referenced;
    }
    return referenced;
}

bool login_values_differ(const struct login_values *old, const struct login_values *fresh)
{
    for (size_t i = 0; i < VALUES_ALWAYS + old->need_count; i++) {
        const mstr_secret *before = old->wants[i].value;
        const mstr_secret *now = fresh->wants[i].value;
        if (before != NULL && now != NULL && !secret_equal(before, now)) {
            return true;
        }
    }
    return false;
}

enum mstr_code login_values_keep_network(mstr_session *session, const struct login_values *values, mstr_error *error)
{
    struct buffer base = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    if (values->wants[VALUE_BASE].value == NULL) {
        return base_url_tell_absent(error);
    }
    code = base_url_read(mstr_secret_octets(values->wants[VALUE_BASE].value), session->settings.allow_plain, &base,
                         error);
    char *given = code == MSTR_OK ? buffer_take(&base) : NULL;
    if (code == MSTR_OK && given == NULL) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (code == MSTR_OK) {
        pthread_mutex_lock(&session->mutex);
        session_move(session, given);
        mstr_secret_release(session->proxy_password);
        mstr_secret_release(session->key_passphrase);
        session->proxy_password = mstr_secret_retain(values->wants[VALUE_PROXY].value);
        session->key_passphrase = mstr_secret_retain(values->wants[VALUE_KEY].value);
        pthread_mutex_unlock(&session->mutex);
    }
    buffer_release(&base);
    return code;
}

void login_values_put_tried(mstr_session *session, const struct login_values *values, struct buffer *tried)
{
    char *base = NULL;
    tried->failed = session_base(session, &base, NULL) == MSTR_E_MEMORY;
    size_t length = 32 + (base != NULL ? strlen(base) : 0);
    for (size_t i = 0; i < values->need_count; i++) {
        length += 1 + mstr_secret_length(login_value(values, i));
    }
    buffer_reserve(tried, length);
    buffer_printf(tried, "%d %s", (int)values->mode->mode, base != NULL ? base : "");
    for (size_t i = 0; i < values->need_count; i++) {
        buffer_putc(tried, '\0'); /* which no value has */
        buffer_append(tried, mstr_secret_octets(login_value(values, i)), mstr_secret_length(login_value(values, i)));
    }
    free(base);
}

void login_values_put_account(mstr_session *session, const struct login_values *values, struct buffer *account)
{
    const struct login_mode *mode = values->mode;
    char *base = NULL;
    account->failed = session_base(session, &base, NULL) == MSTR_E_MEMORY;
    buffer_printf(account, "%d %s", (int)mode->mode, base != NULL ? base : "");
    if (mode->need_count > 0 && mode->needs[0] == MSTR_CREDENTIAL_USERNAME) {
        buffer_printf(account, " %s", mstr_secret_octets(login_value(values, 0)));
    }
    free(base);
}
