/* SPDX-License-Identifier: Apache-2.0 */
/* core/fleet/shared_store.c; what others say is no good: fetch_shared_test.c */
#include "support/log_level.h"
#include "unit/fleet/sharing.h"

#include "fleet/shared_store.h"

static struct sharer worker;
static struct shared_store *shared;
static struct limits limits;
static char line[512];

static void note_line(enum mstr_level level, const char *scope, const char *message, void *data)
{
    snprintf(data, sizeof(line), "%s %s %s", log_levels[level], scope, message);
}

static int begin(void **state)
{
    (void)state;
    sharing_begin();
    sharer_make(&worker, "worker");
    worker.test.log = (struct log){note_line, line, MSTR_LEVEL_WARN};
    limits = test_limits(60000);
    shared = shared_store_new(&worker.options);
    return shared != NULL ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    shared_store_free(shared);
    sharer_drop(&worker);
    sharing_end();
    return 0;
}

static void the_store_is_set_up_on_first_use(void **state)
{
    (void)state;
    assert_null(shared_store_peek(shared));
    const struct shelf *shelf = shared_store_use(shared, &limits);
    assert_non_null(shelf);
    assert_ptr_equal(shared_store_peek(shared), shelf);
    assert_ptr_equal(shared_store_use(shared, &limits), shelf);
}

static void one_that_fails_is_left_alone_and_told_once(void **state)
{
    (void)state;
    mstr_error *error = mstr_error_new();
    assert_non_null(shared_store_use(shared, &limits));
    error_set(error, MSTR_E_NETWORK, "it is gone");
    shared_store_note(shared, SHELF_FAILED, error);
    assert_string_equal(line, "warn fleet secrets are not shared for now: it is gone");
    line[0] = '\0';
    shared_store_note(shared, SHELF_FAILED, error);
    assert_string_equal(line, "");
    assert_null(shared_store_peek(shared));
    assert_null(shared_store_use(shared, &limits));
    mstr_error_free(error);
}

static void strange_keys_and_forgeries_are_told(void **state)
{
    (void)state;
    shared_store_note(shared, SHELF_STRANGE, NULL);
    assert_non_null(strstr(line, "sealed with a key that is not known here"));
    line[0] = '\0';
    shared_store_note(shared, SHELF_STRANGE, NULL);
    assert_string_equal(line, "");
    for (int i = 0; i < 5; i++) {
        shared_store_note(shared, SHELF_FORGED, NULL);
        assert_non_null(strstr(line, "error fleet a shared secret was written by somebody else"));
    }
    assert_null(shared_store_use(shared, &limits));
}

static void a_reader_is_known_once_a_value_was_read(void **state)
{
    (void)state;
    struct shared_reader first, second;
    assert_non_null(shared_store_use(shared, &limits));
    assert_false(shared_store_find_reader(shared, "st", &first));
    assert_true(shared_store_learn(shared, "st", "me", &first));
    assert_true(shared_store_find_reader(shared, "st", &second));
    assert_string_equal(second.identity, "me");
    assert_string_equal(second.origin, first.origin);
    assert_int_equal(strlen(first.origin), 64);
    assert_true(shared_store_learn(shared, "st", "somebody else", &second));
    assert_string_equal(second.identity, "somebody else");
    assert_string_equal(second.origin, first.origin);
    assert_false(shared_store_learn(shared, "nobody-brings-this", "me", &second));
}

static void what_was_written_before_all_was_forgotten_is_told_from_what_came_later(void **state)
{
    (void)state;
    int64_t before = clock_monotonic();
    assert_false(shared_store_has_forgotten(shared, before));
    shared_store_forget(shared);
    assert_true(shared_store_has_forgotten(shared, before));
    assert_true(shared_store_has_forgotten(shared, before + 1)); /* as another clock may round it */
    assert_false(shared_store_has_forgotten(shared, clock_monotonic() + 10));
}

static void of_each_place_the_highest_fence_is_remembered(void **state)
{
    (void)state;
    struct shelf_place one = {.group = "group", .name = "x:00aa", .seen = 7};
    struct shelf_place other = {.group = "another group", .name = "x:01aa", .seen = 9};
    struct shelf_place in_its_place = {.group = "another group", .name = "x:00aa", .seen = 3};
    shared_store_remember(shared, &one);
    shared_store_remember(shared, &other);
    one.seen = 5;
    shared_store_remember(shared, &one);
    shared_store_recall(shared, &one);
    shared_store_recall(shared, &other);
    assert_int_equal(one.seen, 7);
    assert_int_equal(other.seen, 9);
    shared_store_remember(shared, &in_its_place);
    shared_store_recall(shared, &in_its_place);
    shared_store_recall(shared, &one);
    assert_int_equal(in_its_place.seen, 3);
    assert_int_equal(one.seen, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_store_is_set_up_on_first_use),
        TEST(one_that_fails_is_left_alone_and_told_once),
        TEST(strange_keys_and_forgeries_are_told),
        TEST(a_reader_is_known_once_a_value_was_read),
        TEST(of_each_place_the_highest_fence_is_remembered),
        TEST(what_was_written_before_all_was_forgotten_is_told_from_what_came_later),
    };
    return RUN_TESTS("fleet/shared_store");
}
