/* SPDX-License-Identifier: Apache-2.0 */
/* core/plugin/store_instance.c, with the store of tests/plugins */
#include "support/folder.h"
#include "support/registry.h"

#include "plugin/store_instance.h"

#include <stdio.h>

#define TOKEN "0123456789abcdef0123456789abcdef"

static struct test_registry test;
static struct folder folder;
static struct store_instance *instance;
static mstr_error *error;
static char control[256];

static int begin(void **state)
{
    (void)state;
    test_services_make(&test);
    test.services.plugin_path = TEST_PLUGINS;
    folder_make(&folder);
    folder_write(&folder, "control", "");
    folder_path(&folder, "control", control);
    error = mstr_error_new();
    const struct mstr_header given[] = {{"control", control}, {NULL, NULL}};
    assert_int_equal(store_instance_load(&test.services, "fleet", "memory", &instance, error), MSTR_OK);
    return store_instance_create(instance, given, error) == MSTR_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    store_instance_free(instance);
    instance = NULL;
    mstr_error_free(error);
    folder_remove(&folder);
    test_registry_drop(&test);
    return 0;
}

static const struct mstr_store_key slot = {"group", "s.0"};
static char octets[MSTR_STORE_RECORD_MAX];

static enum mstr_code read_slot(struct mstr_store_get *get)
{
    const struct limits limits = test_limits(30000);
    *get = (struct mstr_store_get){.key = slot, .octets = octets};
    return store_instance_get(instance, get, &limits, error);
}

static int64_t take_lease(int64_t known)
{
    const struct limits limits = test_limits(30000);
    struct mstr_store_lease lease = {.key = slot, .token = TOKEN, .duration = 60000, .known = known};
    assert_int_equal(store_instance_acquire(instance, &lease, &limits, error), MSTR_OK);
    assert_int_equal(lease.outcome, MSTR_STORE_DONE);
    return lease.fence;
}

static void a_module_is_found_by_the_stores_name(void **state)
{
    (void)state;
    assert_string_equal(store_instance_table(instance)->name, "memory");
}

static void what_is_no_store_is_refused(void **state)
{
    (void)state;
    struct store_instance *other = instance;
    assert_int_equal(store_instance_load(&test.services, "fleet", "absent", &other, error), MSTR_E_PLUGIN);
    assert_told(error, MSTR_E_PLUGIN, "plugin \"mstr_store_absent\" was not found", "install mstr_store_absent.so");
    assert_null(other);
    assert_int_equal(store_instance_load(&test.services, "fleet", TEST_PLUGINS "/echo.so", &other, error),
                     MSTR_E_PLUGIN);
    assert_told(error, MSTR_E_PLUGIN, "is no store module: it does not export mstr_store_entry", NULL);
    assert_int_equal(store_instance_load(&test.services, "fleet", "../memory", &other, error), MSTR_E_CONFIG);
    assert_told(error, MSTR_E_CONFIG, "is no plugin name", NULL);
}

static void options_are_checked_by_the_modules_table(void **state)
{
    (void)state;
    static const struct mstr_header unknown[] = {{"delai", "1"}, {NULL, NULL}};
    static const struct mstr_header odd[] = {{"delay", "long"}, {NULL, NULL}};
    const struct mstr_header *const cases[] = {unknown, odd};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct store_instance *other = NULL;
        assert_int_equal(store_instance_load(&test.services, "fleet", "memory", &other, error), MSTR_OK);
        assert_int_equal(store_instance_create(other, cases[i], error), MSTR_E_CONFIG);
        assert_non_null(strstr(mstr_error_message(error), cases[i][0].name));
        store_instance_free(other);
    }
}

static void a_record_is_written_under_its_lease_and_read(void **state)
{
    (void)state;
    const struct limits limits = test_limits(30000);
    struct mstr_store_get get;
    assert_int_equal(read_slot(&get), MSTR_OK);
    assert_int_equal(get.outcome, MSTR_STORE_ABSENT);

    struct mstr_store_put put = {.key = slot,
                                 .lease = slot.name,
                                 .token = TOKEN,
                                 .fence = take_lease(0),
                                 .octets = "sealed",
                                 .length = 6,
                                 .keep = 60000,
                                 .flags = MSTR_STORE_RELEASE};
    assert_int_equal(store_instance_put(instance, &put, &limits, error), MSTR_OK);
    assert_int_equal(put.outcome, MSTR_STORE_DONE);
    assert_int_equal(read_slot(&get), MSTR_OK);
    assert_int_equal(get.outcome, MSTR_STORE_DONE);
    assert_int_equal(get.length, 6);
    assert_memory_equal(octets, "sealed", 6);
    assert_int_equal(get.fence, put.fence);

    assert_int_equal(store_instance_put(instance, &put, &limits, error), MSTR_OK);
    assert_int_equal(put.outcome, MSTR_STORE_LOST); /* it was given back */
    assert_true(take_lease(put.fence) > put.fence);
}

static void leases_and_records_are_renewed_and_given_back(void **state)
{
    (void)state;
    const struct limits limits = test_limits(30000);
    enum mstr_store_outcome outcome = MSTR_STORE_HELD;
    take_lease(0);
    assert_int_equal(store_instance_renew(instance, &slot, TOKEN, 60000, &outcome, &limits, error), MSTR_OK);
    assert_int_equal(outcome, MSTR_STORE_DONE);
    assert_int_equal(store_instance_release(instance, &slot, TOKEN, &outcome, &limits, error), MSTR_OK);
    assert_int_equal(outcome, MSTR_STORE_DONE);
    assert_int_equal(store_instance_release(instance, &slot, TOKEN, &outcome, &limits, error), MSTR_OK);
    assert_int_equal(outcome, MSTR_STORE_LOST);
    assert_int_equal(store_instance_extend(instance, &slot, 1, 60000, &outcome, &limits, error), MSTR_OK);
    assert_int_equal(outcome, MSTR_STORE_ABSENT);
    assert_int_equal(store_instance_remove(instance, &slot, 0, &outcome, &limits, error), MSTR_OK);
    assert_int_equal(outcome, MSTR_STORE_ABSENT);
}

static void members_are_counted(void **state)
{
    (void)state;
    const struct limits limits = test_limits(30000);
    struct mstr_store_beat beat = {.key = {"group", "hb"}, .member = "one", .keep = 60000};
    int64_t now = 0;
    assert_int_equal(store_instance_beat(instance, &beat, &limits, error), MSTR_OK);
    assert_int_equal(beat.members, 1);
    assert_int_equal(store_instance_leave(instance, &beat, &limits, error), MSTR_OK);
    assert_int_equal(beat.members, 0);
    assert_int_equal(store_instance_time(instance, &now, &limits, error), MSTR_OK);
    assert_true(now >= beat.now);
}

static void a_message_reaches_who_listens(void **state)
{
    (void)state;
    const struct mstr_store_key channel = {"group", "c"};
    const struct limits limits = test_limits(30000);
    const struct limits short_limits = test_limits(1);
    char text[16] = "";
    struct mstr_store_message message = {.text = text, .capacity = sizeof(text)};
    void *subscription = NULL;
    assert_int_equal(store_instance_subscribe(instance, &channel, &subscription, &limits, error), MSTR_OK);
    assert_int_equal(store_instance_next(instance, subscription, &message, &short_limits, error), MSTR_E_TIMEOUT);
    assert_int_equal(mstr_error_code(error), MSTR_OK); /* which is no failure */
    assert_int_equal(store_instance_publish(instance, &channel, "news", &limits, error), MSTR_OK);
    assert_int_equal(store_instance_next(instance, subscription, &message, &limits, error), MSTR_OK);
    assert_string_equal(text, "news");
    store_instance_unsubscribe(instance, subscription);
    store_instance_unsubscribe(instance, NULL);
}

static void its_failures_come_with_its_words(void **state)
{
    (void)state;
    static const struct {
        const char *mood;
        enum mstr_code code;
        const char *told;
    } cases[] = {
        {"fault network", MSTR_E_NETWORK, "the store cannot be reached"},
        {"fault mute", MSTR_E_PLUGIN, "plugin memory fails and does not say why"},
        {"fault odd", MSTR_E_PLUGIN, "answers with the outcome 4, which its call does not have"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mstr_store_get get;
        folder_write(&folder, "control", cases[i].mood);
        assert_int_equal(read_slot(&get), cases[i].code);
        assert_told(error, cases[i].code, cases[i].told, NULL);
    }
}

static int note_step(const mstr_explain_step *step, void *data)
{
    snprintf(data, 64, "%s: %s", step->name, step->detail);
    return 0;
}

static void it_explains_the_way_to_it(void **state)
{
    (void)state;
    const struct limits limits = test_limits(30000);
    char told[64] = "";
    struct mstr_report report = {.each = note_step, .data = told};
    assert_int_equal(store_instance_explain(instance, &report, &limits, error), MSTR_OK);
    assert_string_equal(told, "memory: of this process");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_module_is_found_by_the_stores_name),
        TEST(what_is_no_store_is_refused),
        TEST(options_are_checked_by_the_modules_table),
        TEST(a_record_is_written_under_its_lease_and_read),
        TEST(leases_and_records_are_renewed_and_given_back),
        TEST(members_are_counted),
        TEST(a_message_reaches_who_listens),
        TEST(its_failures_come_with_its_words),
        TEST(it_explains_the_way_to_it),
    };
    return RUN_TESTS("plugin/store_instance");
}
