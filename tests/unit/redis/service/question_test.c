/* SPDX-License-Identifier: Apache-2.0 */
/* providers/redis/service/question.c: what cannot be asked is not sent. */
#include "support/redis_store.h"

#include "redis/service/question.h"

#define LONG "0123456789012345678901234567890123456789012345678901234567890123"

static void names_are_those_of_the_header(void **state)
{
    static const char *const good[] = {"a", "A-z_0.9:x", LONG};
    static const char *const bad[] = {"", "a b", "a{b", "a}b", "a/b", LONG "x", NULL};
    static struct redis_store store;
    struct question question;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        question_begin(&question, &store, SCRIPT_GET, true);
        question_key(&question, good[i], good[i], "/members");
        assert_null(question.wrong);
    }
    question_begin(&question, &store, SCRIPT_GET, true);
    question_key(&question, "g", "n", "/lease");
    assert_string_equal(question.command.words[0].octets, "mstr:{g}:n/lease");
    assert_int_equal(question.command.keys, 1);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        question_begin(&question, &store, SCRIPT_GET, true);
        question_key(&question, bad[i], "n", "");
        assert_non_null(question.wrong);
        question_begin(&question, &store, SCRIPT_GET, true);
        question_channel(&question, "g", bad[i]);
        assert_non_null(question.wrong);
    }
}

static void tokens_and_times_are_looked_at(void **state)
{
    static struct redis_store store;
    struct question question;
    struct resp *reply = NULL;
    enum mstr_store_outcome outcome;
    (void)state;
    question_begin(&question, &store, SCRIPT_RENEW, true);
    question_token(&question, TOKEN_A, 0);
    question_token(&question, TOKEN_A, 17);
    question_span(&question, 1);
    assert_null(question.wrong);
    assert_string_equal(question.command.words[1].octets, TOKEN_A ":17");
    question_token(&question, "short", 0);
    assert_failed(question_ask(&store, &question, 1, live_call(PATIENT), &reply, redis_error), MSTR_E_USAGE,
                  "32 hex digits", NULL, NULL);
    question_begin(&question, &store, SCRIPT_RENEW, true);
    question_span(&question, 0);
    assert_failed(question_outcome(&store, &question, &outcome, live_call(PATIENT), redis_error), MSTR_E_USAGE,
                  "not above 0", NULL, NULL);
    assert_false(question_read_outcome(5, &outcome));
    assert_false(question_read_outcome(-1, &outcome));
    assert_true(question_read_outcome(4, &outcome));
    assert_int_equal(outcome, MSTR_STORE_LOST);
}

#define REDIS_TEST(test) cmocka_unit_test_setup_teardown(test, redis_setup, redis_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REDIS_TEST(names_are_those_of_the_header),
        REDIS_TEST(tokens_and_times_are_looked_at),
    };
    return RUN_TESTS("redis/service/question");
}
