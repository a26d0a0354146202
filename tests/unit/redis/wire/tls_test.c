/* SPDX-License-Identifier: Apache-2.0 */
/* providers/redis/wire/tls.c; names and certificates are tried with a real server in
 * tests/integration/redis_test.c. */
#include "support/certificate.h"
#include "support/redis_store.h"

static void a_store_is_asked_over_tls_and_may_end_without_a_word(void **state)
{
    static const char *const answers[] = {"+OK\r\n", "*2\r\n$1\r\n5\r\n$1\r\n0\r\n", PEER_CLOSE, NULL};
    struct certificate certificate;
    (void)state;
    certificate_make(&certificate, "IP:127.0.0.1");
    struct resp_peer *peer = resp_peer_start(answers, certificate.context);
    fake_host_option("ca_file", certificate.file);
    void *self = redis_open_at("rediss://127.0.0.1:%u", resp_peer_port(peer));
    assert_done(redis_time(self));
    assert_failed(redis_time(self), MSTR_E_NETWORK, "closed the connection", NULL, NULL);
    redis->destroy(self);
    resp_peer_stop(peer);
    certificate_release(&certificate);
}

static void a_certificate_that_has_expired_is_not_accepted(void **state)
{
    static const char *const answers[] = {"+OK\r\n", NULL};
    struct certificate certificate;
    (void)state;
    certificate_make_lasting(&certificate, "IP:127.0.0.1", -60);
    struct resp_peer *peer = resp_peer_start(answers, certificate.context);
    fake_host_option("ca_file", certificate.file);
    void *self = redis_open_at("rediss://127.0.0.1:%u", resp_peer_port(peer));
    assert_failed(redis_time(self), MSTR_E_TLS, "expired", NULL, "renewed");
    assert_string_equal(resp_peer_heard(peer), "");
    redis->destroy(self);
    resp_peer_stop(peer);
    certificate_release(&certificate);
}

#define REDIS_TEST(test) cmocka_unit_test_setup_teardown(test, redis_setup, redis_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REDIS_TEST(a_store_is_asked_over_tls_and_may_end_without_a_word),
        REDIS_TEST(a_certificate_that_has_expired_is_not_accepted),
    };
    return RUN_TESTS("redis/wire/tls");
}
