/* SPDX-License-Identifier: Apache-2.0 */
/* Credential files: which kind of identity they configure, and what is wrong with them. */
#include "unit/gcp/support.h"

#include "gcp/identity/credential_file.h"

static void file_that_configures_no_identity_is_refused_with_the_reason(void **state)
{
    static const struct {
        const char *text;
        const char *part;
    } cases[] = {
        {"", "not a JSON object"},
        {"not json", "not a JSON object"},
        {"{}", "no \"type\""},
        {"{\"type\":\"web\"}", "unknown type"},
        {"{\"type\":\"gdch_service_account\"}", "Distributed Cloud"},
        {"{\"type\":\"authorized_user\",\"client_id\":\"\"}", "client_id"},
        {"{\"type\":\"service_account\",\"client_email\":\"e\"}", "private_key"},
        {"{\"type\":\"service_account\",\"client_email\":\"e\",\"private_key\":\"x\"}", "no RSA key"},
        {"{\"type\":\"service_account\",\"client_email\":\"e\",\"private_key\":\"x\",\"token_uri\":\"http://"
         "evil.example/t\"}",
         "must be https"},
        {"{\"type\":\"authorized_user\",\"universe_domain\":\"a/b\"}", "universe_domain"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct gcp_identity *identity = NULL;
        struct mstr_error *error = host->error_new();
        assert_int_equal(credential_file_parse(fake_host_instance(NULL), "the file", cases[i].text,
                                               strlen(cases[i].text), &identity, error),
                         MSTR_E_CONFIG);
        assert_null(identity);
        assert_contains(host->error_message(error), "the file: ");
        assert_contains(host->error_message(error), cases[i].part);
        host->error_free(error);
    }
}

static void type_of_a_file_is_the_identity_s_kind(void **state)
{
    struct gcp_identity *identity = NULL;
    (void)state;

    assert_int_equal(
        credential_file_parse(fake_host_instance(NULL), "the file", USER_FILE, strlen(USER_FILE), &identity, NULL),
        MSTR_OK);

    assert_string_equal(identity->kind->name, "authorized_user");
    assert_string_equal(identity->source, "the file");
    assert_string_equal(identity->universe, "googleapis.com");
    gcp_identity_release(identity);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(type_of_a_file_is_the_identity_s_kind),
        TEST(file_that_configures_no_identity_is_refused_with_the_reason),
    };
    return RUN_TESTS("gcp/identity/credential_file");
}
