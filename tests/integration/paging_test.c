/* SPDX-License-Identifier: Apache-2.0 */
/* Lists that come in pages, as servers give them: with a total, without, capped, per node, and not at all. */
#include "support/library.h"
#include "support/rendezvous.h"

#include <stdlib.h>

struct server {
    long long items;    /* in all */
    long long cap;      /* the most that a page holds; 0 = what was asked for */
    long long nodes;    /* each applies the limit; 0 = one */
    long long patience; /* pages larger than this time out; 0 = none does */
    bool header;        /* x-mstr-total-count */
    const char *member; /* the total's name in an object around the list, or "" for an object without */
    bool ignores_offset;
    unsigned pages;
    struct rendezvous meeting;
};

static long long parameter(const struct tiny_request *request, const char *name)
{
    const char *at = strstr(request->head, name);
    return at != NULL ? strtoll(at + strlen(name), NULL, 10) : -1;
}

static size_t write_page(const struct server *server, char *body, size_t room, long long offset, long long limit)
{
    long long nodes = server->nodes > 0 ? server->nodes : 1;
    size_t length = 0;
    length += (size_t)snprintf(body, room, server->member != NULL ? "{\"x\": 1, \"result\" : [" : "[ ");
    long long printed = 0;
    for (long long node = 0; node < nodes; node++) {
        long long share = server->items / nodes;
        for (long long i = offset; i < share && i < offset + limit; i++) {
            length += (size_t)snprintf(body + length, room - length, "%s{\"n\": %lld.50, \"s\": \"a b\"}",
                                       printed++ > 0 ? " ,\n" : "", node * share + i);
        }
    }
    length += (size_t)snprintf(body + length, room - length, "]");
    if (server->member != NULL && *server->member != '\0') {
        length += (size_t)snprintf(body + length, room - length, ", \"%s\": %lld", server->member, server->items);
    }
    return length + (size_t)snprintf(body + length, room - length, server->member != NULL ? "}" : "");
}

static bool serve(struct tiny_connection *connection, const struct tiny_request *request, void *data)
{
    struct server *server = data;
    static const char late[] = "{\"code\":\"ERR002\",\"iServerCode\":-2147206497,\"message\":\"too slow\"}";
    char body[32768];
    char answer[33000];
    char total[64] = "";
    long long limit = parameter(request, "limit=");
    long long offset = server->ignores_offset ? 0 : parameter(request, "offset=");
    __atomic_fetch_add(&server->pages, 1, __ATOMIC_RELAXED);
    if (server->patience > 0 && limit > server->patience) {
        snprintf(answer, sizeof(answer),
                 "HTTP/1.1 500 Error\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                 strlen(late), late);
        return tiny_text(connection, answer);
    }
    limit = server->cap > 0 && limit > server->cap ? server->cap : limit;
    size_t length = write_page(server, body, sizeof(body), offset, limit);
    if (server->header) {
        snprintf(total, sizeof(total), "X-MSTR-Total-Count: %lld\r\n", server->items);
    }
    snprintf(answer, sizeof(answer),
             "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n%sContent-Length: %zu\r\n\r\n%s", total, length,
             body);
    return tiny_text(connection, answer);
}

/* Walks over all; how many items came. */
static long long walk(struct library *library, int64_t size, uint32_t ahead, enum mstr_code *code)
{
    static const struct mstr_header query[] = {{"limit", "9999"}, {"type", "3"}, {"type", "8"}};
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_pages *pages = NULL;
    const char *item = NULL;
    long long count = 0;
    request.path = "list";
    request.query = query;
    request.query_count = 3;
    assert_int_equal(mstr_pages_new(library->session, &request, size, &pages, library->error), MSTR_OK);
    mstr_pages_set_ahead(pages, ahead);
    while ((*code = mstr_pages_next(pages, &item, NULL, library->error)) == MSTR_OK && item != NULL) {
        if (count == 0) {
            assert_string_equal(item, "{\"n\":0.50,\"s\":\"a b\"}");
        }
        count++;
    }
    if (*code == MSTR_OK) {
        assert_int_equal(mstr_pages_next(pages, &item, NULL, library->error), MSTR_OK);
        assert_null(item);
    }
    mstr_pages_free(pages);
    return count;
}

static void every_item_comes_once_whatever_the_pages_are_like(void **state)
{
    (void)state;
    static const struct {
        struct server server;
        int64_t size;
        unsigned pages;
    } cases[] = {
        {{.items = 25, .header = true}, 10, 3},
        {{.items = 20, .header = true}, 10, 2},
        {{.items = 25, .member = "totalItems"}, 10, 3},
        {{.items = 25, .member = "total"}, 25, 1},
        {{.items = 25}, 10, 3},
        {{.items = 20}, 10, 3}, /* only an empty page tells the end */
        {{.items = 25, .member = ""}, 10, 3},
        {{.items = 25, .cap = 7, .header = true}, 10, 4},
        {{.items = 40, .nodes = 2, .header = true}, 10, 2},
        {{.items = 120, .patience = 60, .header = true}, 240, 4},
        {{.items = 10, .ignores_offset = true}, 10, 2},
        {{.items = 0, .header = true}, 10, 1},
        {{.items = 0}, 10, 1},
    };
    for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(*cases); i++) {
        const uint32_t ahead = i % 2 == 0 ? 0 : 3;
        const unsigned pages = cases[i / 2].pages;
        struct server server = cases[i / 2].server;
        struct library *library = library_open(serve, &server);
        enum mstr_code code = MSTR_OK;
        long long count = walk(library, cases[i / 2].size, ahead, &code);
        const unsigned asked = __atomic_load_n(&server.pages, __ATOMIC_RELAXED);
        if (code != MSTR_OK || count != server.items || asked < pages || asked > pages + ahead) {
            fail_msg("case %zu, %u ahead: %s, %lld items, %u pages", i / 2, ahead, mstr_error_message(library->error),
                     count, asked);
        }
        assert_true(library_saw(library, "type=3&type=8"));
        assert_false(library_saw(library, "=9999"));
        library_stop(library);
    }
}

/* Answers only once all pages that shall be under way at once are. */
static bool serve_together(struct tiny_connection *connection, const struct tiny_request *request, void *data)
{
    struct server *server = data;
    if (parameter(request, "offset=") > 0) {
        rendezvous_meet(&server->meeting);
    }
    return serve(connection, request, data);
}

static void pages_fetched_ahead_are_under_way_side_by_side(void **state)
{
    (void)state;
    struct server server = {.items = 40, .header = true};
    struct library *library = library_open(serve_together, &server);
    enum mstr_code code = MSTR_OK;
    rendezvous_init(&server.meeting, 3);
    assert_int_equal(walk(library, 10, 3, &code), 40);
    assert_int_equal(code, MSTR_OK);
    assert_int_equal(server.pages, 4);
    assert_false(server.meeting.missed);
    library_stop(library);
    rendezvous_destroy(&server.meeting);
}

static void a_server_that_repeats_a_page_for_ever_is_refused(void **state)
{
    (void)state;
    struct server server = {.items = 50, .cap = 10, .header = true, .ignores_offset = true};
    struct library *library = library_open(serve, &server);
    enum mstr_code code = MSTR_OK;
    assert_int_equal(walk(library, 10, 0, &code), 10);
    assert_int_equal(code, MSTR_E_PROTOCOL);
    library_stop(library);
}

static void what_is_no_list_is_refused(void **state)
{
    (void)state;
    struct library *library = library_open(NULL, NULL);
    enum mstr_code code = MSTR_OK;
    assert_int_equal(walk(library, 10, 0, &code), 0);
    assert_int_equal(code, MSTR_E_PROTOCOL);
    assert_non_null(strstr(mstr_error_message(library->error), "no list"));
    library_stop(library);
}

static void only_a_plain_get_has_pages(void **state)
{
    (void)state;
    struct library *library = library_open(NULL, NULL);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_pages *pages = NULL;
    request.path = "list";
    request.method = "POST";
    assert_int_equal(mstr_pages_new(library->session, &request, 0, &pages, library->error), MSTR_E_USAGE);
    assert_null(pages);
    library_stop(library);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_comes_once_whatever_the_pages_are_like),
        cmocka_unit_test(pages_fetched_ahead_are_under_way_side_by_side),
        cmocka_unit_test(a_server_that_repeats_a_page_for_ever_is_refused),
        cmocka_unit_test(what_is_no_list_is_refused),
        cmocka_unit_test(only_a_plain_get_has_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
