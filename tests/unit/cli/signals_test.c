/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/signals.c */
#include "cli/signals.h"

#include "support/unit.h"

#include <unistd.h>

static void signals_are_read_in_place_of_being_handled(void **state)
{
    (void)state;
    struct signals signals;
    bool group = true;
    sigset_t now;
    assert_true(signals_open(&signals));
    kill(getpid(), SIGTERM);
    assert_int_equal(signals_next(&signals, &group), SIGTERM);
    assert_false(group); /* somebody sent it to us */
    assert_int_equal(signals_next(&signals, &group), 0);
    signals_close(&signals);
    sigprocmask(SIG_SETMASK, NULL, &now);
    assert_int_equal(sigismember(&now, SIGTERM), 0);
}

static void some_ask_for_an_end(void **state)
{
    (void)state;
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT},
                     others[] = {SIGCHLD, SIGUSR1, SIGCONT, SIGWINCH, SIGTSTP};
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        assert_true(signals_is_end(ends[i]));
    }
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        assert_false(signals_is_end(others[i]));
    }
}

static void signals_have_names_and_numbers(void **state)
{
    (void)state;
    assert_int_equal(signals_number("HUP"), SIGHUP);
    assert_int_equal(signals_number("SIGUSR1"), SIGUSR1);
    assert_int_equal(signals_number("15"), 15);
    assert_int_equal(signals_number("0"), 0);
    assert_int_equal(signals_number("NONE"), 0);
    assert_int_equal(signals_number(""), 0);
    assert_int_equal(signals_number("-1"), 0);
    assert_int_equal(signals_number("1000"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signals_are_read_in_place_of_being_handled),
        cmocka_unit_test(some_ask_for_an_end),
        cmocka_unit_test(signals_have_names_and_numbers),
    };
    return RUN_TESTS("cli/signals");
}
