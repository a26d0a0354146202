/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a session to a snapshot, and back. */
#include "session/saved/state.h"

#include "base/text.h"

enum mstr_code state_take(mstr_session *session, struct snapshot *snapshot, mstr_error *error)
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

void state_give(mstr_session *session, struct snapshot *snapshot)
{
    pthread_mutex_lock(&session->mutex);
    const struct snapshot old = {session->base, session->token, session->cookies, session->delegated};
    session->base = snapshot->base;
    session->token = snapshot->token;
    session->cookies = snapshot->cookies;
    session->delegated = snapshot->delegated;
    session->taken_up = true;
    pthread_mutex_unlock(&session->mutex);
    *snapshot = old;
}
