/* SPDX-License-Identifier: Apache-2.0 */
/* providers/redis/wire/resolver.c, with a getaddrinfo() of the test's own for names. */
#include "support/redis_store.h"

#include "redis/wire/resolver.h"

#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER; /* a lookup passes while it is open */
static atomic_uint lookups;

int getaddrinfo(const char *name, const char *service, const struct addrinfo *wanted, struct addrinfo **found)
{
    static struct sockaddr_in place = {.sin_family = AF_INET};
    static struct addrinfo one = {.ai_family = AF_INET, .ai_addrlen = sizeof(place)};
    (void)service;
    if ((wanted->ai_flags & AI_NUMERICHOST) != 0) {
        return EAI_NONAME;
    }
    lookups++;
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
    one.ai_addr = (struct sockaddr *)&place;
    *found = &one;
    return strcmp(name, "absent") == 0 ? EAI_NONAME : 0;
}

void freeaddrinfo(struct addrinfo *found)
{
    (void)found;
}

static void a_name_is_looked_up(void **state)
{
    static const struct endpoint there = {"there", "1"}, absent = {"absent", "1"}, path = {"/run/r", ""};
    struct resolver resolver;
    struct addresses addresses;
    const struct wait wait = {live_call(PATIENT), INT64_MAX};
    (void)state;
    assert_true(resolver_init(&resolver));
    assert_done(resolver_find(&resolver, &there, &wait, &addresses, redis_error));
    assert_int_equal(addresses.count, 1);
    assert_int_equal(addresses.list[0].place.ss_family, AF_INET);
    assert_done(resolver_find(&resolver, &path, &wait, &addresses, redis_error));
    assert_int_equal(addresses.list[0].place.ss_family, AF_UNIX);
    assert_failed(resolver_find(&resolver, &absent, &wait, &addresses, redis_error), MSTR_E_NETWORK,
                  "\"absent\" is not found", NULL, NULL);
    resolver_destroy(&resolver);
}

static void a_resolver_that_hangs_keeps_nobody_and_has_one_thread(void **state)
{
    static const struct endpoint there = {"there", "1"};
    struct resolver resolver;
    struct addresses addresses;
    (void)state;
    lookups = 0;
    pthread_mutex_lock(&gate);
    assert_true(resolver_init(&resolver));
    for (int i = 0; i < 2; i++) {
        const struct wait wait = {live_call(30), INT64_MAX};
        assert_failed(resolver_find(&resolver, &there, &wait, &addresses, redis_error), MSTR_E_TIMEOUT, "address",
                      NULL, NULL);
    }
    live_cancelled = true;
    const struct wait wait = {live_call(PATIENT), INT64_MAX};
    assert_failed(resolver_find(&resolver, &there, &wait, &addresses, redis_error), MSTR_E_CANCELLED, "address", NULL,
                  NULL);
    live_cancelled = false;
    while (lookups == 0) {
        sched_yield();
    }
    assert_int_equal(lookups, 1);
    pthread_mutex_unlock(&gate);
    const struct wait patient = {live_call(PATIENT), INT64_MAX};
    assert_done(resolver_find(&resolver, &there, &patient, &addresses, redis_error));
    resolver_destroy(&resolver);
}

#define REDIS_TEST(test) cmocka_unit_test_setup_teardown(test, redis_setup, redis_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REDIS_TEST(a_name_is_looked_up),
        REDIS_TEST(a_resolver_that_hangs_keeps_nobody_and_has_one_thread),
    };
    return RUN_TESTS("redis/wire/resolver");
}
