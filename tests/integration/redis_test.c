/* SPDX-License-Identifier: Apache-2.0 */
/* The Redis store with a real redis-server: all it does. */
#include "redis_calls.h"

#include "support/process.h"

#include <pthread.h>

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
    redis_server_tell(&server, "SET mstr:{g}:s.0 9007199254740993:x"); /* no fence could follow it */
    assert_failed(redis->get(self, &get, live_call(PATIENT), redis_error), MSTR_E_PROTOCOL, "no record of mstr", NULL,
                  "mstr:");
    redis_server_tell(&server, "SET mstr:{g}:s.0 9223372036854775807:x");
    lease.known = INT64_MAX;
    assert_failed(redis->acquire(self, &lease, live_call(PATIENT), redis_error), MSTR_E_PROTOCOL, "no record of mstr",
                  NULL, NULL);
    redis_server_tell(&server, "SET mstr:{g}:s.0 9007199254740992:x");
    assert_done(redis->get(self, &get, live_call(PATIENT), redis_error));
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
    return 0;
}

static int stop(void **state)
{
    (void)state;
    redis_server_stop(&server);
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
        REDIS_TEST(foreign_data_is_left_as_it_is),
        REDIS_TEST(a_database_is_chosen),
        REDIS_TEST(eviction_that_takes_sessions_away_is_told),
        REDIS_TEST(threads_share_a_store),
        REDIS_TEST(the_module_conforms),
    };
    return cmocka_run_group_tests_name("redis", tests, start, stop);
}
