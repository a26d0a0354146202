/* SPDX-License-Identifier: Apache-2.0 */
/* providers/sdk/process_start.c */
#include "support/unit.h"

#include "support/folder.h"
#include "support/helper_program.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* Whoever else holds the other end, as a process does that came by fork(), it reads the end of its input. */
static void the_input_of_one_that_is_spoken_with_stays_open_until_it_is_ended(void **state)
{
    (void)state;
    struct run run;
    struct child child;
    char answer[8] = "";
    prepare(&run, (const char *const[]){"cat", NULL});
    run.spec.converses = true;
    run.result = (struct process_result){.exit_status = -1};
    assert_int_equal(child_start(&run.spec, &child, run.error), MSTR_OK);
    int inherited = dup(child.input);

    assert_int_equal(send(child.input, "line\n", 5, MSG_NOSIGNAL), 5);
    while (read(child.output, answer, sizeof(answer) - 1) <= 0) {
    }
    shutdown(child.input, SHUT_WR);
    while (!child_reap(&child, &run.result)) {
    }

    assert_string_equal(answer, "line\n");
    assert_int_equal(run.result.exit_status, 0);
    close(inherited);
    child_finish(&child, &run.result);
    clean(&run);
}

static void a_program_is_not_scheduled_ahead_of_others_as_who_starts_it_may_be(void **state)
{
    static const struct {
        int own;
        int its;
    } cases[] = {{-5, 0}, {0, 0}, {3, 3}};
    (void)state;
    const int before = getpriority(PRIO_PROCESS, 0);
    if (setpriority(PRIO_PROCESS, 0, -5) != 0) {
        skip(); /* who may not come first need not step back */
    }
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct run run;
        struct child child;
        prepare(&run, (const char *const[]){"cat", NULL});
        run.spec.converses = true;
        assert_int_equal(setpriority(PRIO_PROCESS, 0, cases[i].own), 0);
        assert_int_equal(child_start(&run.spec, &child, run.error), MSTR_OK);

        assert_int_equal(getpriority(PRIO_PROCESS, (id_t)child.pid), cases[i].its);
        shutdown(child.input, SHUT_WR);
        while (!child_reap(&child, &run.result)) {
        }
        child_finish(&child, &run.result);
        clean(&run);
    }
    assert_int_equal(setpriority(PRIO_PROCESS, 0, before), 0);
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
        cmocka_unit_test(only_named_variables_are_handed_on),
        cmocka_unit_test(the_folder_is_the_one_asked_for),
        cmocka_unit_test(no_descriptor_but_three_is_inherited),
        cmocka_unit_test(signals_blocked_or_ignored_here_are_not_so_there),
        cmocka_unit_test(the_input_of_one_that_is_spoken_with_stays_open_until_it_is_ended),
        cmocka_unit_test(a_program_is_not_scheduled_ahead_of_others_as_who_starts_it_may_be),
        cmocka_unit_test(programs_that_cannot_run_are_told_apart),
        cmocka_unit_test(a_script_without_its_interpreter_is_not_taken_for_absent),
        cmocka_unit_test(a_program_that_others_may_write_is_started_where_trust_is_not_asked),
        cmocka_unit_test(a_program_that_is_absent_passes_the_check),
        cmocka_unit_test(an_old_host_cannot_check),
    };
    return RUN_TESTS("sdk/process_start");
}
