/* SPDX-License-Identifier: Apache-2.0 */
/* core/plugin/manifest.c */
#include "support/folder.h"
#include "support/registry.h"

#include "plugin/manifest.h"

#include <sys/stat.h>

/* Two folders of plugins, and both as a path. */
struct place {
    struct folder first;
    struct folder second;
    char path[128];
};

static int begin(void **state)
{
    static struct place place;
    folder_make(&place.first);
    folder_make(&place.second);
    snprintf(place.path, sizeof(place.path), "/nowhere:%s:relative:%s", place.first.path, place.second.path);
    *state = &place;
    return 0;
}

static int end(void **state)
{
    const struct place *place = *state;
    folder_remove(&place->first);
    folder_remove(&place->second);
    return 0;
}

static void everything_a_manifest_says_is_read(void **state)
{
    const struct place *place = *state;
    struct manifest *manifest = NULL;
    char object[256];
    folder_write(&place->first, "corp.provider",
                 "# comments may stand here\n\n[provider corp]\nplugin = corp_vault\nservice = parameters\n"
                 "summary = The vault in the cellar\npackage = libcorp-vault\nenvironment = CORP_TOKEN ~/.corp\n"
                 "local = yes\n");

    assert_int_equal(manifest_find("corp", place->path, &manifest, NULL), MSTR_OK);

    assert_non_null(manifest);
    assert_string_equal(manifest->scheme, "corp");
    assert_string_equal(manifest->plugin, "corp_vault");
    assert_string_equal(manifest->object, folder_path(&place->first, "corp_vault.so", object));
    assert_string_equal(manifest->service, "parameters");
    assert_string_equal(manifest->summary, "The vault in the cellar");
    assert_string_equal(manifest->package, "libcorp-vault");
    assert_string_equal(manifest->environment, "CORP_TOKEN ~/.corp");
    assert_true(manifest->local);
    manifest_free(manifest);
}

static void the_plugin_alone_is_enough(void **state)
{
    const struct place *place = *state;
    struct manifest *manifest = NULL;
    folder_write(&place->first, "corp.provider", "[provider corp]\nplugin = corp\nsummary =\n");

    assert_int_equal(manifest_find("corp", place->path, &manifest, NULL), MSTR_OK);

    assert_null(manifest->service);
    assert_null(manifest->summary); /* an empty one is none */
    assert_null(manifest->package);
    assert_null(manifest->environment);
    assert_false(manifest->local);
    manifest_free(manifest);
}

static void the_first_folder_that_has_one_wins_and_the_object_is_beside_it(void **state)
{
    const struct place *place = *state;
    struct manifest *manifest = NULL;
    char object[256];
    folder_write(&place->second, "corp.provider", "[provider corp]\nplugin = second\n");
    assert_int_equal(manifest_find("corp", place->path, &manifest, NULL), MSTR_OK);
    assert_string_equal(manifest->object, folder_path(&place->second, "second.so", object));
    manifest_free(manifest);

    folder_write(&place->first, "corp.provider", "[provider corp]\nplugin = first\n");
    folder_write(&place->second, "first.so", ""); /* an object elsewhere is not the manifest's */

    assert_int_equal(manifest_find("corp", place->path, &manifest, NULL), MSTR_OK);
    assert_string_equal(manifest->object, folder_path(&place->first, "first.so", object));
    manifest_free(manifest);
}

/* The first one decides also where it is at fault: what comes later must not step in for it. */
static void a_bad_manifest_is_not_passed_over_for_a_later_one(void **state)
{
    const struct place *place = *state;
    struct manifest *manifest = NULL;
    folder_write(&place->first, "corp.provider", "[provider corp]\n");
    folder_write(&place->second, "corp.provider", "[provider corp]\nplugin = second\n");
    assert_int_equal(manifest_find("corp", place->path, &manifest, NULL), MSTR_E_PLUGIN);
    assert_null(manifest);
}

static void without_a_manifest_there_is_none_and_no_error(void **state)
{
    const struct place *place = *state;
    struct manifest *manifest = NULL;
    mstr_error *error = mstr_error_new();
    folder_write(&place->first, "corp.provider", "[provider corp]\nplugin = corp\n");
    folder_write(&place->first, "other.so", "");

    assert_int_equal(manifest_find("other", place->path, &manifest, error), MSTR_OK);
    assert_null(manifest);
    assert_int_equal(manifest_find("corp", NULL, &manifest, error), MSTR_OK);
    assert_null(manifest);

    assert_int_equal(mstr_error_code(error), MSTR_OK);
    mstr_error_free(error);
}

/* A manifest serves whichever library is there, earlier ones too. */
static void keys_and_sections_of_others_are_passed_over(void **state)
{
    const struct place *place = *state;
    struct manifest *manifest = NULL;
    folder_write(&place->first, "corp.provider",
                 "[profile default]\nplugin = wrong\n[provider other]\nplugin = other\n[provider corp]\n"
                 "plugin = corp\nto_come = 1\nlocality = yes\n[provider]\nplugin = nameless\n"
                 "[another corp]\nplugin = wrong\n");

    assert_int_equal(manifest_find("corp", place->path, &manifest, NULL), MSTR_OK);

    assert_string_equal(manifest->plugin, "corp");
    assert_false(manifest->local);
    manifest_free(manifest);
}

static void what_makes_no_sense_is_told_with_the_file(void **state)
{
    const struct place *place = *state;
    static const struct {
        const char *text;
        const char *told;
    } cases[] = {
        {"", "corp.provider names no plugin in [provider corp]"},
        {"[provider other]\nplugin = x\n", "corp.provider names no plugin in [provider corp]"},
        {"[provider corp]\nservice = x\n", "corp.provider names no plugin in [provider corp]"},
        {"[provider corp]\nplugin =\n", "corp.provider names no plugin in [provider corp]"},
        {"[provider corp]\nplugin = ../x\n", "corp.provider: \"../x\" is no plugin name: letters, digits, _ and -"},
        {"[provider corp]\nplugin = /opt/x.so\n", "corp.provider: \"/opt/x.so\" is no plugin name"},
        {"[provider corp]\nplugin = ..\n", "corp.provider: \"..\" is no plugin name"},
        {"[provider corp]\nplugin = x\nplugin = y\n",
         "corp.provider: line 3: duplicate key \"plugin\", first set in line 2"},
        {"[provider corp]\nlocal = no\nplugin = x\nlocal = no\n", "corp.provider: line 4: duplicate key \"local\""},
        {"[provider corp]\nplugin = corp\n  service = x\n", "corp.provider: line 3 begins with a blank"},
        {"[provider corp]\nplugin = corp\nlocal = perhaps\n", "corp.provider: \"local\" is neither yes nor no"},
        {"[provider corp\nplugin = corp\n", "corp.provider: line 1: "},
    };
    mstr_error *error = mstr_error_new();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct manifest *manifest = NULL;
        folder_write(&place->first, "corp.provider", cases[i].text);

        assert_int_equal(manifest_find("corp", place->path, &manifest, error), MSTR_E_PLUGIN);

        assert_told(error, MSTR_E_PLUGIN, cases[i].told, NULL);
        assert_null(manifest);
    }
    mstr_error_free(error);
}

static void a_manifest_that_others_may_write_is_refused(void **state)
{
    static const mode_t open_modes[] = {0777, 01777}; /* of its folder, where not even a sticky bit helps */
    const struct place *place = *state;
    struct manifest *manifest = NULL;
    mstr_error *error = mstr_error_new();
    char path[256];
    folder_write(&place->first, "corp.provider", "[provider corp]\nplugin = corp\n");

    chmod(folder_path(&place->first, "corp.provider", path), 0646);
    assert_int_equal(manifest_find("corp", place->path, &manifest, error), MSTR_E_PLUGIN);
    assert_told(error, MSTR_E_PLUGIN, "manifest refused: /tmp/mstr-folder-", "chmod o-w /tmp/mstr-folder-");
    assert_null(manifest);
    chmod(path, 0644);
    assert_int_equal(manifest_find("corp", place->path, &manifest, error), MSTR_OK);
    manifest_free(manifest);
    for (size_t i = 0; i < COUNT_OF(open_modes); i++) {
        chmod(place->first.path, open_modes[i]);
        assert_int_equal(manifest_find("corp", place->path, &manifest, error), MSTR_E_PLUGIN);
        assert_told(error, MSTR_E_PLUGIN, "is writable by others", "chmod o-w");
    }

    mstr_error_free(error);
}

static void what_is_no_file_of_a_manifests_size_is_refused(void **state)
{
    const struct place *place = *state;
    struct manifest *manifest = NULL;
    mstr_error *error = mstr_error_new();
    char path[256];
    char *long_text = malloc(100 * 1024);
    memset(long_text, '#', 100 * 1024 - 1);
    long_text[100 * 1024 - 1] = '\0';
    folder_write(&place->first, "corp.provider", long_text);
    free(long_text);

    assert_int_equal(manifest_find("corp", place->path, &manifest, error), MSTR_E_PLUGIN);
    assert_told(error, MSTR_E_PLUGIN, "corp.provider cannot be read: File too large", NULL);
    assert_null(mstr_error_hint(error));
    unlink(folder_path(&place->first, "corp.provider", path));
    assert_int_equal(mkdir(path, 0755), 0);
    assert_int_equal(manifest_find("corp", place->path, &manifest, error), MSTR_E_PLUGIN);
    assert_told(error, MSTR_E_PLUGIN, "corp.provider cannot be read: Is a directory", NULL);
    assert_null(mstr_error_hint(error));
    rmdir(path);
    assert_int_equal(symlink("corp.provider", path), 0);
    assert_int_equal(manifest_find("corp", place->path, &manifest, error), MSTR_E_PLUGIN);
    assert_told(error, MSTR_E_PLUGIN, "corp.provider cannot be read: Too many levels of symbolic links", NULL);

    assert_null(manifest);
    mstr_error_free(error);
}

/* Whoever is root enters everything, so somebody else looks. */
static void a_folder_that_lets_nobody_in_is_passed_over_and_a_file_that_cannot_be_read_is_not(void **state)
{
    const struct place *place = *state;
    struct manifest *manifest = NULL;
    char path[256];
    if (geteuid() != 0) {
        skip();
    }
    folder_write(&place->second, "corp.provider", "[provider corp]\nplugin = second\n");
    folder_write(&place->first, "corp.provider", "[provider corp]\nplugin = first\n");
    chmod(folder_path(&place->first, "corp.provider", path), 0600);
    chmod(place->second.path, 0755);
    chmod(place->first.path, 0700);
    for (uid_t owner = 0; owner <= 777; owner += 777) { /* one who is trusted, and one who is not */
        assert_int_equal(chown(place->first.path, owner, owner), 0);
        assert_int_equal(seteuid(65533), 0);
        enum mstr_code without_entry = manifest_find("corp", place->path, &manifest, NULL);
        assert_int_equal(seteuid(0), 0);
        assert_int_equal(without_entry, MSTR_OK);
        assert_non_null(manifest);
        assert_string_equal(manifest->plugin, "second");
        manifest_free(manifest);
    }

    assert_int_equal(chown(place->first.path, 0, 0), 0);
    chmod(place->first.path, 0755);
    assert_int_equal(seteuid(65533), 0);
    enum mstr_code without_right = manifest_find("corp", place->path, &manifest, NULL);
    assert_int_equal(seteuid(0), 0);
    assert_int_equal(without_right, MSTR_E_PLUGIN);
    assert_null(manifest);
}

static void a_name_that_is_too_long_for_a_file_has_no_manifest(void **state)
{
    const struct place *place = *state;
    struct manifest *manifest = NULL;
    char scheme[301];
    memset(scheme, 'a', 300);
    scheme[300] = '\0';
    assert_int_equal(manifest_find(scheme, place->path, &manifest, NULL), MSTR_OK);
    assert_null(manifest);
}

static void schemes_are_listed_by_name_and_each_once(void **state)
{
    const struct place *place = *state;
    static const char *const files[] = {"zeta.provider",  "alpha-2.provider", "alpha.provider", "alpha.so",
                                        "Upper.provider", "1.provider",       ".provider",      "x.provider.bak"};
    static const char *const listed[] = {"env", "alpha", "alpha-2", "mid", "zeta"};
    struct text_list schemes = TEXT_LIST_INIT;
    char path[256];
    text_list_add(&schemes, "env", 3);
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        folder_write(&place->first, files[i], "");
    }
    folder_write(&place->second, "mid.provider", "");
    folder_write(&place->second, "alpha.provider", "");
    folder_write(&place->second, "env.provider", "");
    assert_int_equal(symlink("nowhere", folder_path(&place->second, "dangling.provider", path)), 0);

    manifest_list_schemes(place->path, &schemes);

    assert_int_equal(schemes.count, COUNT_OF(listed));
    for (size_t i = 0; i < COUNT_OF(listed); i++) {
        assert_string_equal(schemes.items[i], listed[i]);
    }
    text_list_release(&schemes);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(everything_a_manifest_says_is_read),
        EACH(the_plugin_alone_is_enough),
        EACH(the_first_folder_that_has_one_wins_and_the_object_is_beside_it),
        EACH(a_bad_manifest_is_not_passed_over_for_a_later_one),
        EACH(without_a_manifest_there_is_none_and_no_error),
        EACH(keys_and_sections_of_others_are_passed_over),
        EACH(what_makes_no_sense_is_told_with_the_file),
        EACH(a_manifest_that_others_may_write_is_refused),
        EACH(what_is_no_file_of_a_manifests_size_is_refused),
        EACH(a_folder_that_lets_nobody_in_is_passed_over_and_a_file_that_cannot_be_read_is_not),
        EACH(a_name_that_is_too_long_for_a_file_has_no_manifest),
        EACH(schemes_are_listed_by_name_and_each_once),
    };
    return RUN_TESTS("plugin/manifest");
}
