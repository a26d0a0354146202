/* SPDX-License-Identifier: Apache-2.0 */
/* core/plugin/registry.c */
#include "support/folder.h"
#include "support/registry.h"

#include <time.h>

enum { THREADS = 16 };

/* A folder of plugins; tests write manifests and objects into it, and make the registry they want. */
static struct folder plugins;
static struct test_registry test;
static mstr_error *error;

static int begin(void **state)
{
    (void)state;
    folder_make(&plugins);
    error = mstr_error_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    test_registry_drop(&test);
    mstr_error_free(error);
    folder_remove(&plugins);
    return 0;
}

static void make(const char *config)
{
    test_registry_make(&test, config, plugins.path);
}

static struct instance *find(const char *scheme)
{
    struct instance *instance = NULL;
    if (registry_find(test.registry, scheme, &instance, error) != MSTR_OK) {
        fail_msg("%s: %s", scheme, mstr_error_message(error));
    }
    assert_string_equal(instance->host.public.name, scheme);
    return instance;
}

static void assert_not_found(const char *scheme, enum mstr_code code, const char *told, const char *hint)
{
    struct instance *instance = NULL;
    assert_int_equal(registry_find(test.registry, scheme, &instance, error), code);
    assert_null(instance);
    assert_told(error, code, told, hint);
}

/* A provider of the program's own. */
static enum mstr_code put(const char *name)
{
    struct instance *instance = NULL;
    enum mstr_code code = registry_prepare(test.registry, name, store_single, NULL, &instance, error);
    if (code == MSTR_OK) {
        code = registry_put(test.registry, instance, error);
    }
    if (code != MSTR_OK) {
        registry_give_up(instance);
    }
    return code;
}

static void what_is_part_of_the_program_answers_to_its_reserved_name(void **state)
{
    (void)state;
    static const struct {
        const char *scheme;
        provider_entry entry;
    } cases[] = {{"env", env_provider_entry}, {"exec", exec_provider_entry}, {"file", file_provider_entry}};
    folder_write(&plugins, "env.provider", "[provider env]\nplugin = thief\n");
    folder_write(&plugins, "thief.so", "");
    make("");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct instance *instance = find(cases[i].scheme);
        assert_ptr_equal(instance->entry, cases[i].entry);
        assert_string_equal(instance->plugin, cases[i].scheme);
        assert_string_equal(instance_origin(instance), "built in");
    }
    assert_not_found("shelf", MSTR_E_CONFIG, "no installed provider brings the scheme \"shelf\"", NULL);
}

static void a_reserved_name_may_be_tuned_but_not_taken(void **state)
{
    (void)state;
    make("[provider env]\nplugin = shelf\n[provider file]\nbase = /x\n[provider exec]\ncommand = /bin/true\n");
    assert_not_found("env", MSTR_E_CONFIG, "[provider env] tunes a built-in scheme and takes neither plugin nor",
                     NULL);
    assert_not_found("file", MSTR_E_CONFIG, "[provider file] takes no options, found \"base\"", NULL);
    assert_ptr_equal(find("exec")->entry, exec_provider_entry);
}

static void a_reserved_name_has_no_services(void **state)
{
    (void)state;
    make("[provider exec]\nservice = x\ncommand = /bin/true\n");
    assert_not_found("exec", MSTR_E_CONFIG, "takes neither plugin nor service", NULL);
}

static void a_section_with_a_plugin_comes_before_a_manifest(void **state)
{
    (void)state;
    folder_write(&plugins, "corp.provider", "[provider corp]\nplugin = installed\nservice = one\n");
    folder_write(&plugins, "installed.so", "");
    make("[provider corp]\nplugin = in_house\nservice = two\n");

    const struct instance *instance = find("corp");

    assert_string_equal(instance->plugin, "in_house");
    assert_string_equal(instance->host.public.service, "two");
    assert_null(instance->file); /* not looked for before it is loaded */
    assert_null(instance_origin(instance));
}

static void a_registered_provider_comes_before_a_manifest(void **state)
{
    (void)state;
    folder_write(&plugins, "corp.provider", "[provider corp]\nplugin = installed\n");
    folder_write(&plugins, "installed.so", "");
    make("");

    assert_int_equal(put("corp"), MSTR_OK);

    assert_true(find("corp")->registered);
    assert_ptr_equal(find("corp")->entry, store_single);
}

static void a_section_without_plugin_tunes_the_installed_provider(void **state)
{
    (void)state;
    char object[256];
    folder_write(&plugins, "corp.provider", "[provider corp]\nplugin = installed\nservice = one\n");
    folder_write(&plugins, "installed.so", "");
    make("[provider corp]\nregion = cellar\n");

    const struct instance *instance = find("corp");

    assert_string_equal(instance->plugin, "installed");
    assert_string_equal(instance->host.public.service, "one");
    assert_string_equal(instance->file, folder_path(&plugins, "installed.so", object));
    assert_string_equal(instance_origin(instance), object);
}

static void a_tuned_provider_keeps_the_service_of_its_manifest(void **state)
{
    (void)state;
    folder_write(&plugins, "corp.provider", "[provider corp]\nplugin = installed\nservice = one\n");
    folder_write(&plugins, "installed.so", "");
    make("[provider corp]\nservice = two\n");
    assert_not_found(
        "corp", MSTR_E_CONFIG,
        "[provider corp] tunes the installed provider of this name and takes no service without a plugin", NULL);
}

/* What is linked into the program serves sections that name it; a manifest means the object beside it. */
static void a_plugin_in_the_program_serves_sections_under_any_name(void **state)
{
    (void)state;
    folder_write(&plugins, "corp.provider", "[provider corp]\nplugin = shelf\n");
    folder_write(&plugins, "shelf.so", "");
    make("[provider one]\nplugin = shelf\n[provider two]\nplugin = shelf\n");

    assert_ptr_equal(find("one")->entry, store_batching);
    assert_ptr_equal(find("two")->entry, store_batching);
    assert_ptr_not_equal(find("one"), find("two"));
    assert_null(find("corp")->entry);
    assert_non_null(find("corp")->file);
}

static void a_missing_object_is_told_with_its_package(void **state)
{
    (void)state;
    folder_write(&plugins, "corp.provider", "[provider corp]\nplugin = gone\npackage = libcorp\n");
    folder_write(&plugins, "bare.provider", "[provider bare]\nplugin = gone\n");
    make("");

    assert_not_found("corp", MSTR_E_PLUGIN, "the plugin of \"corp:\" is not installed: there is no /tmp/mstr-folder-",
                     "install the package libcorp");
    assert_not_found("bare", MSTR_E_PLUGIN, "the plugin of \"bare:\" is not installed", NULL);
    assert_null(mstr_error_hint(error));
}

static void a_manifest_without_sense_is_the_plugins_fault(void **state)
{
    (void)state;
    folder_write(&plugins, "corp.provider", "[provider corp]\n");
    make("");
    assert_not_found("corp", MSTR_E_PLUGIN, "corp.provider names no plugin", NULL);
}

static void an_unknown_scheme_is_told_with_the_nearest(void **state)
{
    (void)state;
    static const struct {
        const char *scheme;
        const char *hint;
    } cases[] = {
        {"fil", "did you mean \"file:\"? Otherwise add a section [provider fil] with its plugin"},
        {"instaled", "did you mean \"installed:\"?"},
        {"sektion", "did you mean \"section:\"?"},
        {"programms", "did you mean \"programs:\"?"},
        {"quite-different", "install the provider, or add a section [provider quite-different] with its plugin"},
    };
    folder_write(&plugins, "installed.provider", "[provider installed]\nplugin = x\n");
    make("[provider section]\nplugin = x\n");
    assert_int_equal(put("programs"), MSTR_OK);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_not_found(cases[i].scheme, MSTR_E_CONFIG, "no installed provider brings the scheme", cases[i].hint);
    }
}

static void a_section_that_tunes_nothing_lacks_its_plugin(void **state)
{
    (void)state;
    make("[provider corp]\nregion = cellar\n");
    assert_not_found("corp", MSTR_E_CONFIG, "[provider corp] lacks its plugin", NULL);
}

static void an_empty_plugin_is_told_with_its_section(void **state)
{
    (void)state;
    make("[provider corp]\nplugin =\n");
    assert_not_found("corp", MSTR_E_CONFIG, "[provider corp] has an empty \"plugin\"", NULL);
}

static void a_failure_is_not_remembered(void **state)
{
    (void)state;
    make("");
    assert_not_found("corp", MSTR_E_CONFIG, "no installed provider", NULL);
    folder_write(&plugins, "corp.provider", "[provider corp]\nplugin = late\n");
    folder_write(&plugins, "late.so", "");
    assert_string_equal(find("corp")->plugin, "late");
}

static void taken_names_are_refused_and_others_are_free(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum mstr_code code;
    } cases[] = {
        {"env", MSTR_E_EXISTS},     /* reserved */
        {"section", MSTR_E_EXISTS}, /* has its plugin already */
        {"used", MSTR_E_EXISTS},    /* an installed one that somebody has found */
        {"installed", MSTR_OK},     /* one that nobody has found yet */
        {"tuned", MSTR_OK},         /* a section for whoever brings the name */
        {"shelf", MSTR_OK},         {"new", MSTR_OK}, {"new", MSTR_E_EXISTS},
    };
    folder_write(&plugins, "installed.provider", "[provider installed]\nplugin = x\n");
    folder_write(&plugins, "used.provider", "[provider used]\nplugin = x\n");
    folder_write(&plugins, "x.so", "");
    make("[provider section]\nplugin = x\n[provider tuned]\nregion = cellar\n");
    find("used");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(put(cases[i].name), cases[i].code);
        if (cases[i].code != MSTR_OK) {
            assert_told(error, MSTR_E_EXISTS, "there is a provider \"", NULL);
        }
    }
}

static void nobody_finds_a_provider_before_it_is_put(void **state)
{
    (void)state;
    struct instance *slow = NULL;
    make("");
    assert_int_equal(registry_prepare(test.registry, "corp", store_single, NULL, &slow, error), MSTR_OK);
    assert_not_found("corp", MSTR_E_CONFIG, "no installed provider", NULL);

    assert_int_equal(put("corp"), MSTR_OK); /* another thread was faster */

    assert_int_equal(registry_put(test.registry, slow, error), MSTR_E_EXISTS);
    assert_ptr_not_equal(find("corp"), slow);
    registry_give_up(slow);
    registry_give_up(NULL);
}

static pthread_barrier_t ending;

static void await_the_others(void *self)
{
    (void)self;
    pthread_barrier_wait(&ending);
}

static const struct mstr_provider *ends_with_others(const struct mstr_host *host)
{
    static struct mstr_provider table;
    table = *store_single(host);
    table.destroy = await_the_others;
    return &table;
}

/* One after another they would wait for ever. */
static void those_that_take_their_time_to_end_do_so_side_by_side(void **state)
{
    (void)state;
    static const struct mstr_header none[] = {{NULL, NULL}};
    static const char *const names[] = {"one", "two", "three"};
    const struct limits limits = test_limits(60000);
    make("");
    assert_int_equal(pthread_barrier_init(&ending, NULL, COUNT_OF(names)), 0);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct instance *instance = NULL;
        const struct mstr_provider *table = NULL;
        assert_int_equal(registry_prepare(test.registry, names[i], ends_with_others, none, &instance, error),
                         MSTR_OK);
        assert_int_equal(instance_load(instance, &limits, &table, error), MSTR_OK);
        assert_int_equal(instance_create(instance, none, error), MSTR_OK);
        assert_int_equal(registry_put(test.registry, instance, error), MSTR_OK);
    }

    registry_free(test.registry);

    test.registry = NULL;
    pthread_barrier_destroy(&ending);
}

static void options_of_a_registered_provider_are_its_own_copy(void **state)
{
    (void)state;
    char value[] = "cellar";
    const struct mstr_header options[] = {{"region", value}, {NULL, NULL}};
    struct instance *instance = NULL;
    make("");
    assert_int_equal(registry_prepare(test.registry, "corp", store_single, options, &instance, error), MSTR_OK);
    memset(value, 'x', 6);
    assert_string_equal(instance->given[0].value, "cellar");
    registry_give_up(instance);
}

/* An agent is not asked for it. */
static void what_belongs_to_a_process_is_kept_in_it(void **state)
{
    (void)state;
    folder_write(&plugins, "own.provider", "[provider own]\nplugin = installed\nlocal = yes\n");
    folder_write(&plugins, "corp.provider", "[provider corp]\nplugin = installed\n");
    folder_write(&plugins, "installed.so", "");
    make("[provider own]\nregion = cellar\n[provider pets]\nplugin = shelf\n");
    assert_int_equal(put("mine"), MSTR_OK);
    assert_true(registry_keeps_here(test.registry, find("own")));
    assert_true(registry_keeps_here(test.registry, find("env")));
    assert_true(registry_keeps_here(test.registry, find("pets")));
    assert_true(registry_keeps_here(test.registry, find("mine")));
    assert_false(registry_keeps_here(test.registry, find("corp")));
}

static void local_providers_and_keys_of_the_registry_are_known(void **state)
{
    (void)state;
    make("");
    assert_int_equal(registry_check_local(test.registry, "env", NULL), MSTR_OK);
    assert_int_equal(registry_check_local(test.registry, "file", NULL), MSTR_OK);
    assert_int_equal(registry_check_local(test.registry, "exec", NULL), MSTR_E_CONFIG);
    assert_int_equal(registry_check_local(test.registry, "shelf", NULL), MSTR_E_CONFIG);
    assert_int_equal(registry_check_local(test.registry, "corp", NULL), MSTR_E_CONFIG);
    assert_true(registry_reads_key("plugin"));
    assert_true(registry_reads_key("service"));
    assert_false(registry_reads_key("region"));
    assert_ptr_equal(registry_services(test.registry), &test.services);
    assert_ptr_equal(registry_config(test.registry), test.config);
}

static void schemes_are_listed_the_programs_own_first_and_each_once(void **state)
{
    (void)state;
    static const char *const expected[] = {"env", "exec", "file", "alpha", "zeta", "section", "programs"};
    struct text_list schemes = TEXT_LIST_INIT;
    folder_write(&plugins, "zeta.provider", "");
    folder_write(&plugins, "alpha.provider", "");
    make("[provider section]\nplugin = x\n[provider alpha]\nregion = cellar\n[cache]\nttl = 1s\n");
    assert_int_equal(put("programs"), MSTR_OK);
    find("section"); /* which does not list it twice */

    registry_list_schemes(test.registry, &schemes);

    assert_int_equal(schemes.count, COUNT_OF(expected));
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_string_equal(schemes.items[i], expected[i]);
    }
    text_list_release(&schemes);
}

static void note_name(struct instance *instance, void *data)
{
    text_list_add(data, instance->host.public.name, strlen(instance->host.public.name));
}

static void instances_are_visited_once_they_are_made(void **state)
{
    (void)state;
    struct text_list names = TEXT_LIST_INIT;
    make("[provider section]\nplugin = x\n[provider unused]\nplugin = x\n");
    registry_visit_instances(test.registry, note_name, &names);
    assert_int_equal(names.count, 0);
    find("section");
    find("env");

    registry_visit_instances(test.registry, note_name, &names);

    text_list_sort(&names, 0);
    assert_int_equal(names.count, 2);
    assert_string_equal(names.items[0], "env");
    assert_string_equal(names.items[1], "section");
    text_list_release(&names);
}

static void *find_in_thread(void *data)
{
    struct instance **found = data;
    registry_find(test.registry, "section", found, NULL);
    return NULL;
}

static void many_threads_find_one_instance(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    struct instance *found[THREADS] = {NULL};
    make("[provider section]\nplugin = x\n");
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, find_in_thread, &found[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_ptr_equal(found[i], find("section"));
    }
}

/* The processor time of looking for as many schemes as there are sections. */
static clock_t cost_of(int sections, const char *type, const char *scheme, mstr_error *told)
{
    char *text = calloc((size_t)sections, 48);
    size_t length = 0;
    for (int i = 0; i < sections; i++) {
        length += (size_t)snprintf(text + length, 48, "[%s s%d]\nplugin = x\n", type, i);
    }
    make(text);
    clock_t begun = clock();
    for (int i = 0; i < sections; i++) {
        struct instance *instance = NULL;
        char name[16];
        snprintf(name, sizeof(name), "%s%d", scheme, i);
        registry_find(test.registry, name, &instance, told);
        assert_int_equal(instance != NULL, strcmp(type, "provider") == 0 && strcmp(scheme, "s") == 0);
    }
    clock_t cost = clock() - begun;
    test_registry_drop(&test);
    test = (struct test_registry){.registry = NULL};
    free(text);
    return cost;
}

/* Were a scheme looked for among all that were found before, or all sections listed for each that nobody brings, or
 * the nearest looked for where nobody asks why, as of all values that look like a reference, 16 times as many would
 * cost 256 times as much. */
static void looking_for_many_costs_time_in_proportion_to_their_number(void **state)
{
    (void)state;
    assert_true(cost_of(16000, "provider", "s", error) < 64 * cost_of(1000, "provider", "s", error));
    assert_true(cost_of(16000, "env", "s", error) < 64 * cost_of(1000, "env", "s", error));
    assert_true(cost_of(3200, "provider", "x", NULL) < 64 * cost_of(200, "provider", "x", NULL));
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(what_is_part_of_the_program_answers_to_its_reserved_name),
        EACH(a_reserved_name_may_be_tuned_but_not_taken),
        EACH(a_reserved_name_has_no_services),
        EACH(a_section_with_a_plugin_comes_before_a_manifest),
        EACH(a_registered_provider_comes_before_a_manifest),
        EACH(a_section_without_plugin_tunes_the_installed_provider),
        EACH(a_tuned_provider_keeps_the_service_of_its_manifest),
        EACH(a_plugin_in_the_program_serves_sections_under_any_name),
        EACH(a_missing_object_is_told_with_its_package),
        EACH(a_manifest_without_sense_is_the_plugins_fault),
        EACH(an_unknown_scheme_is_told_with_the_nearest),
        EACH(a_section_that_tunes_nothing_lacks_its_plugin),
        EACH(an_empty_plugin_is_told_with_its_section),
        EACH(a_failure_is_not_remembered),
        EACH(taken_names_are_refused_and_others_are_free),
        EACH(nobody_finds_a_provider_before_it_is_put),
        EACH(those_that_take_their_time_to_end_do_so_side_by_side),
        EACH(options_of_a_registered_provider_are_its_own_copy),
        EACH(what_belongs_to_a_process_is_kept_in_it),
        EACH(local_providers_and_keys_of_the_registry_are_known),
        EACH(schemes_are_listed_the_programs_own_first_and_each_once),
        EACH(instances_are_visited_once_they_are_made),
        EACH(many_threads_find_one_instance),
        EACH(looking_for_many_costs_time_in_proportion_to_their_number),
    };
    return RUN_TESTS("plugin/registry");
}
