/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file table.h
 * @brief A report or a cube as a table: named columns, and rows that stream.
 * @defgroup mstr_table Tables of rows
 * @{
 *
 *     mstr_table_request request = MSTR_TABLE_REQUEST_INIT;
 *     mstr_table *table = NULL;
 *     int row = 0;
 *     request.object = "Revenue by Region";
 *     enum mstr_code code = mstr_table_open(session, &request, &table, error);
 *     while (code == MSTR_OK && (code = mstr_table_next(table, &row, error)) == MSTR_OK && row) {
 *         for (size_t i = 0; i < mstr_table_columns(table); i++) {
 *             const char *text = mstr_table_text(table, i, NULL);
 *             printf("%s%c", text != NULL ? text : "", i + 1 < mstr_table_columns(table) ? '\t' : '\n');
 *         }
 *     }
 *     mstr_table_free(table);
 *
 * **Columns**, from left to right: attributes of the page-by, attributes down the rows, attributes over the columns,
 * metrics. An attribute with several forms has a column for each. The rows come in the server's order, over all pages
 * of the page-by, and rows that are alike stay as many as they are. Metrics that the report has down its rows become
 * columns; for that, the rows between two changes of what stands before them are held in memory. A cross-tab becomes
 * longer: a row for each of its columns' elements; with MSTR_TABLE_CROSS_KEEP it stays as wide as it is.
 *
 * **Cells** keep the digits that the server wrote, and a null is no empty text.
 *
 * Instances live in the session's working set, whose oldest ones make room for new ones: read one table to its end
 * before opening many others, or log in with a larger `workingSet`.
 */
#ifndef MSTR_TABLE_H
#define MSTR_TABLE_H

#include <mstr/arrow.h>
#include <mstr/execution.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A table that is being read; used by one thread at a time. Memory is that of two pages. */
typedef struct mstr_table mstr_table;

/* --- what is asked for ------------------------------------------------------------------------------------------ */

/** A prompt of a report. Its texts live as long as what showed it. */
typedef struct mstr_prompt {
    uint32_t size;          /**< of the structure, octets */
    uint32_t flags;         /**< MSTR_PROMPT_… */
    const char *key;        /**< the one thing that tells two prompts apart */
    const char *id;         /**< of the prompt object; "" = not told */
    const char *name;       /**< of the prompt object */
    const char *title;      /**< what it asks; "" = not told */
    const char *type;       /**< VALUE, ELEMENTS, OBJECTS, EXPRESSION, LEVEL, … as the server writes it */
    const char *data_type;  /**< of a VALUE; "" = not told */
    const char *minimum;    /**< of the value, or of how many are chosen; "" = none */
    const char *maximum;    /**< likewise */
    const char *definition; /**< all of it, as the server's JSON */
} mstr_prompt;
/** It wants an answer; others can be closed. */
#define MSTR_PROMPT_REQUIRED 1u
/** It has a default. */
#define MSTR_PROMPT_HAS_DEFAULT 2u

/** An answer to one prompt. Begin with MSTR_PROMPT_ANSWER_INIT; with a name alone it closes an optional one. */
typedef struct mstr_prompt_answer {
    uint32_t size;             /**< of the structure, octets */
    uint32_t flags;            /**< MSTR_ANSWER_… */
    const char *prompt;        /**< key, id or name, looked for in this order */
    const char *const *values; /**< one value; names or ids of elements; ids, or names, of objects */
    size_t value_count;        /**< of them */
    const char *json;          /**< in place of values: what the API calls `answers`, as for an expression */
} mstr_prompt_answer;
/** The defaults. */
#define MSTR_PROMPT_ANSWER_INIT                                                                                      \
    {                                                                                                                \
        (uint32_t)sizeof(mstr_prompt_answer), 0, NULL, NULL, 0, NULL                                                 \
    }
/** The prompt's own default. */
#define MSTR_ANSWER_DEFAULT 1u

/**
 * Asks somebody for the answer to a prompt that nothing else answers.
 * @param prompt       lives during the call
 * @param[out] answer  to be filled, its prompt apart; what it points to must live until the next call or the end of
 *                     mstr_table_open()
 * @param data         as in the request
 * @return 0 to go on; anything else ends mstr_table_open() with MSTR_E_CANCELLED
 */
typedef int (*mstr_ask_fn)(const mstr_prompt *prompt, mstr_prompt_answer *answer, void *data);

/**
 * What a table is made of. Begin with MSTR_TABLE_REQUEST_INIT and set the object. Attributes, metrics, forms and
 * elements are named by name or id; a name that several have is refused. All of it is held against the definition of
 * the report or cube before anything runs, as the server passes over ids it does not know.
 */
typedef struct mstr_table_request {
    uint32_t size;                 /**< of the structure, octets */
    uint32_t flags;                /**< MSTR_TABLE_… */
    enum mstr_execution_kind kind; /**< a report or a cube */
    uint32_t ahead;                /**< 0 = the next page is fetched while rows of the one at hand are read */
    const char *object;  /**< name, looked for with the project's quick search; or id, 32 hexadecimal digits */
    const char *project; /**< name or id; NULL = the session's */
    /** Attributes that are wanted. Neither these nor metrics: all that the template has; one of them alone: none of
     * the other. Attributes that are left out are aggregated over */
    const char *const *attributes;
    size_t attribute_count;     /**< of attributes */
    const char *const *metrics; /**< metrics that are wanted */
    size_t metric_count;        /**< of metrics */
    /** "ATTRIBUTE@FORM,FORM" in place of the forms that the template shows; "ATTRIBUTE@all" is all of them. A comma
     *  or backslash in a name is written with a backslash before it, and so is an @ in an attribute's name */
    const char *const *forms;
    size_t form_count; /**< of forms */
    /** Conditions, all of which must hold: "Region in North,South", "Revenue >= 1000", "Year between 2024 and 2025",
     *  "Customer@Name like A*". The operators are `in`, `not in`, `=`, `!=`, `<`, `<=`, `>`, `>=`, `between A and B`,
     *  `like` (with `*`), `is null`, `is not null`. A name with such a word in it is put into double quotes */
    const char *const *filters;
    size_t filter_count;     /**< of filters */
    const char *view_filter; /**< beside them: the API's viewFilter as JSON; NULL = none */
    /** "UNIT=ELEMENT", by the text of a form of the element or by its id: pages of the page-by with that element
     *  alone; several for one unit give each of them. See MSTR_TABLE_PAGE_CURRENT too */
    const char *const *page_by;
    size_t page_by_count;              /**< of page_by */
    const mstr_prompt_answer *answers; /**< to prompts; one that no prompt waits for is refused */
    size_t answer_count;               /**< of answers */
    const char *answers_json; /**< beside them, the API's own: `{"prompts":[{"key", "answers"} …]}`; NULL = none */
    mstr_ask_fn ask;          /**< for prompts left open; NULL = they are an error that lists them */
    void *ask_data;           /**< handed to ask */
    int64_t limit;            /**< rows in all; 0 = all of them */
    int64_t page_size;        /**< rows of the server's asked for at once; 0 = 1000 at first, then what makes 8 MB */
    /** Timeout and cancellation of the whole, from mstr_table_open() to the last row; NULL, or a timeout of 0, sets
     *  no such limit: each request has the session's timeout. The cancel must outlive the table */
    const mstr_call_options *call;
} mstr_table_request;
/** The defaults. */
#define MSTR_TABLE_REQUEST_INIT                                                                                      \
    {                                                                                                                \
        (uint32_t)sizeof(mstr_table_request), 0, MSTR_EXECUTION_REPORT, 0, NULL, NULL, NULL, 0, NULL, 0, NULL, 0,    \
            NULL, 0, NULL, NULL, 0, NULL, 0, NULL, NULL, NULL, 0, 0, NULL                                            \
    }
/** Fetch the formatted values of metrics as well, for mstr_table_formatted(); twice as much to receive. */
#define MSTR_TABLE_FORMATTED 1u
/** Texts of attribute forms count as numbers where their form's data type is one and they are written like one. */
#define MSTR_TABLE_TYPED 2u
/** Keep subtotals and grand totals. */
#define MSTR_TABLE_TOTALS 4u
/** A cross-tab keeps its width: a metric column for each column of the grid. */
#define MSTR_TABLE_CROSS_KEEP 8u
/** Labels are made unique by ids in brackets in place of " (2)". */
#define MSTR_TABLE_IDS 16u
/** Of the page-by, the page that is stored with the report alone. */
#define MSTR_TABLE_PAGE_CURRENT 32u
/** Prompts that nothing answers take their defaults, and optional ones without a default are closed. */
#define MSTR_TABLE_PROMPT_DEFAULTS 64u
/** Run nothing: columns, prompts and page-by of the definition, and no row. */
#define MSTR_TABLE_DESCRIBE 128u
/** mstr_table_arrow() gives text alone. */
#define MSTR_TABLE_ARROW_TEXT 256u

/* --- the table -------------------------------------------------------------------------------------------------- */

/** What a column shows. */
enum mstr_column_kind {
    MSTR_COLUMN_PAGE_BY = 0,   /**< an attribute of the page-by */
    MSTR_COLUMN_ATTRIBUTE = 1, /**< an attribute, custom group or consolidation of rows or columns */
    MSTR_COLUMN_METRIC = 2
};

/** A column. Lives, and its texts, as long as the table. */
typedef struct mstr_column {
    uint32_t size;              /**< of the structure, octets */
    enum mstr_column_kind kind; /**< what it shows */
    /** Unique in the table: the attribute's name, "Attribute@Form" where it has several forms, the metric's name, and
     *  for a cross-tab that keeps its width what stands over the column, joined by " | "; " (2)" is added to the
     *  second that would be the same */
    const char *label;
    const char *name;      /**< of the attribute or metric */
    const char *id;        /**< of it; "" = not told */
    const char *form;      /**< of an attribute; "" = none */
    const char *form_id;   /**< of the form; "" = none */
    const char *data_type; /**< as the server writes it, of form or metric; "" = not told, "unknown" before it ran */
} mstr_column;

/** What a cell is. */
enum mstr_cell_kind {
    MSTR_CELL_NULL = 0,   /**< nothing */
    MSTR_CELL_TEXT = 1,   /**< a text, which may be empty */
    MSTR_CELL_NUMBER = 2, /**< a number, in the digits that the server wrote */
    MSTR_CELL_TOTAL = 3   /**< an attribute of a row of totals; its text names the total */
};

/**
 * Runs the report or cube until its first page is there: names are looked up, the definition is read, the instance is
 * made and waited for, prompts are answered, also those that only the answers to others bring about. An instance that
 * is lost in the meantime, as by a new login, is made anew, once.
 * @param session    an open one, which must outlive the table
 * @param request    copied, but for what `call` names
 * @param[out] out   the table, to be freed with mstr_table_free(); NULL when this fails
 * @param error      where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_USAGE for a request that does not fit the report: an unknown name, a filter that says
 *         nothing, prompts left open, which are told with name, type and bounds; MSTR_E_NOT_FOUND for a report or
 *         cube that is not there; MSTR_E_CANCELLED; MSTR_E_TIMEOUT; MSTR_E_SERVER when the execution failed;
 *         MSTR_E_PROTOCOL for an answer that is no grid; what mstr_session_send() tells
 */
MSTR_API enum mstr_code mstr_table_open(mstr_session *session, const mstr_table_request *request, mstr_table **out,
                                        mstr_error *error);

/**
 * How many columns it has.
 * @param table  the table
 * @return how many
 */
MSTR_API size_t mstr_table_columns(const mstr_table *table);

/**
 * A column.
 * @param table  the table
 * @param index  from 0
 * @return lives as long as the table; NULL past the last
 */
MSTR_API const mstr_column *mstr_table_column(const mstr_table *table, size_t index);

/**
 * A prompt of the report: with MSTR_TABLE_DESCRIBE each that the report begins with, else each that was met.
 * @param table  the table
 * @param index  from 0
 * @return lives as long as the table; NULL past the last
 */
MSTR_API const mstr_prompt *mstr_table_prompt(const mstr_table *table, size_t index);

/**
 * Goes on to the next row. Each grid's rows are counted against what the server said that there are, and each page's
 * columns compared with those of the first, so that MSTR_OK with no row means that all of them came.
 * @param table     the table
 * @param[out] row  nonzero if there is one; 0 past the last, and when this fails
 * @param error     where to tell a failure; may be NULL
 * @return MSTR_OK; after a failure the same failure again: MSTR_E_PROTOCOL where the server's pages do not fit
 *         together, MSTR_E_NOT_FOUND for an instance that was lost, but for the first that is so before any row was
 *         given, of a report without prompts; MSTR_E_CANCELLED, MSTR_E_TIMEOUT, what mstr_session_send() tells
 */
MSTR_API enum mstr_code mstr_table_next(mstr_table *table, int *row, mstr_error *error);

/**
 * What a cell of the row at hand is.
 * @param table  the table
 * @param index  of the column
 * @return MSTR_CELL_NULL too past the last column, or without a row
 */
MSTR_API enum mstr_cell_kind mstr_table_cell_kind(const mstr_table *table, size_t index);

/**
 * A cell as text: of an attribute its form, of a metric its raw value, a number in the server's digits.
 * @param table        the table
 * @param index        of the column
 * @param[out] length  octets; may be NULL
 * @return NUL-terminated, lives until the next row is asked for; NULL for a null
 */
MSTR_API const char *mstr_table_text(const mstr_table *table, size_t index, size_t *length);

/**
 * The same as the report formats it: "$1,200.00". Of an attribute it is the same text.
 * @param table        one that was opened with MSTR_TABLE_FORMATTED
 * @param index        of the column
 * @param[out] length  octets; may be NULL
 * @return NUL-terminated, lives until the next row is asked for; for a null the text that the project has for it;
 *         NULL where nothing was told
 */
MSTR_API const char *mstr_table_formatted(const mstr_table *table, size_t index, size_t *length);

/**
 * A cell as a whole number.
 * @param table        the table
 * @param index        of the column
 * @param[out] number  left alone if it is none
 * @return nonzero if the cell is a number that an int64_t holds exactly
 */
MSTR_API int mstr_table_int64(const mstr_table *table, size_t index, int64_t *number);

/**
 * A cell as a number.
 * @param table        the table
 * @param index        of the column
 * @param[out] number  left alone if it is none
 * @return nonzero if the cell is a number of at most 17 significant digits, not too large: what a double can tell
 */
MSTR_API int mstr_table_double(const mstr_table *table, size_t index, double *number);

/**
 * How many rows the server's grids have together, as far as it told: of a cross-tab, or of metrics down the rows,
 * these are not yet the rows of the table.
 * @param table  the table
 * @return -1 as long as not all pages of the page-by have been begun
 */
MSTR_API int64_t mstr_table_expected(const mstr_table *table);

/**
 * The rows that are left, as a stream of Arrow, in batches of 1,000. Each column is int64 ("l"), double ("g") or text
 * ("U"): a metric, and with MSTR_TABLE_TYPED a form, by its data type, but for decimal numbers of any length, which
 * are text, and so is a column of whose first batch something does not fit. What fits no more in a later batch is an
 * error, as the type has been told by then; MSTR_TABLE_ARROW_TEXT avoids that.
 * @param table     taken over on success: freed with the stream; until then its columns may be looked at, and after
 *                  a failure of the stream mstr_table_next() tells one of the table's own
 * @param[out] out  the caller's, to be released with its own function; its release is NULL when this fails
 * @return nonzero on success; 0 without memory
 */
MSTR_API int mstr_table_arrow(mstr_table *table, struct ArrowArrayStream *out);

/**
 * Ends the reading, and frees. The instance is left to the session's working set, as MicroStrategy has no call to
 * delete it.
 * @param table  NULL is accepted
 */
MSTR_API void mstr_table_free(mstr_table *table);

#ifdef __cplusplus
}
#endif
/** @} */
#endif
