/* SPDX-License-Identifier: Apache-2.0 */
/* providers/builtin/cred.c */
#include "support/context.h"
#include "support/folder.h"

static mstr_context *context;
static struct folder folder;

static int begin(void **state)
{
    (void)state;
    folder_make(&folder);
    setenv("CREDENTIALS_DIRECTORY", folder.path, 1);
    context = test_context("[env w]\nA = ${cred:none || text:default}\n");
    return 0;
}

static int end(void **state)
{
    (void)state;
    mstr_context_free(context);
    folder_remove(&folder);
    unsetenv("CREDENTIALS_DIRECTORY");
    return 0;
}

static void a_credential_is_a_file_of_the_services_folder(void **state)
{
    (void)state;
    folder_write(&folder, "db.password", "s3cret\n");
    assert_text(context, "cred:db.password", "s3cret");
    folder_write(&folder, "db.password", "{\"password\":\"rotated\"}");
    assert_text(context, "cred:db.password#password", "rotated"); /* what systemd exchanged is seen at once */
    folder_write(&folder, "..hidden", "dots");
    assert_text(context, "cred:..hidden", "dots");
}

static void what_is_not_there_leaves_it_to_the_next(void **state)
{
    (void)state;
    mstr_secret *secret = NULL;
    mstr_error *error = mstr_error_new();
    assert_failure(context, "cred:none", MSTR_E_NOT_FOUND, "No such file");
    assert_int_equal(mstr_context_get(context, "cred:none", NULL, &secret, error), MSTR_E_NOT_FOUND);
    assert_non_null(strstr(mstr_error_hint(error), "LoadCredential="));
    mstr_error_free(error);

    static const char *const folders[] = {NULL, "", "/tmp"};
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        if (folders[i] != NULL) {
            setenv("CREDENTIALS_DIRECTORY", folders[i], 1);
        } else {
            unsetenv("CREDENTIALS_DIRECTORY");
        }
        assert_int_equal(mstr_context_setting(context, "env w", "A", NULL, &secret, NULL), MSTR_OK);
        assert_string_equal(mstr_secret_octets(secret), "default");
        mstr_secret_release(secret);
    }
    unsetenv("CREDENTIALS_DIRECTORY");
    assert_failure(context, "cred:other", MSTR_E_NOT_AVAILABLE, "CREDENTIALS_DIRECTORY is not set");
}

static void a_name_leads_nowhere_else(void **state)
{
    (void)state;
    static const char *const references[] = {"cred:..",  "cred:.",           "cred:../etc/passwd",
                                             "cred:a/b", "cred:/etc/passwd", "cred:..%2fetc%2fpasswd"};
    for (size_t i = 0; i < COUNT_OF(references); i++) {
        assert_failure(context, references[i], MSTR_E_CONFIG, "needs the name of a credential");
    }
    assert_failure(context, "cred:x?raw=1", MSTR_E_CONFIG, "takes no query, found \"raw\"");
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(a_credential_is_a_file_of_the_services_folder),
        EACH(what_is_not_there_leaves_it_to_the_next),
        EACH(a_name_leads_nowhere_else),
    };
    return RUN_TESTS("builtin/cred");
}
