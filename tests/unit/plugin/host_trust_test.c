/* SPDX-License-Identifier: Apache-2.0 */
/* core/plugin/host_trust.c; which place counts: http/trust_test.c */
#include "support/allocator.h"
#include "support/folder.h"
#include "support/registry.h"

#include "plugin/host_trust.h"

#define PEM "-----BEGIN CERTIFICATE-----\n"

static struct folder folder;
static char own[256], given[256], added[256];
static struct mstr_trust trust;
static mstr_error *error;

static int begin(void **state)
{
    (void)state;
    folder_make(&folder);
    folder_write(&folder, "own", PEM "own");
    folder_write(&folder, "given", PEM "given");
    folder_write(&folder, "added", PEM "added");
    folder_path(&folder, "own", own);
    folder_path(&folder, "given", given);
    folder_path(&folder, "added", added);
    trust = (struct mstr_trust){.size = sizeof(trust)};
    error = mstr_error_new();
    setenv("SSL_CERT_FILE", "", 1);
    return 0;
}

static int end(void **state)
{
    (void)state;
    host_trust_release(&trust);
    assert_null(trust.pem);
    assert_null(trust.folders);
    mstr_error_free(error);
    folder_remove(&folder);
    unsetenv("MSTR_CA_FILE");
    unsetenv("SSL_CERT_DIR");
    return 0;
}

static void ones_own_setting_counts_before_the_programs(void **state)
{
    (void)state;
    const struct http_client_options options = {.ca_file = given};
    assert_int_equal(host_trust_find(&options, own, &trust, error), MSTR_OK);
    assert_string_equal(trust.pem, PEM "own");
    assert_int_equal(trust.pem_length, strlen(trust.pem));
    assert_null(trust.folders);
    host_trust_release(&trust);
    assert_int_equal(host_trust_find(&options, NULL, &trust, error), MSTR_OK);
    assert_string_equal(trust.pem, PEM "given");
}

static void the_ca_of_the_environment_is_added_to_the_systems(void **state)
{
    (void)state;
    const struct http_client_options options = {.trust_environment = true};
    setenv("MSTR_CA_FILE", added, 1);
    assert_int_equal(host_trust_find(&options, NULL, &trust, error), MSTR_OK);
    assert_non_null(strstr(trust.pem, PEM "added"));
    size_t length = trust.pem_length;
    host_trust_release(&trust);
    unsetenv("MSTR_CA_FILE");
    assert_int_equal(host_trust_find(&options, NULL, &trust, error), MSTR_OK);
    assert_int_equal(trust.pem_length + strlen("\n" PEM "added"), length); /* the system's, if it has any */
}

static void a_folder_is_told_as_one(void **state)
{
    (void)state;
    const struct http_client_options options = {.trust_environment = true};
    folder_write(&folder, "5ed36f99.0", PEM);
    setenv("SSL_CERT_DIR", folder.path, 1);
    assert_int_equal(host_trust_find(&options, NULL, &trust, error), MSTR_OK);
    assert_null(trust.pem);
    assert_string_equal(trust.folders, folder.path);
}

/* With a folder and a file. */
static void without_memory_nobody_is_left_out(void **state)
{
    (void)state;
    const struct http_client_options options = {.trust_environment = true};
    bool failed = true;
    folder_write(&folder, "5ed36f99.0", PEM);
    setenv("SSL_CERT_DIR", folder.path, 1);
    setenv("SSL_CERT_FILE", own, 1);
    setenv("MSTR_CA_FILE", added, 1);
    long held = allocator_held();
    for (long at = 1; failed; at++) {
        allocator_fail(at, false);
        enum mstr_code code = host_trust_find(&options, NULL, &trust, NULL);
        failed = allocator_succeed();
        assert_int_equal(code != MSTR_OK, failed);
        assert_true(failed || (trust.folders != NULL && strstr(trust.pem, PEM "added") != NULL));
        host_trust_release(&trust);
        assert_int_equal(allocator_held(), held);
    }
}

static void a_file_that_is_named_has_to_be_good(void **state)
{
    (void)state;
    const struct http_client_options options = {.trust_environment = false};
    trust.pem = own; /* whatever the plugin left there */
    trust.folders = own;
    assert_int_equal(host_trust_find(&options, "/nonexistent", &trust, error), MSTR_E_CONFIG);
    assert_told(error, MSTR_E_CONFIG, "ca_file=/nonexistent", NULL);
    assert_null(trust.pem);
    assert_null(trust.folders);
    host_trust_release(&trust);
    folder_write(&folder, "own", "no certificate");
    assert_int_equal(host_trust_find(&options, own, &trust, error), MSTR_E_CONFIG);
    assert_told(error, MSTR_E_CONFIG, "it holds no certificate", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ones_own_setting_counts_before_the_programs, begin, end),
        cmocka_unit_test_setup_teardown(the_ca_of_the_environment_is_added_to_the_systems, begin, end),
        cmocka_unit_test_setup_teardown(a_folder_is_told_as_one, begin, end),
        cmocka_unit_test_setup_teardown(without_memory_nobody_is_left_out, begin, end),
        cmocka_unit_test_setup_teardown(a_file_that_is_named_has_to_be_good, begin, end),
    };
    return RUN_TESTS("plugin/host_trust");
}
