/* SPDX-License-Identifier: Apache-2.0 */
/* What libmstr(3) promises to the program that calls it: its signals, its locale, its environment, its descriptors
 * and its children stay its own. SIGPIPE has a program of its own, guest_pipe_test.c, and so has the stack that a
 * thread needs, guest_stack_test.c. */
#define _GNU_SOURCE /* environ */
#include "support/guest.h"
#include "support/library.h"

#include "support/process.h"

#include <ctype.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <sys/wait.h>

/* --- what belongs to the program --- */

struct surroundings {
    struct sigaction actions[NSIG];
    sigset_t mask;
    char locale[256];
    locale_t thread_locale;
    char **environment;
    char *variables; /* all, for free() */
};

static void look_around(struct surroundings *here)
{
    size_t length = 0;
    FILE *variables = open_memstream(&here->variables, &length);
    for (int i = 1; i < NSIG; i++) {
        sigaction(i, NULL, &here->actions[i]);
    }
    pthread_sigmask(SIG_SETMASK, NULL, &here->mask);
    snprintf(here->locale, sizeof(here->locale), "%s", setlocale(LC_ALL, NULL));
    here->thread_locale = uselocale((locale_t)0);
    here->environment = environ;
    for (char **variable = environ; *variable != NULL; variable++) {
        fprintf(variables, "%s\n", *variable);
    }
    fclose(variables);
}

static void assert_same_mask(const sigset_t *before, const sigset_t *after)
{
    for (int i = 1; i < NSIG; i++) {
        assert_int_equal(sigismember(before, i), sigismember(after, i));
    }
}

static void assert_as_before(void *data)
{
    const struct surroundings *before = data;
    struct surroundings after = {.variables = NULL};
    look_around(&after);
    for (int i = 1; i < NSIG; i++) {
        assert_ptr_equal(before->actions[i].sa_handler, after.actions[i].sa_handler);
        assert_int_equal(before->actions[i].sa_flags, after.actions[i].sa_flags);
        assert_same_mask(&before->actions[i].sa_mask, &after.actions[i].sa_mask);
    }
    assert_same_mask(&before->mask, &after.mask);
    assert_string_equal(before->locale, after.locale);
    assert_ptr_equal(before->thread_locale, after.thread_locale);
    assert_ptr_equal(before->environment, after.environment);
    assert_string_equal(before->variables, after.variables);
    free(after.variables);
}

static void signals_locale_and_environment_stay_as_they_are(void **state)
{
    struct surroundings before = {.variables = NULL};
    struct work work = {.meanwhile = assert_as_before, .data = &before};
    (void)state;
    look_around(&before);

    guest_work(&work);

    assert_worked(&work);
    assert_string_equal(work.numbers, "1234.50 0.5");
    assert_as_before(&before);
    free(before.variables);
}

static enum mstr_code take_over(const struct mstr_http_request *request, mstr_transport_reply *reply,
                                const mstr_call_options *call, mstr_error *error, void *data)
{
    (void)request;
    (void)call;
    (void)error;
    ++*(int *)data;
    return mstr_transport_reply_status(reply, 204);
}

/* Turkish has a decimal comma, and an I whose small form is no i. The locale is made in a folder of the test's
 * own. */
static int become_turkish(void **state)
{
    char place[300];
    snprintf(place, sizeof(place), "%s/tr_TR.UTF-8", folder.path);
    const char *const make[] = {"localedef", "--no-archive", "-i", "tr_TR", "-f", "UTF-8", place, NULL};
    struct process_result made = child_run(make, NULL);
    setenv("LOCPATH", folder.path, 1);
    *state = setlocale(LC_ALL, "tr_TR.UTF-8");
    unsetenv("LOCPATH"); /* with which newlocale() leaks, and json-c calls it */
    if (*state == NULL) {
        print_message("no Turkish locale: %s\n", made.errors);
    }
    child_release(&made);
    return 0;
}

static int become_neutral(void **state)
{
    char place[300];
    snprintf(place, sizeof(place), "%s/tr_TR.UTF-8", folder.path);
    const char *const clear[] = {"rm", "-rf", place, NULL};
    struct process_result cleared = child_run(clear, NULL);
    (void)state;
    child_release(&cleared);
    return setlocale(LC_ALL, "C") == NULL;
}

static void a_turkish_program_gets_the_same_numbers_and_names(void **state)
{
    char text[300];
    int taken_over = 0;
    struct work work = {.meanwhile = NULL};
    mstr_response *response = NULL;
    if (*state == NULL) {
        skip();
    }
    snprintf(text, sizeof(text), "%.1f %c", 0.5, tolower('I'));
    assert_string_equal(text, "0,5 I"); /* the program itself is Turkish */

    guest_work(&work);

    assert_worked(&work);
    assert_string_equal(work.numbers, "1234.50 0.5");
    struct library *library = library_open(NULL, NULL);
    snprintf(text, sizeof(text), "%s", tiny_server_url(library->server, "/API/LIST"));
    mstr_session_mount(library->session, text, take_over, &taken_over, NULL);
    assert_int_equal(mstr_session_get(library->session, "list", &response, library->error), MSTR_OK);
    assert_int_equal(taken_over, 1);
    mstr_response_free(response);
    library_stop(library);
}

/* --- children --- */

enum { DESCRIPTORS = 1024 };

/* Those that a program inherits which is started now. */
static void list_inherited(bool inherited[DESCRIPTORS])
{
    for (int fd = 0; fd < DESCRIPTORS; fd++) {
        int flags = fcntl(fd, F_GETFD);
        inherited[fd] = flags >= 0 && (flags & FD_CLOEXEC) == 0;
    }
}

static void assert_nothing_more_inherited(void *data)
{
    const bool *before = data;
    bool now[DESCRIPTORS];
    list_inherited(now);
    for (int fd = 0; fd < DESCRIPTORS; fd++) {
        if (now[fd] && !before[fd]) {
            fail_msg("descriptor %d outlives exec", fd);
        }
    }
}

static void a_child_that_execs_inherits_no_descriptor(void **state)
{
    bool before[DESCRIPTORS];
    struct work work = {.meanwhile = assert_nothing_more_inherited, .data = before};
    (void)state;
    list_inherited(before);
    guest_work(&work);
    assert_worked(&work);
}

/* In the child, while the parent's session is open. */
static void work_in_a_child(void *data)
{
    struct work work = {.meanwhile = NULL};
    int *status = data;
    pid_t child = fork();
    if (child == 0) {
        guest_work(&work);
        fprintf(stderr, "%s", work.problem);
        const char *end = work.problem[0] == '\0' ? "true" : "false";
        execlp(end, end, (char *)NULL); /* which valgrind lets end without what the parent's threads left behind */
        _exit(1);
    }
    waitpid(child, status, 0);
}

static void a_child_works_with_a_context_of_its_own(void **state)
{
    int status = -1;
    struct work work = {.meanwhile = work_in_a_child, .data = &status};
    (void)state;
#ifdef __SANITIZE_THREAD__
    skip(); /* its runtime lets no child of a program with threads start a thread */
#endif
    guest_work(&work);
    assert_worked(&work); /* the parent's session goes on */
    assert_int_equal(status, 0);
}

static void contexts_come_and_go_side_by_side(void **state)
{
    enum { THREADS = 2, ROUNDS = 3 };
    pthread_t threads[THREADS];
    struct surroundings before = {.variables = NULL};
    (void)state;
    look_around(&before);
    for (int round = 0; round < ROUNDS; round++) {
        struct work works[THREADS] = {{.meanwhile = NULL}};
        for (size_t i = 0; i < THREADS; i++) {
            assert_int_equal(pthread_create(&threads[i], NULL, guest_work, &works[i]), 0);
        }
        for (size_t i = 0; i < THREADS; i++) {
            pthread_join(threads[i], NULL);
            assert_worked(&works[i]);
        }
    }
    assert_as_before(&before);
    free(before.variables);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contexts_come_and_go_side_by_side), /* first, when nothing is loaded yet */
        cmocka_unit_test(signals_locale_and_environment_stay_as_they_are),
        cmocka_unit_test_setup_teardown(a_turkish_program_gets_the_same_numbers_and_names, become_turkish,
                                        become_neutral),
        cmocka_unit_test(a_child_that_execs_inherits_no_descriptor),
        cmocka_unit_test(a_child_works_with_a_context_of_its_own),
    };
    return cmocka_run_group_tests_name("guest", tests, guest_start, guest_stop);
}
