/* SPDX-License-Identifier: Apache-2.0 */
/* Service connections of Azure Pipelines. */
#include "unit/azure/support.h"

#define ISSUER "https://dev.azure.example/org/oidctoken"
#define ASKED  ISSUER "[?]api-version=7.1&serviceConnectionId=sc%201"

static int pipelines_setup(void **state)
{
    static const char *const variables[][2] = {{"AZURE_TOKEN_CREDENTIALS", "AzurePipelinesCredential"},
                                               {"AZURESUBSCRIPTION_TENANT_ID", "tenant-1"},
                                               {"AZURESUBSCRIPTION_CLIENT_ID", "client-1"},
                                               {"AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "sc 1"},
                                               {"SYSTEM_ACCESSTOKEN", "job-token"},
                                               {"SYSTEM_OIDCREQUESTURI", ISSUER}};
    int result = plugin_setup(state);
    for (size_t i = 0; i < COUNT_OF(variables); i++) {
        fake_host_env(variables[i][0], variables[i][1]);
    }
    return result;
}

static void token_of_the_connection_is_exchanged(void **state)
{
    (void)state;
    fake_host_answer("POST", ASKED, 503, NULL, "");
    fake_host_answer("POST", ASKED, 200, NULL, "{\"oidcToken\":\"federated\"}");
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_string_equal(authorization(1), "Bearer job-token");
    assert_string_equal(fake_exchange_header(fake_host_request(1), "X-TFS-FedAuthRedirect"), "Suppress");
    assert_contains(fake_host_request(2)->body, "client_id=client-1");
    assert_contains(fake_host_request(2)->body, "client_assertion=federated");
    assert_string_equal(authorization(3), "Bearer t1");
}

static void refusals_and_other_answers_are_told(void **state)
{
    (void)state;
    fake_host_answer("POST", ASKED, 401, "x-vss-e2eid: e-1", "");
    assert_fails(REFERENCE, MSTR_E_AUTHENTICATION, "Azure Pipelines answered 401", "SYSTEM_ACCESSTOKEN");
    fake_host_answer("POST", ASKED, 302, NULL, "");
    assert_fails(REFERENCE, MSTR_E_PROTOCOL, "Azure Pipelines answered 302", NULL);
    fake_host_answer("POST", ASKED, 200, NULL, "<html>");
    assert_fails(REFERENCE, MSTR_E_PROTOCOL, "without an oidcToken", NULL);
}

static void job_that_is_not_set_up_is_none(void **state)
{
    (void)state;
    static const char *const unexpanded[] = {"$(System.AccessToken)", "$(System.AccessToken) ", "$(Own.Name)"};
    for (size_t i = 0; i < COUNT_OF(unexpanded); i++) {
        fake_host_env("SYSTEM_ACCESSTOKEN", unexpanded[i]);
        assert_fails(REFERENCE, MSTR_E_CONFIG, "SYSTEM_ACCESSTOKEN holds the name of a variable", "map it in env:");
    }
    fake_host_env("SYSTEM_ACCESSTOKEN", "job token");
    assert_fails(REFERENCE, MSTR_E_CONFIG, "SYSTEM_ACCESSTOKEN holds what no header can", NULL);
    fake_host_option("system_access_token", "$(System.AccessToken)");
    assert_fails(REFERENCE, MSTR_E_CONFIG, "system_access_token holds the name of a variable", "map it in env:");
    fake_host_option("system_access_token", NULL);
    assert_int_equal(fake_host_requests(), 0);
    fake_host_env("SYSTEM_ACCESSTOKEN", NULL);
    assert_fails(REFERENCE, MSTR_E_NOT_AVAILABLE, "SYSTEM_ACCESSTOKEN is not set", NULL);
}

/* As in Azure's own clients: a job's other identities must not give way to it unasked. */
static void it_takes_no_part_unless_it_is_named(void **state)
{
    static const char *const cases[] = {NULL, "prod", "dev"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_env("AZURE_TOKEN_CREDENTIALS", cases[i]);
        struct mstr_request *request = resolve(REFERENCE);
        assert_int_equal(fake_request_code(request), MSTR_E_NOT_AVAILABLE);
        assert_null(strstr(fake_request_message(request), "AzurePipelinesCredential"));
        fake_request_free(request);
    }
}

int main(void)
{
#define IN_A_JOB(test) cmocka_unit_test_setup_teardown(test, pipelines_setup, plugin_teardown)
    const struct CMUnitTest tests[] = {
        IN_A_JOB(token_of_the_connection_is_exchanged),
        IN_A_JOB(refusals_and_other_answers_are_told),
        IN_A_JOB(job_that_is_not_set_up_is_none),
        IN_A_JOB(it_takes_no_part_unless_it_is_named),
    };
    return RUN_TESTS("azure/identity/pipelines");
}
