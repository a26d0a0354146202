/* SPDX-License-Identifier: Apache-2.0 */
/* What is tried again, and when. */
#include "session/parts/retry.h"

#include "unit/session/answer.h"

static void only_what_is_safe_is_repeated(void **state)
{
    static const struct {
        const char *method;
        enum mstr_code code;
        const char *step;
        int status; /* of the answer, when code is MSTR_OK */
        bool wanted;
    } cases[] = {
        {"POST", MSTR_E_NETWORK, "connect", 0, true},
        {"PATCH", MSTR_E_NETWORK, "connect", 0, true},
        {"POST", MSTR_E_NETWORK, NULL, 0, false},
        {"PATCH", MSTR_E_NETWORK, NULL, 0, false},
        {"GET", MSTR_E_NETWORK, NULL, 0, true},
        {"DELETE", MSTR_E_NETWORK, NULL, 0, true},
        {"GET", MSTR_E_TLS, "connect", 0, false},
        {"GET", MSTR_E_TIMEOUT, NULL, 0, false},
        {"GET", MSTR_E_CANCELLED, NULL, 0, false},
        {"GET", MSTR_OK, NULL, 200, false},
        {"GET", MSTR_OK, NULL, 429, true},
        {"HEAD", MSTR_OK, NULL, 502, true},
        {"OPTIONS", MSTR_OK, NULL, 503, true},
        {"PUT", MSTR_OK, NULL, 504, true},
        {"GET", MSTR_OK, NULL, 500, false},
        {"GET", MSTR_OK, NULL, 401, false},
        {"POST", MSTR_OK, NULL, 503, false},
        {"POST", MSTR_OK, NULL, 429, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mstr_http_response *answer = cases[i].code == MSTR_OK ? test_answer(cases[i].status, NULL, "") : NULL;
        int64_t delay = retry_judge(cases[i].method, cases[i].code, cases[i].step, answer, 1);
        assert_int_equal(delay != RETRY_NEVER, cases[i].wanted);
        http_response_free(answer);
    }
}

static void pauses_grow_and_end(void **state)
{
    (void)state;
    for (int count = 1; count < RETRY_ATTEMPTS; count++) {
        int64_t delay = retry_judge("GET", MSTR_E_NETWORK, NULL, NULL, count);
        assert_in_range(delay, 100 << (count - 1), 200 << (count - 1));
    }
    assert_int_equal(retry_judge("GET", MSTR_E_NETWORK, NULL, NULL, RETRY_ATTEMPTS), RETRY_NEVER);
}

static void the_server_may_ask_for_a_longer_pause_but_not_for_any(void **state)
{
    static const struct {
        const char *header;
        int64_t least;
        int64_t most;
    } cases[] = {
        {"Retry-After: 7", 7000, 7000},
        {"retry-after: 0", 100, 200},
        {"Retry-After: nonsense", 100, 200},
        {"Retry-After: 3600", RETRY_NEVER, RETRY_NEVER},
        {"Retry-After: Sun, 06 Nov 1994 08:49:37 GMT", 100, 200}, /* is past */
        {"Retry-After: Fri, 31 Dec 9999 23:59:59 GMT", RETRY_NEVER, RETRY_NEVER},
        {"X-Mstr-Agent: tried", RETRY_NEVER, RETRY_NEVER}, /* another one has paused already */
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mstr_http_response *answer = test_answer(503, cases[i].header, "");
        int64_t delay = retry_judge("GET", MSTR_OK, NULL, answer, 1);
        assert_true(delay >= cases[i].least && delay <= cases[i].most);
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
    return RUN_TESTS("session/parts/retry");
}
