/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file store.h
 * @brief Everything the author of a fleet's store needs: the store ABI, version 1.0.
 * @defgroup mstr_store Writing a store
 * @{
 *
 * Workers on many machines share sessions through a store: a small database that they all reach. A store module is a
 * shared object that exports the single symbol mstr_store_entry(), is found on the plugin path as `mstr_store_NAME`,
 * and is loaded and checked as a provider is. It links nothing of libmstr and gets the table of services that
 * providers get (mstr/provider.h, whose rules of growth, ownership, texts, threads and process state hold here as
 * well): from there come its options, its log, memory for secrets, randomness, whom TLS trusts, and the limits of a
 * call. A module decides none of these itself, and starts no thread but to look a name up, which no deadline ends.
 *
 * **What is kept.** Records, which are sealed before the module sees them; leases; sets of members that beat; and
 * messages, which are not kept at all. A module needs to understand none of their octets.
 *
 * **Keys** have two parts. All keys of one @ref mstr_store_key::group are used together, and a store that spreads
 * keys over machines keeps them in one place. Both parts are letters, digits, `-`, `_`, `.` and `:` of at most 64
 * octets.
 *
 * **Fences.** Each lease brings a number which is above every one that its record ever had: the larger of the highest
 * number known plus one and the store's clock in ms, so that it rises even where the store has lost its last writes.
 * A write is refused unless its lease is still held, by its token, and its fence is not below the record's.
 *
 * **Time** is the store's own, in ms since 1970; that of workers decides nothing.
 *
 * **Outcomes.** A call that the store has answered succeeds, also where the answer is no: what it was stands in the
 * outcome. A call fails where the store could not answer; when a write fails with MSTR_E_TIMEOUT or MSTR_E_NETWORK,
 * nobody knows whether it was done. Failures have the classes of mstr/provider.h: MSTR_E_NETWORK, _TLS, _TIMEOUT,
 * _CANCELLED; MSTR_E_UNAVAILABLE for a store that is loading, busy, full, read-only, without its primary;
 * MSTR_E_AUTHENTICATION and MSTR_E_DENIED for its own refusals; MSTR_E_PROTOCOL for answers and data that make no
 * sense; the store's own word stands in MSTR_DETAIL_SERVICE_CODE.
 *
 * **Threads.** All calls but create and destroy may run side by side. No call outlasts its deadline.
 */
#ifndef MSTR_STORE_H
#define MSTR_STORE_H

#include <mstr/provider.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a host and its store modules must have in common. */
#define MSTR_STORE_ABI_MAJOR 1u

/** The longest record and the longest message, in octets. */
#define MSTR_STORE_RECORD_MAX ((size_t)256 * 1024)

/** Names a record, a lease or a set. */
struct mstr_store_key {
    const char *group; /**< of keys that are used together */
    const char *name;  /**< within the group */
};

/** What the store answered. */
enum mstr_store_outcome {
    MSTR_STORE_DONE = 0,    /**< as asked */
    MSTR_STORE_ABSENT = 1,  /**< there is no such record */
    MSTR_STORE_HELD = 2,    /**< somebody else has the lease */
    MSTR_STORE_CHANGED = 3, /**< the record is not the one that the caller knows */
    MSTR_STORE_LOST = 4     /**< the lease is not the caller's any more */
};

/** A record that is read. */
struct mstr_store_get {
    uint32_t size;                   /**< of the structure, octets */
    enum mstr_store_outcome outcome; /**< out: DONE or ABSENT */
    struct mstr_store_key key;       /**< which */
    void *octets;                    /**< where to copy it: MSTR_STORE_RECORD_MAX octets of the host's */
    size_t length;                   /**< out: its octets */
    int64_t fence;                   /**< out: under which it was written */
    int64_t left;                    /**< out: ms until it ends by itself */
    int64_t now;                     /**< out: the store's time, also where the record is absent */
};

/** A lease that is wanted. */
struct mstr_store_lease {
    uint32_t size;                   /**< of the structure, octets */
    enum mstr_store_outcome outcome; /**< out: DONE, HELD, or CHANGED where the record's fence is not `known` */
    struct mstr_store_key key;       /**< of the record that is to be written */
    const char *token;               /**< 32 hex digits, drawn anew for each lease */
    int64_t duration;                /**< ms after which it ends unless it is renewed */
    int64_t known;                   /**< fence of the record that is to be replaced; 0 = there is none */
    int64_t fence;                   /**< out: of the lease, where it is had; else that of the record, 0 = none */
    int64_t left; /**< out: ms that a lease of somebody else's lasts yet, also where CHANGED; else 0 */
    int64_t now;  /**< out: the store's time */
};

/** The lease ends with the write. */
#define MSTR_STORE_RELEASE 1u

/** A record that is written. */
struct mstr_store_put {
    uint32_t size;                   /**< of the structure, octets */
    uint32_t flags;                  /**< MSTR_STORE_RELEASE, or 0 */
    enum mstr_store_outcome outcome; /**< out: DONE, or LOST, and nothing was written */
    struct mstr_store_key key;       /**< of the record; its group is that of the lease */
    const char *lease;               /**< name of the record whose lease is held, mostly the key's own */
    const char *token;               /**< of the lease */
    int64_t fence;                   /**< of the lease */
    const void *octets;              /**< at most MSTR_STORE_RECORD_MAX */
    size_t length;                   /**< of octets */
    int64_t keep;                    /**< ms after which the record ends by itself */
    const char *channel;             /**< of the group, for which `message` is published with it; NULL = none */
    const char *message;             /**< a text; NULL = none */
};

/** A member of a set says that it is there. */
struct mstr_store_beat {
    uint32_t size;             /**< of the structure, octets */
    uint32_t reserved;         /**< 0 */
    struct mstr_store_key key; /**< of the set */
    const char *member;        /**< at most 64 octets; NULL = nobody, only to be told */
    int64_t keep;              /**< ms for which a member counts after its last beat */
    const char *watched;       /**< name of a record of the same group whose fence is told; NULL = none */
    size_t members;            /**< out: that count, this one included */
    int64_t fence;             /**< out: of the watched record; 0 = there is none */
    int64_t now;               /**< out: the store's time */
};

/** A message that came. */
struct mstr_store_message {
    uint32_t size;     /**< of the structure, octets */
    uint32_t reserved; /**< 0 */
    char *text;        /**< where to copy it with a NUL: `capacity` octets of the host's; a longer one is cut */
    size_t capacity;   /**< of text */
};

/** What a store module is. Static storage, read only. */
struct mstr_store {
    uint32_t abi_major;                /**< MSTR_STORE_ABI_MAJOR */
    uint32_t size;                     /**< sizeof(struct mstr_store) */
    uint32_t flags;                    /**< 0 */
    uint32_t option_size;              /**< sizeof(struct mstr_option) */
    const char *name;                  /**< as in `store = NAME` */
    const char *version;               /**< of the module */
    const char *summary;               /**< one line */
    const struct mstr_option *options; /**< of the [fleet] section, beside the host's; ends with a NULL name */

    /** Makes a store of an instance's options; contacts nobody. */
    enum mstr_code (*create)(const struct mstr_instance *instance, void **self, struct mstr_error *error);
    /** Closes all connections, and wipes and frees what it held. */
    void (*destroy)(void *self);

    /** Reads a record. A longer one than MSTR_STORE_RECORD_MAX is MSTR_E_PROTOCOL. */
    enum mstr_code (*get)(void *self, struct mstr_store_get *get, const struct mstr_call *call,
                          struct mstr_error *error);
    /** Writes one, under a lease. */
    enum mstr_code (*put)(void *self, struct mstr_store_put *put, const struct mstr_call *call,
                          struct mstr_error *error);
    /** Has a record end in so many ms from now, if it still has that fence: DONE, ABSENT or CHANGED. */
    enum mstr_code (*extend)(void *self, const struct mstr_store_key *key, int64_t fence, int64_t keep,
                             enum mstr_store_outcome *outcome, const struct mstr_call *call,
                             struct mstr_error *error);
    /** Takes a record away, if it still has that fence (0 = any): DONE, ABSENT or CHANGED. Its fences go on from
     *  where they were. */
    enum mstr_code (*remove)(void *self, const struct mstr_store_key *key, int64_t fence,
                             enum mstr_store_outcome *outcome, const struct mstr_call *call,
                             struct mstr_error *error);

    /** Takes a lease, unless somebody has it, or the record is not the known one. */
    enum mstr_code (*acquire)(void *self, struct mstr_store_lease *lease, const struct mstr_call *call,
                              struct mstr_error *error);
    /** Has a lease last so many ms from now: DONE, or LOST. */
    enum mstr_code (*renew)(void *self, const struct mstr_store_key *key, const char *token, int64_t duration,
                            enum mstr_store_outcome *outcome, const struct mstr_call *call, struct mstr_error *error);
    /** Gives a lease back: DONE, or LOST. */
    enum mstr_code (*release)(void *self, const struct mstr_store_key *key, const char *token,
                              enum mstr_store_outcome *outcome, const struct mstr_call *call,
                              struct mstr_error *error);

    /** Notes a member of a set, and tells how many there are. */
    enum mstr_code (*beat)(void *self, struct mstr_store_beat *beat, const struct mstr_call *call,
                           struct mstr_error *error);
    /** Takes a member out of a set, and tells as beat does who is left. */
    enum mstr_code (*leave)(void *self, struct mstr_store_beat *beat, const struct mstr_call *call,
                            struct mstr_error *error);

    /** Sends a message to whoever listens on a channel of a group at this moment, once at most. */
    enum mstr_code (*publish)(void *self, const struct mstr_store_key *channel, const char *message,
                              const struct mstr_call *call, struct mstr_error *error);
    /** Begins to listen. @p subscription is the module's, to be ended with unsubscribe. */
    enum mstr_code (*subscribe)(void *self, const struct mstr_store_key *channel, void **subscription,
                                const struct mstr_call *call, struct mstr_error *error);
    /** Waits for one message, in one thread at a time: MSTR_E_TIMEOUT where none came until the call's deadline,
     * after which the subscription is as good as before; after any other failure it is of no use, and messages may
     * have been lost. */
    enum mstr_code (*next)(void *self, void *subscription, struct mstr_store_message *message,
                           const struct mstr_call *call, struct mstr_error *error);
    /** Ends a subscription; NULL is accepted. */
    void (*unsubscribe)(void *self, void *subscription);

    /** The store's time. */
    enum mstr_code (*time)(void *self, int64_t *now, const struct mstr_call *call, struct mstr_error *error);
    /** Walks the way to the store for `mstr doctor` and `mstr fleet status`, telling each step by
     *  mstr_host::report_step: finding it, connecting, authentication, its role, what is wrong with its settings. */
    enum mstr_code (*explain)(void *self, struct mstr_report *report, const struct mstr_call *call,
                              struct mstr_error *error);
};

/**
 * The one symbol a store module exports, called once in a process, by one thread at a time. It does nothing else of
 * note.
 * @param host  the host's services, which the module keeps: static storage
 * @return the module's table, in static storage; NULL when the host is too old for it
 */
MSTR_PLUGIN_EXPORT const struct mstr_store *mstr_store_entry(const struct mstr_host *host);

#ifdef __cplusplus
}
#endif
/** @} */
#endif
