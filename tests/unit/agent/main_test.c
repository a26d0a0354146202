/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/main.c */
#include "support/unit.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

int program_main(int argc, char **argv);

static int run(const char *word)
{
    char name[] = "mstr-agent";
    char copy[32];
    char *words[] = {name, copy, NULL};
    strcpy(copy, word != NULL ? word : "");
    return program_main(word != NULL ? 2 : 1, words);
}

static void bare_and_asked_for_help_it_shows_what_there_is(void **state)
{
    (void)state;
    assert_int_equal(run(NULL), 0);
    assert_int_equal(run("--help"), 0);
    assert_int_equal(run("--version"), 0);
}

static void an_unknown_verb_is_a_usage_error(void **state)
{
    (void)state;
    assert_int_equal(run("dance"), 2);
}

static void a_closed_stream_is_held_and_cannot_be_written_to(void **state)
{
    (void)state;
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        close(STDIN_FILENO);
        close(STDOUT_FILENO);
        close(STDERR_FILENO);
        _exit(run("--help") == 1 && fcntl(STDIN_FILENO, F_GETFD) >= 0 && fcntl(STDERR_FILENO, F_GETFD) >= 0 ? 7 : 0);
    }
    waitpid(child, &status, 0);
    assert_int_equal(WEXITSTATUS(status), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bare_and_asked_for_help_it_shows_what_there_is),
        cmocka_unit_test(an_unknown_verb_is_a_usage_error),
        cmocka_unit_test(a_closed_stream_is_held_and_cannot_be_written_to),
    };
    return RUN_TESTS("agent/main");
}
