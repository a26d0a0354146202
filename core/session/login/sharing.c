/* SPDX-License-Identifier: Apache-2.0 */
/* What a session has of a fleet. */
#include "session/login/sharing.h"

#include "base/error.h"
#include "base/text.h"
#include "session/saved/state.h"

#include <stdlib.h>

/* The session's own cookie; what else there is belongs to balancers, and changes with every answer. */
static const char own_cookie[] = "JSESSIONID";

/* Forgets what the others know. The caller holds the mutex. */
static void forget_known(struct sharing *sharing)
{
    mstr_secret_release(sharing->token);
    sharing->token = NULL;
    cookies_clear(&sharing->cookies);
}

/* What the session has now is what the others have. The caller holds the mutex. False without memory. */
bool sharing_note_known(mstr_session *session)
{
    struct sharing *sharing = &session->sharing;
    bool memory = true;
    forget_known(sharing);
    pthread_mutex_lock(&session->mutex);
    sharing->token = mstr_secret_retain(session->token);
    for (size_t i = 0; i < session->cookies.count; i++) {
        const struct cookie *cookie = &session->cookies.items[i];
        memory = cookies_restore(&sharing->cookies, cookie->name, cookie->value, cookie->path, cookie->secure,
                                 cookie->expires) &&
                 memory;
    }
    pthread_mutex_unlock(&session->mutex);
    return memory;
}

/* The state as the others read it; NULL without one, or without memory. */
mstr_secret *sharing_put_state(mstr_session *session, mstr_error *error)
{
    struct snapshot snapshot = {.base = NULL};
    struct buffer text = BUFFER_INIT;
    mstr_secret *state = NULL;
    if (state_take(session, &snapshot, error) == MSTR_OK && snapshot_put_full(&snapshot, &text)) {
        state = mstr_secret_new(text.data, text.length);
    }
    buffer_release(&text);
    snapshot_release(&snapshot);
    return state;
}

/* Takes up a state. The caller holds the mutex. */
enum mstr_code sharing_take_up(mstr_session *session, const mstr_secret *state, mstr_error *error)
{
    struct snapshot snapshot = {.base = NULL};
    enum mstr_code code = snapshot_read_full(mstr_secret_octets(state), mstr_secret_length(state),
                                             session->settings.allow_plain, &snapshot, error);
    code = code == MSTR_OK ? session_check_origin(snapshot.base, session->sharing.base, error) : code;
    if (code == MSTR_OK) {
        state_give(session, &snapshot);
        code = sharing_note_known(session) ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    snapshot_release(&snapshot);
    return code;
}

/* Takes the seat out of the session, and what belongs to it. The caller holds the mutex. */
struct fleet_seat *sharing_stand_up(struct sharing *sharing, mstr_cancel **cancel)
{
    struct fleet_seat *seat = sharing->seat;
    *cancel = sharing->cancel;
    sharing->seat = NULL;
    sharing->cancel = NULL;
    sharing->generation = 0;
    sharing->left = false;
    forget_known(sharing);
    free(sharing->base);
    sharing->base = NULL;
    return seat;
}

bool sharing_leave_seat(struct fleet_seat *seat, mstr_cancel *cancel)
{
    if (seat == NULL) {
        return false;
    }
    if (cancel != NULL) {
        mstr_cancel_now(cancel);
    }
    bool ends = fleet_leave(seat);
    mstr_cancel_free(cancel);
    return ends;
}

bool sharing_is_on(mstr_session *session)
{
    pthread_mutex_lock(&session->sharing.mutex);
    bool shared = session->sharing.seat != NULL;
    pthread_mutex_unlock(&session->sharing.mutex);
    return shared;
}

void sharing_follow(mstr_session *session)
{
    struct sharing *sharing = &session->sharing;
    struct fleet_share share;
    if (session->settings.fleet == NULL) {
        return;
    }
    pthread_mutex_lock(&sharing->mutex);
    if (sharing->seat != NULL && sharing->generation != 0 && !sharing->obtaining &&
        fleet_look(sharing->seat, sharing->generation, &share)) {
        if (sharing_take_up(session, share.state, NULL) == MSTR_OK) {
            const mstr_event event = {.kind = MSTR_EVENT_SHARED};
            sharing->generation = share.generation;
            events_tell(&session->events, &event);
        }
        mstr_secret_release(share.state);
    }
    pthread_mutex_unlock(&sharing->mutex);
}

static bool is_same(const struct cookie *a, const struct cookie *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->path, b->path) == 0 && strcmp(a->value, b->value) == 0;
}

/* How much two jars differ: not at all, in cookies that come and go, in the session's own. */
enum difference { NO_DIFFERENCE, SOME, ESSENTIAL };

static enum difference compare(const struct cookies *now, const struct cookies *known)
{
    enum difference difference = now->count == known->count ? NO_DIFFERENCE : ESSENTIAL;
    for (size_t i = 0; i < now->count && i < known->count && difference != ESSENTIAL; i++) {
        const struct cookie *cookie = &now->items[i];
        if (!is_same(cookie, &known->items[i])) {
            difference =
                text_equal_nocase(cookie->name, own_cookie) || strcmp(cookie->name, known->items[i].name) != 0
                    ? ESSENTIAL
                    : SOME;
        }
    }
    return difference;
}

void sharing_note(mstr_session *session)
{
    struct sharing *sharing = &session->sharing;
    if (session->settings.fleet == NULL) {
        return;
    }
    pthread_mutex_lock(&sharing->mutex);
    if (sharing->seat != NULL && sharing->generation != 0) {
        pthread_mutex_lock(&session->mutex);
        bool rotated = session->token != NULL && session->token != sharing->token;
        enum difference cookies = compare(&session->cookies, &sharing->cookies);
        pthread_mutex_unlock(&session->mutex);
        fleet_note_use(sharing->seat);
        mstr_secret *state = rotated || cookies != NO_DIFFERENCE ? sharing_put_state(session, NULL) : NULL;
        if (state != NULL) {
            const uint64_t generation =
                fleet_tell(sharing->seat, sharing->generation, state, rotated || cookies == ESSENTIAL);
            sharing->generation = generation != 0 ? generation : sharing->generation;
            sharing_note_known(session);
        }
        mstr_secret_release(state);
    }
    pthread_mutex_unlock(&sharing->mutex);
}

bool sharing_leave(mstr_session *session)
{
    struct sharing *sharing = &session->sharing;
    mstr_cancel *cancel = NULL;
    pthread_mutex_lock(&sharing->mutex);
    sharing->left = sharing->obtaining;
    struct fleet_seat *seat = sharing->obtaining ? NULL : sharing_stand_up(sharing, &cancel);
    pthread_mutex_unlock(&sharing->mutex);
    return sharing_leave_seat(seat, cancel);
}
