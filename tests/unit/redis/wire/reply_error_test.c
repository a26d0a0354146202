/* SPDX-License-Identifier: Apache-2.0 */
/* providers/redis/wire/reply_error.c: the store's refusals, in the words of Redis 5 to 7. */
#include "support/redis_store.h"

#include "redis/wire/reply_error.h"

static struct resp of(const char *text)
{
    return (struct resp){.type = RESP_ERROR, .length = strlen(text), .text = (char *)(uintptr_t)text};
}

static void refusals_have_their_class(void **state)
{
    static const struct {
        const char *text;
        enum mstr_code code;
        enum reply_action action;
        bool spent;
        const char *word;
        const char *hint;
    } cases[] = {
        {"NOSCRIPT No matching script. Please use EVAL.", MSTR_E_PROTOCOL, REPLY_LOAD, false, "NOSCRIPT", NULL},
        {"LOADING Redis is loading the dataset in memory", MSTR_E_UNAVAILABLE, REPLY_AGAIN, false, "LOADING", NULL},
        {"MASTERDOWN Link with MASTER is down", MSTR_E_UNAVAILABLE, REPLY_AGAIN, false, "MASTERDOWN", NULL},
        {"TRYAGAIN Multiple keys request during rehashing of slot", MSTR_E_UNAVAILABLE, REPLY_AGAIN, false,
         "TRYAGAIN", NULL},
        {"CLUSTERDOWN The cluster is down", MSTR_E_UNAVAILABLE, REPLY_AGAIN, false, "CLUSTERDOWN", NULL},
        {"BUSY Redis is busy running a script.", MSTR_E_UNAVAILABLE, REPLY_AGAIN, false, "BUSY", NULL},
        {"ERR max number of clients reached", MSTR_E_UNAVAILABLE, REPLY_AGAIN, true, "ERR", "maxclients"},
        {"READONLY You can't write against a read only replica.", MSTR_E_UNAVAILABLE, REPLY_ELSEWHERE, true,
         "READONLY", "primary"},
        {"ERR Error running script (call to f_0): @user_script:1: -READONLY You can't write.", MSTR_E_UNAVAILABLE,
         REPLY_ELSEWHERE, true, "READONLY", "primary"},
        {"MOVED 3999 10.0.0.1:6381", MSTR_E_UNAVAILABLE, REPLY_MOVED, false, "MOVED", NULL},
        {"ASK 3999 10.0.0.1:6381", MSTR_E_UNAVAILABLE, REPLY_ASK, false, "ASK", NULL},
        {"NOREPLICAS Not enough good replicas to write.", MSTR_E_UNAVAILABLE, REPLY_FAIL, false, "NOREPLICAS",
         "replicas"},
        {"MISCONF Redis is configured to save RDB snapshots", MSTR_E_UNAVAILABLE, REPLY_FAIL, false, "MISCONF",
         "disk"},
        {"OOM command not allowed when used memory > 'maxmemory'.", MSTR_E_UNAVAILABLE, REPLY_FAIL, false, "OOM",
         "maxmemory"},
        {"NOAUTH Authentication required.", MSTR_E_AUTHENTICATION, REPLY_FAIL, true, "NOAUTH", "password"},
        {"WRONGPASS invalid username-password pair or user is disabled.", MSTR_E_AUTHENTICATION, REPLY_FAIL, true,
         "WRONGPASS", "password"},
        {"ERR AUTH <password> called without any password configured", MSTR_E_AUTHENTICATION, REPLY_FAIL, true, "ERR",
         "password"},
        {"ERR Client sent AUTH, but no password is set", MSTR_E_AUTHENTICATION, REPLY_FAIL, true, "ERR", "password"},
        {"ERR invalid password", MSTR_E_AUTHENTICATION, REPLY_FAIL, true, "ERR", "password"},
        {"NOPERM this user has no permissions", MSTR_E_DENIED, REPLY_FAIL, false, "NOPERM", "ACL SETUSER"},
        {"ERR The user executing the script can't run this command script: 0a, on @user_script:1.", MSTR_E_DENIED,
         REPLY_FAIL, false, "ERR", "ACL SETUSER"},
        {"ERR Error running script (call to f_0): @user_script:1: @user_script: 1: The user executing the script "
         "can't",
         MSTR_E_DENIED, REPLY_FAIL, false, "NOPERM", "ACL SETUSER"},
        {"DENIED Redis is running in protected mode", MSTR_E_DENIED, REPLY_FAIL, true, "DENIED", "own machine"},
        {"WRONGTYPE Operation against a key", MSTR_E_PROTOCOL, REPLY_FAIL, false, "WRONGTYPE", "mstr:"},
        {"CROSSSLOT Keys in request don't hash to the same slot", MSTR_E_PROTOCOL, REPLY_FAIL, false, "CROSSSLOT",
         NULL},
        {"ERR unknown command `GETRANGE`, with args beginning with: `k`", MSTR_E_PROTOCOL, REPLY_FAIL, false, "ERR",
         "Redis 5"},
        {"ERR syntax error", MSTR_E_PROTOCOL, REPLY_FAIL, false, "ERR", NULL},
        {"ERR DB index is out of range", MSTR_E_CONFIG, REPLY_FAIL, true, "ERR", "database"},
        {"ERR SELECT is not allowed in cluster mode", MSTR_E_CONFIG, REPLY_FAIL, true, "ERR", "one database"},
        {"", MSTR_E_PROTOCOL, REPLY_FAIL, false, NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct resp reply = of(cases[i].text);
        const struct reply_kind *kind = reply_error_kind(&reply);
        assert_int_equal(kind->action, cases[i].action);
        assert_int_equal(kind->spent, cases[i].spent);
        assert_failed(reply_error_tell(&reply, NULL, redis_error), cases[i].code, NULL, cases[i].word, cases[i].hint);
    }
}

static void a_store_that_repeats_what_it_was_sent_is_not_quoted(void **state)
{
    const struct resp args = of("ERR unknown command 'AUTH', with args beginning with: 'ann' 'hunter2'");
    const struct resp odd = of("hunter2 is no password");
    const struct resp script = of("ERR odd script: 0a0b, on @user_script:1.");
    (void)state;
    reply_error_tell(&args, "another", redis_error);
    assert_string_equal(host->error_message(redis_error), "the store says: ERR unknown command 'AUTH'");
    reply_error_tell(&args, "hunter2", redis_error);
    assert_string_equal(host->error_message(redis_error), "the store refuses a command");
    reply_error_tell(&odd, "hunter2", redis_error);
    assert_null(host->error_text(redis_error, MSTR_DETAIL_SERVICE_CODE));
    reply_error_tell(&script, NULL, redis_error);
    assert_string_equal(host->error_message(redis_error), "the store says: ERR odd");
}

static void redirects_name_a_place(void **state)
{
    static const struct endpoint from = {"node", "7000"};
    static const struct {
        const char *text;
        const char *place; /* NULL = none */
    } cases[] = {
        {"MOVED 3999 10.0.0.1:6381", "10.0.0.1:6381"},
        {"ASK 1 node-2.example:1", "node-2.example:1"},
        {"MOVED 1 :7001", "node:7001"},
        {"MOVED 1 ::1:7001", "[::1]:7001"},
        {"MOVED 1 a:7001 more", "a:7001"},
        {"MOVED 1 a", NULL},
        {"MOVED 1", NULL},
        {"MOVED", NULL},
        {"MOVED 1 a:0", NULL},
        {"MOVED 1 a b:1", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct endpoint to;
        char text[ENDPOINT_TEXT];
        const struct resp reply = of(cases[i].text);
        bool found = reply_error_place(&reply, &from, &to);
        assert_int_equal(found, cases[i].place != NULL);
        if (found) {
            assert_string_equal(endpoint_tell(&to, text), cases[i].place);
        }
    }
}

#define REDIS_TEST(test) cmocka_unit_test_setup_teardown(test, redis_setup, redis_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REDIS_TEST(refusals_have_their_class),
        REDIS_TEST(a_store_that_repeats_what_it_was_sent_is_not_quoted),
        REDIS_TEST(redirects_name_a_place),
    };
    return RUN_TESTS("redis/wire/reply_error");
}
