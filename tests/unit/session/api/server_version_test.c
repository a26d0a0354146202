/* SPDX-License-Identifier: Apache-2.0 */
/* The server's version: asked once, and compared by its numbers. */
#include "support/mounted.h"

static void the_version_is_asked_once_and_needs_no_session(void **state)
{
    static const struct route routes[] = {
        {"GET status", 200, "{\"webVersion\":\"9\",\"iServerVersion\":\"11.3.0800.1234\"}", NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_new(routes, 1);
    char version[33] = "";
    (void)state;

    for (int i = 0; i < 2; i++) {
        mounted_done(mounted, mstr_session_server_version(mounted->session, version, mounted->error));
        assert_string_equal(version, "11.3.0800.1234");
    }

    assert_string_equal(mounted->log, "GET status\n");
    mounted_free(mounted);
}

static void an_answer_without_a_version_is_the_server_s_fault_and_is_not_kept(void **state)
{
    static const struct route routes[] = {
        {"GET status", 200, "{}", NULL, 1, MSTR_OK},
        {"GET status", 200, "{\"iServerVersion\":\"\"}", NULL, 1, MSTR_OK},
        {"GET status", 200, "{\"iServerVersion\":\"111111111111111111111111111111111\"}", NULL, 1, MSTR_OK},
    };
    struct mounted *mounted = mounted_new(routes, 3);
    char version[33] = "";
    (void)state;

    for (int i = 0; i < 3; i++) {
        assert_int_equal(mstr_session_server_version(mounted->session, version, mounted->error), MSTR_E_PROTOCOL);
        assert_told(mounted, "the answer tells no version");
    }

    assert_int_equal(mounted->sent, 3);
    mounted_free(mounted);
}

static void versions_are_compared_number_by_number(void **state)
{
    static const struct {
        const char *a;
        const char *b;
        int order;
    } cases[] = {
        {"11.3", "11.3", 0}, {"11.3", "11.10", -1}, {"11.3.0960", "11.3.960", 0}, {"11.4", "11.3.9", 1},
        {"10.11", "11", -1}, {"11.3", "11.3.1", 0}, {"11.3.1", "11.3.2", -1},     {"2021", "11.3", 1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int order = mstr_version_compare(cases[i].a, cases[i].b);
        int mirrored = mstr_version_compare(cases[i].b, cases[i].a);
        if ((order > 0) - (order < 0) != cases[i].order || (mirrored > 0) - (mirrored < 0) != -cases[i].order) {
            fail_msg("%s and %s: %d", cases[i].a, cases[i].b, order);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_version_is_asked_once_and_needs_no_session),
        cmocka_unit_test(an_answer_without_a_version_is_the_server_s_fault_and_is_not_kept),
        cmocka_unit_test(versions_are_compared_number_by_number),
    };
    return RUN_TESTS("session/api/server_version");
}
