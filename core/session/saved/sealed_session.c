/* SPDX-License-Identifier: Apache-2.0 */
/* A session in a sealed file. */
#include "session/saved/sealed_session.h"

#include "base/digest.h"
#include "base/error.h"
#include "secret/secret.h"
#include "session/saved/sealing.h"
#include "session/saved/snapshot_file.h"
#include "session/saved/state.h"

#include <string.h>

_Static_assert((int)KEPT_DIGEST == DIGEST_OCTETS, "a digest has its place");

static void digest(const struct buffer *octets, unsigned char out[KEPT_DIGEST])
{
    digest_of(buffer_text(octets), octets->length, out);
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
    digest(sealed, file);
    digest(text, state);
    return session_keep_in(session, path, file, state) ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
}

/* What the file's octets hold, into a blank snapshot, and its text. */
static enum mstr_code open_up(mstr_session *session, const char *path, const struct buffer *sealed,
                              const struct limits *limits, struct buffer *text, struct snapshot *snapshot,
                              mstr_error *error)
{
    struct sealing sealing;
    enum mstr_code code = sealing_begin(&sealing, session, "", limits, error);
    code = code == MSTR_OK ? sealing_open(&sealing, path, sealed, text, error) : code;
    code = code == MSTR_OK
               ? snapshot_read_full(buffer_text(text), text->length, session->settings.allow_plain, snapshot, error)
               : code;
    code = code == MSTR_OK ? session_check_origin(snapshot->base, buffer_text(&sealing.origin), error) : code;
    sealing_end(&sealing);
    return code;
}

static enum mstr_code take_up(mstr_session *session, const char *path, const struct buffer *sealed,
                              const struct limits *limits, mstr_error *error)
{
    struct snapshot snapshot = {.base = NULL};
    struct buffer text = BUFFER_INIT;
    enum mstr_code code = open_up(session, path, sealed, limits, &text, &snapshot, error);
    code = code == MSTR_OK ? keep_in(session, path, sealed, &text, error) : code;
    if (code == MSTR_OK) {
        state_give(session, &snapshot);
    }
    buffer_release(&text);
    snapshot_release(&snapshot);
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
    *read = false;
    if (code == MSTR_E_NOT_FOUND) { /* a logout took it away */
        mstr_error_clear(error);
        return MSTR_OK;
    }
    digest(&sealed, now);
    *read = code == MSTR_OK && !session_is_kept_in(session, path, now, NULL);
    code = *read ? take_up(session, path, &sealed, limits, error) : code;
    buffer_release(&sealed);
    return code;
}

enum mstr_code sealed_session_write(mstr_session *session, const char *path, const struct limits *limits,
                                    mstr_error *error)
{
    struct sealing sealing = {.origin = BUFFER_INIT};
    struct buffer text = BUFFER_INIT;
    struct buffer sealed = BUFFER_INIT;
    enum mstr_code code = put_state(session, &text, error);
    code = code == MSTR_OK ? sealing_begin(&sealing, session, "", limits, error) : code;
    code = code == MSTR_OK ? sealing_close(&sealing, &text, &sealed, error) : code;
    code = code == MSTR_OK ? snapshot_file_write(path, sealed.data, sealed.length, error) : code;
    code = code == MSTR_OK ? keep_in(session, path, &sealed, &text, error) : code;
    buffer_release(&sealed);
    buffer_release(&text);
    sealing_end(&sealing);
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
    digest(&sealed, file);
    digest(&text, state);
    bool kept = there && session_is_kept_in(session, path, NULL, NULL) &&
                (!session_is_kept_in(session, path, file, NULL) || session_is_kept_in(session, path, NULL, state));
    buffer_release(&text);
    buffer_release(&sealed);
    return kept;
}

/* Another session that stands where this one is to be kept, into a blank snapshot, which stays so if there is none
 * that can be read. */
static enum mstr_code find_replaced(mstr_session *session, const char *path, const struct limits *limits,
                                    struct snapshot *replaced, mstr_error *error)
{
    struct snapshot found = {.base = NULL};
    struct buffer sealed = BUFFER_INIT;
    struct buffer text = BUFFER_INIT;
    unsigned char file[KEPT_DIGEST];
    mstr_secret *own = session_token(session);
    enum mstr_code code = snapshot_file_read(path, &sealed, NULL);
    digest(&sealed, file);
    if (code == MSTR_OK && own != NULL && !session_is_kept_in(session, path, file, NULL)) {
        code = open_up(session, path, &sealed, limits, &text, &found, NULL);
        if (code == MSTR_OK && !secret_equal(own, found.token)) {
            *replaced = found;
            found = (struct snapshot){.base = NULL};
        }
    }
    mstr_secret_release(own);
    buffer_release(&text);
    buffer_release(&sealed);
    snapshot_release(&found);
    return code == MSTR_E_MEMORY ? error_set(error, code, "out of memory") : MSTR_OK;
}

enum mstr_code sealed_session_save(mstr_session *session, const char *path, const struct limits *limits,
                                   struct snapshot *replaced, mstr_error *error)
{
    struct snapshot_lock lock;
    enum mstr_code code = snapshot_file_lock(path, limits, &lock, error);
    if (code == MSTR_OK && !is_kept(session, path)) {
        code = find_replaced(session, path, limits, replaced, error);
        code = code == MSTR_OK ? sealed_session_write(session, path, limits, error) : code;
    }
    snapshot_file_unlock(&lock);
    if (code != MSTR_OK) {
        snapshot_release(replaced);
    }
    return code;
}
