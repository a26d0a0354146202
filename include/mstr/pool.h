/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pool.h
 * @brief A few sessions shared by many threads, for servers that limit the sessions of a user.
 * @defgroup mstr_pool Session pools
 * @{
 *
 * One session already serves many threads. A pool is for work that must not share one, such as many reports at once,
 * whose instances would push each other out of a session's working set.
 */
#ifndef MSTR_POOL_H
#define MSTR_POOL_H

#include <mstr/session.h>

#ifdef __cplusplus
extern "C" {
#endif

/** May be used by many threads at once; mstr_pool_free() must come last. */
typedef struct mstr_pool mstr_pool;

/** How a pool works. Begin with MSTR_POOL_OPTIONS_INIT. */
typedef struct mstr_pool_options {
    uint32_t size;     /**< of the structure, octets */
    uint32_t capacity; /**< sessions at most, 1 to 1024 */
    /** Makes a session with mstr_session_new() and whatever it needs; the pool opens it when it is first leased, and
     *  frees it. One call at a time. */
    enum mstr_code (*make)(mstr_session **out, void *data, mstr_error *error);
    void *data;          /**< handed to make */
    int64_t check_after; /**< ms of idleness after which a session is tried with PUT sessions before it is handed out;
                          *   0 = 60 s */
} mstr_pool_options;
/** The defaults. */
#define MSTR_POOL_OPTIONS_INIT                                                                                       \
    {                                                                                                                \
        (uint32_t)sizeof(mstr_pool_options), 4, NULL, NULL, 0                                                        \
    }

/**
 * Makes a pool; contacts nothing.
 * @param options   copied, but for its data, which must outlive the pool
 * @param[out] out  the pool, to be freed with mstr_pool_free(); NULL when this fails
 * @param error     where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_USAGE for options that do not fit; MSTR_E_MEMORY
 */
MSTR_API enum mstr_code mstr_pool_new(const mstr_pool_options *options, mstr_pool **out, mstr_error *error);

/**
 * Leases an open session to the caller alone, the one used last if several are idle. Who waits is served in order of
 * arrival.
 * @param pool      the pool
 * @param call      limits of waiting and opening; NULL = 30 s
 * @param[out] out  to be given back with mstr_pool_return(), never closed or freed by the caller; NULL when this
 *                  fails
 * @param error     where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_TIMEOUT or MSTR_E_CANCELLED while waiting; MSTR_E_SESSION when the pool is drained; what
 *         making and opening a session told
 */
MSTR_API enum mstr_code mstr_pool_lease(mstr_pool *pool, const mstr_call_options *call, mstr_session **out,
                                        mstr_error *error);

/**
 * Gives a session back; the next in line has it.
 * @param pool     which leased it
 * @param session  not to be used any more; NULL, and one that is not leased, is passed over
 */
MSTR_API void mstr_pool_return(mstr_pool *pool, mstr_session *session);

/**
 * Refuses all further leases, waits for the sessions that are out, and logs all of them out.
 * @param pool   still to be freed
 * @param call   limits of waiting; NULL = 30 s
 * @param error  where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_TIMEOUT or MSTR_E_CANCELLED while some are still out, which mstr_pool_return() then
 *         closes; the first failure of a logout
 */
MSTR_API enum mstr_code mstr_pool_drain(mstr_pool *pool, const mstr_call_options *call, mstr_error *error);

/**
 * Closes and frees all sessions.
 * @param pool  none of its sessions may be out; NULL is accepted
 */
MSTR_API void mstr_pool_free(mstr_pool *pool);

#ifdef __cplusplus
}
#endif
/** @} */
#endif
