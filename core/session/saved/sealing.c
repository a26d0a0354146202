/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing what a session leaves in files. */
#include "session/saved/sealing.h"

#include "base/error.h"
#include "config/base_url.h"
#include "secret/seal.h"

enum { WANT_KEY, WANT_BASE };

static enum mstr_code resolve(mstr_session *session, struct credential_want wants[SEALING_WANTS],
                              const struct limits *limits, mstr_error *error)
{
    static const enum mstr_credential_kind kinds[SEALING_WANTS] = {MSTR_CREDENTIAL_PERSISTENCE_KEY,
                                                                   MSTR_CREDENTIAL_BASE_URL};
    for (size_t i = 0; i < SEALING_WANTS; i++) {
        wants[i] = (struct credential_want){.kind = kinds[i], .credential = session->credentials[kinds[i]]};
        if (wants[i].credential == NULL) {
            return error_set(error, MSTR_E_CONFIG, "saving sessions needs the credential \"%s\"",
                             mstr_credential_kind_name(kinds[i]));
        }
    }
    return context_resolve(session->context, wants, SEALING_WANTS, false, limits, error);
}

/* The origin of the configured base URL. */
static enum mstr_code find_origin(struct sealing *sealing, bool plain, mstr_error *error)
{
    struct buffer base = BUFFER_INIT;
    struct uri uri;
    enum mstr_code code = base_url_read(mstr_secret_octets(sealing->wants[WANT_BASE].value), plain, &base, error);
    if (code == MSTR_OK && (!uri_parse(buffer_text(&base), &uri) || !uri_origin(&uri, &sealing->origin))) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    buffer_release(&base);
    return code;
}

enum mstr_code sealing_begin(struct sealing *sealing, mstr_session *session, const char *what,
                             const struct limits *limits, mstr_error *error)
{
    *sealing = (struct sealing){.origin = BUFFER_INIT, .context = BUFFER_INIT};
    enum mstr_code code = session_prepare(session, limits, error);
    code = code == MSTR_OK ? resolve(session, sealing->wants, limits, error) : code;
    code = code == MSTR_OK ? find_origin(sealing, session->settings.allow_plain, error) : code;
    if (code == MSTR_OK && !buffer_printf(&sealing->context, "%s%s", buffer_text(&sealing->origin), what)) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    return code;
}

enum mstr_code sealing_close(const struct sealing *sealing, const struct buffer *text, struct buffer *sealed,
                             mstr_error *error)
{
    return seal(sealing->wants[WANT_KEY].value, buffer_text(&sealing->context), buffer_text(text), text->length,
                sealed, error);
}

enum mstr_code sealing_open(const struct sealing *sealing, const char *path, const struct buffer *sealed,
                            struct buffer *text, mstr_error *error)
{
    enum mstr_code code = unseal(sealing->wants[WANT_KEY].value, buffer_text(&sealing->context), buffer_text(sealed),
                                 sealed->length, text, error);
    if (code != MSTR_OK) {
        error_prefix(error, "%s: ", path);
    }
    return code;
}

void sealing_end(struct sealing *sealing)
{
    for (size_t i = 0; i < SEALING_WANTS; i++) {
        mstr_secret_release(sealing->wants[i].value);
    }
    buffer_release(&sealing->origin);
    buffer_release(&sealing->context);
}
