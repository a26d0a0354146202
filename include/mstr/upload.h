/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file upload.h
 * @brief Rows of a program's own as a dataset of a project.
 * @defgroup mstr_upload Uploads of rows
 * @{
 *
 *     const mstr_upload_column columns[] = {MSTR_UPLOAD_COLUMN("Region", MSTR_UPLOAD_STRING),
 *                                           MSTR_UPLOAD_COLUMN("Revenue", MSTR_UPLOAD_DOUBLE)};
 *     const mstr_upload_field row[] = {{"North", 5}, {"1200.50", 7}};
 *     mstr_upload_options options = MSTR_UPLOAD_OPTIONS_INIT;
 *     mstr_upload *upload = NULL;
 *     options.dataset = "Sales Upload";
 *     options.columns = columns;
 *     options.column_count = 2;
 *     enum mstr_code code = mstr_upload_begin(session, &options, &upload, error);
 *     code = code == MSTR_OK ? mstr_upload_row(upload, row, 2, error) : code;
 *     code = code == MSTR_OK ? mstr_upload_publish(upload, NULL, error) : code;
 *     mstr_upload_free(upload);
 *
 * Rows are sent while they come, in chunks. Nobody sees them before they are published, and what was not published is
 * deleted at the server by mstr_upload_free().
 */
#ifndef MSTR_UPLOAD_H
#define MSTR_UPLOAD_H

#include <mstr/session.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Rows on their way into a dataset; used by one thread at a time. Memory is that of two chunks. */
typedef struct mstr_upload mstr_upload;

/** What becomes of the rows that the dataset has. Rows are told from each other by the table's attributes. */
enum mstr_upload_policy {
    MSTR_UPLOAD_REPLACE = 0, /**< they go */
    MSTR_UPLOAD_ADD = 1,     /**< they stay, and new ones come behind them */
    MSTR_UPLOAD_UPDATE = 2,  /**< those that are sent too are changed; no new ones come */
    MSTR_UPLOAD_UPSERT = 3   /**< those that are sent too are changed, and new ones come */
};

/** Of which type the values of a column are, and how they are written. */
enum mstr_upload_type {
    MSTR_UPLOAD_STRING = 0,     /**< any text in UTF-8 */
    MSTR_UPLOAD_INTEGER = 1,    /**< a whole number of 32 bits */
    MSTR_UPLOAD_BIGINTEGER = 2, /**< a whole number of 64 bits */
    MSTR_UPLOAD_BOOL = 3,       /**< true or false */
    MSTR_UPLOAD_DOUBLE = 4,     /**< a number as JSON writes it */
    MSTR_UPLOAD_BIGDECIMAL = 5, /**< the same, of any length */
    MSTR_UPLOAD_DATE = 6,       /**< 2026-02-28 */
    MSTR_UPLOAD_TIME = 7,       /**< 23:59:59 or 23:59:59.999 */
    MSTR_UPLOAD_DATETIME = 8    /**< both, with a T or a blank in between */
};

/** What a column becomes, where the dataset is made. */
enum mstr_upload_role {
    MSTR_UPLOAD_BY_TYPE = 0,   /**< numbers are metrics, all else attributes */
    MSTR_UPLOAD_ATTRIBUTE = 1, /**< a form of an attribute */
    MSTR_UPLOAD_METRIC = 2     /**< a metric */
};

/** A column. Begin with MSTR_UPLOAD_COLUMN(). */
typedef struct mstr_upload_column {
    uint32_t size;              /**< of the structure, octets */
    enum mstr_upload_type type; /**< of its values */
    enum mstr_upload_role role; /**< what it becomes */
    uint32_t reserved;          /**< 0 */
    const char *name;           /**< of the column */
    const char *attribute;      /**< that it is a form of; NULL = one of the column's name */
    const char *form;           /**< ID, DESC …; NULL = ID. The columns of one attribute are its forms */
} mstr_upload_column;
/** A column of this name and type. */
#define MSTR_UPLOAD_COLUMN(column, data_type)                                                                        \
    {                                                                                                                \
        (uint32_t)sizeof(mstr_upload_column), (data_type), MSTR_UPLOAD_BY_TYPE, 0, (column), NULL, NULL              \
    }

/** A field of a row: its text, which needs no NUL at its end; NULL is a null. */
typedef struct mstr_upload_field {
    const char *text; /**< as the column's type has it */
    size_t length;    /**< octets */
} mstr_upload_field;

/** Where rows go. Begin with MSTR_UPLOAD_OPTIONS_INIT; set the dataset and the columns. */
typedef struct mstr_upload_options {
    uint32_t size;                     /**< of the structure, octets */
    uint32_t flags;                    /**< MSTR_UPLOAD_CREATE */
    enum mstr_upload_policy policy;    /**< what becomes of the rows that are there */
    uint32_t column_size;              /**< of a column, octets; the initialiser has it */
    const char *dataset;               /**< name, looked for with the project's quick search; or id */
    const char *project;               /**< name or id; NULL = the session's */
    const char *table;                 /**< of the dataset; NULL = the only one it has, or of the dataset's name */
    const char *folder;                /**< id of the folder that a new dataset comes into; NULL = the user's own */
    const mstr_upload_column *columns; /**< in the order of a row's fields */
    size_t column_count;               /**< of columns */
    size_t chunk;                      /**< octets of a request; 0 = 8 MiB */
    const mstr_call_options *call;     /**< of the beginning alone; its cancel of all rows too */
} mstr_upload_options;
/** The defaults. */
#define MSTR_UPLOAD_OPTIONS_INIT                                                                                     \
    {                                                                                                                \
        (uint32_t)sizeof(mstr_upload_options), 0, MSTR_UPLOAD_REPLACE, (uint32_t)sizeof(mstr_upload_column), NULL,   \
            NULL, NULL, NULL, NULL, 0, 0, NULL                                                                       \
    }
/** Make the dataset where the project has none of the name. */
#define MSTR_UPLOAD_CREATE 1u

/**
 * Whether a text is a value of a type, as mstr_upload_row() would take it. May be called from any thread.
 * @param type    the type
 * @param text    needs no NUL at its end
 * @param length  octets
 * @return nonzero if so
 */
MSTR_API int mstr_upload_fits(enum mstr_upload_type type, const char *text, size_t length);

/**
 * What a dataset that is made of the options is to be: the body of POST datasets/models. Contacts nothing. May be
 * called from any thread.
 * @param options   a dataset's name and columns at least; whether it is to be made does not matter
 * @param[out] out  JSON, to be released; NULL when this fails
 * @param error     where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_USAGE for options that make no sense; MSTR_E_MEMORY
 */
MSTR_API enum mstr_code mstr_upload_model(const mstr_upload_options *options, mstr_secret **out, mstr_error *error);

/**
 * Finds or makes the dataset, and opens an upload session at the server, of which a dataset has one at a time.
 * @param session   an open one, which must outlive the upload
 * @param options   copied, but for the cancel
 * @param[out] out  the upload, to be freed with mstr_upload_free(); NULL when this fails
 * @param error     where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_USAGE for options that make no sense, or several datasets of the name; MSTR_E_NOT_FOUND
 *         for a dataset that is not there and not to be made; MSTR_E_REQUEST for columns that the dataset does not
 *         have; what mstr_session_send() tells
 */
MSTR_API enum mstr_code mstr_upload_begin(mstr_session *session, const mstr_upload_options *options,
                                          mstr_upload **out, mstr_error *error);

/**
 * Takes a row, and sends a chunk where one is full. A chunk that the network lost is sent again, with its number; one
 * that the server finds too large is halved.
 * @param upload  the upload
 * @param fields  borrowed
 * @param count   of them, as many as there are columns
 * @param error   where to tell a failure; may be NULL
 * @return MSTR_OK; after a failure the same one again: MSTR_E_USAGE for a field that is not of its column's type, is
 *         no UTF-8 or holds a NUL, told with row and column, and for a row that is larger than a chunk;
 *         MSTR_E_CANCELLED; what mstr_session_send() tells
 */
MSTR_API enum mstr_code mstr_upload_row(mstr_upload *upload, const mstr_upload_field *fields, size_t count,
                                        mstr_error *error);

/**
 * Sends what is left, has the server publish the rows, waits for that, and ends the upload session.
 * @param upload  the upload, to which no row can be given any more
 * @param call    limits of the waiting; a timeout of 0, or NULL: 6 h
 * @param error   where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_SERVER when the server says that it failed, or says what nobody knows; MSTR_E_UNAVAILABLE
 *         when it has not ended in time; MSTR_E_CANCELLED; what mstr_upload_row() told; what mstr_session_send()
 *         tells. The rows are then deleted
 */
MSTR_API enum mstr_code mstr_upload_publish(mstr_upload *upload, const mstr_call_options *call, mstr_error *error);

/**
 * Frees it; what was not published is deleted at the server within at most 5 s. A dataset that was made stays.
 * @param upload  NULL is accepted
 */
MSTR_API void mstr_upload_free(mstr_upload *upload);

#ifdef __cplusplus
}
#endif
/** @} */
#endif
