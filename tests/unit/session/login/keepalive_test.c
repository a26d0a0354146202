/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that keeps an idle session alive: when it speaks, and when it ends. */
#include "session/login/keepalive.h"

#include "base/clock.h"
#include "support/mounted.h"

static const struct limits no_limits = {INT64_MAX, NULL};

/* With keepalive as the flag says. */
static struct mounted *open_with(uint32_t flag, const struct route *routes, size_t count)
{
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    options.flags = MSTR_SESSION_NO_PROFILE | flag;
    struct mounted *mounted = mounted_new_with(&options, routes, count);
    mounted_done(mounted, mstr_session_open(mounted->session, NULL, mounted->error));
    return mounted;
}

static bool saw(struct mounted *mounted, const char *line)
{
    pthread_mutex_lock(&mounted->lock);
    bool seen = strstr(mounted->log, line) != NULL;
    pthread_mutex_unlock(&mounted->lock);
    return seen;
}

/* Whether the line came within the time. */
static bool awaits(struct mounted *mounted, const char *line, int64_t milliseconds)
{
    int64_t end = clock_monotonic() + milliseconds;
    while (!saw(mounted, line) && clock_monotonic() < end) {
        limits_sleep(&no_limits, 5);
    }
    return saw(mounted, line);
}

static const struct route alive[] = {{"GET sessions", 200, "{\"timeout\":1}", NULL, 0, MSTR_OK},
                                     {"PUT sessions", 204, NULL, NULL, 0, MSTR_OK}};
static const struct route ended[] = {{"GET sessions", 200, "{\"timeout\":1}", NULL, 0, MSTR_OK},
                                     {"PUT sessions", 401, MOUNTED_EXPIRED, NULL, 0, MSTR_OK}};

/* Both at once, as each takes half a second. */
static void an_idle_session_is_kept_in_time_and_one_that_has_ended_is_left_alone(void **state)
{
    int64_t begin = clock_monotonic();
    struct mounted *idle = open_with(MSTR_SESSION_KEEPALIVE, alive, COUNT_OF(alive));
    struct mounted *lost = open_with(MSTR_SESSION_KEEPALIVE, ended, COUNT_OF(ended));
    struct keepalive *keepalive = &lost->session->keepalive;
    mstr_counters counters = MSTR_COUNTERS_INIT;
    (void)state;

    assert_true(awaits(idle, "GET sessions\nPUT sessions\n", 2000));
    assert_true(clock_monotonic() - begin >= 500); /* idle for half of what the server tells */
    mstr_session_forget(idle->session);            /* waits for the thread */
    mstr_session_counters(idle->session, &counters);
    assert_int_equal(counters.keepalives, 1);

    assert_true(awaits(lost, "PUT sessions\n", 2000));
    while (!__atomic_load_n(&keepalive->ended, __ATOMIC_ACQUIRE)) {
        limits_sleep(&no_limits, 1);
    }
    keepalive_start(lost->session); /* as after the next login */
    assert_non_null(keepalive->cancel);
    assert_false(cancel_is_set(keepalive->cancel));

    mounted_free(lost);
    mounted_free(idle);
}

static void without_the_setting_nothing_is_sent(void **state)
{
    struct mounted *mounted = open_with(0, NULL, 0);
    (void)state;

    assert_null(mounted->session->keepalive.cancel);
    assert_string_equal(mounted->log, "POST auth/login\n");

    mounted_free(mounted);
}

static void stopping_ends_the_thread_at_once_and_may_be_repeated(void **state)
{
    static const struct route routes[] = {{"GET sessions", 200, "{\"timeout\":3600}", NULL, 0, MSTR_OK}};
    struct mounted *mounted = open_with(MSTR_SESSION_KEEPALIVE, routes, 1);
    (void)state;
    assert_true(awaits(mounted, "GET sessions\n", 2000));
    int64_t begin = clock_monotonic();

    keepalive_stop(mounted->session);
    keepalive_stop(mounted->session);

    assert_true(clock_monotonic() - begin < 500);
    assert_null(mounted->session->keepalive.cancel);
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_idle_session_is_kept_in_time_and_one_that_has_ended_is_left_alone),
        cmocka_unit_test(without_the_setting_nothing_is_sent),
        cmocka_unit_test(stopping_ends_the_thread_at_once_and_may_be_repeated),
    };
    return RUN_TESTS("session/login/keepalive");
}
