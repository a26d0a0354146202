/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file queue.h
 * @brief A completion queue, for programs with an event loop.
 * @defgroup mstr_queue Completion queue
 * @{
 *
 * A program submits jobs and goes on; threads of the queue do them, and what each came to is taken from the queue
 * later. A descriptor tells when there is something to take: it goes into the program's epoll, libuv, libevent or
 * poll().
 *
 *     mstr_queue_get(queue, "aws-sm:prod/db#password", NULL, user, NULL, error);
 *     …
 *     mstr_completion completion = MSTR_COMPLETION_INIT;
 *     while (mstr_queue_next(queue, &completion)) {
 *         …
 *         mstr_completion_clear(&completion);
 *     }
 *
 * - A submit that returns MSTR_OK is completed exactly once, in whichever order; one that fails is not. Where the
 * queue is full, a submit tells MSTR_E_THROTTLED at once: take completions first.
 * - The time of a job runs from its submit, waiting in line included, and its cancellation reaches it there too.
 * - What a submit is given is copied, but for these, which are borrowed until the completion is taken: sessions,
 * tables, readers, writers, the `data` of callbacks, and the mstr_cancel of a call.
 * - Callbacks run on threads of the queue, readers and writers too, without a lock held. They may submit, but neither
 *   wait for the queue nor free it.
 * - After fork() the child has none of the threads: it must not touch the queue, not even to free it.
 * - In the end are freed: the queue, tables, sessions, the context, in this order.
 */
#ifndef MSTR_QUEUE_H
#define MSTR_QUEUE_H

#include <mstr/session.h>
#include <mstr/table.h>

#ifdef __cplusplus
extern "C" {
#endif

/** May be used by many threads at once; mstr_queue_free() must come last. */
typedef struct mstr_queue mstr_queue;

/** How a queue works. Begin with MSTR_QUEUE_OPTIONS_INIT. */
typedef struct mstr_queue_options {
    uint32_t size;     /**< of the structure, octets */
    uint32_t threads;  /**< at most, 256 or fewer, started when they are needed; 0 = 4 */
    uint32_t capacity; /**< jobs that are unfinished or whose completion is not taken, 65536 at most; 0 = 1024 */
    uint32_t reserved; /**< 0 */
    /** Tells, in place of the descriptor or beside it, that there is something to take where there was nothing.
     * Called on a thread of the queue until mstr_queue_free() returns, with no lock held; must not call the queue,
     * but wake up who does. NULL = nobody is told */
    void (*notify)(void *data);
    void *data; /**< handed to notify */
} mstr_queue_options;
/** The defaults. */
#define MSTR_QUEUE_OPTIONS_INIT                                                                                      \
    {                                                                                                                \
        (uint32_t)sizeof(mstr_queue_options), 0, 0, 0, NULL, NULL                                                    \
    }

/** What a job does. */
enum mstr_queue_kind {
    MSTR_QUEUE_NONE = 0,  /**< of a completion that was not filled in */
    MSTR_QUEUE_OPEN = 1,  /**< mstr_queue_open() */
    MSTR_QUEUE_CLOSE = 2, /**< mstr_queue_close() */
    MSTR_QUEUE_GET = 3,   /**< mstr_queue_get() */
    MSTR_QUEUE_SEND = 4,  /**< mstr_queue_send() */
    MSTR_QUEUE_TABLE = 5, /**< mstr_queue_table() */
    MSTR_QUEUE_ROWS = 6,  /**< mstr_queue_rows() */
    MSTR_QUEUE_CALL = 7   /**< mstr_queue_call() */
};

/** What a job came to. Begin with MSTR_COMPLETION_INIT; set to NULL what you keep of it, and clear the rest with
 *  mstr_completion_clear(). */
typedef struct mstr_completion {
    uint32_t size;             /**< of the structure, octets */
    enum mstr_queue_kind kind; /**< what the job did */
    uint64_t job;              /**< as the submit told it */
    void *user;                /**< as the submit was given it */
    enum mstr_code code;       /**< MSTR_OK, or the class of its failure */
    int row;                   /**< of mstr_queue_rows(): nonzero if the table is at a row, 0 past the last */
    int64_t elapsed;           /**< ms from the submit to the end */
    mstr_secret *secret;       /**< of mstr_queue_get(), to be released; NULL = none */
    mstr_response *response;   /**< of mstr_queue_send(), to be freed; NULL = none */
    mstr_table *table;         /**< of mstr_queue_table(), to be freed; NULL = none */
    mstr_error *error;         /**< of a failure, to be freed; NULL = none */
} mstr_completion;
/** The defaults. */
#define MSTR_COMPLETION_INIT                                                                                         \
    {                                                                                                                \
        (uint32_t)sizeof(mstr_completion), MSTR_QUEUE_NONE, 0, NULL, MSTR_OK, 0, 0, NULL, NULL, NULL, NULL           \
    }

/** Work of the program's own. Begin with MSTR_WORK_INIT. */
typedef struct mstr_work {
    uint32_t size;     /**< of the structure, octets */
    uint32_t reserved; /**< 0 */
    /** Does it, on a thread of the queue. @p call has what is left of the time, 0 where there is no limit, and the
     *  cancellation of the job, for whatever it calls; it lives during the call. @return what the completion tells */
    enum mstr_code (*run)(const mstr_call_options *call, void *data, mstr_error *error);
    void *data;                    /**< handed to run */
    const mstr_call_options *call; /**< timeout and cancellation; NULL = no limit of time */
} mstr_work;
/** The defaults. */
#define MSTR_WORK_INIT                                                                                               \
    {                                                                                                                \
        (uint32_t)sizeof(mstr_work), 0, NULL, NULL, NULL                                                             \
    }

/**
 * Makes a queue; starts no thread.
 * @param context   whose secrets mstr_queue_get() fetches; must outlive the queue
 * @param options   NULL for the defaults; copied, but its data must outlive the queue
 * @param[out] out  the queue, to be freed with mstr_queue_free(); NULL when this fails
 * @param error     where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_USAGE for options that do not fit; MSTR_E_MEMORY, also where there is no descriptor left
 */
MSTR_API enum mstr_code mstr_queue_new(mstr_context *context, const mstr_queue_options *options, mstr_queue **out,
                                       mstr_error *error);

/**
 * Cancels all jobs, waits until those that have begun are over, which takes 50 ms at most unless a callback takes
 * longer, and discards what was not taken.
 * @param queue  no thread may use it any more; NULL is accepted
 */
MSTR_API void mstr_queue_free(mstr_queue *queue);

/**
 * A descriptor that poll() finds readable as long as there is a completion to take. It is close-on-exec and does not
 * block. Where it is watched edge-triggered (EPOLLET), take until mstr_queue_next() gives 0.
 * @param queue  whose it is: never read, write or close it
 * @return lives as long as the queue
 */
MSTR_API int mstr_queue_fd(const mstr_queue *queue);

/**
 * Opens a session, as mstr_session_open() does.
 * @param queue     which does it
 * @param session   borrowed until the completion is taken
 * @param call      limits; NULL = the session's timeout
 * @param user      told with the completion
 * @param[out] job  its number, never 0, for mstr_queue_cancel(); may be NULL
 * @param error     where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_THROTTLED where the queue is full; MSTR_E_USAGE for options that do not fit; MSTR_E_MEMORY,
 *         also where no thread can be started. Everything else is told by the completion
 */
MSTR_API enum mstr_code mstr_queue_open(mstr_queue *queue, mstr_session *session, const mstr_call_options *call,
                                        void *user, uint64_t *job, mstr_error *error);

/**
 * Closes a session, as mstr_session_close() does: the token is forgotten even where the server could not be told in
 * time. But a job that was cancelled, or whose time was over, before it began leaves the session open.
 * @param queue     which does it
 * @param session   borrowed until the completion is taken
 * @param call      limits; NULL, or a timeout of 0, = 5 s from when it begins
 * @param user      told with the completion
 * @param[out] job  its number, for mstr_queue_cancel(); may be NULL
 * @param error     where to tell a failure; may be NULL
 * @return as mstr_queue_open()
 */
MSTR_API enum mstr_code mstr_queue_close(mstr_queue *queue, mstr_session *session, const mstr_call_options *call,
                                         void *user, uint64_t *job, mstr_error *error);

/**
 * Fetches one secret, as mstr_context_get() does.
 * @param queue      which does it
 * @param reference  copied
 * @param call       limits and MSTR_CALL_NO_CACHE; NULL = 30 s
 * @param user       told with the completion
 * @param[out] job   its number, for mstr_queue_cancel(); may be NULL
 * @param error      where to tell a failure; may be NULL
 * @return as mstr_queue_open()
 */
MSTR_API enum mstr_code mstr_queue_get(mstr_queue *queue, const char *reference, const mstr_call_options *call,
                                       void *user, uint64_t *job, mstr_error *error);

/**
 * Sends a request, as mstr_session_send() does, within the limits of its `call`.
 * @param queue     which does it
 * @param session   borrowed until the completion is taken
 * @param request   copied with all that it points to, but for readers, also of parts, and the writer
 * @param user      told with the completion
 * @param[out] job  its number, for mstr_queue_cancel(); may be NULL
 * @param error     where to tell a failure; may be NULL
 * @return as mstr_queue_open()
 */
MSTR_API enum mstr_code mstr_queue_send(mstr_queue *queue, mstr_session *session, const mstr_session_request *request,
                                        void *user, uint64_t *job, mstr_error *error);

/**
 * Opens a report or a cube as a table, as mstr_table_open() does.
 * @param queue     which does it
 * @param session   borrowed until the completion is taken; outlives the table
 * @param request   copied with all that it points to, but for the data of `ask`, which is called on a thread of the
 *                  queue; the limits of its `call` begin now and are those of the whole table, whose mstr_cancel
 * outlives it
 * @param user      told with the completion
 * @param[out] job  its number, for mstr_queue_cancel(); may be NULL
 * @param error     where to tell a failure; may be NULL
 * @return as mstr_queue_open()
 */
MSTR_API enum mstr_code mstr_queue_table(mstr_queue *queue, mstr_session *session, const mstr_table_request *request,
                                         void *user, uint64_t *job, mstr_error *error);

/**
 * Takes a row of a table, on a thread of the queue, while its page is in memory.
 * @param table  at the row
 * @param data   as given to mstr_queue_rows()
 * @return 0 to go on; anything else ends the job at this row, with MSTR_OK
 */
typedef int (*mstr_table_row_fn)(mstr_table *table, void *data);

/**
 * Goes on in a table, as mstr_table_next() does, as many rows as @p each likes, within the limits of the table. Where
 * it is cancelled between two rows, another job may go on; after any other failure the table has ended.
 * @param queue     which does it
 * @param table     borrowed until the completion is taken: nobody else uses it meanwhile
 * @param each      called row by row; NULL = the job ends at the next row
 * @param data      handed to @p each
 * @param user      told with the completion
 * @param[out] job  its number, for mstr_queue_cancel(); may be NULL
 * @param error     where to tell a failure; may be NULL
 * @return as mstr_queue_open()
 */
MSTR_API enum mstr_code mstr_queue_rows(mstr_queue *queue, mstr_table *table, mstr_table_row_fn each, void *data,
                                        void *user, uint64_t *job, mstr_error *error);

/**
 * Has work of the program's own done.
 * @param queue     which does it
 * @param work      copied, but its data is borrowed until the completion is taken
 * @param user      told with the completion
 * @param[out] job  its number, for mstr_queue_cancel(); may be NULL
 * @param error     where to tell a failure; may be NULL
 * @return as mstr_queue_open(); MSTR_E_USAGE too without a function to run
 */
MSTR_API enum mstr_code mstr_queue_call(mstr_queue *queue, const mstr_work *work, void *user, uint64_t *job,
                                        mstr_error *error);

/**
 * Takes a completion; never blocks.
 * @param queue            from which it is taken
 * @param[out] completion  begun with MSTR_COMPLETION_INIT, or cleared; what it has room for is filled in
 * @return 1 if one was taken; 0 if there is none
 */
MSTR_API int mstr_queue_next(mstr_queue *queue, mstr_completion *completion);

/**
 * Takes a completion, and waits for one if there is none.
 * @param queue            from which it is taken
 * @param timeout          ms; negative = without an end
 * @param[out] completion  as of mstr_queue_next()
 * @return 1 if one was taken; 0 if none came in time
 */
MSTR_API int mstr_queue_wait(mstr_queue *queue, int64_t timeout, mstr_completion *completion);

/**
 * Cancels a job: it is completed within 50 ms, with MSTR_E_CANCELLED unless it is done just now, or a value that the
 * cache may still serve will do.
 * @param queue  which was given the job
 * @param job    as the submit told it
 * @return nonzero if it had not ended yet
 */
MSTR_API int mstr_queue_cancel(mstr_queue *queue, uint64_t job);

/**
 * Releases what the completion owns, and makes it blank for the next one. May be called from any thread.
 * @param completion  NULL is accepted
 */
MSTR_API void mstr_completion_clear(mstr_completion *completion);

#ifdef __cplusplus
}
#endif
/** @} */
#endif
