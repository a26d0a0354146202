/* SPDX-License-Identifier: Apache-2.0 */
/* Walking over a list that comes in pages of offset and limit: which page is next, and whether there is one. */
#include <mstr/paging.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/given.h"
#include "base/json_scan.h"
#include "base/text.h"
#include "session/api/read_ahead.h"
#include "session/exchange/request.h"
#include "session/parts/pairs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_SIZE = 200, PAGE_MIN = 50, I_SERVER_TIMEOUT = -2147206497 };

struct mstr_pages {
    mstr_session *session;
    char *path;
    char *project;
    struct pairs query; /* of the caller */
    struct pairs headers;
    mstr_call_options call;
    uint32_t flags;
    int64_t size;
    int64_t offset; /* of the next page */
    int64_t seen;   /* items of all pages so far */
    int64_t total;
    mstr_response *page; /* NULL before the first */
    struct json_span list;
    struct json_span at; /* the item handed out last */
    bool last;
    uint32_t wanted_ahead;    /* pages */
    struct read_ahead *ahead; /* NULL = none are being fetched ahead */
    struct buffer item;
};

static bool copy_pairs(struct pairs *to, const struct mstr_header *from, size_t count, bool all)
{
    for (size_t i = 0; i < count; i++) {
        bool own = !all && (strcmp(from[i].name, "limit") == 0 || strcmp(from[i].name, "offset") == 0);
        if (!own && !pairs_add(to, from[i].name, from[i].value)) {
            return false;
        }
    }
    return true;
}

static enum mstr_code check(const mstr_session_request *request, int64_t page_size, mstr_error *error)
{
    if (!MSTR_HAS(request, mstr_session_request, network)) {
        return given_check("the request was", false, 0, 0, error);
    }
    if (request_check(request, error) != MSTR_OK || given_call(request->call, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    bool get = request->method == NULL || strcmp(request->method, "GET") == 0;
    bool body = request->body != NULL || request->form != NULL || request->parts != NULL || request->file != NULL ||
                request->reader != NULL;
    if (!get || body || request->writer != NULL || request->path == NULL) {
        return error_set(error, MSTR_E_USAGE, "pages come from a GET with a path, without a body or a writer");
    }
    const struct given_number size = {"page_size", page_size, 0, INT64_MAX};
    return given_numbers("pages were", &size, 1, error);
}

enum mstr_code mstr_pages_new(mstr_session *session, const mstr_session_request *request, int64_t page_size,
                              mstr_pages **out, mstr_error *error)
{
    *out = NULL;
    enum mstr_code code = check(request, page_size, error);
    if (code != MSTR_OK) {
        return code;
    }
    mstr_pages *pages = calloc(1, sizeof(*pages));
    if (pages == NULL) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    static const mstr_call_options no_limits = MSTR_CALL_OPTIONS_INIT;
    pages->session = session;
    pages->call = request->call != NULL ? *request->call : no_limits;
    pages->flags = request->flags & ~MSTR_REQUEST_KEEP_ERRORS;
    pages->size = page_size > 0 ? page_size : PAGE_SIZE;
    pages->total = -1;
    pages->path = text_copy(request->path);
    pages->project = text_copy(request->project);
    if (pages->path == NULL || (request->project != NULL && pages->project == NULL) ||
        !copy_pairs(&pages->query, request->query, request->query_count, false) ||
        !copy_pairs(&pages->headers, request->headers, request->header_count, true)) {
        mstr_pages_free(pages);
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    *out = pages;
    return MSTR_OK;
}

void mstr_pages_free(mstr_pages *pages)
{
    if (pages == NULL) {
        return;
    }
    read_ahead_free(pages->ahead);
    mstr_response_free(pages->page);
    buffer_release(&pages->item);
    pairs_release(&pages->query);
    pairs_release(&pages->headers);
    free(pages->project);
    free(pages->path);
    free(pages);
}

int64_t mstr_pages_total(const mstr_pages *pages)
{
    return pages->total;
}

void mstr_pages_set_ahead(mstr_pages *pages, uint32_t count)
{
    pages->wanted_ahead = count;
}

static enum mstr_code fetch(void *data, int64_t start, int64_t length, mstr_cancel *cancel, mstr_response **out,
                            mstr_error *error)
{
    const mstr_pages *pages = data;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_call_options call = pages->call;
    char offset[24];
    char limit[24];
    size_t count = pages->query.count;
    struct mstr_header *query = calloc(count + 2, sizeof(*query));
    if (query == NULL) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    snprintf(offset, sizeof(offset), "%lld", (long long)start);
    snprintf(limit, sizeof(limit), "%lld", (long long)length);
    for (size_t i = 0; i < count; i++) {
        query[i] = pages->query.items[i];
    }
    query[count] = (struct mstr_header){"limit", limit};
    query[count + 1] = (struct mstr_header){"offset", offset};
    request.flags = pages->flags;
    request.path = pages->path;
    request.project = pages->project;
    request.headers = pages->headers.items;
    request.header_count = pages->headers.count;
    request.query = query;
    request.query_count = count + 2;
    call.cancel = cancel;
    request.call = &call;
    enum mstr_code code = mstr_session_send(pages->session, &request, out, error);
    free(query);
    return code;
}

static bool is_too_slow(const mstr_pages *pages, const mstr_error *error)
{
    return mstr_error_iserver_code(error) == I_SERVER_TIMEOUT && pages->size > PAGE_MIN;
}

static void stop_ahead(mstr_pages *pages)
{
    read_ahead_free(pages->ahead);
    pages->ahead = NULL;
}

/* A page of those fetched ahead, for which the total must be known; false if it has to be asked for here. */
static bool fetch_ahead(mstr_pages *pages, mstr_response **out, enum mstr_code *code, mstr_error *told)
{
    const struct limits limits = {INT64_MAX, pages->call.cancel}; /* each page has limits of its own */
    if (pages->ahead == NULL && pages->wanted_ahead > 0 && pages->total - pages->seen > pages->size) {
        const struct read_ahead_range range = {pages->offset, pages->size, pages->total};
        pages->ahead = read_ahead_new(range, pages->wanted_ahead, fetch, pages);
    }
    bool came = pages->ahead != NULL && read_ahead_next(pages->ahead, &limits, out, code, told);
    if (!came || *code != MSTR_OK) {
        stop_ahead(pages);
    }
    return came;
}

/* The page at the present offset; in smaller pages for as long as the server cannot make them in time. */
static enum mstr_code fetch_patiently(mstr_pages *pages, mstr_response **out, mstr_error *error)
{
    mstr_error *own = mstr_error_new();
    enum mstr_code code = MSTR_E_MEMORY;
    if (own == NULL) {
        return error_set(error, code, "out of memory");
    }
    if (!fetch_ahead(pages, out, &code, own)) {
        code = fetch(pages, pages->offset, pages->size, pages->call.cancel, out, own);
    }
    while (code != MSTR_OK && is_too_slow(pages, own)) {
        pages->size = pages->size / 2 > PAGE_MIN ? pages->size / 2 : PAGE_MIN;
        code = fetch(pages, pages->offset, pages->size, pages->call.cancel, out, own);
    }
    if (code != MSTR_OK) {
        error_copy(error, own);
    }
    mstr_error_free(own);
    return code;
}

/* How many items there are in all, -1 if the answer does not tell. */
static int64_t total_of(const mstr_response *response, struct json_span body)
{
    static const char *const names[] = {"totalItems", "total"};
    const char *header = mstr_response_header(response, "x-mstr-total-count");
    int64_t total = -1;
    if (header != NULL && text_to_int64(header, &total) && total >= 0) {
        return total;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct json_span value;
        char digits[24];
        if (!json_scan_member(body, names[i], strlen(names[i]), &value)) {
            continue;
        }
        snprintf(digits, sizeof(digits), "%.*s", (int)(value.end - value.at), value.at);
        if (text_to_int64(digits, &total) && total >= 0) {
            return total;
        }
    }
    return -1;
}

/* Whether the page repeats the one before, as a list does that does not know of offset. */
static bool is_repeated(const mstr_pages *pages, struct json_span list)
{
    size_t length = (size_t)(list.end - list.at);
    return pages->page != NULL && (size_t)(pages->list.end - pages->list.at) == length &&
           memcmp(pages->list.at, list.at, length) == 0;
}

static int64_t count_items(struct json_span list)
{
    struct json_span item = {NULL, NULL};
    int64_t count = 0;
    while (json_scan_next(list, &item)) {
        count++;
    }
    return count;
}

/* Moves on to a page. A cluster may apply the limit for each of its nodes, so that a page has more items than were
 * asked for while the offset still counts in limits; a server with a limit of its own gives fewer. */
static void turn(mstr_pages *pages, mstr_response *response, struct json_span list, int64_t total)
{
    int64_t count = count_items(list);
    if (pages->page == NULL && total > count && count > 0 && count < pages->size) {
        pages->size = count; /* the server's own limit */
    }
    pages->total = total;
    pages->seen += count;
    pages->offset += count < pages->size ? count : pages->size;
    pages->last = count == 0 || (total >= 0 ? pages->seen >= total : count != pages->size);
    if (count < pages->size && !pages->last) { /* those fetched ahead begin elsewhere */
        stop_ahead(pages);
        pages->wanted_ahead = 0;
    }
    mstr_response_free(pages->page);
    pages->page = response;
    pages->list = list;
    pages->at = (struct json_span){NULL, NULL};
}

/* The whole body and the list in it. */
static bool find_list(const char *text, size_t length, struct json_span *body, struct json_span *list)
{
    if (!json_scan_check(text, length, body)) {
        return false;
    }
    *list = *body;
    return *body->at == '[' || json_scan_first_array(*body, list);
}

static enum mstr_code load(mstr_pages *pages, mstr_error *error)
{
    mstr_response *response = NULL;
    struct json_span body;
    struct json_span list;
    size_t length = 0;
    enum mstr_code code = fetch_patiently(pages, &response, error);
    if (code != MSTR_OK) {
        return code;
    }
    const char *text = mstr_response_body(response, &length);
    if (!find_list(text, length, &body, &list)) {
        mstr_response_free(response);
        return error_set(error, MSTR_E_PROTOCOL, "%.200s: the answer is no list", pages->path);
    }
    int64_t total = total_of(response, body);
    if (count_items(list) > 0 && is_repeated(pages, list)) {
        mstr_response_free(response);
        if (total < 0) {
            pages->last = true;
            return MSTR_OK;
        }
        return error_set(error, MSTR_E_PROTOCOL, "%.200s: the server gives the same page again and again",
                         pages->path);
    }
    turn(pages, response, list, total);
    return MSTR_OK;
}

enum mstr_code mstr_pages_next(mstr_pages *pages, const char **item, size_t *length, mstr_error *error)
{
    *item = NULL;
    while (pages->page == NULL || !json_scan_next(pages->list, &pages->at)) {
        if (pages->last) {
            return MSTR_OK;
        }
        enum mstr_code code = load(pages, error);
        if (code != MSTR_OK) {
            return code;
        }
    }
    buffer_clear(&pages->item);
    if (!buffer_reserve(&pages->item, (size_t)(pages->at.end - pages->at.at))) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    pages->item.length = json_scan_compact(pages->at, pages->item.data);
    pages->item.data[pages->item.length] = '\0';
    *item = pages->item.data;
    if (length != NULL) {
        *length = pages->item.length;
    }
    return MSTR_OK;
}
