/* SPDX-License-Identifier: Apache-2.0 */
/* Where a request goes. */
#include "session/exchange/request_url.h"

#include "support/held_lock.h"
#include "support/mounted.h"

static void the_session_s_parameters_come_first_but_not_to_another_origin(void **state)
{
    static const struct mstr_header own[] = {{"b", "2 3"}};
    static const struct {
        const char *path;
        uint32_t flags;
        const char *url;
    } cases[] = {
        {"x", 0, MOUNTED_BASE "x?a=1&b=2%203"},
        {"/x?z=0", 0, MOUNTED_BASE "x?z=0&a=1&b=2%203"},
        {MOUNTED_BASE "x", MSTR_REQUEST_OTHER_ORIGIN, MOUNTED_BASE "x?a=1&b=2%203"},
        {"https://other/x", MSTR_REQUEST_OTHER_ORIGIN, "https://other/x?b=2%203"},
        {"https://other/o/a%2Fb;v=1?sig=z", MSTR_REQUEST_OTHER_ORIGIN, "https://other/o/a%2Fb;v=1?sig=z&b=2%203"},
    };
    struct mounted *mounted = mounted_new(NULL, 0);
    (void)state;
    mstr_session_set_query(mounted->session, "a", "1");
    held_lock_take(&mounted->session->mutex);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
        struct buffer url = BUFFER_INIT;
        request.path = cases[i].path;
        request.flags = cases[i].flags;
        request.query = own;
        request.query_count = 1;

        mounted_done(mounted, request_url_put(mounted->session, &request, MOUNTED_BASE, &url, mounted->error));

        assert_string_equal(buffer_text(&url), cases[i].url);
        buffer_release(&url);
    }
    held_lock_release(&mounted->session->mutex);
    mounted_free(mounted);
}

static void another_origin_is_foreign_only_where_the_request_says_it_may_be(void **state)
{
    static const struct {
        const char *path;
        uint32_t flags;
        bool foreign;
    } cases[] = {
        {"https://other/x", MSTR_REQUEST_OTHER_ORIGIN, true},
        {"https://127.0.0.1:1/api/x", MSTR_REQUEST_OTHER_ORIGIN, true},
        {"http://127.0.0.1:2/api/x", MSTR_REQUEST_OTHER_ORIGIN, true},
        {"https://other/x", 0, false},
        {MOUNTED_BASE "x", MSTR_REQUEST_OTHER_ORIGIN, false},
        {"x", MSTR_REQUEST_OTHER_ORIGIN, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
        request.path = cases[i].path;
        request.flags = cases[i].flags;

        assert_int_equal(request_url_is_foreign(&request, MOUNTED_BASE), cases[i].foreign);
    }
}

static void another_origin_is_refused_where_it_was_not_admitted(void **state)
{
    struct mounted *mounted = mounted_new(NULL, 0);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    struct buffer url = BUFFER_INIT;
    (void)state;
    request.path = "https://other/x";

    assert_int_equal(request_url_put(mounted->session, &request, MOUNTED_BASE, &url, mounted->error), MSTR_E_USAGE);

    buffer_release(&url);
    mounted_free(mounted);
}

static void a_program_is_told_the_url_where_it_fits(void **state)
{
    static const char whole[] = MOUNTED_BASE "x?q=1";
    static const struct mstr_header query[] = {{"q", "1"}};
    struct mounted *mounted = mounted_new(NULL, 0);
    char url[sizeof(whole)] = "";
    (void)state;

    mounted_done(mounted, mstr_session_url(mounted->session, "x", query, 1, url, sizeof(whole), mounted->error));
    assert_string_equal(url, whole);
    assert_int_equal(mstr_session_url(mounted->session, "x", query, 1, url, sizeof(whole) - 1, mounted->error),
                     MSTR_E_USAGE);

    assert_told(mounted, "which do not fit");
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_session_s_parameters_come_first_but_not_to_another_origin),
        cmocka_unit_test(another_origin_is_foreign_only_where_the_request_says_it_may_be),
        cmocka_unit_test(another_origin_is_refused_where_it_was_not_admitted),
        cmocka_unit_test(a_program_is_told_the_url_where_it_fits),
    };
    return RUN_TESTS("session/exchange/request_url");
}
