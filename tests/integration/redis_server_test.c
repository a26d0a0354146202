/* SPDX-License-Identifier: Apache-2.0 */
/* The Redis store and what befalls a real redis-server: it is killed, paused, full, behind TLS, elsewhere, a cluster.
 */
#include "redis_calls.h"

#include "support/certificate.h"

#include <pthread.h>

static struct redis_server cluster; /* of one, which takes two seconds until it is one */

static void scripts_that_the_store_has_forgotten_are_sent_again(void **state)
{
    void *self = open_store();
    (void)state;
    get(self);
    redis_server_tell(&server, "SCRIPT FLUSH");
    assert_int_equal(get(self).outcome, MSTR_STORE_ABSENT);
    redis->destroy(self);
}

static void connections_that_were_cut_are_made_anew(void **state)
{
    void *self = open_store();
    (void)state;
    assert_done(redis_time(self));
    redis_server_tell(&server, "CLIENT KILL TYPE normal");
    assert_done(redis_time(self));
    redis_server_kill(&server);
    assert_failed(redis_time(self), MSTR_E_NETWORK, "cannot connect to the store at /tmp/mstr-redis", NULL, NULL);
    redis_server_again(&server, "");
    assert_done(redis_time(self));
    redis->destroy(self);
}

static void a_paused_store_ends_no_call_late(void **state)
{
    void *self = open_store();
    int64_t now = 0;
    (void)state;
    assert_done(redis_time(self));
    redis_server_tell(&server, "CLIENT PAUSE 300000 ALL");
    int64_t start = host->monotonic();
    assert_failed(redis->time(self, &now, live_call(250), redis_error), MSTR_E_TIMEOUT, "the store's reply", NULL,
                  NULL);
    assert_in_range(host->monotonic() - start, 250, 30000);
    redis_server_kill(&server); /* who takes no UNPAUSE of a client that waits */
    redis_server_again(&server, "");
    assert_done(redis_time(self));
    redis->destroy(self);
}

static void *cancel_soon(void *data)
{
    poll(NULL, 0, 20);
    live_cancelled = true;
    return data;
}

static void a_call_that_is_cancelled_ends_at_once(void **state)
{
    void *self = open_store();
    pthread_t thread;
    (void)state;
    assert_done(redis_time(self));
    redis_server_tell(&server, "CLIENT PAUSE 300000 ALL");
    int64_t start = host->monotonic();
    pthread_create(&thread, NULL, cancel_soon, NULL);
    assert_failed(redis_time(self), MSTR_E_CANCELLED, NULL, NULL, NULL);
    pthread_join(thread, NULL);
    assert_in_range(host->monotonic() - start, 0, 10000);
    redis_server_kill(&server);
    redis_server_again(&server, "");
    redis->destroy(self);
}

/* A setting of the server, what the store then says of a lease and of reading, and the setting's end. */
static void assert_refused(const char *setting, enum mstr_code reading, const char *word, const char *hint,
                           const char *undo)
{
    void *self = open_store();
    struct mstr_store_lease lease = redis_lease(TOKEN_A, 0);
    struct mstr_store_get get = {.size = sizeof(get), .key = slot, .octets = octets};
    assert_string_equal(redis_server_tell(&server, setting), "+OK");
    assert_failed(redis->acquire(self, &lease, live_call(PATIENT), redis_error), MSTR_E_UNAVAILABLE, word, word,
                  hint);
    assert_int_equal(redis->get(self, &get, live_call(PATIENT), redis_error), reading);
    assert_string_equal(redis_server_tell(&server, undo), "+OK");
    assert_done(redis->acquire(self, &lease, live_call(PATIENT), redis_error));
    redis->destroy(self);
}

static void a_store_that_cannot_write_says_so_and_reads(void **state)
{
    char follow[64];
    (void)state;
    snprintf(follow, sizeof(follow), "REPLICAOF 127.0.0.1 %u", redis_server_free_port());
    assert_refused("CONFIG SET maxmemory 1", MSTR_OK, "OOM", "maxmemory", "CONFIG SET maxmemory 0");
    assert_refused("CONFIG SET min-replicas-to-write 1", MSTR_OK, "NOREPLICAS", "replicas",
                   "CONFIG SET min-replicas-to-write 0");
    assert_refused(follow, MSTR_OK, "READONLY", "primary", "REPLICAOF NO ONE");
    redis_server_tell(&server, "CONFIG SET replica-serve-stale-data no");
    assert_refused(follow, MSTR_E_UNAVAILABLE, "MASTERDOWN", NULL, "REPLICAOF NO ONE");
}

static void *be_busy(void *data)
{
    redis_server_tell(data, "EVAL \"while true do end\" 0");
    return NULL;
}

static void a_busy_store_passes(void **state)
{
    void *self = open_store();
    struct redis_server other = server;
    pthread_t thread;
    int64_t now = 0;
    (void)state;
    redis_server_tell(&server, "CONFIG SET busy-reply-threshold 1");
    pthread_create(&thread, NULL, be_busy, &other);
    while (strncmp(redis_server_tell(&server, "PING"), "-BUSY", 5) != 0) {
    }
    assert_failed(redis->time(self, &now, live_call(PATIENT), redis_error), MSTR_E_UNAVAILABLE, "BUSY", "BUSY", NULL);
    assert_string_equal(redis_server_tell(&server, "SCRIPT KILL"), "+OK");
    pthread_join(thread, NULL);
    assert_done(redis_time(self));
    redis->destroy(self);
}

#define RULES                                                                                                        \
    "resetchannels ~mstr:* &mstr:* -@all +auth +select +get +getrange +set +del +pexpire +pttl +zadd +zrem +zcount " \
    "+zremrangebyscore +evalsha +eval +time +role +client|setname +publish +subscribe +ping"

static void the_least_rules_let_everything_through(void **state)
{
    (void)state;
    redis_server_tell(&server, "ACL SETUSER worker on >secret " RULES);
    fake_host_option("username", "worker");
    fake_host_option("password", "secret");
    void *self = open_store();
    try_all(self);
    assert_done(redis->explain(self, fake_host_report_object(), live_call(PATIENT), redis_error));
    assert_contains(fake_host_report(),
                    "used authentication: user worker\nused role: primary\ninfo version: not told to "
                    "this user (add +info");
    assert_contains(fake_host_report(), "used rights: reads, writes and publishes\n");
    redis->destroy(self);
}

static void what_is_denied_is_told(void **state)
{
    struct mstr_store_lease lease = redis_lease(TOKEN_A, 0);
    (void)state;
    redis_server_tell(&server, "ACL SETUSER reader on >secret " RULES " -set -publish");
    fake_host_option("username", "reader");
    fake_host_option("password", "secret");
    void *self = open_store();
    assert_failed(redis->acquire(self, &lease, live_call(PATIENT), redis_error), MSTR_E_DENIED, NULL, NULL,
                  "mstr-store-redis(5)");
    assert_failed(redis->publish(self, &slot, "m", live_call(PATIENT), redis_error), MSTR_E_DENIED, NULL, "NOPERM",
                  "ACL SETUSER");
    assert_int_equal(redis->explain(self, fake_host_report_object(), live_call(PATIENT), redis_error), MSTR_E_DENIED);
    assert_contains(fake_host_report(), "failed rights: ");
    redis->destroy(self);

    redis_server_tell(&server, "ACL SETUSER reader resetkeys ~other:*");
    self = open_store();
    assert_failed(redis->acquire(self, &lease, live_call(PATIENT), redis_error), MSTR_E_DENIED, NULL, NULL, NULL);
    redis->destroy(self);
}

static void a_wrong_password_is_told_and_never_shown(void **state)
{
    (void)state;
    fake_host_option("username", "nobody");
    fake_host_option("password", "hunter2");
    void *self = open_store();
    assert_failed(redis_time(self), MSTR_E_AUTHENTICATION, "WRONGPASS", "WRONGPASS", "\"password\"");
    redis->destroy(self);
    fake_host_option("username", NULL);
    self = open_store();
    assert_failed(redis_time(self), MSTR_E_AUTHENTICATION, NULL, NULL, NULL);
    assert_null(strstr(host->error_message(redis_error), "hunter2"));
    redis->destroy(self);
    fake_host_option("password", NULL);
    redis_server_tell(&server, "CONFIG SET requirepass x");
    self = open_store();
    assert_failed(redis_time(self), MSTR_E_AUTHENTICATION, "NOAUTH", "NOAUTH", NULL);
    redis->destroy(self);
    redis_server_kill(&server);
    redis_server_again(&server, "");
}

static void tls_verifies_the_name_and_shows_a_certificate(void **state)
{
    struct certificate certificate;
    struct redis_server secure;
    char lines[400];
    int64_t now = 0;
    (void)state;
    certificate_make(&certificate, "DNS:localhost");
    unsigned port = redis_server_free_port();
    snprintf(lines, sizeof(lines), "tls-port %u\ntls-cert-file %s\ntls-key-file %s\ntls-ca-cert-file %s\n", port,
             certificate.file, certificate.file, certificate.file);
    redis_server_start(&secure, lines);

    fake_host_option("ca_file", certificate.file);
    fake_host_option("client_cert", certificate.file);
    void *self = redis_open_at("rediss://localhost:%u", port);
    try_all(self);
    assert_done(redis->explain(self, fake_host_report_object(), live_call(PATIENT), redis_error));
    assert_contains(fake_host_report(), "info TLS: TLSv1.3, TLS_");
    redis->destroy(self);

    self = redis_open_at("rediss://127.0.0.1:%u", port);
    assert_failed(redis_time(self), MSTR_E_TLS, "IP address mismatch", NULL, "server_name");
    redis->destroy(self);
    fake_host_option("server_name", "localhost");
    self = redis_open_at("rediss://127.0.0.1:%u", port);
    assert_done(redis_time(self));
    redis->destroy(self);
    fake_host_option("server_name", "redis.example.com");
    self = redis_open_at("rediss://localhost:%u", port);
    assert_failed(redis_time(self), MSTR_E_TLS, "ostname mismatch", NULL, "server_name");
    redis->destroy(self);
    fake_host_option("server_name", NULL);

    fake_host_option("client_cert", NULL);
    self = redis_open_at("rediss://localhost:%u", port);
    assert_failed(redis_time(self), MSTR_E_TLS, "certificate required", NULL, "client_cert");
    redis->destroy(self);
    fake_host_option("ca_file", NULL);
    self = redis_open_at("rediss://localhost:%u", port);
    assert_failed(redis_time(self), MSTR_E_TLS, "not accepted", NULL, "ca_file");
    redis->destroy(self);
    self = redis_open_at("rediss://localhost:%u", secure.port);
    assert_failed(redis->time(self, &now, live_call(300), redis_error), MSTR_E_TIMEOUT, NULL, NULL, "speaks no TLS");
    redis->destroy(self);
    redis_server_stop(&secure);
    certificate_release(&certificate);
}

/* A Sentinel that the test speaks for, and two servers. The second follows the first, so far as it got. */
static void the_primary_is_found_again_after_a_failover(void **state)
{
    struct redis_server next;
    char follow[64];
    char places[2][80];
    enum mstr_store_outcome outcome;
    (void)state;
    redis_server_start(&next, "");
    snprintf(places[0], sizeof(places[0]), "*2\r\n$9\r\n127.0.0.1\r\n$%d\r\n%u\r\n",
             snprintf(NULL, 0, "%u", server.port), server.port);
    snprintf(places[1], sizeof(places[1]), "*2\r\n$9\r\n127.0.0.1\r\n$%d\r\n%u\r\n",
             snprintf(NULL, 0, "%u", next.port), next.port);
    const char *const answers[] = {"+OK\r\n", places[0], "+OK\r\n", places[1], "+OK\r\n", places[1], NULL};
    struct resp_peer *sentinel = resp_peer_start(answers, NULL);
    redis_server_tell(&server, "FLUSHALL");
    void *self = redis_open_at("redis+sentinel://127.0.0.1:%u/main", resp_peer_port(sentinel));
    int64_t first = acquire(self, TOKEN_A, 0);

    snprintf(follow, sizeof(follow), "REPLICAOF 127.0.0.1 %u", next.port);
    redis_server_tell(&server, follow); /* the old one has become a replica: READONLY */
    assert_done(redis->release(self, &slot, TOKEN_A, &outcome, live_call(PATIENT), redis_error));
    assert_int_equal(outcome, MSTR_STORE_LOST);
    int64_t second = acquire(self, TOKEN_B, 0);
    assert_true(second >= first);
    assert_contains(resp_peer_heard(sentinel), "SENTINEL get-master-addr-by-name main\n");
    assert_int_equal(resp_peer_connections(sentinel), 2);
    redis->destroy(self);
    resp_peer_stop(sentinel);
    redis_server_tell(&server, "REPLICAOF NO ONE");
    redis_server_stop(&next);
}

static void a_cluster_of_one_works(void **state)
{
    (void)state;
    while (strstr(redis_server_tell(&cluster, "CLUSTER INFO"), "cluster_state:ok") == NULL) {
        poll(NULL, 0, 10);
    }
    void *self = redis_open_at("redis://127.0.0.1:%u", cluster.port);
    try_all(self);
    redis->destroy(self);
    self = redis_open_at("redis://127.0.0.1:%u/1", cluster.port);
    assert_failed(redis_time(self), MSTR_E_CONFIG, "SELECT", NULL, "cluster has one database");
    redis->destroy(self);
}

static int start(void **state)
{
    (void)state;
    redis_server_start(&server, "");
    redis_server_start(&cluster, "cluster-enabled yes");
    redis_server_tell(&cluster, "CLUSTER ADDSLOTSRANGE 0 16383");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    redis_server_stop(&server);
    redis_server_stop(&cluster);
    return 0;
}

#define REDIS_TEST(test) cmocka_unit_test_setup_teardown(test, redis_setup, redis_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REDIS_TEST(scripts_that_the_store_has_forgotten_are_sent_again),
        REDIS_TEST(connections_that_were_cut_are_made_anew),
        REDIS_TEST(a_paused_store_ends_no_call_late),
        REDIS_TEST(a_call_that_is_cancelled_ends_at_once),
        REDIS_TEST(a_store_that_cannot_write_says_so_and_reads),
        REDIS_TEST(a_busy_store_passes),
        REDIS_TEST(the_least_rules_let_everything_through),
        REDIS_TEST(what_is_denied_is_told),
        REDIS_TEST(a_wrong_password_is_told_and_never_shown),
        REDIS_TEST(tls_verifies_the_name_and_shows_a_certificate),
        REDIS_TEST(the_primary_is_found_again_after_a_failover),
        REDIS_TEST(a_cluster_of_one_works),
    };
    return cmocka_run_group_tests_name("redis_server", tests, start, stop);
}
