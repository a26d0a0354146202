/* Saving an open session, and taking one up again. */
#include "session/session.h"

#include "base/error.h"
#include "base/text.h"
#include "secret/seal.h"
#include "session/login/keepalive.h"
#include "session/parts/url.h"
#include "session/saved/snapshot.h"
#include "session/saved/snapshot_file.h"

#include <mstr/persistence.h>
#include <stdlib.h>
#include <string.h>

/* A copy of the state. MSTR_E_SESSION if there is no session. */
static enum mstr_code take(mstr_session *session, struct snapshot *snapshot, mstr_error *error)
{
    bool memory = true;
    pthread_mutex_lock(&session->mutex);
    bool open = session->token != NULL && session->base != NULL;
    snapshot->base = text_copy(session->base);
    snapshot->token = mstr_secret_retain(session->token);
    snapshot->delegated = session->delegated;
    for (size_t i = 0; i < session->cookies.count; i++) {
        const struct cookie *cookie = &session->cookies.items[i];
        memory = cookies_restore(&snapshot->cookies, cookie->name, cookie->value, cookie->path, cookie->secure,
                                 cookie->expires) &&
                 memory;
    }
    pthread_mutex_unlock(&session->mutex);
    if (!open) {
        return error_set(error, MSTR_E_SESSION, "there is no valid session");
    }
    return memory && snapshot->base != NULL ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
}

/* Swaps the session's state and the snapshot's, so that releasing the snapshot wipes the old one. */
static void give(mstr_session *session, struct snapshot *snapshot)
{
    pthread_mutex_lock(&session->mutex);
    const struct snapshot old = {session->base, session->token, session->cookies, session->delegated};
    session->base = snapshot->base;
    session->token = snapshot->token;
    session->cookies = snapshot->cookies;
    session->delegated = snapshot->delegated;
    pthread_mutex_unlock(&session->mutex);
    *snapshot = old;
    keepalive_start(session);
}

enum { WANT_KEY, WANT_BASE, WANTS };

static enum mstr_code resolve(mstr_session *session, struct credential_want wants[WANTS],
                              const mstr_call_options *options, mstr_error *error)
{
    static const enum mstr_credential_kind kinds[WANTS] = {MSTR_CREDENTIAL_PERSISTENCE_KEY, MSTR_CREDENTIAL_BASE_URL};
    const struct limits limits = session_limits(session, options);
    for (size_t i = 0; i < WANTS; i++) {
        const char *name = mstr_credential_kind_name(kinds[i]);
        wants[i] = (struct credential_want){.name = name, .credential = session->credentials[kinds[i]]};
        if (wants[i].credential == NULL) {
            return error_set(error, MSTR_E_CONFIG, "saving sessions needs the credential \"%s\"", name);
        }
    }
    enum mstr_code code = context_resolve(session->context, wants, WANTS, false, &limits, error);
    if (code == MSTR_OK && mstr_secret_length(wants[WANT_KEY].value) == 0) {
        code = error_set(error, MSTR_E_CONFIG, "%s resolved to an empty value", wants[WANT_KEY].name);
    }
    return code;
}

/* What a sealing is bound to: the origin of the configured base URL. */
static enum mstr_code find_origin(const struct credential_want wants[WANTS], struct buffer *origin, mstr_error *error)
{
    struct buffer base = BUFFER_INIT;
    struct uri uri;
    enum mstr_code code = url_base(mstr_secret_octets(wants[WANT_BASE].value), &base, error);
    if (code == MSTR_OK && (!uri_parse(buffer_text(&base), &uri) || !uri_origin(&uri, origin))) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    buffer_release(&base);
    return code;
}

static void release_wants(struct credential_want wants[WANTS])
{
    for (size_t i = 0; i < WANTS; i++) {
        mstr_secret_release(wants[i].value);
    }
}

enum mstr_code mstr_session_save(mstr_session *session, const char *path, const mstr_call_options *options,
                                 mstr_error *error)
{
    struct credential_want wants[WANTS] = {{NULL, NULL, NULL, false}};
    struct snapshot snapshot = {.base = NULL};
    struct buffer origin = BUFFER_INIT;
    struct buffer text = BUFFER_INIT;
    struct buffer sealed = BUFFER_INIT;
    enum mstr_code code = take(session, &snapshot, error);
    code = code == MSTR_OK ? resolve(session, wants, options, error) : code;
    code = code == MSTR_OK ? find_origin(wants, &origin, error) : code;
    if (code == MSTR_OK && !snapshot_put_full(&snapshot, &text)) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (code == MSTR_OK) {
        code = seal(wants[WANT_KEY].value, buffer_text(&origin), buffer_text(&text), text.length, &sealed, error);
    }
    if (code == MSTR_OK) {
        code = snapshot_file_write(path, sealed.data, sealed.length, error);
    }
    buffer_release(&sealed);
    buffer_release(&text);
    buffer_release(&origin);
    release_wants(wants);
    snapshot_release(&snapshot);
    return code;
}

enum mstr_code mstr_session_load(mstr_session *session, const char *path, const mstr_call_options *options,
                                 mstr_error *error)
{
    struct credential_want wants[WANTS] = {{NULL, NULL, NULL, false}};
    struct snapshot snapshot = {.base = NULL};
    struct buffer origin = BUFFER_INIT;
    struct buffer text = BUFFER_INIT;
    struct buffer sealed = BUFFER_INIT;
    enum mstr_code code = snapshot_file_read(path, &sealed, error);
    code = code == MSTR_OK ? resolve(session, wants, options, error) : code;
    code = code == MSTR_OK ? find_origin(wants, &origin, error) : code;
    if (code == MSTR_OK) {
        code = unseal(wants[WANT_KEY].value, buffer_text(&origin), sealed.data, sealed.length, &text, error);
        if (code != MSTR_OK) {
            error_prefix(error, "%s: ", path);
        }
    }
    code = code == MSTR_OK ? snapshot_read_full(buffer_text(&text), text.length, &snapshot, error) : code;
    if (code == MSTR_OK) {
        give(session, &snapshot);
    }
    buffer_release(&sealed);
    buffer_release(&text);
    buffer_release(&origin);
    release_wants(wants);
    snapshot_release(&snapshot);
    return code;
}

enum mstr_code mstr_session_export(mstr_session *session, mstr_secret **json, mstr_error *error)
{
    struct snapshot snapshot = {.base = NULL};
    struct buffer text = BUFFER_INIT;
    *json = NULL;
    enum mstr_code code = take(session, &snapshot, error);
    if (code == MSTR_OK) {
        *json = snapshot_put_plain(&snapshot, &text) ? mstr_secret_new(text.data, text.length) : NULL;
        code = *json != NULL ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    buffer_release(&text);
    snapshot_release(&snapshot);
    return code;
}

enum mstr_code mstr_session_import(mstr_session *session, const char *json, size_t length, mstr_error *error)
{
    struct snapshot snapshot = {.base = NULL};
    enum mstr_code code = snapshot_read_plain(json, length, &snapshot, error);
    if (code == MSTR_OK) {
        give(session, &snapshot);
    }
    snapshot_release(&snapshot);
    return code;
}
