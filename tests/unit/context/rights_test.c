/* SPDX-License-Identifier: Apache-2.0 */
/* core/context/rights.c */
#include "support/folder.h"
#include "support/store.h"

#include "context/context.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static mstr_error *error;

static int begin(void **state)
{
    (void)state;
    store_reset(NULL);
    error = mstr_error_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    mstr_error_free(error);
    return 0;
}

static void what_names_a_provider_that_there_is_is_known(void **state)
{
    (void)state;
    mstr_context *context = store_context("[provider mine]\nplugin = nowhere\n");
    static const char *const known[] = {"env:X", "text:", "st:a", "mine:x"};
    static const char *const others[] = {"", "env", "${env:X}", "https://x", "localhost:80", "A:b", NULL};
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        assert_true(mstr_context_knows(context, known[i]));
    }
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        assert_false(mstr_context_knows(context, others[i]));
    }
    mstr_context_free(context);
}

/* A file beside a good manifest names no scheme, whatever a file system takes for one name. */
static void only_what_is_a_scheme_is_looked_for(void **state)
{
    (void)state;
    struct folder folder;
    char config[128];
    char name[128];
    char text[80];
    folder_make(&folder);
    folder_write(&folder, "good.provider", "plugin = nowhere\n");
    folder_write(&folder, "Good.provider", "plugin = nowhere\n");
    memset(text, 'a', 70);
    strcpy(text + 70, ":x");
    snprintf(name, sizeof(name), "%.70s.provider", text);
    folder_write(&folder, name, "plugin = nowhere\n");
    snprintf(config, sizeof(config), "[plugins]\npath = %s\n", folder.path);
    mstr_context *context = store_context(config);
    assert_true(mstr_context_knows(context, "good:x"));
    assert_true(mstr_context_knows(context, text));
    assert_false(mstr_context_knows(context, "Good:x"));
    mstr_context_free(context);
    folder_remove(&folder);
}

static void patterns_let_a_text_through_when_they_match_all_of_its_references(void **state)
{
    (void)state;
    static const struct {
        const char *allow, *text;
        enum mstr_code code;
    } cases[] = {
        {"st:a/*", "st:a/b", MSTR_OK},
        {"st:a/*", "st:a/b#field", MSTR_OK},
        {"st:a/*", "st:b", MSTR_E_DENIED},
        {"st:a st:b", "${st:a} ${st:b || text:x}", MSTR_OK},
        {"st:a", "${st:a} ${st:b}", MSTR_E_DENIED},
        {"st:a", "${st:a || st:b}", MSTR_E_DENIED},
        {"*:**", "env:X", MSTR_E_DENIED}, /* local ones are named outright */
        {"env:X", "env:X", MSTR_OK},
        {"st:a/**", "st:a/../b", MSTR_E_DENIED},
        {"nothing", "st:a", MSTR_E_CONFIG},
        {"st:a", "nothing", MSTR_E_CONFIG},
        {"", "st:a", MSTR_E_DENIED},
        {NULL, "st:a", MSTR_E_DENIED}, /* as the program itself brings it */
    };
    mstr_context *context = store_context("");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(mstr_context_allows(context, cases[i].allow, cases[i].text, error), cases[i].code);
        assert_int_equal(mstr_error_code(error), cases[i].code);
        assert_int_equal(cases[i].code == MSTR_E_DENIED, mstr_error_reference(error) != NULL);
        mstr_error_clear(error);
    }
    mstr_context_free(context);
}

static void only_a_file_that_nobody_else_could_have_written_is_opened(void **state)
{
    (void)state;
    char folder[] = "/tmp/mstr-rights-XXXXXX";
    char path[64];
    int descriptor = -1;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    assert_int_equal(mstr_trusted_open(path, &descriptor, error), MSTR_E_NOT_FOUND);
    assert_int_equal(descriptor, -1);

    int made = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(write(made, "x", 1), 1);
    close(made);
    assert_int_equal(mstr_trusted_open(path, &descriptor, error), MSTR_OK);
    char octet = 0;
    assert_int_equal(read(descriptor, &octet, 1), 1);
    close(descriptor);

    chmod(path, 0666);
    assert_int_equal(mstr_trusted_open(path, &descriptor, error), MSTR_E_DENIED);
    assert_int_equal(descriptor, -1);
    assert_non_null(strstr(mstr_error_message(error), "is writable by others"));
    assert_non_null(strstr(mstr_error_hint(error), "chmod o-w "));
    unlink(path);
    rmdir(folder);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_names_a_provider_that_there_is_is_known),
        TEST(only_what_is_a_scheme_is_looked_for),
        TEST(patterns_let_a_text_through_when_they_match_all_of_its_references),
        TEST(only_a_file_that_nobody_else_could_have_written_is_opened),
    };
    return RUN_TESTS("context/rights");
}
