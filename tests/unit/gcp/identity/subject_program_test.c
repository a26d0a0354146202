/* SPDX-License-Identifier: Apache-2.0 */
/* Subject tokens that the program gives. */
#include "unit/gcp/external_account.h"

#define SOURCELESS "{\"type\":\"external_account\",\"audience\":\"" POOL "\",\"subject_token_type\":\"" JWT "\"}"

static void token_of_the_program_is_exchanged(void **state)
{
    (void)state;
    use_file(SOURCELESS);
    fake_host_subject("subject of the program");
    answer_exchange();

    assert_resolves("gcp-sm://p/s", "hello");

    assert_field(0, "subject_token", "subject of the program");
}

static void program_without_one_is_told(void **state)
{
    (void)state;
    use_file(SOURCELESS);

    assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, "no " JWT " for " POOL, "mstr_context_set_subject_token()");
}

static void hosts_of_before_have_no_such_service(void **state)
{
    (void)state;
    use_file(SOURCELESS);
    fake_host_be_old();

    assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, "needs the object \"credential_source\"", NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(token_of_the_program_is_exchanged),
        TEST(program_without_one_is_told),
        TEST(hosts_of_before_have_no_such_service),
    };
    return RUN_TESTS("gcp/identity/subject_program");
}
