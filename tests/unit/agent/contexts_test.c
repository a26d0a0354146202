/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/contexts.c */
#include "agent/contexts.h"

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

static void a_reload_is_seen_by_whoever_comes_after_it(void **state)
{
    (void)state;
    struct generation *old = NULL;
    struct generation *before = contexts_hold(contexts);
    write_config("[agent]\nreferences = 6\n");
    assert_int_equal(contexts_reload(contexts, &old, error), MSTR_OK);
    assert_ptr_equal(old, before);
    assert_int_equal(before->settings.references, 5);
    struct generation *after = contexts_hold(contexts);
    assert_int_equal(after->settings.references, 6);
    contexts_let_go(contexts, after);
    contexts_let_go(contexts, before);
    contexts_retire(contexts, old);
}

static void a_configuration_of_no_use_changes_nothing(void **state)
{
    (void)state;
    struct generation *old = NULL;
    write_config("[agent]\nreferences = many\n");
    assert_int_equal(contexts_reload(contexts, &old, error), MSTR_E_CONFIG);
    assert_null(old);
    struct generation *present = contexts_hold(contexts);
    assert_int_equal(present->settings.references, 5);
    contexts_let_go(contexts, present);
    contexts_let_go(contexts, NULL);
}

static void *retire(void *data)
{
    contexts_retire(contexts, data);
    return NULL;
}

static void the_old_one_lives_as_long_as_somebody_holds_it(void **state)
{
    (void)state;
    pthread_t thread;
    struct generation *old = NULL;
    struct generation *held = contexts_hold(contexts);
    assert_int_equal(contexts_reload(contexts, &old, error), MSTR_OK);
    assert_int_equal(pthread_create(&thread, NULL, retire, old), 0);
    assert_int_equal(held->settings.references, 5);
    contexts_let_go(contexts, held);
    pthread_join(thread, NULL);
}

static void *reload_often(void *data)
{
    (void)data;
    for (int i = 0; i < 20; i++) {
        struct generation *old = NULL;
        if (contexts_reload(contexts, &old, NULL) == MSTR_OK) {
            contexts_retire(contexts, old);
        }
    }
    return NULL;
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
    assert_int_equal(present->settings.references, 5);
    contexts_let_go(contexts, present);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_reload_is_seen_by_whoever_comes_after_it, begin, end),
        cmocka_unit_test_setup_teardown(a_configuration_of_no_use_changes_nothing, begin, end),
        cmocka_unit_test_setup_teardown(the_old_one_lives_as_long_as_somebody_holds_it, begin, end),
        cmocka_unit_test_setup_teardown(reloads_at_once_leave_one_that_is_whole, begin, end),
    };
    return RUN_TESTS("agent/contexts");
}
