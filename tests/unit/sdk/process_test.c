/* SPDX-License-Identifier: Apache-2.0 */
/* providers/sdk/process.c */
#include "support/unit.h"

#include "support/helper_program.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static void output_errors_and_status_are_gathered(void **state)
{
    (void)state;
    struct run run;
    prepare(&run, (const char *const[]){"sh", "-c", "printf 'a\\000b'; printf oops >&2; exit 3", NULL});

    assert_int_equal(go(&run), MSTR_OK);

    assert_int_equal(run.result.exit_status, 3);
    assert_int_equal(run.result.signal, 0);
    assert_int_equal(run.result.output.length, 3);
    assert_memory_equal(run.result.output.data, "a\0b", 3);
    assert_string_equal(buffer_text(&run.result.errors), "oops");
    clean(&run);
}

static void input_reaches_the_program(void **state)
{
    (void)state;
    struct run run;
    char input[50000];
    memset(input, 'x', sizeof(input));
    prepare(&run, (const char *const[]){"/bin/cat", NULL});
    run.spec.input = input;
    run.spec.input_length = sizeof(input);

    assert_int_equal(go(&run), MSTR_OK);

    assert_int_equal(run.result.output.length, sizeof(input));
    assert_memory_equal(run.result.output.data, input, sizeof(input));
    clean(&run);
}

static void a_program_that_reads_no_input_does_no_harm(void **state)
{
    (void)state;
    struct run run;
    prepare(&run, (const char *const[]){"/bin/true", NULL});
    run.spec.input = "unread";
    run.spec.input_length = 6;

    assert_int_equal(go(&run), MSTR_OK);

    assert_int_equal(run.result.exit_status, 0);
    clean(&run);
}

static bool is_running(pid_t process)
{
    char path[64];
    char line[256] = "";
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)process);
    FILE *file = fopen(path, "r");
    bool running = file != NULL && fgets(line, sizeof(line), file) != NULL && strstr(line, ") Z ") == NULL;
    if (file != NULL) {
        fclose(file);
    }
    return running;
}

static void a_deadline_kills_the_whole_group(void **state)
{
    (void)state;
    struct run run;
    prepare(&run, (const char *const[]){"sh", "-c", "sleep 600 & echo $!; wait", NULL});
    run.spec.timeout = 300;

    assert_int_equal(go(&run), MSTR_E_TIMEOUT);

    pid_t grandchild = (pid_t)strtol(buffer_text(&run.result.output), NULL, 10);
    assert_true(grandchild > 0);
    while (is_running(grandchild)) {
        poll(NULL, 0, 1); /* a killed process takes a moment to be gone */
    }
    assert_non_null(strstr(mstr_error_message(run.error), "did not end in time"));
    clean(&run);
}

static void *cancel_it(void *data)
{
    mstr_cancel_now(data);
    return NULL;
}

static void a_cancellation_ends_it(void **state)
{
    (void)state;
    struct run run;
    pthread_t thread;
    mstr_cancel *cancel = mstr_cancel_new();
    prepare(&run, (const char *const[]){"sleep", "600", NULL});
    run.call.limits.cancel = cancel;
    pthread_create(&thread, NULL, cancel_it, cancel);

    assert_int_equal(go(&run), MSTR_E_CANCELLED);

    pthread_join(thread, NULL);
    mstr_cancel_free(cancel);
    clean(&run);
}

static void endless_output_is_cut_off(void **state)
{
    (void)state;
    struct run run;
    prepare(&run, (const char *const[]){"yes", NULL});
    run.spec.output_limit = 10000;

    assert_int_equal(go(&run), MSTR_E_PROTOCOL);

    assert_true(run.result.output.length <= 10000);
    clean(&run);
}

static void of_standard_error_the_last_whole_lines_are_kept(void **state)
{
    (void)state;
    struct run run;
    static const struct {
        const char *script;
        const char *kept;
    } cases[] = {
        {"seq 1 20000 >&2; printf end >&2", "20000\nend"},
        {"printf 'password=canary end' >&2", "end"},
        {"printf password=canary >&2", ""},
        {"printf 'a b\nc' >&2", "a b\nc"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        prepare(&run, (const char *const[]){"sh", "-c", cases[i].script, NULL});
        run.spec.error_limit = 10;

        assert_int_equal(go(&run), MSTR_OK);

        assert_string_equal(buffer_text(&run.result.errors), cases[i].kept);
        clean(&run);
    }
}

static void what_a_grandchild_keeps_open_is_not_waited_for(void **state)
{
    (void)state;
    struct run run;
    prepare(&run, (const char *const[]){"sh", "-c", "sleep 20 & printf done", NULL});

    assert_int_equal(go(&run), MSTR_OK);

    assert_string_equal(buffer_text(&run.result.output), "done");
    clean(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_errors_and_status_are_gathered),
        cmocka_unit_test(input_reaches_the_program),
        cmocka_unit_test(a_program_that_reads_no_input_does_no_harm),
        cmocka_unit_test(a_deadline_kills_the_whole_group),
        cmocka_unit_test(a_cancellation_ends_it),
        cmocka_unit_test(endless_output_is_cut_off),
        cmocka_unit_test(of_standard_error_the_last_whole_lines_are_kept),
        cmocka_unit_test(what_a_grandchild_keeps_open_is_not_waited_for),
    };
    return RUN_TESTS("sdk/process");
}
