/* SPDX-License-Identifier: Apache-2.0 */
/* providers/builtin/exec_program.c */
#include "support/unit.h"

#include "builtin/exec_program.h"
#include "support/host.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gone = PTHREAD_COND_INITIALIZER;
static atomic_llong now;

static int64_t our_clock(void)
{
    return atomic_load(&now);
}

static int stop_clock(void **state)
{
    static const struct clock_source source = {.monotonic = our_clock};
    (void)state;
    atomic_store(&now, 1000000);
    clock_replace(&source);
    return 0;
}

static int let_clock_go(void **state)
{
    (void)state;
    clock_replace(NULL);
    return 0;
}

static void on_end(struct exec_program *program)
{
    (void)program;
    pthread_cond_signal(&gone);
}

/* With times so short that the thread looks at the clock all the while. */
static struct exec_program *start(const char *script)
{
    struct call call;
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    const struct process_spec spec = {.argv = argv, .converses = true, .timeout = 20};
    struct exec_program *program = calloc(1, sizeof(*program));
    test_call_init(&call, 1000, NULL);
    *program = (struct exec_program){
        .mutex = &mutex, .on_end = on_end, .speaker = program, .idle_after = 10, .child = CHILD_NONE};
    assert_int_equal(exec_program_start(program, &spec, NULL), MSTR_OK);
    return program;
}

static void await_end(struct exec_program *program)
{
    pthread_mutex_lock(&mutex);
    while (!program->ended) {
        pthread_cond_wait(&gone, &mutex);
    }
    pthread_mutex_unlock(&mutex);
}

static void its_end_and_last_words_are_seen(void **state)
{
    (void)state;
    struct exec_program *program = start("echo oops >&2; exit 3");
    await_end(program);
    assert_int_equal(program->result.exit_status, 3);
    assert_string_equal(buffer_text(&program->result.errors), "oops\n");
    assert_int_equal(program->child.errors, -1);
    assert_int_equal(program->child.ended, -1);
    assert_false(program->ending);
    exec_program_free(program);
}

static void one_that_has_nothing_to_do_reads_the_end_of_its_input(void **state)
{
    (void)state;
    struct exec_program *program = start("cat; exit 7");
    atomic_fetch_add(&now, 10);
    await_end(program);
    assert_int_equal(program->result.exit_status, 7);
    assert_true(program->ending);
    assert_false(program->mute);
    exec_program_free(program);
}

static void one_that_does_not_end_with_its_input_is_killed(void **state)
{
    (void)state;
    struct exec_program *program = start("exec sleep 600");
    pthread_mutex_lock(&mutex);
    exec_program_end(program, false);
    pthread_mutex_unlock(&mutex);
    atomic_fetch_add(&now, 1000);
    await_end(program);
    assert_int_equal(program->result.signal, SIGKILL);
    exec_program_free(program);
}

static void one_that_owes_an_answer_for_long_is_killed_at_once(void **state)
{
    (void)state;
    struct exec_program *program = start("exec sleep 600");
    pthread_mutex_lock(&mutex);
    program->owed = 1;
    pthread_mutex_unlock(&mutex);
    atomic_fetch_add(&now, 20);
    await_end(program);
    assert_true(program->mute);
    assert_int_equal(program->result.signal, SIGKILL);
    exec_program_free(program);
}

static void what_it_said_can_be_forgotten(void **state)
{
    (void)state;
    struct exec_program *program = start("echo canary >&2; echo; read line; exit 0");
    struct pollfd output = {.fd = program->child.output, .events = POLLIN};
    assert_int_equal(poll(&output, 1, -1), 1);
    pthread_mutex_lock(&mutex);
    exec_program_listen(program);
    exec_program_forget(program);
    exec_program_end(program, false);
    pthread_mutex_unlock(&mutex);
    await_end(program);
    assert_int_equal(program->result.errors.length, 0);
    exec_program_free(program);
}

static void a_descendant_closes_what_it_has_of_it(void **state)
{
    (void)state;
    struct exec_program program = {.child = CHILD_NONE, .wake = dup(0)};
    int closed = program.child.input = dup(0);
    exec_program_disown(&program);
    assert_int_equal(program.child.input, -1);
    assert_int_equal(program.wake, -1);
    assert_int_equal(close(closed), -1);
}

static void one_that_cannot_be_started_leaves_nothing_behind(void **state)
{
    (void)state;
    struct call call;
    const char *const argv[] = {"/nowhere/program", NULL};
    const struct process_spec spec = {.argv = argv, .converses = true, .timeout = 20};
    struct exec_program program = {.mutex = &mutex, .on_end = on_end, .child = CHILD_NONE};
    test_call_init(&call, 1000, NULL);
    assert_int_equal(exec_program_start(&program, &spec, NULL), MSTR_E_NOT_AVAILABLE);
    assert_int_equal(program.wake, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(its_end_and_last_words_are_seen, stop_clock, let_clock_go),
        cmocka_unit_test_setup_teardown(one_that_has_nothing_to_do_reads_the_end_of_its_input, stop_clock,
                                        let_clock_go),
        cmocka_unit_test_setup_teardown(one_that_does_not_end_with_its_input_is_killed, stop_clock, let_clock_go),
        cmocka_unit_test_setup_teardown(one_that_owes_an_answer_for_long_is_killed_at_once, stop_clock, let_clock_go),
        cmocka_unit_test_setup_teardown(what_it_said_can_be_forgotten, stop_clock, let_clock_go),
        cmocka_unit_test(a_descendant_closes_what_it_has_of_it),
        cmocka_unit_test(one_that_cannot_be_started_leaves_nothing_behind),
    };
    return RUN_TESTS("builtin/exec_program");
}
