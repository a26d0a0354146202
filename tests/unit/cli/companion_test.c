/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/companion.c: at a pipe; tests/integration/tool_run_test.py has the terminals */
#define _GNU_SOURCE /* pipe2() */
#include "cli/companion.h"

#include "unit/cli/harness.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

struct scene {
    const char *script;
    bool masked;
    int number; /* to be passed on once the program has written something; 0 = none */
};

/* The program's status, with what it writes passed on; *failure ended that for its standard output. */
static int run_scene(const struct scene *scene, int *failure)
{
    char shell[] = "sh", option[] = "-c";
    char *words[] = {shell, option, strdup(scene->script), NULL};
    char *environment[] = {(char[]){"PATH=/usr/bin:/bin"}, NULL};
    struct mask *mask = scene->masked ? mask_new() : NULL;
    struct signals signals;
    struct companion child;
    bool skipped = false;
    bool ending = false;
    int status = -1;
    int number = scene->number;
    if ((mask == NULL || mask_add(mask, "sesame-42", 9, &skipped)) && signals_open(&signals) &&
        companion_start(&child, words, environment, mask, &signals, false) == 0) {
        while (!child.ended) {
            struct pollfd sources[COMPANION_SOURCES + 1];
            int64_t until = INT64_MAX;
            bool group = false;
            companion_sources(&child, sources, &until);
            sources[COMPANION_SOURCES] = (struct pollfd){.fd = signals.descriptor, .events = POLLIN};
            poll(sources, COMPANION_SOURCES + 1, until == INT64_MAX ? -1 : 100);
            if (number != 0 && sources[0].revents != 0) {
                companion_signal(&child, number, false);
                number = 0;
            }
            companion_pass_on(&child, sources);
            for (int got; (got = signals_next(&signals, &group)) != 0;) {
                ending |= signals_is_end(got);
                companion_signal(&child, got, group);
            }
        }
        companion_finish(&child, &signals, ending);
        status = child.status;
        *failure = child.streams[0].failure;
        signals_close(&signals);
    }
    mask_free(mask);
    free(words[2]);
    return status;
}

static int run(void *data)
{
    int failure = 0;
    int status = run_scene(data, &failure);
    return failure == 0 ? status : -1;
}

static void streams_are_passed_on_apart_and_without_values(void **state)
{
    (void)state;
    static const struct scene scene = {"echo out sesame-42; echo err sesame-42 >&2; printf sesame-4; exit 3", true,
                                       0};
    assert_outcome(harness_fork(run, (void *)&scene), 3, "out (hidden)\nsesame-4", "err (hidden)\n");
}

static void what_is_not_masked_is_the_programs_own(void **state)
{
    (void)state;
    static const struct scene scene = {"echo sesame-42", false, 0};
    assert_outcome(harness_fork(run, (void *)&scene), 0, "sesame-42\n", "");
}

static void a_program_that_a_signal_ends_has_the_status_of_shells(void **state)
{
    (void)state;
    static const struct scene scene = {"kill -KILL $$", true, 0};
    assert_int_equal(harness_fork(run, (void *)&scene)->status, 128 + 9);
}

static void signals_are_passed_on(void **state)
{
    (void)state;
    static const struct scene scene = {"trap 'echo got; exit 5' USR1; echo ready; while :; do sleep 0.05; done", true,
                                       SIGUSR1};
    assert_outcome(harness_fork(run, (void *)&scene), 5, "ready\ngot\n", "");
}

/* To a pipe that is full, and then to a disk that is. */
static int run_with_output_to(int descriptor, const char *script, int *failure)
{
    const struct scene scene = {script, true, 0};
    dup2(descriptor, STDOUT_FILENO);
    return run_scene(&scene, failure);
}

static int write_to_nobody(void *data)
{
    static const char much[PIPE_BUF];
    int ends[2], failure = 0;
    (void)data;
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        return 1;
    }
    while (write(ends[1], much, sizeof much) > 0) {
    }
    fcntl(ends[1], F_SETFL, 0);
    int status = run_with_output_to(ends[1], "echo lost; kill -TERM $PPID; while :; do sleep 0.05; done", &failure);
    return status == 143 && failure == ECANCELED ? 0 : 1;
}

static int write_to_a_full_disk(void *data)
{
    int failure = 0;
    (void)data;
    return run_with_output_to(open("/dev/full", O_WRONLY | O_CLOEXEC), "echo lost", &failure) == 0 &&
                   failure == ENOSPC
               ? 0
               : 1;
}

static void a_reader_that_takes_nothing_holds_nobody_who_asked_for_an_end(void **state)
{
    (void)state;
    assert_outcome(harness_fork(write_to_nobody, NULL), 0, "", "");
}

static void what_could_not_be_passed_on_is_told(void **state)
{
    (void)state;
    assert_outcome(harness_fork(write_to_a_full_disk, NULL), 0, "", "");
}

static void what_a_program_leaves_running_is_not_waited_for(void **state)
{
    (void)state;
    static const struct scene scene = {"sleep 1000 & echo $! >&2; echo done", true, 0};
    const struct outcome *done = harness_fork(run, (void *)&scene);
    assert_int_equal(done->status, 0);
    assert_string_equal(done->output, "done\n");
    kill(atoi(done->errors), SIGKILL);
}

static int start_nothing(void *data)
{
    char word[] = "/nowhere/program";
    char *words[] = {word, NULL};
    char *environment[] = {NULL};
    struct signals signals;
    struct companion child;
    (void)data;
    int failure = signals_open(&signals) ? companion_start(&child, words, environment, NULL, &signals, false) : -1;
    signals_close(&signals);
    return failure;
}

static void a_program_that_there_is_not_is_told(void **state)
{
    (void)state;
    assert_int_equal(harness_fork(start_nothing, NULL)->status, ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(streams_are_passed_on_apart_and_without_values),
        CLI_TEST(what_is_not_masked_is_the_programs_own),
        CLI_TEST(a_program_that_a_signal_ends_has_the_status_of_shells),
        CLI_TEST(signals_are_passed_on),
        CLI_TEST(a_reader_that_takes_nothing_holds_nobody_who_asked_for_an_end),
        CLI_TEST(what_could_not_be_passed_on_is_told),
        CLI_TEST(what_a_program_leaves_running_is_not_waited_for),
        CLI_TEST(a_program_that_there_is_not_is_told),
    };
    return RUN_CLI_TESTS("cli/companion");
}
