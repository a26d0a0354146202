/* providers/sdk/process.c */
#include "support/unit.h"

#include "sdk/process.h"
#include "support/folder.h"
#include "support/host.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PLENTY = 60000 };

struct run {
    struct call call;
    struct process_spec spec;
    struct process_result result;
    mstr_error *error;
};

static void prepare(struct run *run, const char *const *argv)
{
    *run = (struct run){.spec = {.argv = argv, .output_limit = 65536}, .error = mstr_error_new()};
    test_call_init(&run->call, PLENTY, NULL);
}

static enum mstr_code go(struct run *run)
{
    return process_run(&run->call.public, &run->spec, &run->result, run->error);
}

static void clean(struct run *run)
{
    process_release(&run->result);
    mstr_error_free(run->error);
}

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

static void only_named_variables_are_handed_on(void **state)
{
    (void)state;
    struct run run;
    setenv("PROCESS_TEST_KEPT", "kept", 1);
    setenv("PROCESS_TEST_KEPT_NOT", "leaked", 1);
    setenv("PROCESS_TEST_SET", "old", 1);
    prepare(&run, (const char *const[]){"/usr/bin/env", NULL});
    run.spec.environment = (const char *const[]){"PROCESS_TEST_KEPT", "PROCESS_TEST_SET", NULL};
    run.spec.set = (const struct mstr_header[]){{"PROCESS_TEST_SET", "new"}, {NULL, NULL}};

    assert_int_equal(go(&run), MSTR_OK);

    assert_string_equal(buffer_text(&run.result.output), "PROCESS_TEST_KEPT=kept\nPROCESS_TEST_SET=new\n");
    clean(&run);
}

static void the_folder_is_the_one_asked_for(void **state)
{
    (void)state;
    struct run run;
    prepare(&run, (const char *const[]){"/bin/pwd", NULL});
    run.spec.directory = "/";

    assert_int_equal(go(&run), MSTR_OK);

    assert_string_equal(buffer_text(&run.result.output), "/\n");
    clean(&run);
}

static void no_descriptor_but_three_is_inherited(void **state)
{
    (void)state;
    struct run run;
    int leaky = dup(0);
    char script[64];
    snprintf(script, sizeof(script), "[ ! -e /proc/self/fd/%d ]", leaky);
    prepare(&run, (const char *const[]){"sh", "-c", script, NULL});

    assert_int_equal(go(&run), MSTR_OK);

    assert_int_equal(run.result.exit_status, 0);
    close(leaky);
    clean(&run);
}

static void signals_blocked_or_ignored_here_are_not_so_there(void **state)
{
    (void)state;
    struct run run;
    sigset_t blocked;
    sigset_t before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &blocked, &before);
    void (*handler)(int) = signal(SIGTERM, SIG_IGN);
    prepare(&run, (const char *const[]){"sh", "-c", "kill -TERM $$; sleep 60", NULL});

    assert_int_equal(go(&run), MSTR_OK);

    assert_int_equal(run.result.signal, SIGTERM);
    assert_int_equal(run.result.exit_status, -1);
    signal(SIGTERM, handler);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
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

static void programs_that_cannot_run_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *program;
        enum mstr_code code;
    } cases[] = {
        {"no-such-program-anywhere", MSTR_E_NOT_AVAILABLE},
        {"/nowhere/program", MSTR_E_NOT_AVAILABLE},
        {"./relative", MSTR_E_CONFIG},
        {"/etc/passwd", MSTR_E_CONFIG},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct run run;
        prepare(&run, (const char *const[]){cases[i].program, NULL});
        assert_int_equal(go(&run), cases[i].code);
        assert_non_null(strstr(mstr_error_message(run.error), cases[i].program));
        assert_int_equal(process_can_start(&run.spec, run.error), cases[i].code);
        run.spec.absent = MSTR_E_CONFIG; /* for whom it must be there */
        assert_int_equal(process_can_start(&run.spec, run.error), MSTR_E_CONFIG);
        clean(&run);
    }
}

/* It is there, and broken, which is not the same to a search as one that is not there. */
static void a_script_without_its_interpreter_is_not_taken_for_absent(void **state)
{
    struct run run;
    struct folder folder;
    char path[256];
    (void)state;
    not_under_valgrind("starts programs itself");
    folder_make(&folder);
    folder_write(&folder, "tool", "#!/nowhere/python\n");
    folder_path(&folder, "tool", path);
    assert_int_equal(chmod(path, 0700), 0);

    prepare(&run, (const char *const[]){path, NULL});
    assert_int_equal(go(&run), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(run.error), "interpreter"));
    clean(&run);
    folder_remove(&folder);
}

/* A program in a folder where everybody may exchange it. */
static void prepare_open_program(struct run *run, struct folder *folder, char path[256])
{
    folder_make(folder);
    folder_write(folder, "tool", "#!/bin/sh\necho ran\n");
    folder_path(folder, "tool", path);
    assert_int_equal(chmod(path, 0755), 0);
    assert_int_equal(chmod(folder->path, 0777), 0);
    prepare(run, NULL);
}

static void a_program_that_others_may_write_is_started_where_trust_is_not_asked(void **state)
{
    (void)state;
    static const bool cases[] = {true, false};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct run run;
        struct folder folder;
        char path[256];
        bool refused = cases[i] || geteuid() == 0; /* root trusts nobody */
        prepare_open_program(&run, &folder, path);
        run.spec.argv = (const char *const[]){path, NULL};
        run.spec.trusted = cases[i];

        assert_int_equal(go(&run), refused ? MSTR_E_CONFIG : MSTR_OK);

        assert_int_equal(run.result.output.length, refused ? 0 : 4);
        assert_true(!refused || strstr(mstr_error_message(run.error), "program refused: ") != NULL);
        assert_true(!refused || strstr(mstr_error_hint(run.error), folder.path) != NULL);
        clean(&run);
        folder_remove(&folder);
    }
}

/* That it cannot be started says more. */
static void a_program_that_is_absent_passes_the_check(void **state)
{
    (void)state;
    struct run run;
    prepare(&run, (const char *const[]){"/nowhere/at/all", NULL});
    assert_int_equal(process_check("/nowhere/at/all", run.error), MSTR_OK);
    run.spec.trusted = true;
    assert_int_equal(go(&run), MSTR_E_NOT_AVAILABLE);
    clean(&run);
}

/* As the table of ABI 1.1 had nobody to ask. */
static void an_old_host_cannot_check(void **state)
{
    (void)state;
    struct run run;
    struct folder folder;
    char path[256];
    struct mstr_host old = host_table;
    prepare_open_program(&run, &folder, path);
    old.size = (uint32_t)offsetof(struct mstr_host, uri_encode);
    host = &old;
    assert_int_equal(process_check(path, run.error), MSTR_OK);
    host = &host_table;
    assert_int_equal(process_check(path, run.error), MSTR_E_CONFIG);
    clean(&run);
    folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_errors_and_status_are_gathered),
        cmocka_unit_test(input_reaches_the_program),
        cmocka_unit_test(a_program_that_reads_no_input_does_no_harm),
        cmocka_unit_test(only_named_variables_are_handed_on),
        cmocka_unit_test(the_folder_is_the_one_asked_for),
        cmocka_unit_test(no_descriptor_but_three_is_inherited),
        cmocka_unit_test(signals_blocked_or_ignored_here_are_not_so_there),
        cmocka_unit_test(a_deadline_kills_the_whole_group),
        cmocka_unit_test(a_cancellation_ends_it),
        cmocka_unit_test(endless_output_is_cut_off),
        cmocka_unit_test(of_standard_error_the_last_whole_lines_are_kept),
        cmocka_unit_test(what_a_grandchild_keeps_open_is_not_waited_for),
        cmocka_unit_test(programs_that_cannot_run_are_told_apart),
        cmocka_unit_test(a_program_that_others_may_write_is_started_where_trust_is_not_asked),
        cmocka_unit_test(a_program_that_is_absent_passes_the_check),
        cmocka_unit_test(an_old_host_cannot_check),
        cmocka_unit_test(a_script_without_its_interpreter_is_not_taken_for_absent),
    };
    return RUN_TESTS("sdk/process");
}
