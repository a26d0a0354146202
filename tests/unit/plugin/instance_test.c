/* SPDX-License-Identifier: Apache-2.0 */
/* core/plugin/instance.c: loading a plugin and making an instance live */
#include "instance_fixture.h"

#include "plugin/bundle.h"
#include "plugin/manifest.h"
#include "support/folder.h"

static int gates = -1; /* that can still be made; below 0 = any number */

bool __real_gate_init(struct gate *gate);
bool __wrap_gate_init(struct gate *gate);

bool __wrap_gate_init(struct gate *gate)
{
    return gates != 0 && gates-- != 0 && __real_gate_init(gate);
}

static void without_its_gates_there_is_no_instance(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        gates = i;
        assert_false(instance_init(&instance, &test.services, "cellar", "corp", NULL));
    }
    gates = -1;
}

static void a_new_instance_is_neither_loaded_nor_live(void **state)
{
    (void)state;
    assert_true(instance_init(&instance, &test.services, "cellar", "corp", "door"));
    assert_string_equal(instance.host.public.name, "cellar");
    assert_string_equal(instance.host.public.service, "door");
    assert_int_equal(instance.host.public.size, sizeof(struct mstr_instance));
    assert_ptr_equal(&instance.host.public, &instance);
    assert_false(instance_is_live(&instance));
    assert_null(instance_origin(&instance));
    instance_invalidate(&instance, NULL);
    instance_release(&instance);
}

static void loading_asks_the_entry_point_once_and_makes_nothing(void **state)
{
    (void)state;
    const struct mstr_provider *table = NULL;
    put_in(corp_entry, NULL);

    assert_int_equal(load(&table), MSTR_OK);
    assert_int_equal(load(&table), MSTR_OK);

    assert_ptr_equal(table, &corp.table);
    assert_int_equal(corp.entries, 1);
    assert_false(instance_is_live(&instance));
    assert_string_equal(instance_origin(&instance), "built in");
    instance_release(&instance);
    assert_int_equal(corp.destructions, 0);
}

static int entries;

static const struct mstr_provider *counting_entry(const struct mstr_host *host)
{
    entries++;
    corp_host = host;
    return &corp.table;
}

static void only_a_registered_provider_is_asked_for_each_instance(void **state)
{
    (void)state;
    entries = 0;
    for (int i = 0; i < 4; i++) {
        const struct mstr_provider *table = NULL;
        put_in(counting_entry, NULL);
        instance.registered = i >= 2;
        assert_int_equal(load(&table), MSTR_OK);
        assert_int_equal(entries, i < 2 ? 1 : i);
        instance_release(&instance);
    }
}

static void the_first_service_is_the_default(void **state)
{
    (void)state;
    static const struct {
        const char *given;
        const char *held; /* NULL = refused */
    } cases[] = {{NULL, "door"}, {"door", "door"}, {"window", "window"}, {"roof", NULL}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct mstr_provider *table = NULL;
        put_in(corp_entry, cases[i].given);
        if (cases[i].held != NULL) {
            assert_int_equal(load(&table), MSTR_OK);
            assert_string_equal(instance.host.public.service, cases[i].held);
        } else {
            assert_int_equal(load(&table), MSTR_E_CONFIG);
            assert_told(error, MSTR_E_CONFIG, "plugin \"corp\" has no service \"roof\"", NULL);
            assert_null(table);
        }
        instance_release(&instance);
    }
    corp.table.services = NULL;
    const struct mstr_provider *table = NULL;
    put_in(corp_entry, NULL);
    assert_int_equal(load(&table), MSTR_OK);
    assert_null(instance.host.public.service);
    instance_release(&instance);
}

static void a_service_that_is_missing_is_the_fault_of_the_manifest_that_names_it(void **state)
{
    (void)state;
    char place[] = "/plugins/cellar.provider";
    const struct manifest manifest = {.path = place};
    const struct mstr_provider *table = NULL;
    put_in(corp_entry, "roof");
    instance.manifest = &manifest;
    assert_int_equal(load(&table), MSTR_E_PLUGIN);
    assert_string_equal(mstr_error_message(error),
                        "/plugins/cellar.provider: plugin \"corp\" has no service \"roof\"");
    instance_release(&instance);

    mstr_error_clear(error);
    put_in(corp_entry, "roof");
    assert_int_equal(load(&table), MSTR_E_CONFIG);
    assert_string_equal(mstr_error_message(error), "plugin \"corp\" has no service \"roof\"");
    instance_release(&instance);
}

static void a_table_that_breaks_the_contract_is_not_kept(void **state)
{
    (void)state;
    const struct mstr_provider *table = &corp.table;
    corp.table.resolve = NULL;
    put_in(corp_entry, NULL);
    assert_int_equal(load(&table), MSTR_E_PLUGIN);
    assert_told(error, MSTR_E_PLUGIN, "plugin corp: its table lacks", NULL);
    assert_null(table);
    instance_release(&instance);
}

static void a_plugin_that_is_nowhere_is_told_with_where_it_was_looked_for(void **state)
{
    (void)state;
    const struct mstr_provider *table = NULL;
    test.services.plugin_path = "/nowhere";
    assert_true(instance_init(&instance, &test.services, "cellar", "corp", NULL));
    assert_int_equal(load(&table), MSTR_E_PLUGIN);
    assert_told(error, MSTR_E_PLUGIN, "plugin \"corp\" was not found; looked in /nowhere", NULL);
    instance_release(&instance);
}

/* Somebody put the file there. */
static void what_the_program_carries_serves_where_there_is_no_file(void **state)
{
    (void)state;
    static const struct bundled_plugin plugins[] = {{"corp", corp_entry}, {NULL, NULL}};
    static const struct bundle bundle = {.plugins = plugins};
    const struct mstr_provider *table = NULL;
    struct folder folder;
    folder_make(&folder);
    test.services.plugin_path = folder.path;
    test.services.bundle = &bundle;
    assert_true(instance_init(&instance, &test.services, "cellar", "corp", NULL));
    assert_int_equal(load(&table), MSTR_OK);
    assert_int_equal(mstr_error_code(error), MSTR_OK);
    assert_string_equal(instance_origin(&instance), "built in");
    instance_release(&instance);

    folder_write(&folder, "corp.so", "no object");
    assert_true(instance_init(&instance, &test.services, "cellar", "corp", NULL));
    assert_int_equal(load(&table), MSTR_E_PLUGIN);
    assert_non_null(strstr(mstr_error_message(error), "corp.so"));
    assert_null(table);
    instance_release(&instance);
    folder_remove(&folder);
}

static void loading_waits_within_the_callers_limits(void **state)
{
    (void)state;
    const struct limits now = test_limits(0);
    const struct limits ample = test_limits(1000);
    const struct mstr_provider *table = NULL;
    put_in(corp_entry, NULL);
    assert_int_equal(gate_enter(&instance.creation, &ample), MSTR_OK); /* somebody else is at it */

    assert_int_equal(instance_load(&instance, &now, &table, error), MSTR_E_TIMEOUT);

    assert_told(error, MSTR_E_TIMEOUT, "while provider \"cellar\" was being set up", NULL);
    assert_null(table);
    gate_leave(&instance.creation);
    assert_int_equal(instance_load(&instance, &now, &table, error), MSTR_OK);
    instance_release(&instance);
}

static void a_live_instance_has_its_options_and_is_destroyed_in_the_end(void **state)
{
    (void)state;
    const struct mstr_header given[] = {{"pin", "1234"}, {NULL, NULL}};
    const struct mstr_provider *table = NULL;
    put_in(corp_entry, NULL);
    assert_int_equal(load(&table), MSTR_OK);

    assert_int_equal(instance_create(&instance, given, error), MSTR_OK);

    assert_true(instance_is_live(&instance));
    assert_string_equal(corp_host->option(&instance.host.public, "pin"), "1234");
    instance_release(&instance);
    assert_int_equal(corp.destructions, 1);
}

static void note_line(enum mstr_level level, const char *scope, const char *message, void *data)
{
    (void)level;
    snprintf(data, 128, "%s: %s", scope, message);
}

static void the_log_tells_where_a_provider_comes_from(void **state)
{
    (void)state;
    static const char *const files[] = {NULL, "/plugins/corp.so"};
    char line[128] = "";
    test.log = (struct log){note_line, line, MSTR_LEVEL_INFO};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        const struct mstr_provider *table = NULL;
        char expected[128];
        snprintf(expected, sizeof(expected), "cellar: provider corp 1 from %s", i == 0 ? "this program" : files[i]);
        put_in(corp_entry, NULL);
        instance.file = files[i] != NULL ? strdup(files[i]) : NULL;
        assert_int_equal(load(&table), MSTR_OK);
        assert_int_equal(instance_create(&instance, NULL, error), MSTR_OK);
        assert_string_equal(line, expected);
        instance_release(&instance);
    }
}

static void only_a_thread_safe_provider_that_is_live_ends_beside_others(void **state)
{
    (void)state;
    put_in(corp_entry, NULL);
    corp.table.flags |= MSTR_PROVIDER_THREAD_SAFE;
    assert_false(instance_ends_beside_others(&instance)); /* there is nothing to end yet */
    instance_release(&instance);

    make_live(corp_entry);
    assert_true(instance_ends_beside_others(&instance));
    corp.table.flags = MSTR_PROVIDER_BATCH;
    assert_false(instance_ends_beside_others(&instance));
    corp.table.flags = MSTR_PROVIDER_THREAD_SAFE;
    corp.table.destroy = NULL;
    assert_false(instance_ends_beside_others(&instance));
    instance_release(&instance);
}

static enum mstr_code corp_check(const struct mstr_instance *of, const struct mstr_reference *reference,
                                 struct mstr_error *why)
{
    const char *pin = corp_host->option(of, "pin");
    return strcmp(reference->body, "mute") == 0
               ? MSTR_E_CONFIG
               : corp_host->error_set(why, MSTR_E_CONFIG, "%s with %s", reference->body,
                                      pin != NULL ? pin : "what nobody knows");
}

static enum mstr_code judge(const char *text)
{
    struct reference *reference = NULL;
    mstr_error_clear(error);
    assert_int_equal(reference_parse(text, &reference, NULL), MSTR_OK);
    enum mstr_code code = instance_check(&instance, reference, error);
    reference_free(reference);
    return code;
}

static void a_reference_is_judged_by_a_plugin_that_can(void **state)
{
    (void)state;
    const struct mstr_header given[] = {{"pin", "1234"}, {NULL, NULL}};
    const struct mstr_provider *table = NULL;
    corp.table.check = corp_check;
    corp.table.size = offsetof(struct mstr_provider, check); /* of an older version, whatever is behind its table */
    put_in(corp_entry, NULL);
    assert_int_equal(load(&table), MSTR_OK);
    assert_int_equal(judge("cellar:wine"), MSTR_OK);

    corp.table.size = sizeof(struct mstr_provider);
    assert_int_equal(judge("cellar:wine"), MSTR_E_CONFIG);
    assert_told(error, MSTR_E_CONFIG, "wine with what nobody knows", NULL);
    assert_int_equal(judge("cellar:mute"), MSTR_E_PLUGIN);
    assert_told(error, MSTR_E_PLUGIN, "refuses the reference and does not say why", NULL);
    assert_int_equal(instance_create(&instance, given, error), MSTR_OK);
    assert_int_equal(judge("cellar:wine"), MSTR_E_CONFIG);
    assert_told(error, MSTR_E_CONFIG, "wine with 1234", NULL);

    corp.table.check = NULL;
    assert_int_equal(judge("cellar:wine"), MSTR_OK);
    instance_release(&instance);
}

static void an_instance_that_cannot_be_made_leaves_nothing(void **state)
{
    (void)state;
    const struct mstr_header odd[] = {{"pine", "1234"}, {NULL, NULL}};
    const struct mstr_header good[] = {{"pin", "1234"}, {NULL, NULL}};
    const struct mstr_provider *table = NULL;
    put_in(corp_entry, NULL);
    assert_int_equal(load(&table), MSTR_OK);

    assert_int_equal(instance_create(&instance, odd, error), MSTR_E_CONFIG);
    assert_told(error, MSTR_E_CONFIG, "unknown option \"pine\"", NULL);
    corp.create = MSTR_E_NOT_AVAILABLE;
    assert_int_equal(instance_create(&instance, good, error), MSTR_E_NOT_AVAILABLE);
    assert_told(error, MSTR_E_NOT_AVAILABLE, "cellar stays shut", NULL);
    corp.mute = true; /* and what an earlier failure said is not its word */
    assert_int_equal(instance_create(&instance, good, error), MSTR_E_PLUGIN);
    assert_told(error, MSTR_E_PLUGIN, "plugin corp cannot be set up and does not say why", NULL);

    assert_false(instance_is_live(&instance));
    assert_null(instance.host.options);
    instance_release(&instance);
    assert_int_equal(corp.destructions, 0);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(a_new_instance_is_neither_loaded_nor_live),
        EACH(loading_asks_the_entry_point_once_and_makes_nothing),
        EACH(without_its_gates_there_is_no_instance),
        EACH(only_a_registered_provider_is_asked_for_each_instance),
        EACH(the_first_service_is_the_default),
        EACH(a_service_that_is_missing_is_the_fault_of_the_manifest_that_names_it),
        EACH(a_table_that_breaks_the_contract_is_not_kept),
        EACH(a_plugin_that_is_nowhere_is_told_with_where_it_was_looked_for),
        EACH(what_the_program_carries_serves_where_there_is_no_file),
        EACH(loading_waits_within_the_callers_limits),
        EACH(a_live_instance_has_its_options_and_is_destroyed_in_the_end),
        EACH(the_log_tells_where_a_provider_comes_from),
        EACH(only_a_thread_safe_provider_that_is_live_ends_beside_others),
        EACH(a_reference_is_judged_by_a_plugin_that_can),
        EACH(an_instance_that_cannot_be_made_leaves_nothing),
    };
    return RUN_TESTS("plugin/instance");
}
