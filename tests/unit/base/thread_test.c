/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/thread.c */
#include "base/thread.h"

#include "support/unit.h"

#include <signal.h>

static sigset_t blocked_there;

static void *look(void *data)
{
    pthread_sigmask(SIG_BLOCK, NULL, &blocked_there);
    return data;
}

static void signals_are_left_to_the_program(void **state)
{
    (void)state;
    pthread_t thread;
    sigset_t before;
    sigset_t here;
    void *came = NULL;
    pthread_sigmask(SIG_BLOCK, NULL, &before);
    assert_true(thread_start(&thread, look, &here));
    pthread_join(thread, &came);
    assert_ptr_equal(came, &here);
    pthread_sigmask(SIG_BLOCK, NULL, &here);
    for (int number = SIGHUP; number <= SIGSYS; number++) {
        bool possible = number != SIGKILL && number != SIGSTOP;
        assert_int_equal(sigismember(&blocked_there, number), possible);
        assert_int_equal(sigismember(&here, number), sigismember(&before, number));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signals_are_left_to_the_program),
    };
    return RUN_TESTS("base/thread");
}
