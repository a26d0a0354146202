/* SPDX-License-Identifier: Apache-2.0 */
/* core/context/providers.c */
#include "support/folder.h"
#include "support/store.h"

#include "base/buffer.h"

static const struct mstr_option options[] = {{"url", MSTR_OPTION_URL, MSTR_OPTION_REQUIRED, NULL, "where it is"},
                                             {NULL, MSTR_OPTION_STRING, 0, NULL, NULL}};

static const struct mstr_provider *corp_entry(const struct mstr_host *host)
{
    static const char *const services[] = {"door", "window", NULL};
    static const struct mstr_provider provider = {
        .abi_major = MSTR_ABI_MAJOR,
        .size = sizeof(provider),
        .option_size = sizeof(struct mstr_option),
        .name = "corp",
        .version = "3.1",
        .summary = "the vault in the cellar",
        .services = services,
        .options = options,
        .create = store_create,
        .resolve = store_resolve,
    };
    store_host = host;
    return &provider;
}

/* Lines of "NAME PLUGIN SERVICE VERSION FILE[: PROBLEM]". */
static int note(const mstr_provider_info *info, void *data)
{
    assert_int_equal(info->size, sizeof(*info));
    assert_int_equal(info->abi_major, info->problem == NULL ? MSTR_ABI_MAJOR : 0);
    buffer_printf(data, "%s %s %s %s %s%s%s\n", info->name, info->plugin != NULL ? info->plugin : "-",
                  info->service != NULL ? info->service : "-", info->version != NULL ? info->version : "-",
                  info->file != NULL ? info->file : "-", info->problem != NULL ? ": " : "",
                  info->problem != NULL ? info->problem : "");
    return 0;
}

static void assert_lists(mstr_context *context, const char *line)
{
    struct buffer list = BUFFER_INIT;
    assert_int_equal(mstr_context_providers(context, note, &list, NULL), MSTR_OK);
    if (strstr(buffer_text(&list), line) == NULL) {
        fail_msg("\"%s\" is not among\n%s", line, buffer_text(&list));
    }
    buffer_release(&list);
}

/* That an option is not the plugin's is seen only when the instance is made, which it is not. */
static void all_providers_are_told_with_what_is_wrong_with_them(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "env env - 1 built in\n",
        "file file - 1 built in\n",
        "legacy exec - 1 built in\n",
        "lost nowhere-to-be-found - - -: plugin \"nowhere-to-be-found\" was not found",
        "bare - - - -: [provider bare] lacks its plugin\n",
        "good echo - 1.2.3 " TEST_PLUGINS "/echo.so\n",
        "broken no_symbol - - " TEST_PLUGINS "/no_symbol.so: " TEST_PLUGINS "/no_symbol.so is no provider plugin",
        "odd echo roof - " TEST_PLUGINS "/echo.so: plugin \"echo\" has no service \"roof\"\n",
        "st st - 1 built in\n",
    };
    mstr_context *context =
        store_context("[provider legacy]\nplugin = exec\ncommand = /bin/true\n"
                      "[provider lost]\nplugin = nowhere-to-be-found\n[provider bare]\nx = 1\n"
                      "[provider good]\nplugin = echo\ncolour = blue\n[provider broken]\nplugin = no_symbol\n"
                      "[provider odd]\nplugin = echo\nservice = roof\n"
                      "[plugins]\npath = " TEST_PLUGINS "\n");
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        assert_lists(context, lines[i]);
    }
    mstr_context_free(context);
}

/* By the first listing as by the next. */
static void the_service_is_the_one_in_use_also_where_none_is_configured(void **state)
{
    (void)state;
    mstr_context *context = test_context("");
    const struct mstr_header given[] = {{"url", "https://vault.example/"}, {NULL, NULL}};
    assert_int_equal(mstr_context_register(context, "corp", corp_entry, given, NULL), MSTR_OK);
    for (int i = 0; i < 2; i++) {
        assert_lists(context, "corp corp door 3.1 built in\n");
    }
    mstr_context_free(context);
}

static int note_corp(const mstr_provider_info *info, void *data)
{
    if (strcmp(info->name, "corp") == 0) {
        *(size_t *)data += 1;
        assert_string_equal(info->summary, "the vault in the cellar");
        assert_ptr_equal(info->options, options);
        assert_int_equal(info->option_size, sizeof(struct mstr_option));
        assert_null(info->problem);
    }
    return 0;
}

static void options_and_summary_are_the_plugins_own(void **state)
{
    (void)state;
    size_t told = 0;
    mstr_context *context = test_context("");
    const struct mstr_header given[] = {{"url", "https://vault.example/"}, {NULL, NULL}};
    assert_int_equal(mstr_context_register(context, "corp", corp_entry, given, NULL), MSTR_OK);
    assert_int_equal(mstr_context_providers(context, note_corp, &told, NULL), MSTR_OK);
    assert_int_equal(told, 1);
    mstr_context_free(context);
}

/* A context that looks for plugins in the folder, where `object` is the one of echo. */
static mstr_context *with_echo(const struct folder *folder, char object[256])
{
    char config[128];
    assert_int_equal(symlink(TEST_PLUGINS "/echo.so", folder_path(folder, "echo.so", object)), 0);
    snprintf(config, sizeof(config), "[plugins]\npath = %s\n", folder->path);
    return test_context(config);
}

static void installed_providers_are_those_with_a_manifest(void **state)
{
    (void)state;
    struct folder folder;
    char line[256];
    char object[256];
    folder_make(&folder);
    folder_write(&folder, "here.provider", "[provider here]\nplugin = echo\n");
    folder_write(&folder, "gone.provider", "[provider gone]\nplugin = gone\npackage = libgone\n");
    mstr_context *context = with_echo(&folder, object);

    snprintf(line, sizeof(line), "here echo - 1.2.3 %.200s\n", object);
    assert_lists(context, line);
    assert_lists(context, "gone - - - -: the plugin of \"gone:\" is not installed: there is no ");

    mstr_context_free(context);
    folder_remove(&folder);
}

static int note_summary(const mstr_provider_info *info, void *data)
{
    if (strcmp(info->name, "here") == 0) {
        *(size_t *)data += 1;
        assert_string_equal(info->summary, "echoes from here");
    }
    return 0;
}

/* One plugin may serve several schemes: each is told by what its own manifest says. */
static void the_manifest_tells_the_summary_of_its_scheme_and_is_told_with_a_wrong_service(void **state)
{
    (void)state;
    struct folder folder;
    char line[256];
    char path[256];
    size_t told = 0;
    folder_make(&folder);
    folder_write(&folder, "here.provider", "[provider here]\nplugin = echo\nsummary = echoes from here\n");
    folder_write(&folder, "odd.provider", "[provider odd]\nplugin = echo\nservice = roof\n");
    mstr_context *context = with_echo(&folder, path);

    assert_int_equal(mstr_context_providers(context, note_summary, &told, NULL), MSTR_OK);
    assert_int_equal(told, 1);
    snprintf(line, sizeof(line), ": %.200s: plugin \"echo\" has no service \"roof\"\n",
             folder_path(&folder, "odd.provider", path));
    assert_lists(context, line);

    mstr_context_free(context);
    folder_remove(&folder);
}

static int hear_one(const mstr_provider_info *info, void *data)
{
    (void)info;
    ++*(int *)data;
    return 1;
}

static void a_program_that_has_heard_enough_is_told_no_more(void **state)
{
    (void)state;
    mstr_error *error = mstr_error_new();
    int heard = 0;
    mstr_context *context = store_context("");

    assert_int_equal(mstr_context_providers(context, hear_one, &heard, error), MSTR_E_CANCELLED);

    assert_int_equal(heard, 1);
    assert_int_equal(mstr_error_code(error), MSTR_E_CANCELLED);
    mstr_error_free(error);
    mstr_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_providers_are_told_with_what_is_wrong_with_them),
        cmocka_unit_test(the_service_is_the_one_in_use_also_where_none_is_configured),
        cmocka_unit_test(options_and_summary_are_the_plugins_own),
        cmocka_unit_test(installed_providers_are_those_with_a_manifest),
        cmocka_unit_test(the_manifest_tells_the_summary_of_its_scheme_and_is_told_with_a_wrong_service),
        cmocka_unit_test(a_program_that_has_heard_enough_is_told_no_more),
    };
    return RUN_TESTS("context/providers");
}
