/* SPDX-License-Identifier: Apache-2.0 */
/* The Redis store with a real redis-server: all it does, and what befalls a server. */
#include "support/certificate.h"
#include "support/process.h"
#include "support/redis_store.h"

#include <pthread.h>

static struct redis_server server;
static struct redis_server cluster; /* of one, which takes two seconds until it is one */
static char octets[MSTR_STORE_RECORD_MAX];

static void *open_store(void)
{
    char url[100];
    snprintf(url, sizeof(url), "unix://%s", server.socket);
    redis_server_tell(&server, "FLUSHALL");
    return redis_open(url);
}

static int64_t acquire(void *self, const char *token, int64_t known)
{
    struct mstr_store_lease lease = redis_lease(token, known);
    assert_done(redis->acquire(self, &lease, live_call(PATIENT), redis_error));
    assert_int_equal(lease.outcome, MSTR_STORE_DONE);
    assert_int_equal(lease.left, 0);
    return lease.fence;
}

static enum mstr_store_outcome try_acquire(void *self, const char *token, int64_t known)
{
    struct mstr_store_lease lease = redis_lease(token, known);
    assert_done(redis->acquire(self, &lease, live_call(PATIENT), redis_error));
    return lease.outcome;
}

static enum mstr_store_outcome put(void *self, const char *token, int64_t fence, const char *text, uint32_t flags)
{
    struct mstr_store_put record = redis_record(token, fence, text);
    record.flags = flags;
    assert_done(redis->put(self, &record, live_call(PATIENT), redis_error));
    return record.outcome;
}

static struct mstr_store_get get(void *self)
{
    struct mstr_store_get get = {.size = sizeof(get), .key = slot, .octets = octets};
    assert_done(redis->get(self, &get, live_call(PATIENT), redis_error));
    return get;
}

static void a_record_is_read_as_it_was_written(void **state)
{
    void *self = open_store();
    (void)state;
    assert_int_equal(get(self).outcome, MSTR_STORE_ABSENT);
    int64_t fence = acquire(self, TOKEN_A, 0);
    assert_int_equal(put(self, TOKEN_A, fence, "one:two", MSTR_STORE_RELEASE), MSTR_STORE_DONE);

    struct mstr_store_get read = get(self);
    assert_int_equal(read.outcome, MSTR_STORE_DONE);
    assert_int_equal(read.length, 7);
    assert_memory_equal(octets, "one:two", 7);
    assert_int_equal(read.fence, fence);
    assert_in_range(read.left, 1, PATIENT);
    assert_in_range(read.now, fence, fence + 3600 * 1000);
    redis->destroy(self);
}

static void the_longest_record_fits_and_holds_any_octets(void **state)
{
    void *self = open_store();
    char *longest = malloc(MSTR_STORE_RECORD_MAX);
    (void)state;
    for (size_t i = 0; i < MSTR_STORE_RECORD_MAX; i++) {
        longest[i] = (char)(i % 256);
    }
    int64_t fence = acquire(self, TOKEN_A, 0);
    struct mstr_store_put record = redis_record(TOKEN_A, fence, "");
    record.octets = longest;
    record.length = MSTR_STORE_RECORD_MAX;
    assert_done(redis->put(self, &record, live_call(PATIENT), redis_error));
    assert_int_equal(get(self).length, MSTR_STORE_RECORD_MAX);
    assert_memory_equal(octets, longest, MSTR_STORE_RECORD_MAX);
    free(longest);
    redis->destroy(self);
}

static void one_has_the_lease_and_fences_rise(void **state)
{
    void *self = open_store();
    enum mstr_store_outcome outcome;
    (void)state;
    int64_t first = acquire(self, TOKEN_A, 0);
    assert_int_equal(acquire(self, TOKEN_A, 0), first); /* whose answer was lost */
    struct mstr_store_lease other = redis_lease(TOKEN_B, 0);
    assert_done(redis->acquire(self, &other, live_call(PATIENT), redis_error));
    assert_int_equal(other.outcome, MSTR_STORE_HELD);
    assert_in_range(other.left, 1, PATIENT);
    assert_int_equal(other.fence, 0);
    assert_done(redis->release(self, &slot, TOKEN_B, &outcome, live_call(PATIENT), redis_error));
    assert_int_equal(outcome, MSTR_STORE_LOST);
    assert_done(redis->renew(self, &slot, TOKEN_A, PATIENT, &outcome, live_call(PATIENT), redis_error));
    assert_int_equal(outcome, MSTR_STORE_DONE);
    assert_done(redis->release(self, &slot, TOKEN_A, &outcome, live_call(PATIENT), redis_error));
    assert_int_equal(outcome, MSTR_STORE_DONE);
    assert_done(redis->renew(self, &slot, TOKEN_A, PATIENT, &outcome, live_call(PATIENT), redis_error));
    assert_int_equal(outcome, MSTR_STORE_LOST);

    int64_t second = acquire(self, TOKEN_B, 0);
    assert_true(second > first);
    assert_int_equal(put(self, TOKEN_B, second, "b", MSTR_STORE_RELEASE), MSTR_STORE_DONE);
    assert_int_equal(try_acquire(self, TOKEN_A, 0), MSTR_STORE_CHANGED);
    assert_true(acquire(self, TOKEN_A, second) > second);
    redis->destroy(self);
}

/* The clock stands at 1970 for this record, as it were: its fence is far ahead of the store's time. */
static void fences_rise_over_the_removal_of_a_record(void **state)
{
    void *self = open_store();
    enum mstr_store_outcome outcome;
    (void)state;
    redis_server_tell(&server, "SET mstr:{g}:s.0 9000000000000:x PX 60000");
    assert_done(redis->remove(self, &slot, 5, &outcome, live_call(PATIENT), redis_error));
    assert_int_equal(outcome, MSTR_STORE_CHANGED);
    assert_done(redis->remove(self, &slot, 0, &outcome, live_call(PATIENT), redis_error));
    assert_int_equal(outcome, MSTR_STORE_DONE);
    assert_done(redis->remove(self, &slot, 0, &outcome, live_call(PATIENT), redis_error));
    assert_int_equal(outcome, MSTR_STORE_ABSENT);
    assert_int_equal(acquire(self, TOKEN_A, 0), INT64_C(9000000000001));
    redis->destroy(self);
}

static void a_write_without_the_lease_is_refused(void **state)
{
    void *self = open_store();
    (void)state;
    int64_t fence = acquire(self, TOKEN_A, 0);
    assert_int_equal(put(self, TOKEN_B, fence, "b", 0), MSTR_STORE_LOST);
    assert_int_equal(put(self, TOKEN_A, fence - 1, "old", 0), MSTR_STORE_LOST);
    redis_server_tell(&server, "DEL mstr:{g}:s.0/lease"); /* as when it has run out */
    assert_int_equal(put(self, TOKEN_A, fence, "late", 0), MSTR_STORE_LOST);
    assert_int_equal(get(self).outcome, MSTR_STORE_ABSENT);
    int64_t later = acquire(self, TOKEN_B, 0);
    assert_int_equal(put(self, TOKEN_B, later, "b", 0), MSTR_STORE_DONE);
    assert_int_equal(put(self, TOKEN_A, fence, "late", 0), MSTR_STORE_LOST);
    redis_server_tell(&server, "SET mstr:{g}:s.0 9000000000000:x PX 60000"); /* a newer one, of another lease */
    assert_int_equal(put(self, TOKEN_B, later, "b", 0), MSTR_STORE_LOST);
    redis->destroy(self);
}

static void a_record_lasts_as_long_as_is_said(void **state)
{
    void *self = open_store();
    enum mstr_store_outcome outcome;
    (void)state;
    assert_done(redis->extend(self, &slot, 1, PATIENT, &outcome, live_call(PATIENT), redis_error));
    assert_int_equal(outcome, MSTR_STORE_ABSENT);
    int64_t fence = acquire(self, TOKEN_A, 0);
    put(self, TOKEN_A, fence, "a", 0);
    assert_done(redis->extend(self, &slot, fence + 1, PATIENT, &outcome, live_call(PATIENT), redis_error));
    assert_int_equal(outcome, MSTR_STORE_CHANGED);
    assert_done(redis->extend(self, &slot, fence, 10 * PATIENT, &outcome, live_call(PATIENT), redis_error));
    assert_int_equal(outcome, MSTR_STORE_DONE);
    assert_in_range(get(self).left, PATIENT + 1, 10 * PATIENT);
    assert_done(redis->extend(self, &slot, fence, 1, &outcome, live_call(PATIENT), redis_error));
    poll(NULL, 0, 5);
    assert_int_equal(get(self).outcome, MSTR_STORE_ABSENT);
    redis->destroy(self);
}

static void every_key_ends_by_itself(void **state)
{
    void *self = open_store();
    struct mstr_store_beat beat = {.size = sizeof(beat), .key = {"g", "hb"}, .member = "w", .keep = PATIENT};
    (void)state;
    put(self, TOKEN_A, acquire(self, TOKEN_A, 0), "a", 0);
    assert_done(redis->beat(self, &beat, live_call(PATIENT), redis_error));
    assert_string_equal(redis_server_tell(&server, "DBSIZE"), ":4");
    assert_string_equal(redis_server_tell(&server, "EVAL \"local n=0 for _,k in ipairs(redis.call('KEYS','*')) do "
                                                   "if redis.call('PTTL',k)>0 then n=n+1 end end return n\" 0"),
                        ":4");
    redis->destroy(self);
}

static void members_count_until_they_leave_or_fall_silent(void **state)
{
    void *self = open_store();
    struct mstr_store_beat beat = {
        .size = sizeof(beat), .key = {"g", "hb"}, .member = "one", .keep = PATIENT, .watched = slot.name};
    (void)state;
    assert_done(redis->beat(self, &beat, live_call(PATIENT), redis_error));
    assert_int_equal(beat.members, 1);
    assert_int_equal(beat.fence, 0);
    int64_t fence = acquire(self, TOKEN_A, 0);
    put(self, TOKEN_A, fence, "a", 0);
    beat.member = "two";
    assert_done(redis->beat(self, &beat, live_call(PATIENT), redis_error));
    assert_int_equal(beat.members, 2);
    assert_int_equal(beat.fence, fence);
    beat.member = NULL;
    assert_done(redis->beat(self, &beat, live_call(PATIENT), redis_error));
    assert_int_equal(beat.members, 2);
    beat.member = "one";
    assert_done(redis->leave(self, &beat, live_call(PATIENT), redis_error));
    assert_int_equal(beat.members, 1);
    poll(NULL, 0, 5);
    beat.member = NULL;
    beat.watched = NULL;
    beat.keep = 1; /* who has beaten within a ms counts */
    assert_done(redis->beat(self, &beat, live_call(PATIENT), redis_error));
    assert_int_equal(beat.members, 0);
    beat.keep = PATIENT;
    assert_done(redis->beat(self, &beat, live_call(PATIENT), redis_error));
    assert_int_equal(beat.members, 1);
    assert_true(beat.now > 0);
    redis->destroy(self);
}

static void a_message_comes_to_who_listens(void **state)
{
    static const struct mstr_store_key channel = {"g", "c"};
    char text[8];
    struct mstr_store_message message = {.size = sizeof(message), .text = text, .capacity = sizeof(text)};
    void *self = open_store();
    void *subscription = NULL;
    (void)state;
    assert_done(redis->subscribe(self, &channel, &subscription, live_call(PATIENT), redis_error));
    assert_int_equal(redis->next(self, subscription, &message, live_call(30), redis_error), MSTR_E_TIMEOUT);
    assert_done(redis->publish(self, &channel, "hello, you", live_call(PATIENT), redis_error));
    assert_done(redis->next(self, subscription, &message, live_call(PATIENT), redis_error));
    assert_string_equal(text, "hello, ");

    struct mstr_store_put record = redis_record(TOKEN_A, acquire(self, TOKEN_A, 0), "a");
    record.channel = channel.name;
    record.message = "new";
    assert_done(redis->put(self, &record, live_call(PATIENT), redis_error));
    assert_done(redis->next(self, subscription, &message, live_call(PATIENT), redis_error));
    assert_string_equal(text, "new");

    redis_server_tell(&server, "CLIENT KILL TYPE pubsub");
    assert_failed(redis->next(self, subscription, &message, live_call(PATIENT), redis_error), MSTR_E_NETWORK,
                  "closed", NULL, NULL);
    redis->unsubscribe(self, subscription);
    redis->unsubscribe(self, NULL);
    redis->destroy(self);
}

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

static void try_all(void *self)
{
    struct mstr_store_beat beat = {.size = sizeof(beat), .key = {"g", "hb"}, .member = "w", .keep = PATIENT};
    enum mstr_store_outcome outcome;
    void *subscription = NULL;
    int64_t fence = acquire(self, TOKEN_A, 0);
    struct mstr_store_put record = redis_record(TOKEN_A, fence, "a");
    record.channel = "c";
    record.message = "m";
    record.flags = MSTR_STORE_RELEASE;
    assert_done(redis->put(self, &record, live_call(PATIENT), redis_error));
    assert_int_equal(get(self).fence, fence);
    assert_done(redis->extend(self, &slot, fence, PATIENT, &outcome, live_call(PATIENT), redis_error));
    assert_done(redis->remove(self, &slot, fence, &outcome, live_call(PATIENT), redis_error));
    assert_done(redis->renew(self, &slot, TOKEN_A, PATIENT, &outcome, live_call(PATIENT), redis_error));
    assert_done(redis->release(self, &slot, TOKEN_A, &outcome, live_call(PATIENT), redis_error));
    assert_done(redis->beat(self, &beat, live_call(PATIENT), redis_error));
    assert_done(redis->leave(self, &beat, live_call(PATIENT), redis_error));
    assert_done(redis->publish(self, &slot, "m", live_call(PATIENT), redis_error));
    assert_done(redis->subscribe(self, &slot, &subscription, live_call(PATIENT), redis_error));
    redis->unsubscribe(self, subscription);
    assert_done(redis_time(self));
}

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

static void foreign_data_is_left_as_it_is(void **state)
{
    struct mstr_store_lease lease = redis_lease(TOKEN_A, 0);
    struct mstr_store_get get = {.size = sizeof(get), .key = slot, .octets = octets};
    void *self = open_store();
    (void)state;
    redis_server_tell(&server, "SET mstr:{g}:s.0 theirs");
    assert_failed(redis->get(self, &get, live_call(PATIENT), redis_error), MSTR_E_PROTOCOL, "no record of mstr", NULL,
                  "mstr:");
    assert_failed(redis->acquire(self, &lease, live_call(PATIENT), redis_error), MSTR_E_PROTOCOL, "no record of mstr",
                  NULL, NULL);
    redis_server_tell(&server, "DEL mstr:{g}:s.0");
    redis_server_tell(&server, "LPUSH mstr:{g}:s.0 theirs");
    assert_failed(redis->get(self, &get, live_call(PATIENT), redis_error), MSTR_E_PROTOCOL, "WRONGTYPE", "WRONGTYPE",
                  NULL);
    redis->destroy(self);
}

static void a_database_is_chosen(void **state)
{
    char url[100];
    (void)state;
    snprintf(url, sizeof(url), "unix://%s?db=3", server.socket);
    redis_server_tell(&server, "FLUSHALL");
    void *self = redis_open(url);
    acquire(self, TOKEN_A, 0);
    assert_contains(redis_server_tell(&server, "INFO keyspace"), "db3:keys=2");
    redis->destroy(self);
    snprintf(url, sizeof(url), "unix://%s?db=99", server.socket);
    self = redis_open(url);
    assert_failed(redis_time(self), MSTR_E_CONFIG, "DB index", NULL, "number of the database");
    redis->destroy(self);
}

static void eviction_that_takes_sessions_away_is_told(void **state)
{
    void *self = open_store();
    (void)state;
    redis_server_tell(&server, "CONFIG SET maxmemory 100mb");
    redis_server_tell(&server, "CONFIG SET maxmemory-policy allkeys-lru");
    assert_done(redis->explain(self, fake_host_report_object(), live_call(PATIENT), redis_error));
    assert_contains(fake_host_report(), "info version: Redis ");
    assert_contains(fake_host_report(), "info eviction: allkeys-lru (set maxmemory-policy");
    redis_server_tell(&server, "CONFIG SET maxmemory-policy noeviction");
    redis_server_tell(&server, "CONFIG SET maxmemory 0");
    redis->destroy(self);
}

enum { THREADS = 8, ROUNDS = 10 };

struct racer {
    pthread_t thread;
    void *self;
    char token[33];
    unsigned had;
};

static void *race(void *data)
{
    struct racer *racer = data;
    struct mstr_call call = {.size = sizeof(call), .deadline = host->monotonic() + PATIENT, .trace_id = "1"};
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct mstr_store_lease lease = redis_lease(racer->token, 0);
        enum mstr_store_outcome outcome;
        if (redis->acquire(racer->self, &lease, &call, NULL) == MSTR_OK && lease.outcome == MSTR_STORE_DONE) {
            racer->had++;
            redis->release(racer->self, &slot, racer->token, &outcome, &call, NULL);
            racer->had += outcome == MSTR_STORE_DONE ? 0 : 1000;
        }
    }
    return NULL;
}

static void threads_share_a_store(void **state)
{
    struct racer racers[THREADS];
    void *self = open_store();
    unsigned had = 0;
    (void)state;
    for (unsigned i = 0; i < THREADS; i++) {
        racers[i] = (struct racer){.self = self};
        snprintf(racers[i].token, sizeof(racers[i].token), "%032x", i);
        pthread_create(&racers[i].thread, NULL, race, &racers[i]);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(racers[i].thread, NULL);
        had += racers[i].had;
    }
    assert_in_range(had, 1, THREADS * ROUNDS);
    redis->destroy(self);
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

/* The module as it is loaded. */
static void the_module_conforms(void **state)
{
    char url[100];
    char module[300];
    (void)state;
    snprintf(url, sizeof(url), "url=unix://%s", server.socket);
    snprintf(module, sizeof(module), "%s/mstr_store_redis.so", process_path("MSTR_PLUGINS"));
    const char *const arguments[] = {process_path("MSTR_STORE_TEST"), "--set", url, module, NULL};
    struct process_result result = child_run(arguments, &(struct process_options){0});
    if (result.status != 0) {
        fail_msg("%s%s", result.output, result.errors);
    }
    child_release(&result);
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
        REDIS_TEST(a_record_is_read_as_it_was_written),
        REDIS_TEST(the_longest_record_fits_and_holds_any_octets),
        REDIS_TEST(one_has_the_lease_and_fences_rise),
        REDIS_TEST(fences_rise_over_the_removal_of_a_record),
        REDIS_TEST(a_write_without_the_lease_is_refused),
        REDIS_TEST(a_record_lasts_as_long_as_is_said),
        REDIS_TEST(every_key_ends_by_itself),
        REDIS_TEST(members_count_until_they_leave_or_fall_silent),
        REDIS_TEST(a_message_comes_to_who_listens),
        REDIS_TEST(scripts_that_the_store_has_forgotten_are_sent_again),
        REDIS_TEST(connections_that_were_cut_are_made_anew),
        REDIS_TEST(a_paused_store_ends_no_call_late),
        REDIS_TEST(a_call_that_is_cancelled_ends_at_once),
        REDIS_TEST(a_store_that_cannot_write_says_so_and_reads),
        REDIS_TEST(a_busy_store_passes),
        REDIS_TEST(the_least_rules_let_everything_through),
        REDIS_TEST(what_is_denied_is_told),
        REDIS_TEST(a_wrong_password_is_told_and_never_shown),
        REDIS_TEST(foreign_data_is_left_as_it_is),
        REDIS_TEST(a_database_is_chosen),
        REDIS_TEST(eviction_that_takes_sessions_away_is_told),
        REDIS_TEST(threads_share_a_store),
        REDIS_TEST(tls_verifies_the_name_and_shows_a_certificate),
        REDIS_TEST(the_primary_is_found_again_after_a_failover),
        REDIS_TEST(a_cluster_of_one_works),
        REDIS_TEST(the_module_conforms),
    };
    return cmocka_run_group_tests_name("redis", tests, start, stop);
}
