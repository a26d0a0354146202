/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/main.c: finding the command, and what the process owes to signals, streams and core dumps */
#include "unit/cli/program.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static int start(void **state)
{
    harness_reset(state);
    setenv("X", "val", 1);
    return 0;
}

static void the_command_is_found_behind_common_options(void **state)
{
    (void)state;
    assert_outcome(run_program("get", "env:X"), 0, "val", "");
    assert_outcome(run_program("--json", "--config", "/dev/null", "get", "env:X"), 0,
                   "{\"env:X\": {\"value\": \"val\", \"version\": null, \"expires\": null}}\n", "");
    assert_outcome(run_program("get", "env:NONE"), 4, "", "mstr: env:NONE: environment variable NONE is not set\n");
}

static void without_a_command_the_way_to_one_is_told(void **state)
{
    (void)state;
#define HINT "hint: mstr help tells the commands\n"
    static char overview[4096];
    strcpy(overview, run_program("help")->output);
    assert_outcome(run_program(NULL), 2, "", overview);
    assert_outcome(run_program("dotcor"), 2, "",
                   "mstr: there is no command \"dotcor\"; did you mean \"doctor\"?\n" HINT);
    assert_outcome(run_program("none"), 2, "", "mstr: there is no command \"none\"\n" HINT);
    assert_outcome(run_program("--none", "get"), 2, "", "mstr: unknown option --none\n" HINT);
    assert_outcome(run_program("--timeout", "soon", "get"), 2, "",
                   "mstr: \"soon\" is no duration; write 250ms, 30s, 5m or 1h\n" HINT);
}

static void the_version_is_told(void **state)
{
    (void)state;
    const struct outcome *done = run_program("--version");
    assert_int_equal(done->status, 0);
    assert_memory_equal(done->output, "mstr ", 5);
    static char version[64];
    strcpy(version, done->output);
    assert_outcome(run_program("-V"), 0, version, "");
    assert_outcome(run_program("version"), 0, version, "");
}

static void help_is_given_wherever_it_is_asked_for(void **state)
{
    (void)state;
    static char about[4096];
    strcpy(about, run_program("help", "get")->output);
    assert_non_null(strstr(about, "Usage: mstr get "));
    assert_outcome(run_program("get", "--help"), 0, about, "");
    assert_outcome(run_program("get", "env:NONE", "-h"), 0, about, "");
    assert_outcome(run_program("-h", "get"), 0, about, "");
    strcpy(about, run_program("help")->output);
    assert_outcome(run_program("--help"), 0, about, "");
}

/* A program, and the standard stream that is closed when it starts. */
struct broken {
    const char **words;
    int stream;
};

static int run_broken(void *data)
{
    const struct broken *broken = data;
    close(broken->stream);
    return program_run(broken->words);
}

#define run_without(stream, ...)                                                                                     \
    harness_fork(run_broken, &(struct broken){(const char *[]){__VA_ARGS__, NULL}, stream})

static void a_closed_stream_is_told_and_never_taken_for_another(void **state)
{
    (void)state;
    assert_outcome(run_without(STDOUT_FILENO, "get", "env:X"), 1, "", "mstr: standard output: Bad file descriptor\n");
    assert_outcome(run_without(STDIN_FILENO, "session", "import"), 1, "",
                   "mstr: standard input: Bad file descriptor\n");
    assert_outcome(run_without(STDIN_FILENO, "get", "env:X"), 0, "val", "");
    assert_outcome(run_without(STDERR_FILENO, "get", "env:NONE"), 4, "", "");
}

static int run_into_the_full(void *data)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    dup2(full, STDOUT_FILENO);
    return program_run(data);
}

static void what_cannot_be_written_is_told(void **state)
{
    (void)state;
    assert_outcome(harness_fork(run_into_the_full, (const char *[]){"get", "env:X", NULL}), 1, "",
                   "mstr: standard output: No space left on device\n");
}

static int run_without_a_reader(void *data)
{
    int ends[2];
    if (pipe(ends) != 0 || dup2(ends[1], STDOUT_FILENO) != STDOUT_FILENO) {
        return -1;
    }
    close(ends[0]);
    return program_run(data);
}

static void a_reader_that_went_away_is_no_news(void **state)
{
    (void)state;
    assert_outcome(harness_fork(run_without_a_reader, (const char *[]){"get", "env:X", NULL}), 141, "", "");
    assert_outcome(harness_fork(run_without_a_reader, (const char *[]){"--json", "get", "env:X", NULL}), 141, "", "");
    assert_outcome(harness_fork(run_without_a_reader, (const char *[]){"help", NULL}), 141, "", "");
}

static void pause_briefly(void)
{
    struct timespec moment = {0, 1000000};
    nanosleep(&moment, NULL);
}

/* Lets the program, which reads standard input, go on once it can no longer be dumped. */
static void *wait_until_undumpable(void *data)
{
    while (prctl(PR_GET_DUMPABLE) != 0) {
        pause_briefly();
    }
    close(*(int *)data);
    return NULL;
}

static int run_while_watched(void *data)
{
    int ends[2];
    pthread_t watcher;
    alarm(10); /* one that can be dumped would be waited for for ever */
    if (pipe(ends) != 0 || dup2(ends[0], STDIN_FILENO) != STDIN_FILENO ||
        pthread_create(&watcher, NULL, wait_until_undumpable, &ends[1]) != 0) {
        return -1;
    }
    int status = program_run(data);
    pthread_join(watcher, NULL);
    return prctl(PR_GET_DUMPABLE) == 1 ? status : -1;
}

static void no_core_is_dumped_while_secrets_may_be_there(void **state)
{
    (void)state;
    harness_config("[profile default]\nbase_url = http://127.0.0.1:1/\n");
    const struct outcome *done =
        harness_fork(run_while_watched, (const char *[]){"session", "import", NULL}); /* of nothing */
    assert_int_equal(done->status, 2);
}

/* Sends the signal once it no longer ends the process, to be handled where the tool runs. */
static void *interrupt(void *data)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    struct sigaction action = {.sa_handler = SIG_DFL};
    while (action.sa_handler == SIG_DFL) {
        pause_briefly();
        sigaction(*(int *)data, NULL, &action);
    }
    kill(getpid(), *(int *)data);
    return NULL;
}

struct interrupted {
    const char **words;
    int signal;
};

static int run_interrupted(void *data)
{
    struct interrupted *interrupted = data;
    pthread_t other;
    alarm(10); /* one that does not watch the signal would be waited for for ever */
    if (pthread_create(&other, NULL, interrupt, &interrupted->signal) != 0) {
        return -1;
    }
    int status = program_run(interrupted->words);
    pthread_join(other, NULL);
    return status;
}

static void an_interrupted_run_ends_in_order(void **state)
{
    (void)state;
    harness_config("[provider slow]\nplugin = exec\ncommand = /bin/sleep 30\n");
    const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        struct interrupted run = {(const char *[]){"get", "slow:x", NULL}, signals[i]};
        const struct outcome *done = harness_fork(run_interrupted, &run);
        assert_int_equal(done->status, 130);
        assert_string_equal(done->output, "");
        assert_memory_equal(done->errors, "mstr: ", 6);
    }
}

static int run_interrupted_at_input(void *data)
{
    int ends[2]; /* into which nobody writes */
    return pipe(ends) == 0 && dup2(ends[0], STDIN_FILENO) == STDIN_FILENO ? run_interrupted(data) : -1;
}

static void standard_input_is_not_waited_for_by_an_interrupted_run(void **state)
{
    (void)state;
    struct interrupted run = {(const char *[]){"session", "import", NULL}, SIGINT};
    assert_outcome(harness_fork(run_interrupted_at_input, &run), 130, "", "mstr: standard input: interrupted\n");
}

static int run_ignoring(void *data)
{
    signal(SIGHUP, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    return program_run(data);
}

static void ignored_signals_are_handed_on_ignored(void **state)
{
    (void)state;
    const char *words[] = {"run", "sh", "-c", "kill -INT $$; kill -PIPE $$; echo alive", NULL};
    assert_outcome(harness_fork(run_ignoring, words), 0, "alive\n", "");
    assert_int_equal(harness_fork(program_run, words)->status, -1); /* by the signal */
}

#define TEST(name) cmocka_unit_test_setup(name, start)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_command_is_found_behind_common_options),
        TEST(without_a_command_the_way_to_one_is_told),
        TEST(the_version_is_told),
        TEST(help_is_given_wherever_it_is_asked_for),
        TEST(a_closed_stream_is_told_and_never_taken_for_another),
        TEST(what_cannot_be_written_is_told),
        TEST(a_reader_that_went_away_is_no_news),
        TEST(no_core_is_dumped_while_secrets_may_be_there),
        TEST(an_interrupted_run_ends_in_order),
        TEST(standard_input_is_not_waited_for_by_an_interrupted_run),
        TEST(ignored_signals_are_handed_on_ignored),
    };
    return RUN_CLI_TESTS("cli/main");
}
