/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/contexts.c */
#include "agent/contexts.h"

#include "context/context.h"
#include "support/context.h"

#include <pthread.h>

static const struct given nothing = {.socket = NULL};
static char *path;
static struct contexts *contexts;
static mstr_error *error;

static void write_config(const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int begin(void **state)
{
    (void)state;
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    path = test_file("", 0);
    options.config_file = path;
    error = mstr_error_new();
    write_config("[agent]\nreferences = 5\n");
    return contexts_new(&options, &nothing, &contexts, error) != MSTR_OK;
}

static int end(void **state)
{
    (void)state;
    contexts_free(contexts);
    mstr_error_free(error);
    unlink(path);
    free(path);
    return 0;
}

/* By now it has what it inherits, since whoever hears of it may use it at once. */
static void note(void *data, struct generation *next)
{
    struct generation *present = contexts_hold(contexts);
    assert_ptr_equal(context_refusals(next->context), context_refusals(present->context));
    contexts_let_go(contexts, present);
    *(unsigned *)data = next->number;
}

static void a_reload_is_seen_by_whoever_comes_after_it(void **state)
{
    (void)state;
    unsigned heard = 0;
    struct generation *before = contexts_hold(contexts);
    write_config("[agent]\nreferences = 6\n");
    assert_int_equal(contexts_reload(contexts, note, &heard, error), MSTR_OK);
    assert_int_equal(before->settings.references, 5);
    struct generation *after = contexts_hold(contexts);
    assert_int_equal(after->settings.references, 6);
    assert_int_equal(after->number, before->number + 1);
    assert_int_equal(heard, after->number);
    contexts_let_go(contexts, after);
    contexts_let_go(contexts, before);
}

static void a_configuration_of_no_use_changes_nothing(void **state)
{
    (void)state;
    unsigned heard = 0;
    write_config("[agent]\nreferences = many\n");
    assert_int_equal(contexts_reload(contexts, note, &heard, error), MSTR_E_CONFIG);
    assert_int_equal(heard, 0);
    struct generation *present = contexts_hold(contexts);
    assert_int_equal(present->settings.references, 5);
    contexts_let_go(contexts, present);
    contexts_let_go(contexts, NULL);
}

/* A sanitizer sees where it does not. */
static void the_old_one_lives_as_long_as_somebody_holds_it(void **state)
{
    (void)state;
    unsigned heard = 0;
    struct generation *held = contexts_hold(contexts);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(contexts_reload(contexts, note, &heard, error), MSTR_OK); /* which waits for nobody */
    }
    assert_int_equal(held->holders, 1);
    assert_int_equal(held->settings.references, 5);
    contexts_let_go(contexts, held);
}

static void workers_end_what_nobody_holds(void **state)
{
    (void)state;
    unsigned heard = 0;
    struct workers *workers = workers_new(1, 1);
    assert_non_null(workers);
    contexts_end_on(contexts, workers);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(contexts_reload(contexts, note, &heard, error), MSTR_OK);
    }
    contexts_end_on(contexts, NULL);
    workers_free(workers);
}

static void *reload_often(void *data)
{
    unsigned heard = 0;
    for (int i = 0; i < 20; i++) {
        contexts_reload(contexts, note, &heard, NULL);
    }
    return data;
}

static void reloads_at_once_leave_one_that_is_whole(void **state)
{
    (void)state;
    pthread_t threads[4];
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, reload_often, NULL), 0);
    }
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        pthread_join(threads[i], NULL);
    }
    struct generation *present = contexts_hold(contexts);
    assert_int_equal(present->number, 1 + 4 * 20);
    contexts_let_go(contexts, present);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_reload_is_seen_by_whoever_comes_after_it, begin, end),
        cmocka_unit_test_setup_teardown(a_configuration_of_no_use_changes_nothing, begin, end),
        cmocka_unit_test_setup_teardown(the_old_one_lives_as_long_as_somebody_holds_it, begin, end),
        cmocka_unit_test_setup_teardown(workers_end_what_nobody_holds, begin, end),
        cmocka_unit_test_setup_teardown(reloads_at_once_leave_one_that_is_whole, begin, end),
    };
    return RUN_TESTS("agent/contexts");
}
