/* SPDX-License-Identifier: Apache-2.0 */
/* What many threads share and one renews. */
#include "sdk/renewable.h"

#include "sdk/host.h"

enum { PAUSE = 30000 }; /* ms between renewals that fail */

void kept_init(struct kept *kept, void (*free)(struct kept *kept))
{
    *kept = (struct kept){.owners = 1, .free = free, .renew = INT64_MAX, .due = INT64_MAX, .end = INT64_MAX};
}

struct kept *kept_retain(struct kept *kept)
{
    atomic_fetch_add(&kept->owners, 1);
    return kept;
}

void kept_release(struct kept *kept)
{
    if (kept != NULL && atomic_fetch_sub(&kept->owners, 1) == 1) {
        kept->free(kept);
    }
}

bool renewable_init(struct renewable *renewable, const struct renewable_kind *kind,
                    const struct mstr_instance *instance)
{
    *renewable = (struct renewable){.kind = kind, .instance = instance};
    if (pthread_mutex_init(&renewable->mutex, NULL) != 0) {
        return false;
    }
    if (!flight_init(&renewable->flight)) {
        pthread_mutex_destroy(&renewable->mutex);
        return false;
    }
    return true;
}

void renewable_destroy(struct renewable *renewable)
{
    kept_release(renewable->kept);
    host->error_free(renewable->why);
    flight_destroy(&renewable->flight);
    pthread_mutex_destroy(&renewable->mutex);
}

static int64_t now(const struct renewable *renewable)
{
    return renewable->kind->now != NULL ? renewable->kind->now(renewable) : host->monotonic();
}

static bool has_ended(const struct renewable *renewable)
{
    return now(renewable) >= renewable->kept->end;
}

/* Whether what is kept may still be used where it cannot be renewed. */
static bool serves_on(const struct renewable *renewable)
{
    return renewable->kept != NULL && (renewable->kept->extension > 0 || !has_ended(renewable));
}

/* Whether this caller may use it without a thought of renewal: that is too early, put off, or the affair of
 * another. */
static bool serves(const struct renewable *renewable)
{
    if (!serves_on(renewable)) {
        return false;
    }
    int64_t time = now(renewable);
    return time < renewable->kept->renew || host->monotonic() < renewable->quiet_until ||
           (time < renewable->kept->due && renewable->flight.busy);
}

/* With the mutex held, which is given up while the program's log is called. */
static void put_off(struct renewable *renewable)
{
    struct mstr_error *why = host->error_new();
    int64_t pause = has_ended(renewable) ? renewable->kept->extension : PAUSE;
    renewable->quiet_until = host->monotonic() + pause;
    host->error_copy(why, renewable->why);
    pthread_mutex_unlock(&renewable->mutex);
    host->log(renewable->instance, MSTR_LEVEL_WARN, "%s: %s", renewable->kind->goes_on, host->error_message(why));
    pthread_mutex_lock(&renewable->mutex);
    host->error_free(why);
}

/* With the mutex held, which is given up meanwhile. */
static void fetch(struct renewable *renewable, const struct mstr_call *call)
{
    struct kept *fresh = NULL;
    struct mstr_error *why = host->error_new();
    flight_begin(&renewable->flight);
    pthread_mutex_unlock(&renewable->mutex);
    enum mstr_code code = renewable->kind->fetch(renewable, call, &fresh, why);
    pthread_mutex_lock(&renewable->mutex);
    flight_land(&renewable->flight, code, flight_gave_up(code, call_check(call)));
    host->error_free(renewable->why);
    renewable->why = why;
    if (code == MSTR_OK) {
        kept_release(renewable->kept);
        renewable->kept = fresh;
        renewable->quiet_until = 0;
    } else if (serves_on(renewable)) {
        put_off(renewable);
    }
}

static enum mstr_code await(struct renewable *renewable, const struct mstr_call *call, struct mstr_error *error)
{
    struct flight *flight = &renewable->flight;
    const uint64_t round = flight->round;
    enum mstr_code code = MSTR_OK;
    while (code == MSTR_OK && flight->round == round) {
        code = call_wait(&flight->landed, &renewable->mutex, call, renewable->kind->name, error);
    }
    return code;
}

/* Until there is something to use. What a fetch brought is used whatever its times, lest a wrong clock makes each
 * caller fetch in turn. */
static enum mstr_code settle(struct renewable *renewable, const struct mstr_call *call, struct mstr_error *error)
{
    const struct flight *flight = &renewable->flight;
    bool settled = serves(renewable);
    while (!settled) {
        bool mine = !flight->busy;
        enum mstr_code code = MSTR_OK;
        if (mine) {
            fetch(renewable, call);
        } else if ((code = await(renewable, call, error)) != MSTR_OK) {
            return code;
        }
        settled = flight->outcome == MSTR_OK ? renewable->kept != NULL : serves_on(renewable);
        if (!settled && flight->outcome != MSTR_OK && (mine || !flight->gave_up)) {
            host->error_copy(error, renewable->why);
            return flight->outcome;
        }
    }
    return MSTR_OK;
}

enum mstr_code renewable_get(struct renewable *renewable, const struct mstr_call *call, struct kept **out,
                             struct mstr_error *error)
{
    pthread_mutex_lock(&renewable->mutex);
    enum mstr_code code = settle(renewable, call, error);
    *out = code == MSTR_OK ? kept_retain(renewable->kept) : NULL;
    pthread_mutex_unlock(&renewable->mutex);
    return code;
}

struct kept *renewable_peek(struct renewable *renewable)
{
    pthread_mutex_lock(&renewable->mutex);
    struct kept *kept = renewable->kept != NULL ? kept_retain(renewable->kept) : NULL;
    pthread_mutex_unlock(&renewable->mutex);
    return kept;
}

bool renewable_offer(struct renewable *renewable, struct kept *found)
{
    pthread_mutex_lock(&renewable->mutex);
    bool taken = renewable->kept == NULL;
    if (taken) {
        renewable->kept = kept_retain(found);
    }
    pthread_mutex_unlock(&renewable->mutex);
    return taken;
}

bool renewable_drop(struct renewable *renewable, const struct kept *refused)
{
    pthread_mutex_lock(&renewable->mutex);
    bool dropped = renewable->kept != NULL && (refused == NULL || renewable->kept == refused);
    if (dropped) {
        kept_release(renewable->kept);
        renewable->kept = NULL;
    }
    pthread_mutex_unlock(&renewable->mutex);
    return dropped;
}
