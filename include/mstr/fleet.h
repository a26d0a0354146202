/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fleet.h
 * @brief Looking after the sessions that workers on many machines share: what there is, and its end.
 * @defgroup mstr_fleet Fleets
 * @{
 *
 * Programs share sessions by configuration alone. These functions are for whoever runs a fleet; `mstr fleet` is made
 * of them. Each is asked of a session whose settings tell the fleet and the account, and which need not be open: it
 * is neither opened nor changed. What is told holds neither a token nor the name of a user or host.
 */
#ifndef MSTR_FLEET_H
#define MSTR_FLEET_H

#include <mstr/context.h>
#include <mstr/session.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What stands at a slot. */
enum mstr_fleet_state {
    MSTR_FLEET_EMPTY = 0,   /**< nothing */
    MSTR_FLEET_OPEN = 1,    /**< a session, as far as the store knows */
    MSTR_FLEET_CLOSED = 2,  /**< the server allowed no further session of this user */
    MSTR_FLEET_DRAINED = 3, /**< its session was ended by mstr_fleet_drain() */
    MSTR_FLEET_STRANGE = 4, /**< sealed with a key that is not configured here, or by a later release */
    MSTR_FLEET_DAMAGED = 5  /**< no worker will believe it: damaged, forged, or too old */
};

/** One slot. Times are ms of the store's clock. */
typedef struct mstr_fleet_slot {
    uint32_t size;               /**< of the structure, octets */
    uint32_t slot;               /**< its number, from 0 */
    enum mstr_fleet_state state; /**< what stands there */
    uint32_t reserved;           /**< 0 */
    int64_t fence;               /**< the number of its latest change */
    int64_t age;                 /**< since that; 0 where nothing is known */
    int64_t login_age;           /**< since the login of its session; 0 where there is none */
    int64_t left;                /**< until it ends by itself */
    int64_t lease;               /**< for which somebody yet has the right to write there, who is mostly logging in;
                                  *   0 = nobody has */
} mstr_fleet_slot;

/** What holds for all slots of the account. */
typedef struct mstr_fleet_info {
    uint32_t size;       /**< of the structure, octets; set before the call */
    uint32_t sessions;   /**< how many slots there are */
    uint64_t workers;    /**< processes that have told within a minute that they are there */
    int64_t pause;       /**< ms for which nobody logs in, as the server refused too many logins; 0 = they may */
    const char *section; /**< of the configuration; belongs to the session's context */
} mstr_fleet_info;
/** The size, and all else unset. */
#define MSTR_FLEET_INFO_INIT                                                                                         \
    {                                                                                                                \
        (uint32_t)sizeof(mstr_fleet_info), 0, 0, 0, NULL                                                             \
    }

/**
 * Hears of a slot.
 * @param slot  lives during the call
 * @param data  as given to mstr_fleet_status()
 * @return nonzero to hear of no further one
 */
typedef int (*mstr_fleet_fn)(const mstr_fleet_slot *slot, void *data);

/**
 * Tells what stands in the store for the account that the session would log in as.
 * @param session  names fleet and account
 * @param options  limits; NULL = the session's
 * @param info     where to tell what holds for all; filled in before the first slot is told; may be NULL
 * @param each     called for each slot, on this thread
 * @param data     handed to @p each
 * @param error    where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_CONFIG if no fleet shares the session; MSTR_E_CANCELLED when @p each wished so; what the
 *         store told
 */
MSTR_API enum mstr_code mstr_fleet_status(mstr_session *session, const mstr_call_options *options,
                                          mstr_fleet_info *info, mstr_fleet_fn each, void *data, mstr_error *error);

/** What came of a drain. */
typedef struct mstr_fleet_drained {
    uint32_t size;     /**< of the structure, octets; set before the call */
    uint32_t sessions; /**< that were there, and are taken from the workers */
    uint32_t logouts;  /**< that the server has confirmed, of those */
    uint32_t reserved; /**< 0 */
} mstr_fleet_drained;
/** The size, and all else unset. */
#define MSTR_FLEET_DRAINED_INIT                                                                                      \
    {                                                                                                                \
        (uint32_t)sizeof(mstr_fleet_drained), 0, 0, 0                                                                \
    }

/**
 * Ends the account's sessions: takes each away, under the lease of its slot, tells all workers, then logs it out.
 * Workers that go on begin one anew, by one login a slot.
 * @param session  names fleet and account
 * @param options  limits; NULL = the session's
 * @param drained  where to count, also when this fails; may be NULL
 * @param error    where to tell a failure; may be NULL
 * @return MSTR_OK, also where a logout failed: such a session ends by itself; MSTR_E_CONFIG if no fleet shares the
 *         session, or for a slot that was sealed with another key, which is left alone; what the store told
 */
MSTR_API enum mstr_code mstr_fleet_drain(mstr_session *session, const mstr_call_options *options,
                                         mstr_fleet_drained *drained, mstr_error *error);

/**
 * Walks the way to the fleet's store, from its address to the rights there and how it evicts, and tells each step.
 * @param session  names the fleet
 * @param options  limits; NULL = the session's
 * @param each     called on this thread, step by step
 * @param data     handed to @p each
 * @param error    where to tell a failure; may be NULL
 * @return MSTR_OK when the store can be used, and without a step if the session has no fleet; MSTR_E_CANCELLED when
 *         @p each wished so; what the store told
 */
MSTR_API enum mstr_code mstr_fleet_explain(mstr_session *session, const mstr_call_options *options,
                                           mstr_explain_fn each, void *data, mstr_error *error);

#ifdef __cplusplus
}
#endif
/** @} */
#endif
