/* SPDX-License-Identifier: Apache-2.0 */
/* providers/redis/service/records.c: answers that make no sense; the rest is tried with a real server. */
#include "support/redis_store.h"

static char octets[MSTR_STORE_RECORD_MAX];

static void answers_that_are_no_record_are_refused(void **state)
{
    static const char *const cases[] = {
        "*3\r\n$3\r\nabc\r\n:1\r\n:2\r\n", "*3\r\n$2\r\n7x\r\n:1\r\n:2\r\n",
        "*3\r\n$2\r\n0:\r\n:1\r\n:2\r\n",  "*3\r\n:1\r\n:1\r\n:2\r\n",
        "*2\r\n$2\r\n7:\r\n:1\r\n",        "*3\r\n$3\r\n-7:\r\n:1\r\n:2\r\n",
        "*3\r\n$0\r\n\r\n:1\r\n:2\r\n",    ":1\r\n",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *const answers[] = {"+OK\r\n", cases[i], NULL};
        struct resp_peer *peer = resp_peer_start(answers, NULL);
        struct mstr_store_get get = {.size = sizeof(get), .key = slot, .octets = octets};
        void *self = redis_open_at("redis://127.0.0.1:%u", resp_peer_port(peer));
        assert_failed(redis->get(self, &get, live_call(PATIENT), redis_error), MSTR_E_PROTOCOL, NULL, NULL, NULL);
        redis->destroy(self);
        resp_peer_stop(peer);
    }
}

static void what_cannot_be_written_is_not_sent(void **state)
{
    static const char *const answers[] = {":9\r\n", NULL};
    struct resp_peer *peer = resp_peer_start(answers, NULL);
    void *self = redis_open_at("redis://127.0.0.1:%u", resp_peer_port(peer));
    struct mstr_store_put record = redis_record(TOKEN_A, 0, "a");
    (void)state;
    assert_failed(redis->put(self, &record, live_call(PATIENT), redis_error), MSTR_E_USAGE, "without a fence", NULL,
                  NULL);
    record.fence = 1;
    record.length = MSTR_STORE_RECORD_MAX + 1;
    assert_failed(redis->put(self, &record, live_call(PATIENT), redis_error), MSTR_E_USAGE, "too long", NULL, NULL);
    assert_string_equal(resp_peer_heard(peer), "");
    record.length = 1;
    assert_failed(redis->put(self, &record, live_call(PATIENT), redis_error), MSTR_E_PROTOCOL, "no sense", NULL,
                  NULL);
    redis->destroy(self);
    resp_peer_stop(peer);
}

#define REDIS_TEST(test) cmocka_unit_test_setup_teardown(test, redis_setup, redis_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REDIS_TEST(answers_that_are_no_record_are_refused),
        REDIS_TEST(what_cannot_be_written_is_not_sent),
    };
    return RUN_TESTS("redis/service/records");
}
