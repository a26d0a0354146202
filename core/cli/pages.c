/* SPDX-License-Identifier: Apache-2.0 */
/* Lists that the server gives in pages. */
#include "pages.h"

#include "output.h"

#include <mstr/paging.h>
#include <stdlib.h>
#include <string.h>

/* The page's size that the caller asked for, 0 = none, -1 = nonsense. */
static int64_t size_of(const mstr_session_request *request)
{
    int64_t size = 0;
    for (size_t i = 0; i < request->query_count; i++) {
        if (strcmp(request->query[i].name, "limit") == 0) {
            size = strtoll(request->query[i].value, NULL, 10);
            size = size < 1 ? -1 : size;
        }
    }
    return size;
}

enum mstr_code pages_print(mstr_session *session, const mstr_session_request *request, mstr_error *error)
{
    const char *item = NULL;
    const char *before = "["; /* not written ahead of the first answer, which may be a failure */
    size_t length = 0;
    mstr_pages *pages = NULL;
    int64_t size = size_of(request);
    if (size < 0) {
        return mstr_error_set(error, MSTR_E_USAGE, "with --paginate, limit is the size of a page, from 1 on");
    }
    enum mstr_code code = mstr_pages_new(session, request, size, &pages, error);
    if (code != MSTR_OK) {
        return code;
    }
    while (output_failure(output_data) == 0 && (code = mstr_pages_next(pages, &item, &length, error)) == MSTR_OK &&
           item != NULL) {
        output_puts(output_data, before);
        output_write(output_data, item, length);
        before = ",\n";
    }
    if (code == MSTR_OK) { /* else it must not look whole */
        output_puts(output_data, *before == '[' ? "[]\n" : "]\n");
    }
    mstr_pages_free(pages);
    return code;
}
