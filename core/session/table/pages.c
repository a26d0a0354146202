/* SPDX-License-Identifier: Apache-2.0 */
/* Asking for the pages of a grid. */
#include "session/table/pages.h"

#include "base/error.h"
#include "session/api/read_ahead.h"

enum { SIZE_MIN = 50, OCTETS_WANTED = 8 * 1024 * 1024 };

void pages_begin(struct pages *pages)
{
    pages_end(pages);
    pages->read = 0;
    pages->total = -1;
}

static void stop(struct pages *pages)
{
    read_ahead_free(pages->fetching);
    pages->fetching = NULL;
}

void pages_end(struct pages *pages)
{
    stop(pages);
    mstr_response_free(pages->page);
    pages->page = NULL;
}

/* Called by the threads that fetch ahead. */
static enum mstr_code fetch_ahead(void *data, int64_t offset, int64_t limit, mstr_cancel *cancel, mstr_response **out,
                                  mstr_error *error)
{
    const struct pages *pages = data;
    int64_t wanted = pages->until - offset;
    return report_fetch(pages->instance, offset, wanted < limit ? wanted : limit, cancel, out, error);
}

static enum mstr_code fetch_here(const struct pages *pages, mstr_response **out, mstr_error *error)
{
    int64_t wanted = pages->most - pages->read;
    return report_fetch(pages->instance, pages->read, wanted < pages->size ? wanted : pages->size,
                        pages->instance->limits.cancel, out, error);
}

static int64_t end_of(const struct pages *pages)
{
    return pages->total < pages->most ? pages->total : pages->most;
}

/* A page of those fetched ahead; false if it has to be asked for here. */
static bool take_ahead(struct pages *pages, mstr_response **out, enum mstr_code *code, mstr_error *told)
{
    bool came =
        pages->fetching != NULL && read_ahead_next(pages->fetching, &pages->instance->limits, out, code, told);
    if (!came || *code != MSTR_OK) {
        stop(pages);
    }
    return came;
}

/* The page that begins where the last one ended, in halves for as long as it takes the server too long. `told` is
 * never NULL. */
static enum mstr_code fetch_page(struct pages *pages, mstr_response **out, mstr_error *told)
{
    enum mstr_code code = MSTR_OK;
    if (!take_ahead(pages, out, &code, told)) {
        code = fetch_here(pages, out, told);
    }
    while (code != MSTR_OK && report_is_too_slow(told) && pages->size > SIZE_MIN) {
        pages->size = pages->size / 2 > SIZE_MIN ? pages->size / 2 : SIZE_MIN;
        pages->steered = false;
        mstr_error_clear(told);
        code = fetch_here(pages, out, told);
    }
    return code;
}

enum mstr_code pages_next(struct pages *pages, mstr_response **out, mstr_error *error)
{
    struct report *instance = pages->instance;
    *out = NULL;
    mstr_response_free(pages->page);
    pages->page = NULL;
    if (pages->total >= 0 && pages->read >= end_of(pages)) {
        return MSTR_OK;
    }
    if (pages->total < 0 && instance->has_page) {
        pages->page = instance->answer;
        instance->answer = NULL;
        instance->has_page = false;
        *out = pages->page;
        return MSTR_OK;
    }
    mstr_error *told = mstr_error_new();
    enum mstr_code code = told != NULL ? fetch_page(pages, &pages->page, told) : MSTR_E_MEMORY;
    if (code != MSTR_OK) {
        told != NULL ? error_copy(error, told) : (void)error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    mstr_error_free(told);
    *out = pages->page;
    return code;
}

/* As many rows as make a page of the wanted length, never fewer than now. */
static void steer(struct pages *pages)
{
    size_t length = 0;
    mstr_response_body(pages->page, &length);
    int64_t fitting = length > 0 ? (int64_t)((double)pages->coming * ((double)OCTETS_WANTED / (double)length)) : 0;
    pages->size = fitting > pages->size ? fitting : pages->size;
    pages->steered = false;
}

enum mstr_code pages_opened(struct pages *pages, int64_t total, mstr_error *error)
{
    if (pages->total >= 0 && total != pages->total) {
        error_set(error, MSTR_E_PROTOCOL, "%s had %lld rows on the first page, and %lld on a later one",
                  pages->instance->object, (long long)pages->total, (long long)total);
        error_set_hint(error, "the report's data changed while it was read; run it again");
        return MSTR_E_PROTOCOL;
    }
    pages->total = total;
    pages->coming = end_of(pages) - pages->read < pages->size ? end_of(pages) - pages->read : pages->size;
    if (pages->steered && pages->coming > 0) {
        steer(pages);
    }
    const struct read_ahead_range range = {pages->read + pages->coming, pages->size, end_of(pages)};
    if (pages->fetching == NULL && pages->ahead > 0 && range.offset < range.end) {
        pages->until = pages->most;
        pages->fetching = read_ahead_new(range, pages->ahead, fetch_ahead, pages);
    }
    return MSTR_OK;
}

enum mstr_code pages_took(struct pages *pages, int64_t rows, mstr_error *error)
{
    pages->read += rows;
    if (pages->read > pages->total || (rows == 0 && pages->read < end_of(pages))) {
        return error_set(error, MSTR_E_PROTOCOL, "%s has %lld rows, but the server %s after %lld",
                         pages->instance->object, (long long)pages->total, rows == 0 ? "stopped" : "did not stop",
                         (long long)pages->read);
    }
    if (rows != pages->coming) { /* the server has a limit of its own, and the next page begins where these end */
        stop(pages);
        pages->size = rows > 0 && rows < pages->size ? rows : pages->size;
    }
    return MSTR_OK;
}
