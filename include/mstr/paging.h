/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file paging.h
 * @brief Lists that the server gives in pages, item by item.
 * @defgroup mstr_paging Paging
 * @{
 *
 *     mstr_pages *pages = NULL;
 *     const char *item = NULL;
 *     enum mstr_code code = mstr_pages_new(session, &request, 0, &pages, error);
 *     while (code == MSTR_OK && (code = mstr_pages_next(pages, &item, NULL, error)) == MSTR_OK && item != NULL) {
 *         puts(item);
 *     }
 *     mstr_pages_free(pages);
 */
#ifndef MSTR_PAGING_H
#define MSTR_PAGING_H

#include <mstr/session.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A walk over a list; used by one thread at a time. Memory is that of one page, and of those fetched ahead. */
typedef struct mstr_pages mstr_pages;

/**
 * Begins a walk; nothing is sent yet.
 * @param session    must outlive the walk
 * @param request    a GET, copied: path, query, headers, project and limits. `limit` and `offset` are put in place
 *                   of parameters of these names. Its timeout is that of each page
 * @param page_size  items asked for at once; 0 = 200
 * @param[out] out   the walk, to be freed with mstr_pages_free(); NULL when this fails
 * @param error      where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_USAGE for another method, a body or a writer; MSTR_E_MEMORY
 */
MSTR_API enum mstr_code mstr_pages_new(mstr_session *session, const mstr_session_request *request, int64_t page_size,
                                       mstr_pages **out, mstr_error *error);

/**
 * The next item, with a request where the page at hand is used up.
 *
 * The items are the answer if it is an array, else its first member that is one. The walk ends when as many items as
 * x-mstr-total-count, `totalItems` or `total` say have come, or, where nothing says so, with a page that is not full
 * or equals the page before, as of a list that knows no pages. A page that takes the server too long (I-Server code
 * -2147206497) is asked for again in halves, down to 50 items. After a failure the same page can be asked for again.
 * @param pages        the walk
 * @param[out] item    its JSON as the server wrote it, without white space; NULL past the last. Lives until the next
 *                     call
 * @param[out] length  octets of the item; may be NULL
 * @param error        where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_PROTOCOL for an answer that is no list, or pages that never end; what mstr_session_send()
 *         tells
 */
MSTR_API enum mstr_code mstr_pages_next(mstr_pages *pages, const char **item, size_t *length, mstr_error *error);

/**
 * Has pages fetched side by side by threads of the walk's own while the program works on the items of earlier ones,
 * which still come in order. Without a total there is nothing to fetch ahead. To be called before the first item.
 * @param pages  the walk
 * @param count  pages at once, at most 8; 0, the default, fetches each when it is needed
 */
MSTR_API void mstr_pages_set_ahead(mstr_pages *pages, uint32_t count);

/**
 * How many items there are in all, as the latest page told.
 * @param pages  the walk
 * @return -1 while or where that is unknown
 */
MSTR_API int64_t mstr_pages_total(const mstr_pages *pages);

/**
 * Ends the walk, and what is being fetched ahead.
 * @param pages  NULL is accepted
 */
MSTR_API void mstr_pages_free(mstr_pages *pages);

#ifdef __cplusplus
}
#endif
/** @} */
#endif
