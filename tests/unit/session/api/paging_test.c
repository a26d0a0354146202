/* SPDX-License-Identifier: Apache-2.0 */
/* Which page of a list is next, and whether there is one. */
#include "support/mounted.h"

/* Walks over "list" in pages of two; the items as one text. */
static enum mstr_code walk(struct mounted *mounted, char text[256], int64_t *total)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_pages *pages = NULL;
    const char *item = NULL;
    size_t length = 0;
    request.path = "list";
    mounted_done(mounted, mstr_pages_new(mounted->session, &request, 2, &pages, mounted->error));
    text[0] = '\0';
    enum mstr_code code = MSTR_OK;
    while ((code = mstr_pages_next(pages, &item, &length, mounted->error)) == MSTR_OK && item != NULL) {
        assert_int_equal(strlen(item), length);
        strncat(text, item, 255 - strlen(text));
        strncat(text, " ", 255 - strlen(text));
    }
    *total = mstr_pages_total(pages);
    mstr_pages_free(pages);
    return code;
}

static void the_walk_ends_where_the_server_says_or_a_page_is_short(void **state)
{
    static const struct {
        struct route routes[4];
        const char *items;
        int64_t total;
        unsigned sent;
    } cases[] = {
        /* a total in a header, in the body, in none */
        {{{"GET list?limit=2&offset=0", 200, "[1, 2]", "x-mstr-total-count: 3", 0, MSTR_OK},
          {"GET list?limit=2&offset=2", 200, "[3]", "x-mstr-total-count: 3", 0, MSTR_OK}},
         "1 2 3 ",
         3,
         2},
        {{{"GET list?limit=2&offset=0", 200, "{\"result\":[1,2],\"totalItems\":2}", NULL, 0, MSTR_OK}}, "1 2 ", 2, 1},
        {{{"GET list?limit=2&offset=0", 200, "{\"result\":[1,2],\"total\":4}", NULL, 0, MSTR_OK},
          {"GET list?limit=2&offset=2", 200, "{\"result\":[3,4],\"total\":4}", NULL, 0, MSTR_OK}},
         "1 2 3 4 ",
         4,
         2},
        {{{"GET list?limit=2&offset=0", 200, "[{\"a\": 1.50}, 2]", NULL, 0, MSTR_OK},
          {"GET list?limit=2&offset=2", 200, "[3]", NULL, 0, MSTR_OK}},
         "{\"a\":1.50} 2 3 ",
         -1,
         2},
        {{{"GET list?limit=2&offset=0", 200, "[1,2]", NULL, 0, MSTR_OK},
          {"GET list?limit=2&offset=2", 200, "[]", NULL, 0, MSTR_OK}},
         "1 2 ",
         -1,
         2},
        /* a list that does not know of offset */
        {{{"GET list", 200, "[1,2]", NULL, 0, MSTR_OK}}, "1 2 ", -1, 2},
        /* a server with a limit of its own */
        {{{"GET list?limit=2&offset=0", 200, "{\"r\":[1],\"total\":2}", NULL, 0, MSTR_OK},
          {"GET list?limit=1&offset=1", 200, "{\"r\":[2],\"total\":2}", NULL, 0, MSTR_OK}},
         "1 2 ",
         2,
         2},
        /* a cluster whose nodes apply the limit each */
        {{{"GET list?limit=2&offset=0", 200, "{\"r\":[1,2,5,6],\"total\":5}", NULL, 0, MSTR_OK},
          {"GET list?limit=2&offset=2", 200, "{\"r\":[3],\"total\":5}", NULL, 0, MSTR_OK}},
         "1 2 5 6 3 ",
         5,
         2},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mounted *mounted = mounted_open(cases[i].routes, 4);
        char items[256];
        int64_t total = 0;

        mounted_done(mounted, walk(mounted, items, &total));

        assert_string_equal(items, cases[i].items);
        assert_int_equal(total, cases[i].total);
        assert_int_equal(mounted->sent, cases[i].sent);
        mounted_free(mounted);
    }
}

static void pages_that_go_nowhere_are_the_server_s_fault(void **state)
{
    static const struct {
        struct route route;
        const char *part;
    } cases[] = {
        {{"GET list", 200, "{\"r\":[1,2],\"total\":9}", NULL, 0, MSTR_OK}, "the same page again and again"},
        {{"GET list", 200, "{\"r\":1}", NULL, 0, MSTR_OK}, "the answer is no list"},
        {{"GET list", 200, "<html>", NULL, 0, MSTR_OK}, "the answer is no list"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mounted *mounted = mounted_open(&cases[i].route, 1);
        char items[256];
        int64_t total = 0;

        assert_int_equal(walk(mounted, items, &total), MSTR_E_PROTOCOL);

        assert_told(mounted, cases[i].part);
        mounted_free(mounted);
    }
}

static void pages_that_take_the_server_too_long_are_made_smaller(void **state)
{
    static const char late[] = "{\"code\":\"ERR002\",\"iServerCode\":-2147206497,\"message\":\"too slow\"}";
    static const struct route routes[] = {
        {"GET list?limit=150", 500, late, NULL, 0, MSTR_OK},
        {"GET list?limit=75", 500, late, NULL, 0, MSTR_OK},
        {"GET list?limit=50&offset=0", 200, "[1]", NULL, 0, MSTR_OK},
    };
    struct mounted *mounted = mounted_open(routes, 3);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_pages *pages = NULL;
    const char *item = NULL;
    (void)state;
    request.path = "list";
    mounted_done(mounted, mstr_pages_new(mounted->session, &request, 150, &pages, mounted->error));

    mounted_done(mounted, mstr_pages_next(pages, &item, NULL, mounted->error));

    assert_string_equal(item, "1");
    assert_int_equal(mounted->sent, 3);
    mstr_pages_free(pages);
    mounted_free(mounted);
}

static void the_caller_s_parameters_go_along_but_for_those_of_the_walk(void **state)
{
    static const struct mstr_header query[] = {{"limit", "9"}, {"type", "3"}, {"type", "8"}, {"offset", "7"}};
    static const struct mstr_header headers[] = {{"X-Own", "1"}};
    static const struct route routes[] = {{"GET list", 200, "[]", NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_pages *pages = NULL;
    const char *item = "something";
    (void)state;
    request.path = "list";
    request.query = query;
    request.query_count = COUNT_OF(query);
    request.headers = headers;
    request.header_count = 1;
    mounted_done(mounted, mstr_pages_new(mounted->session, &request, 0, &pages, mounted->error));

    mounted_done(mounted, mstr_pages_next(pages, &item, NULL, mounted->error));

    assert_null(item);
    assert_string_equal(mounted->log, "GET list?type=3&type=8&limit=200&offset=0\n");
    assert_true(mounted_saw(mounted, "X-Own: 1\n"));
    mstr_pages_free(pages);
    mounted_free(mounted);
}

static void only_a_plain_get_comes_in_pages(void **state)
{
    static const mstr_writer writer = MSTR_WRITER_INIT;
    struct mounted *mounted = mounted_open(NULL, 0);
    mstr_session_request good = MSTR_SESSION_REQUEST_INIT;
    mstr_pages *pages = NULL;
    good.path = "list";
    mstr_session_request cases[5] = {good, good, good, good, good};
    cases[0].method = "POST";
    cases[1].body = "{}";
    cases[2].writer = &writer;
    cases[3].path = NULL;
    cases[4].size = 0;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(mstr_pages_new(mounted->session, &cases[i], 0, &pages, mounted->error), MSTR_E_USAGE);
        assert_null(pages);
    }
    assert_int_equal(mstr_pages_new(mounted->session, &good, -1, &pages, mounted->error), MSTR_E_USAGE);
    mstr_pages_free(NULL);
    mounted_free(mounted);
}

static void pages_fetched_ahead_come_in_the_same_order(void **state)
{
    static const struct route routes[] = {
        {"GET list?limit=2&offset=0", 200, "{\"r\":[1,2],\"total\":7}", NULL, 0, MSTR_OK},
        {"GET list?limit=2&offset=2", 200, "{\"r\":[3,4],\"total\":7}", NULL, 0, MSTR_OK},
        {"GET list?limit=2&offset=4", 200, "{\"r\":[5,6],\"total\":7}", NULL, 0, MSTR_OK},
        {"GET list?limit=2&offset=6", 200, "{\"r\":[7],\"total\":7}", NULL, 0, MSTR_OK},
    };
    struct mounted *mounted = mounted_open(routes, 4);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_pages *pages = NULL;
    const char *item = NULL;
    (void)state;
    request.path = "list";
    mounted_done(mounted, mstr_pages_new(mounted->session, &request, 2, &pages, mounted->error));
    mstr_pages_set_ahead(pages, 3);
    for (char expected = '1'; expected <= '7'; expected++) {
        mounted_done(mounted, mstr_pages_next(pages, &item, NULL, mounted->error));
        assert_int_equal(item[0], expected);
    }

    mounted_done(mounted, mstr_pages_next(pages, &item, NULL, mounted->error));

    assert_null(item);
    mstr_pages_free(pages);
    assert_int_equal(mounted->sent, 4);
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_walk_ends_where_the_server_says_or_a_page_is_short),
        cmocka_unit_test(pages_that_go_nowhere_are_the_server_s_fault),
        cmocka_unit_test(pages_that_take_the_server_too_long_are_made_smaller),
        cmocka_unit_test(the_caller_s_parameters_go_along_but_for_those_of_the_walk),
        cmocka_unit_test(only_a_plain_get_comes_in_pages),
        cmocka_unit_test(pages_fetched_ahead_come_in_the_same_order),
    };
    return RUN_TESTS("session/api/paging");
}
