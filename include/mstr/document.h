/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file document.h
 * @brief Documents and dashboards as files: PDF, Excel, the data of one visualization, or MicroStrategy's own form.
 * @defgroup mstr_document Exports of documents
 * @{
 *
 *     mstr_document_request what = MSTR_DOCUMENT_REQUEST_INIT;
 *     what.object = "Sales Dashboard";
 *     what.format = MSTR_DOCUMENT_PDF;
 *     what.file = "sales.pdf";
 *     enum mstr_code code = mstr_document_export(session, &what, NULL, error);
 *
 * What the server sends is looked at before an octet of it is written: a page that asks for a login, or an error that
 * comes as a success, is a failure and never in the file.
 */
#ifndef MSTR_DOCUMENT_H
#define MSTR_DOCUMENT_H

#include <mstr/table.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a document is exported to. */
enum mstr_document_format {
    MSTR_DOCUMENT_PDF = 0,
    MSTR_DOCUMENT_EXCEL = 1,
    MSTR_DOCUMENT_CSV = 2,  /**< the data of one visualization, formatted, as it is laid out there */
    MSTR_DOCUMENT_MSTR = 3, /**< MicroStrategy's own form of a dashboard */
};

/** What is exported, and where to. Begin with MSTR_DOCUMENT_REQUEST_INIT; give an object, and a file or a writer. */
typedef struct mstr_document_request {
    uint32_t size;                     /**< of the structure, octets */
    uint32_t flags;                    /**< MSTR_DOCUMENT_RAW, MSTR_DOCUMENT_PROMPT_DEFAULTS */
    enum mstr_document_format format;  /**< what is wanted */
    uint32_t reserved;                 /**< 0 */
    const char *object;                /**< name, looked for with the project's quick search; or id */
    const char *project;               /**< name or id; NULL = the session's */
    const char *visualization;         /**< key or name, of which CSV needs one and PDF may have one; NULL = all */
    const mstr_prompt_answer *answers; /**< to prompts; one that no prompt waits for is refused */
    size_t answer_count;               /**< of answers */
    const char *answers_json;  /**< beside them, the API's own: `{"prompts":[{"key", "answers"} …]}`; NULL = none */
    mstr_ask_fn ask;           /**< for prompts left open; NULL = they are an error that lists them */
    void *ask_data;            /**< handed to ask */
    const char *options;       /**< the API's own, as JSON: `{"orientation":"LANDSCAPE"}`; NULL = none */
    const char *file;          /**< takes the whole export, or stays as it was; NULL = the writer takes it */
    const mstr_writer *writer; /**< takes the export piece by piece; its `begin` is not called */
    const mstr_call_options *call; /**< of the whole; a timeout of 0: none but the session's for each request */
} mstr_document_request;
/** The defaults. */
#define MSTR_DOCUMENT_REQUEST_INIT                                                                                   \
    {                                                                                                                \
        (uint32_t)sizeof(mstr_document_request), 0, MSTR_DOCUMENT_PDF, 0, NULL, NULL, NULL, NULL, 0, NULL, NULL,     \
            NULL, NULL, NULL, NULL, NULL                                                                             \
    }
/** CSV stays as the server sends it, which is UTF-16; else it becomes UTF-8 without a mark at its begin. */
#define MSTR_DOCUMENT_RAW 1u
/** Prompts that nothing answers take their defaults, and optional ones without a default are closed. */
#define MSTR_DOCUMENT_PROMPT_DEFAULTS 2u

/** What came of it. Set the size to that of the structure. */
typedef struct mstr_document_info {
    uint32_t size;            /**< of the structure, octets */
    uint32_t reserved;        /**< 0 */
    int64_t octets;           /**< how many were written */
    const char *content_type; /**< by the first octets: "application/pdf"; never freed */
} mstr_document_info;

/**
 * Exports a document or a dashboard. Its instance at the server is made, waited for, its prompts are answered, and it
 * is deleted in each case, also after a cancellation.
 * @param session    an open one
 * @param what       borrowed
 * @param[out] info  may be NULL
 * @param error      where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_USAGE for prompts left open and for a visualization that is missing, or is not there: those
 *         that are there are listed; MSTR_E_NOT_FOUND for a document that is not there; MSTR_E_PROTOCOL for what is
 *         no such file; MSTR_E_SERVER when the execution failed; MSTR_E_UNEXPECTED when the file cannot be written;
 *         MSTR_E_CANCELLED, also where the writer ends it; MSTR_E_TIMEOUT; what mstr_session_send() tells
 */
MSTR_API enum mstr_code mstr_document_export(mstr_session *session, const mstr_document_request *what,
                                             mstr_document_info *info, mstr_error *error);

#ifdef __cplusplus
}
#endif
/** @} */
#endif
