/* A session in a sealed file. */
#include "session/saved/sealed_session.h"

#include "base/crypto.h"
#include "base/error.h"
#include "config/base_url.h"
#include "secret/seal.h"
#include "session/saved/snapshot_file.h"
#include "session/saved/state.h"

#include <openssl/sha.h>
#include <string.h>

_Static_assert((int)KEPT_DIGEST == SHA256_DIGEST_LENGTH, "a digest has its place");

/* False without memory. */
static bool digest(const struct buffer *octets, unsigned char out[KEPT_DIGEST])
{
    return (crypto_is_ready() && SHA256((const unsigned char *)buffer_text(octets), octets->length, out) != NULL) ||
           crypto_forget_failure();
}

enum { WANT_KEY, WANT_BASE, WANTS };

/* What a sealing needs: the key, and the origin of the configured base URL, to which it is bound. */
struct lock_and_key {
    struct credential_want wants[WANTS];
    struct buffer origin;
};

static enum mstr_code resolve(mstr_session *session, struct credential_want wants[WANTS], const struct limits *limits,
                              mstr_error *error)
{
    static const enum mstr_credential_kind kinds[WANTS] = {MSTR_CREDENTIAL_PERSISTENCE_KEY, MSTR_CREDENTIAL_BASE_URL};
    for (size_t i = 0; i < WANTS; i++) {
        wants[i] = (struct credential_want){.kind = kinds[i], .credential = session->credentials[kinds[i]]};
        if (wants[i].credential == NULL) {
            return error_set(error, MSTR_E_CONFIG, "saving sessions needs the credential \"%s\"",
                             mstr_credential_kind_name(kinds[i]));
        }
    }
    return context_resolve(session->context, wants, WANTS, false, limits, error);
}

static enum mstr_code find_key(mstr_session *session, const struct limits *limits, struct lock_and_key *with,
                               mstr_error *error)
{
    struct buffer base = BUFFER_INIT;
    struct uri uri;
    *with = (struct lock_and_key){.origin = BUFFER_INIT};
    enum mstr_code code = session_prepare(session, limits, error);
    code = code == MSTR_OK ? resolve(session, with->wants, limits, error) : code;
    code = code == MSTR_OK ? base_url_read(mstr_secret_octets(with->wants[WANT_BASE].value),
                                           session->settings.allow_plain, &base, error)
                           : code;
    if (code == MSTR_OK && (!uri_parse(buffer_text(&base), &uri) || !uri_origin(&uri, &with->origin))) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    buffer_release(&base);
    return code;
}

static void key_release(struct lock_and_key *with)
{
    for (size_t i = 0; i < WANTS; i++) {
        mstr_secret_release(with->wants[i].value);
    }
    buffer_release(&with->origin);
}

/* The state as it is sealed. */
static enum mstr_code put_state(mstr_session *session, struct buffer *text, mstr_error *error)
{
    struct snapshot snapshot = {.base = NULL};
    enum mstr_code code = state_take(session, &snapshot, error);
    if (code == MSTR_OK && !snapshot_put_full(&snapshot, text)) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    snapshot_release(&snapshot);
    return code;
}

static enum mstr_code keep_in(mstr_session *session, const char *path, const struct buffer *sealed,
                              const struct buffer *text, mstr_error *error)
{
    unsigned char file[KEPT_DIGEST];
    unsigned char state[KEPT_DIGEST];
    bool kept = digest(sealed, file) && digest(text, state) && session_keep_in(session, path, file, state);
    return kept ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
}

static enum mstr_code take_up(mstr_session *session, const char *path, const struct buffer *sealed,
                              const struct limits *limits, mstr_error *error)
{
    struct lock_and_key with;
    struct snapshot snapshot = {.base = NULL};
    struct buffer text = BUFFER_INIT;
    enum mstr_code code = find_key(session, limits, &with, error);
    if (code == MSTR_OK) {
        code =
            unseal(with.wants[WANT_KEY].value, buffer_text(&with.origin), sealed->data, sealed->length, &text, error);
        if (code != MSTR_OK) {
            error_prefix(error, "%s: ", path);
        }
    }
    code = code == MSTR_OK
               ? snapshot_read_full(buffer_text(&text), text.length, session->settings.allow_plain, &snapshot, error)
               : code;
    code = code == MSTR_OK ? session_check_origin(snapshot.base, buffer_text(&with.origin), error) : code;
    code = code == MSTR_OK ? keep_in(session, path, sealed, &text, error) : code;
    if (code == MSTR_OK) {
        state_give(session, &snapshot);
    }
    buffer_release(&text);
    snapshot_release(&snapshot);
    key_release(&with);
    return code;
}

enum mstr_code sealed_session_read(mstr_session *session, const char *path, const struct limits *limits,
                                   mstr_error *error)
{
    struct buffer sealed = BUFFER_INIT;
    enum mstr_code code = snapshot_file_read(path, &sealed, error);
    code = code == MSTR_OK ? take_up(session, path, &sealed, limits, error) : code;
    buffer_release(&sealed);
    return code;
}

enum mstr_code sealed_session_read_anew(mstr_session *session, const char *path, const struct limits *limits,
                                        bool *read, mstr_error *error)
{
    struct buffer sealed = BUFFER_INIT;
    unsigned char now[KEPT_DIGEST];
    enum mstr_code code = snapshot_file_read(path, &sealed, error);
    if (code == MSTR_OK && !digest(&sealed, now)) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    *read = code == MSTR_OK && !session_is_kept_in(session, path, now, NULL);
    code = *read ? take_up(session, path, &sealed, limits, error) : code;
    buffer_release(&sealed);
    return code;
}

enum mstr_code sealed_session_write(mstr_session *session, const char *path, const struct limits *limits,
                                    mstr_error *error)
{
    struct lock_and_key with = {.origin = BUFFER_INIT};
    struct buffer text = BUFFER_INIT;
    struct buffer sealed = BUFFER_INIT;
    enum mstr_code code = put_state(session, &text, error);
    code = code == MSTR_OK ? find_key(session, limits, &with, error) : code;
    if (code == MSTR_OK) {
        code = seal(with.wants[WANT_KEY].value, buffer_text(&with.origin), buffer_text(&text), text.length, &sealed,
                    error);
    }
    code = code == MSTR_OK ? snapshot_file_write(path, sealed.data, sealed.length, error) : code;
    code = code == MSTR_OK ? keep_in(session, path, &sealed, &text, error) : code;
    buffer_release(&sealed);
    buffer_release(&text);
    key_release(&with);
    return code;
}

/* Whether there is nothing to write: the file that keeps the session holds it as it is, or as another process has
 * renewed it meanwhile. */
static bool is_kept(mstr_session *session, const char *path)
{
    struct buffer sealed = BUFFER_INIT;
    struct buffer text = BUFFER_INIT;
    unsigned char file[KEPT_DIGEST];
    unsigned char state[KEPT_DIGEST];
    bool there = snapshot_file_read(path, &sealed, NULL) == MSTR_OK && put_state(session, &text, NULL) == MSTR_OK;
    there = there && digest(&sealed, file) && digest(&text, state);
    bool kept = there && session_is_kept_in(session, path, NULL, NULL) &&
                (!session_is_kept_in(session, path, file, NULL) || session_is_kept_in(session, path, NULL, state));
    buffer_release(&text);
    buffer_release(&sealed);
    return kept;
}

enum mstr_code sealed_session_save(mstr_session *session, const char *path, const struct limits *limits,
                                   mstr_error *error)
{
    struct snapshot_lock lock;
    enum mstr_code code = snapshot_file_lock(path, limits, &lock, error);
    if (code == MSTR_OK && !is_kept(session, path)) {
        code = sealed_session_write(session, path, limits, error);
    }
    snapshot_file_unlock(&lock);
    return code;
}
