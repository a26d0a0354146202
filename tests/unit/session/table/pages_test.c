/* SPDX-License-Identifier: Apache-2.0 */
/* The pages of one grid, in order. */
#include "session/table/pages.h"

#include "support/mounted.h"

#define FETCH "GET v2/reports/AB/instances/A-1?"
#define LATE  "{\"code\":\"ERR002\",\"iServerCode\":-2147206497,\"message\":\"too slow\"}"

static struct mounted *mounted;
static struct report report;
static struct pages pages;

static void begin(const struct route *routes, size_t count, int64_t size, size_t ahead)
{
    mounted = mounted_open(routes, count);
    report = (struct report){.session = mounted->session, .object = "AB", .id = "A-1", .limits = {INT64_MAX, NULL}};
    pages = (struct pages){.instance = &report, .size = size, .ahead = ahead, .most = INT64_MAX};
    pages_begin(&pages);
}

static void end(void)
{
    pages_end(&pages);
    mounted_free(mounted);
}

/* The next page has so many rows, of a grid of `total`. */
static enum mstr_code take(int64_t rows, int64_t total)
{
    mstr_response *page = NULL;
    mounted_done(mounted, pages_next(&pages, &page, mounted->error));
    assert_non_null(page);
    enum mstr_code code = pages_opened(&pages, total, mounted->error);
    return code == MSTR_OK ? pages_took(&pages, rows, mounted->error) : code;
}

static void pages_follow_each_other_to_the_end(void **state)
{
    static const struct route routes[] = {{FETCH, 200, "{}", NULL, 0, MSTR_OK}};
    mstr_response *page = NULL;
    (void)state;
    for (size_t ahead = 0; ahead < 3; ahead++) {
        begin(routes, 1, 2, ahead);
        assert_int_equal(take(2, 5), MSTR_OK);
        assert_int_equal(take(2, 5), MSTR_OK);
        assert_int_equal(take(1, 5), MSTR_OK);
        mounted_done(mounted, pages_next(&pages, &page, mounted->error));
        assert_null(page);
        assert_int_equal(mounted->sent, 3);
        assert_non_null(strstr(mounted->log, FETCH "offset=4&limit=2"));
        end();
    }
}

static void no_more_rows_are_asked_for_than_are_wanted(void **state)
{
    static const struct route routes[] = {{FETCH, 200, "{}", NULL, 0, MSTR_OK}};
    mstr_response *page = NULL;
    (void)state;
    for (size_t ahead = 0; ahead < 3; ahead++) {
        begin(routes, 1, 4, ahead);
        pages.most = 5;
        assert_int_equal(take(4, 100), MSTR_OK);
        assert_int_equal(take(1, 100), MSTR_OK);
        mounted_done(mounted, pages_next(&pages, &page, mounted->error));
        assert_null(page);
        assert_string_equal(mounted->log, FETCH "offset=0&limit=4\n" FETCH "offset=4&limit=1\n");
        end();
    }
}

static void a_server_with_a_limit_of_its_own_is_followed(void **state)
{
    static const struct route routes[] = {{FETCH, 200, "{}", NULL, 0, MSTR_OK}};
    (void)state;
    begin(routes, 1, 4, 0);
    assert_int_equal(take(3, 5), MSTR_OK);
    assert_int_equal(take(2, 5), MSTR_OK);
    assert_string_equal(mounted->log, FETCH "offset=0&limit=4\n" FETCH "offset=3&limit=3\n");
    end();
}

static void pages_that_take_too_long_become_smaller(void **state)
{
    static const struct route routes[] = {{FETCH "offset=0&limit=150", 500, LATE, NULL, 0, MSTR_OK},
                                          {FETCH "offset=0&limit=75", 500, LATE, NULL, 0, MSTR_OK},
                                          {FETCH, 200, "{}", NULL, 0, MSTR_OK}};
    (void)state;
    begin(routes, 3, 150, 0);
    assert_int_equal(take(50, 60), MSTR_OK);
    assert_non_null(strstr(mounted->log, FETCH "offset=0&limit=50"));
    end();
}

static void pages_grow_towards_a_length(void **state)
{
    static const struct route routes[] = {{FETCH, 200, "{\"padding\":\"0123456789\"}", NULL, 0, MSTR_OK}};
    (void)state;
    begin(routes, 1, 10, 0);
    pages.steered = true;
    assert_int_equal(take(10, 10000000), MSTR_OK);
    assert_true(pages.size > 3000000 && pages.size < 4000000); /* 8 MB of 24 octets for 10 rows */
    end();
}

static void totals_that_cannot_be_are_refused(void **state)
{
    static const struct route routes[] = {{FETCH, 200, "{}", NULL, 0, MSTR_OK}};
    (void)state;
    begin(routes, 1, 2, 0);
    assert_int_equal(take(2, 5), MSTR_OK);
    assert_int_equal(take(2, 6), MSTR_E_PROTOCOL);
    assert_told(mounted, "AB had 5 rows on the first page, and 6 on a later one");
    end();
    begin(routes, 1, 2, 0);
    assert_int_equal(take(0, 5), MSTR_E_PROTOCOL);
    assert_told(mounted, "has 5 rows, but the server stopped after 0");
    end();
    begin(routes, 1, 2, 0);
    assert_int_equal(take(6, 5), MSTR_E_PROTOCOL);
    assert_told(mounted, "but the server did not stop after 6");
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_follow_each_other_to_the_end),
        cmocka_unit_test(no_more_rows_are_asked_for_than_are_wanted),
        cmocka_unit_test(a_server_with_a_limit_of_its_own_is_followed),
        cmocka_unit_test(pages_that_take_too_long_become_smaller),
        cmocka_unit_test(pages_grow_towards_a_length),
        cmocka_unit_test(totals_that_cannot_be_are_refused),
    };
    return RUN_TESTS("session/table/pages");
}
