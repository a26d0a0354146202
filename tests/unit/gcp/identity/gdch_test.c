/* SPDX-License-Identifier: Apache-2.0 */
/* providers/gcp/identity/gdch.c */
#include "unit/gcp/support.h"

#include "gcp/identity/credential_file.h"

static void credentials_of_the_distributed_cloud_are_refused_with_what_to_use(void **state)
{
    static const char text[] = "{\"type\":\"gdch_service_account\",\"project\":\"p\",\"private_key\":\"hush\"}";
    struct gcp_identity *identity = NULL;
    struct mstr_error *error = host->error_new();
    (void)state;

    assert_int_equal(
        credential_file_parse(fake_host_instance(NULL), "the file", text, strlen(text), &identity, error),
        MSTR_E_CONFIG);

    assert_null(identity);
    assert_string_equal(host->error_message(error), "the file: gdch_service_account credentials are of Google "
                                                    "Distributed Cloud, which has no Secret Manager");
    assert_string_equal(host->error_text(error, MSTR_DETAIL_HINT),
                        "use a service account or workload identity federation");
    assert_int_equal(fake_host_requests(), 0);
    host->error_free(error);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(credentials_of_the_distributed_cloud_are_refused_with_what_to_use),
    };
    return RUN_TESTS("gcp/identity/gdch");
}
