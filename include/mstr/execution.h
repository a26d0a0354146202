/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file execution.h
 * @brief Running reports and cubes, and reading their rows while pages arrive.
 * @defgroup mstr_execution Reports and cubes
 * @{
 */
#ifndef MSTR_EXECUTION_H
#define MSTR_EXECUTION_H

#include <mstr/session.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What is run. */
enum mstr_execution_kind { MSTR_EXECUTION_REPORT = 0, MSTR_EXECUTION_CUBE = 1 };

/** A run. Begin with MSTR_EXECUTION_INIT and set the id. */
typedef struct mstr_execution {
    uint32_t size;                 /**< of the structure, octets */
    enum mstr_execution_kind kind; /**< what is run */
    const char *id;                /**< of the report or cube */
    const char *project;           /**< name or id; NULL = the session's */
    const char *body;              /**< JSON with requestedObjects, viewFilter, sorting …; NULL = all */
    const char *answers; /**< JSON for a prompted report: `{"prompts":[…]}`; NULL = there are no prompts */
    int64_t page_size;   /**< rows asked for at once; 0 = 1000 */
    const mstr_call_options *call; /**< limits of the whole run; NULL = the session's timeout */
    uint32_t ahead; /**< pages fetched side by side while rows of earlier ones are handed over, at most 8; 0 = none.
                     *   As many pages more are then held in memory */
    uint32_t reserved; /**< 0 */
} mstr_execution;
/** The defaults. */
#define MSTR_EXECUTION_INIT                                                                                          \
    {                                                                                                                \
        (uint32_t)sizeof(mstr_execution), MSTR_EXECUTION_REPORT, NULL, NULL, NULL, NULL, 0, NULL, 0, 0               \
    }

/** A row of the grid; everything lives during the callback. */
typedef struct mstr_row {
    uint32_t size;                  /**< of the structure, octets */
    uint32_t reserved;              /**< 0 */
    int64_t index;                  /**< from 0 over all pages */
    int64_t total;                  /**< rows in all, as the latest page told */
    size_t label_count;             /**< of labels and their names */
    const char *const *label_names; /**< of the attributes down the rows */
    const char *const *labels;      /**< their elements in this row; several forms are parted by a blank */
    size_t value_count;             /**< of values, their names and raw */
    const char *const *value_names; /**< of the columns; several levels are parted by a blank */
    const char *const *values;      /**< as the server formats them; NULL where there is none */
    const char *const *raw;         /**< as JSON, digits unchanged; NULL for null */
} mstr_row;

/**
 * Takes a row.
 * @param row  lives during the call, and all that it points to
 * @param data as given to mstr_session_execute()
 * @return 0 to go on; anything else ends the run with MSTR_E_CANCELLED
 */
typedef int (*mstr_row_fn)(const mstr_row *row, void *data);

/**
 * Runs a report or a cube and hands over its rows in order, page by page, in the memory of one page, or of as many
 * as `ahead` says.
 *
 * The instance is made asynchronously where the server offers it, and asked after with the server's Retry-After, or
 * with growing pauses. A page that takes the server too long is asked for again in halves, down to 50 rows. The
 * instance is deleted in the end, however the run ends, so that it takes no place in the session's working set.
 *
 * An instance ends with its session, and may be pushed out of its working set. If that happens before the first row,
 * as by a new login while the report was running, another instance is made, once; after it, that is an error, as the
 * rows of two runs need not fit together.
 * @param session    an open one; many threads may run executions on it at once
 * @param execution  borrowed
 * @param each       may be called on this thread only, before the function returns
 * @param data       handed to @p each
 * @param error      where to tell a failure; may be NULL
 * @return MSTR_OK after the last row; MSTR_E_USAGE without an id, or when prompts are open and there are no answers;
 *         MSTR_E_CANCELLED when @p each wished so or from another thread; MSTR_E_TIMEOUT; MSTR_E_SERVER when the
 *         execution failed; what mstr_session_send() tells
 */
MSTR_API enum mstr_code mstr_session_execute(mstr_session *session, const mstr_execution *execution, mstr_row_fn each,
                                             void *data, mstr_error *error);

#ifdef __cplusplus
}
#endif
/** @} */
#endif
