/* SPDX-License-Identifier: Apache-2.0 */
/* core/plugin/bundle.c, and the place that a bundle has among the folders of plugins. */
#include "support/folder.h"
#include "support/registry.h"

#include "plugin/bundle.h"
#include "plugin/manifest.h"

static const struct bundled_plugin plugins[] = {{"carried", store_batching}, {NULL, NULL}};
static const struct bundled_manifest manifests[] = {
    {"trunk", "[provider trunk]\nplugin = carried\nsummary = What is carried along\n"},
    {"odd", "[provider odd]\n"},
    {NULL, NULL},
};
static const struct bundle bundle = {plugins, manifests};

/* A folder of plugins, and a registry that has the bundle. */
static struct folder folder;
static struct test_registry test;
static mstr_error *error;

static int begin(void **state)
{
    (void)state;
    folder_make(&folder);
    error = mstr_error_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    test_registry_drop(&test);
    mstr_error_free(error);
    folder_remove(&folder);
    return 0;
}

static void make(const char *config)
{
    test_registry_make(&test, config, folder.path);
    test.services.bundle = &bundle;
}

static struct instance *find(const char *scheme)
{
    struct instance *instance = NULL;
    assert_int_equal(registry_find(test.registry, scheme, &instance, error), MSTR_OK);
    return instance;
}

static enum mstr_code load(struct instance *instance)
{
    const struct mstr_provider *table = NULL;
    const struct limits limits = test_limits(60000);
    return instance_load(instance, &limits, &table, error);
}

static void without_a_bundle_nothing_is_found(void **state)
{
    (void)state;
    assert_null(bundle_find_entry(NULL, "carried"));
    assert_null(bundle_find_manifest(NULL, "trunk"));
    assert_null(bundle_find_entry(&bundle, "trunk"));
    assert_null(bundle_find_manifest(&bundle, "carried"));
    make("");
}

static void a_bundled_manifest_leads_to_the_plugin_inside(void **state)
{
    (void)state;
    make("");

    struct instance *instance = find("trunk");

    assert_ptr_equal(instance->entry, store_batching);
    assert_string_equal(instance_origin(instance), "built in");
    assert_string_equal(instance->manifest->summary, "What is carried along");
    assert_int_equal(load(instance), MSTR_OK);
}

static void a_section_may_name_the_plugin_inside(void **state)
{
    (void)state;
    make("[provider mine]\nplugin = carried\n");

    struct instance *instance = find("mine");

    assert_null(instance->entry); /* a file may turn up until it is loaded */
    assert_int_equal(load(instance), MSTR_OK);
    assert_ptr_equal(instance->entry, store_batching);
    assert_string_equal(instance_origin(instance), "built in");
}

static void a_manifest_in_a_folder_comes_first(void **state)
{
    (void)state;
    char object[256];
    folder_write(&folder, "trunk.provider", "[provider trunk]\nplugin = carried\n");
    folder_write(&folder, "carried.so", "");
    make("");
    assert_string_equal(find("trunk")->file, folder_path(&folder, "carried.so", object));
    assert_null(find("trunk")->entry);
}

static void a_plugin_in_a_folder_comes_first_and_is_not_passed_over_when_it_is_broken(void **state)
{
    (void)state;
    folder_write(&folder, "carried.so", "no object");
    make("[provider mine]\nplugin = carried\n");

    assert_int_equal(load(find("mine")), MSTR_E_PLUGIN);

    assert_told(error, MSTR_E_PLUGIN, "carried.so cannot be loaded", NULL);
}

static void a_bundled_manifest_without_sense_is_told_as_the_programs_own(void **state)
{
    (void)state;
    struct instance *instance = NULL;
    make("");
    assert_int_equal(registry_find(test.registry, "odd", &instance, error), MSTR_E_PLUGIN);
    assert_told(error, MSTR_E_PLUGIN, "built in/odd.provider names no plugin in [provider odd]", NULL);
}

static void bundled_schemes_are_listed_once(void **state)
{
    (void)state;
    struct text_list schemes = TEXT_LIST_INIT;
    size_t found = 0;
    folder_write(&folder, "trunk.provider", "[provider trunk]\nplugin = carried\n");
    make("");

    registry_list_schemes(test.registry, &schemes);

    for (size_t i = 0; i < schemes.count; i++) {
        found += strcmp(schemes.items[i], "trunk") == 0 || strcmp(schemes.items[i], "odd") == 0;
    }
    assert_int_equal(found, 2);
    text_list_release(&schemes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_a_bundle_nothing_is_found, begin, end),
        cmocka_unit_test_setup_teardown(a_bundled_manifest_leads_to_the_plugin_inside, begin, end),
        cmocka_unit_test_setup_teardown(a_section_may_name_the_plugin_inside, begin, end),
        cmocka_unit_test_setup_teardown(a_manifest_in_a_folder_comes_first, begin, end),
        cmocka_unit_test_setup_teardown(a_plugin_in_a_folder_comes_first_and_is_not_passed_over_when_it_is_broken,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_bundled_manifest_without_sense_is_told_as_the_programs_own, begin, end),
        cmocka_unit_test_setup_teardown(bundled_schemes_are_listed_once, begin, end),
    };
    return RUN_TESTS("plugin/bundle");
}
