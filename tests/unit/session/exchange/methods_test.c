/* SPDX-License-Identifier: Apache-2.0 */
/* The common requests by the names of their methods. */
#include "support/mounted.h"

static void each_sends_its_method_with_the_body_that_it_takes(void **state)
{
    static const struct {
        enum mstr_code (*plain)(mstr_session *, const char *, mstr_response **, mstr_error *);
        enum mstr_code (*with_body)(mstr_session *, const char *, const char *, mstr_response **, mstr_error *);
        const char *line;
    } cases[] = {
        {mstr_session_get, NULL, "GET x"},       {mstr_session_head, NULL, "HEAD x"},
        {mstr_session_delete, NULL, "DELETE x"}, {mstr_session_options_of, NULL, "OPTIONS x"},
        {NULL, mstr_session_post, "POST x"},     {NULL, mstr_session_put, "PUT x"},
        {NULL, mstr_session_patch, "PATCH x"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct route route = {cases[i].line, 200, "there", NULL, 0, MSTR_OK};
        struct mounted *mounted = mounted_open(&route, 1);
        mstr_response *response = NULL;

        mounted_done(mounted, cases[i].plain != NULL
                                  ? cases[i].plain(mounted->session, "x", &response, mounted->error)
                                  : cases[i].with_body(mounted->session, "x", "{}", &response, mounted->error));

        assert_int_equal(mounted->sent, 1);
        assert_string_equal(mounted->body, cases[i].plain != NULL ? "" : "{}");
        assert_string_equal(mstr_response_body(response, NULL), "there");
        mstr_response_free(response);
        mounted_free(mounted);
    }
}

static void json_may_be_left_out(void **state)
{
    static const struct route routes[] = {{"POST x", 204, NULL, NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    mstr_response *response = NULL;
    (void)state;

    mounted_done(mounted, mstr_session_post(mounted->session, "x", NULL, &response, mounted->error));

    assert_false(mounted_saw(mounted, "Content-Type"));
    mstr_response_free(response);
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_sends_its_method_with_the_body_that_it_takes),
        cmocka_unit_test(json_may_be_left_out),
    };
    return RUN_TESTS("session/exchange/methods");
}
