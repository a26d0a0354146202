/* SPDX-License-Identifier: Apache-2.0 */
/* core/session/upload/publication.c: a publication is awaited, and its failure told */
#include "session/upload/publication.h"

#include "support/mounted.h"

#include "base/clock.h"

#define SESSION "datasets/DA00000111E943E8B5FB0080EFD5AF44/uploadSessions/C1"
#define PUBLISH                                                                                                      \
    {                                                                                                                \
        "POST " SESSION "/publish", 200, "{}", NULL, 0, MSTR_OK                                                      \
    }
#define STATUS "GET " SESSION "/publishStatus"

static enum mstr_code publish(struct mounted *mounted, int64_t patience)
{
    const struct place place = {.session = mounted->session, .path = SESSION};
    const struct limits limits = {clock_monotonic() + patience, NULL};
    return publication_run(&place, &limits, mounted->error);
}

static void its_status_says_what_came_of_it(void **state)
{
    static const struct {
        const char *answer;
        enum mstr_code code;
        const char *told;
    } cases[] = {
        {"{\"status\":\"1\"}", MSTR_OK, ""},
        {"{\"status\":1}", MSTR_OK, ""},
        {"{\"status\":\"3\",\"message\":\"no such column\"}", MSTR_E_SERVER, "with status 3: no such column"},
        {"{\"status\":18}", MSTR_E_SERVER, "with status 18"},
        {"{\"status\":2}", MSTR_E_SERVER, "with status 2"},
        {"{\"status\":99}", MSTR_E_SERVER, "with status 99"},
        {"{\"status\":-1}", MSTR_E_SERVER, "with status -1"},
        {"{}", MSTR_E_PROTOCOL, "does not tell how the publication goes"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct route routes[] = {PUBLISH, {STATUS, 200, cases[i].answer, NULL, 0, MSTR_OK}};
        struct mounted *mounted = mounted_open(routes, COUNT_OF(routes));

        assert_int_equal(publish(mounted, 60000), cases[i].code);

        assert_told(mounted, cases[i].told);
        assert_string_equal(mounted->log, "POST " SESSION "/publish\n" STATUS "\n");
        mounted_free(mounted);
    }
}

static void one_that_goes_on_is_asked_again_until_it_ends(void **state)
{
    const struct route routes[] = {PUBLISH,
                                   {STATUS, 200, "{\"status\":6}", NULL, 1, MSTR_OK},
                                   {STATUS, 200, "{\"status\":1}", NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, COUNT_OF(routes));
    (void)state;
    mounted_done(mounted, publish(mounted, 60000));
    assert_int_equal(mounted->sent, 3);
    mounted_free(mounted);
}

static void one_that_never_ends_is_given_up(void **state)
{
    const struct route routes[] = {PUBLISH, {STATUS, 200, "{\"status\":6}", NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, COUNT_OF(routes));
    (void)state;
    assert_int_equal(publish(mounted, 300), MSTR_E_UNAVAILABLE);
    assert_told(mounted, "has not ended in time");
    mounted_free(mounted);
}

static void one_that_cannot_be_asked_for_is_not_awaited(void **state)
{
    const struct route routes[] = {{"POST " SESSION "/publish", 404, "{\"code\":\"ERR004\"}", NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, COUNT_OF(routes));
    (void)state;
    assert_int_equal(publish(mounted, 60000), MSTR_E_NOT_FOUND);
    assert_int_equal(mounted->sent, 1);
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_status_says_what_came_of_it),
        cmocka_unit_test(one_that_goes_on_is_asked_again_until_it_ends),
        cmocka_unit_test(one_that_never_ends_is_given_up),
        cmocka_unit_test(one_that_cannot_be_asked_for_is_not_awaited),
    };
    return RUN_TESTS("session/upload/publication");
}
