/* SPDX-License-Identifier: Apache-2.0 */
/* providers/sdk/process_start.c */
#define _GNU_SOURCE /* environ */
#include "support/unit.h"

#include "support/entries.h"
#include "support/folder.h"
#include "support/helper_program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The next writes are interrupted by a signal, cut short, or refused. */
static struct {
    bool interrupted, cut;
    int refused; /* errno */
} writing;

ssize_t write(int file, const void *octets, size_t length)
{
    if (writing.interrupted) {
        writing.interrupted = false;
        errno = EINTR;
        return -1;
    }
    if (writing.refused != 0) {
        errno = writing.refused;
        return -1;
    }
    return syscall(SYS_write, file, octets, writing.cut && length > 3 ? 3 : length);
}

static void only_named_variables_are_handed_on(void **state)
{
    (void)state;
    struct run run;
    setenv("PROCESS_TEST_KEPT", "kept", 1);
    setenv("PROCESS_TEST_KEPT_NOT", "leaked", 1);
    setenv("PROCESS_TEST_LEFT", "leaked", 1); /* as long as one that is kept */
    setenv("PROCESS_TEST_SET", "old", 1);
    setenv("PROCESS_TEST_YES", "as long", 1);
    setenv("PROCESS_TEST_SETS", "longer", 1);
    prepare(&run, (const char *const[]){"/usr/bin/env", NULL}); /* a shell would drop one of two of a name */
    run.spec.environment =
        (const char *const[]){"PROCESS_TEST_KEPT", "PROCESS_TEST_SET", "PROCESS_TEST_SETS", "PROCESS_TEST_YES", NULL};
    run.spec.set = (const struct mstr_header[]){{"PROCESS_TEST_SET", "new"}, {NULL, NULL}};

    assert_int_equal(go(&run), MSTR_OK);

    assert_string_equal(buffer_text(&run.result.output), "PROCESS_TEST_KEPT=kept\nPROCESS_TEST_YES=as long\n"
                                                         "PROCESS_TEST_SETS=longer\nPROCESS_TEST_SET=new\n");
    clean(&run);
}

static const char *tell_nothing(const char *name)
{
    (void)name;
    return NULL;
}

/* As in a program with more rights than its user. */
static void no_variable_that_is_not_trusted_is_handed_on(void **state)
{
    (void)state;
    struct run run;
    struct mstr_host careful = host_table;
    careful.environment = tell_nothing;
    setenv("PROCESS_TEST_KEPT", "kept", 1);
    prepare(&run, (const char *const[]){"/usr/bin/env", NULL});
    run.spec.set = (const struct mstr_header[]){{"PROCESS_TEST_SET", "new"}, {NULL, NULL}};
    host = &careful;

    assert_int_equal(go(&run), MSTR_OK);

    host = &host_table;
    assert_string_equal(buffer_text(&run.result.output), "PROCESS_TEST_SET=new\n");
    clean(&run);
}

static void odd_environments_start_a_program_too(void **state)
{
    (void)state;
    char odd[] = "no equals sign";
    char *odd_ones[] = {odd, NULL};
    char **const environments[] = {NULL, odd_ones};
    char **const own = environ;
    for (size_t i = 0; i < COUNT_OF(environments); i++) {
        struct run run;
        prepare(&run, (const char *const[]){"/usr/bin/env", NULL});
        environ = environments[i];
        enum mstr_code code = go(&run);
        environ = own;
        assert_int_equal(code, MSTR_OK);
        assert_int_equal(run.result.exit_status, 0);
        clean(&run);
    }
}

static void input_that_is_written_in_pieces_reaches_the_program_and_nothing_stays_open(void **state)
{
    (void)state;
    struct run run;
    const int before = count_descriptors();
    prepare(&run, (const char *const[]){"/bin/cat", NULL});
    run.spec.input = "a text of some length";
    run.spec.input_length = strlen(run.spec.input);
    writing.interrupted = writing.cut = true;

    assert_int_equal(go(&run), MSTR_OK);

    writing.cut = false;
    assert_string_equal(buffer_text(&run.result.output), "a text of some length");
    clean(&run);
    assert_int_equal(count_descriptors(), before);
}

static void input_that_cannot_be_written_is_no_reason_to_start(void **state)
{
    (void)state;
    struct run run;
    const int before = count_descriptors();
    prepare(&run, (const char *const[]){"/bin/cat", NULL});
    run.spec.input = "text";
    run.spec.input_length = 4;
    writing.refused = ENOSPC;

    assert_int_equal(go(&run), MSTR_E_UNEXPECTED);

    writing.refused = 0;
    assert_non_null(strstr(mstr_error_message(run.error), "program /bin/cat cannot be started: "));
    clean(&run);
    assert_int_equal(count_descriptors(), before);
}

/* The number of so many'th descriptor that would be opened now: whoever started the test may have left some open. */
static int number_of_free(unsigned count)
{
    int number = dup(0);
    int last = count > 1 ? number_of_free(count - 1) : number;
    close(number);
    return last;
}

static void without_descriptors_it_is_told_that_they_lack(void **state)
{
    (void)state;
    struct run run;
    struct rlimit wide;
    prepare(&run, (const char *const[]){"/bin/true", NULL});
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &wide), 0);
    for (unsigned left = 1; left < 6; left++) { /* standard input, and the ends of two pipes */
        const struct rlimit few = {(rlim_t)number_of_free(left) + 1, wide.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
        enum mstr_code code = go(&run);
        setrlimit(RLIMIT_NOFILE, &wide);
        assert_int_equal(code == MSTR_OK, left == 5);
        assert_true(code == MSTR_OK || strstr(mstr_error_message(run.error), ": Too many open files") != NULL);
        assert_true(left < 3 || code == MSTR_OK || code == MSTR_E_UNEXPECTED); /* root looks at its folders before */
        process_release(&run.result);
        mstr_error_clear(run.error);
    }
    clean(&run);
}

/* Starts it while these standard descriptors are closed, which the calls in between would get. */
static enum mstr_code start_without(const bool closed[3], const struct process_spec *spec, struct child *child,
                                    mstr_error *error)
{
    int kept[3] = {-1, -1, -1};
    for (int i = 0; i < 3; i++) {
        if (closed[i]) {
            kept[i] = fcntl(i, F_DUPFD_CLOEXEC, 100);
            close(i);
        }
    }
    enum mstr_code code = child_start(spec, child, error);
    for (int i = 0; i < 3; i++) {
        if (closed[i]) {
            dup2(kept[i], i);
            close(kept[i]);
        }
    }
    return code;
}

/* What this program prints would else reach the other one. */
static void no_end_of_a_program_that_is_spoken_with_is_a_standard_descriptor(void **state)
{
    (void)state;
    static const bool closed[][3] = {
        {true, true, true}, {true, false, true}, {false, false, true}, {true, false, false}};
    for (size_t i = 0; i < COUNT_OF(closed); i++) {
        struct run run;
        struct child child;
        prepare(&run, (const char *const[]){"cat", NULL});
        run.spec.converses = true;
        run.result = (struct process_result){.exit_status = -1};
        fflush(NULL);

        assert_int_equal(start_without(closed[i], &run.spec, &child, run.error), MSTR_OK);

        assert_true(child.input > 2 && child.output > 2 && child.errors > 2);
        assert_true(child.ended > 2 || child.ended == -1);
        assert_true((fcntl(child.output, F_GETFL) & O_NONBLOCK) != 0);
        assert_true((fcntl(child.errors, F_GETFL) & O_NONBLOCK) != 0);
        assert_int_equal(getpgid(child.pid), child.pid);
        shutdown(child.input, SHUT_WR);
        while (!child_reap(&child, &run.result)) {
        }
        assert_int_equal(run.result.exit_status, 0);
        child_finish(&child, &run.result);
        clean(&run);
    }
}

static void a_program_without_standard_input_hands_on_a_text_as_well(void **state)
{
    (void)state;
    static const bool closed[3] = {true, false, false};
    static const char *const inputs[] = {NULL, "text"};
    for (size_t i = 0; i < COUNT_OF(inputs); i++) {
        struct run run;
        struct child child;
        prepare(&run, (const char *const[]){"cat", NULL});
        run.spec.input = inputs[i];
        run.spec.input_length = inputs[i] != NULL ? 4 : 0;
        run.result = (struct process_result){.exit_status = -1};
        fflush(NULL);

        assert_int_equal(start_without(closed, &run.spec, &child, run.error), MSTR_OK);

        while (!child_reap(&child, &run.result)) {
        }
        while (child_drain(child.output, &run.result.output, 0)) {
        }
        assert_string_equal(buffer_text(&run.result.output), inputs[i] != NULL ? inputs[i] : "");
        child_finish(&child, &run.result);
        clean(&run);
    }
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
    assert_true(leaky > 2);
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

static void no_signal_is_ignored_there_whichever_are_here(void **state)
{
    (void)state;
    struct run run;
    void (*handlers[SIGSYS + 1])(int);
    for (int i = 1; i <= SIGSYS; i++) {
        handlers[i] = i != SIGCHLD ? signal(i, SIG_IGN) : SIG_ERR; /* of which the end of the program is told */
    }
    prepare(&run, (const char *const[]){"grep", "SigIgn", "/proc/self/status", NULL});

    enum mstr_code code = go(&run);

    for (int i = 1; i <= SIGSYS; i++) {
        if (handlers[i] != SIG_ERR) {
            signal(i, handlers[i]);
        }
    }
    assert_int_equal(code, MSTR_OK);
    const char *digits = strchr(buffer_text(&run.result.output), '\t');
    assert_non_null(digits);
    assert_int_equal(strtoull(digits, NULL, 16) & ((1U << SIGSYS) - 1), 0); /* behind them are the C library's own */
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
        const char *why;
    } cases[] = {
        {"no-such-program-anywhere", MSTR_E_NOT_AVAILABLE, "was not found on PATH"},
        {"/nowhere/program", MSTR_E_NOT_AVAILABLE, "cannot be started: there is no such file"},
        {"./relative", MSTR_E_CONFIG, "write its absolute path"},
        {"/etc/passwd", MSTR_E_CONFIG, "cannot be started: Permission denied"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct run run;
        prepare(&run, (const char *const[]){cases[i].program, NULL});
        assert_int_equal(go(&run), cases[i].code);
        assert_non_null(strstr(mstr_error_message(run.error), cases[i].program));
        assert_non_null(strstr(mstr_error_message(run.error), cases[i].why));
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

/* Root, who may be anybody, is somebody else here. */
static void whoever_is_not_root_starts_what_he_wishes_where_trust_is_not_asked(void **state)
{
    (void)state;
    struct run run;
    struct folder folder;
    char path[256];
    prepare_open_program(&run, &folder, path);
    run.spec.argv = (const char *const[]){path, NULL};
    const bool is_root = geteuid() == 0;
    assert_true(!is_root || seteuid(4711) == 0);
    enum mstr_code unasked = process_can_start(&run.spec, run.error);
    run.spec.trusted = true;
    enum mstr_code asked = process_can_start(&run.spec, run.error);
    assert_true(!is_root || seteuid(0) == 0);
    assert_int_equal(unasked, MSTR_OK);
    assert_int_equal(asked, MSTR_E_CONFIG);
    clean(&run);
    folder_remove(&folder);
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
        cmocka_unit_test(no_variable_that_is_not_trusted_is_handed_on),
        cmocka_unit_test(odd_environments_start_a_program_too),
        cmocka_unit_test(input_that_is_written_in_pieces_reaches_the_program_and_nothing_stays_open),
        cmocka_unit_test(input_that_cannot_be_written_is_no_reason_to_start),
        cmocka_unit_test(without_descriptors_it_is_told_that_they_lack),
        cmocka_unit_test(no_end_of_a_program_that_is_spoken_with_is_a_standard_descriptor),
        cmocka_unit_test(a_program_without_standard_input_hands_on_a_text_as_well),
        cmocka_unit_test(the_folder_is_the_one_asked_for),
        cmocka_unit_test(no_descriptor_but_three_is_inherited),
        cmocka_unit_test(signals_blocked_or_ignored_here_are_not_so_there),
        cmocka_unit_test(no_signal_is_ignored_there_whichever_are_here),
        cmocka_unit_test(the_input_of_one_that_is_spoken_with_stays_open_until_it_is_ended),
        cmocka_unit_test(a_program_is_not_scheduled_ahead_of_others_as_who_starts_it_may_be),
        cmocka_unit_test(programs_that_cannot_run_are_told_apart),
        cmocka_unit_test(a_script_without_its_interpreter_is_not_taken_for_absent),
        cmocka_unit_test(a_program_that_others_may_write_is_started_where_trust_is_not_asked),
        cmocka_unit_test(whoever_is_not_root_starts_what_he_wishes_where_trust_is_not_asked),
        cmocka_unit_test(a_program_that_is_absent_passes_the_check),
        cmocka_unit_test(an_old_host_cannot_check),
    };
    return RUN_TESTS("sdk/process_start");
}
