/* What is tried again, and when. */
#include "session/parts/retry_policy.h"

#include "unit/session/answer.h"

static void only_what_is_safe_is_repeated(void **state)
{
    static const struct {
        const char *method;
        enum mstr_code code;
        bool connected;
        int status; /* of the answer, when code is MSTR_OK */
        bool wanted;
    } cases[] = {
        {"POST", MSTR_E_NETWORK, false, 0, true},  {"PATCH", MSTR_E_NETWORK, false, 0, true},
        {"POST", MSTR_E_NETWORK, true, 0, false},  {"PATCH", MSTR_E_NETWORK, true, 0, false},
        {"GET", MSTR_E_NETWORK, true, 0, true},    {"DELETE", MSTR_E_NETWORK, true, 0, true},
        {"GET", MSTR_E_TLS, false, 0, false},      {"GET", MSTR_E_TIMEOUT, true, 0, false},
        {"GET", MSTR_E_CANCELLED, true, 0, false}, {"GET", MSTR_OK, true, 200, false},
        {"GET", MSTR_OK, true, 429, true},         {"HEAD", MSTR_OK, true, 502, true},
        {"OPTIONS", MSTR_OK, true, 503, true},     {"PUT", MSTR_OK, true, 504, true},
        {"GET", MSTR_OK, true, 500, false},        {"GET", MSTR_OK, true, 401, false},
        {"POST", MSTR_OK, true, 503, false},       {"POST", MSTR_OK, true, 429, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t delay = 0;
        struct mstr_http_response *answer = cases[i].code == MSTR_OK ? test_answer(cases[i].status, NULL, "") : NULL;
        assert_int_equal(retry_wanted(cases[i].method, cases[i].code, cases[i].connected, answer, 1, &delay),
                         cases[i].wanted);
        http_response_free(answer);
    }
}

static void pauses_grow_and_end(void **state)
{
    int64_t delay = 0;
    (void)state;
    for (unsigned attempts = 1; attempts < ATTEMPTS_MAX; attempts++) {
        assert_true(retry_wanted("GET", MSTR_E_NETWORK, true, NULL, attempts, &delay));
        assert_in_range(delay, 100 << (attempts - 1), 200 << (attempts - 1));
    }
    assert_false(retry_wanted("GET", MSTR_E_NETWORK, true, NULL, ATTEMPTS_MAX, &delay));
}

static void the_server_may_ask_for_a_longer_pause_but_not_for_any(void **state)
{
    static const struct {
        const char *header;
        bool wanted;
        int64_t least;
        int64_t most;
    } cases[] = {
        {"Retry-After: 7", true, 7000, 7000},
        {"retry-after: 0", true, 100, 200},
        {"Retry-After: nonsense", true, 100, 200},
        {"Retry-After: 3600", false, 0, 0},
        {"Retry-After: Sun, 06 Nov 1994 08:49:37 GMT", true, 100, 200}, /* is past */
        {"Retry-After: Fri, 31 Dec 9999 23:59:59 GMT", false, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t delay = 0;
        struct mstr_http_response *answer = test_answer(503, cases[i].header, "");
        assert_int_equal(retry_wanted("GET", MSTR_OK, true, answer, 1, &delay), cases[i].wanted);
        assert_in_range(delay, cases[i].least, cases[i].most);
        http_response_free(answer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_safe_is_repeated),
        cmocka_unit_test(pauses_grow_and_end),
        cmocka_unit_test(the_server_may_ask_for_a_longer_pause_but_not_for_any),
    };
    return RUN_TESTS("session/parts/retry_policy");
}
