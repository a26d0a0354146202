/* SPDX-License-Identifier: Apache-2.0 */
/* Identities from elsewhere: federation, and what its files may name. */
#include "unit/gcp/external_account.h"

static void token_of_a_url_is_exchanged_and_impersonates(void **state)
{
    (void)state;
    use_external(JWT,
                 "{\"url\":\"http://169.254.169.254/token\",\"headers\":{\"Metadata\":\"True\"},"
                 "\"format\":{\"type\":\"json\",\"subject_token_field_name\":\"access_token\"}}",
                 ",\"service_account_impersonation_url\":\"" IAM "\"");
    fake_host_answer("GET", "http://169.254.169.254/token", 200, NULL, "{\"access_token\":\"subject\"}");
    fake_host_answer("POST", IAM, 200, NULL,
                     "{\"accessToken\":\"sa-token\",\"expireTime\":\"2026-01-15T13:00:00Z\"}");
    answer_exchange();

    assert_resolves("gcp-sm://p/s", "hello");

    assert_int_equal(fake_host_requests(), 4);
    assert_string_equal(fake_exchange_header(fake_host_request(0), "Metadata"), "True");
    assert_int_equal(fake_host_request(0)->request.flags, MSTR_HTTP_NO_PROXY | MSTR_HTTP_ALLOW_PLAIN);
    assert_field(1, "subject_token", "subject");
    assert_field(1, "audience", POOL);
    assert_string_equal(fake_exchange_header(fake_host_request(2), "Authorization"), "Bearer federated");
    assert_contains(fake_host_request(2)->body, "\"lifetime\":\"3600s\"");
    assert_string_equal(fake_exchange_header(fake_host_request(3), "Authorization"), "Bearer sa-token");
}

static void files_that_name_foreign_places_are_refused(void **state)
{
    static const struct {
        const char *type;
        const char *source;
        const char *extra;
        const char *part;
    } cases[] = {
        {JWT, "{\"file\":\"/f\"}", ",\"token_url\":\"https://sts.evil.com/v1/token\"", "none of Google's"},
        {JWT, "{\"file\":\"/f\"}", ",\"token_url\":\"http://sts.googleapis.com/v1/token\"", "must be https"},
        {JWT, "{\"file\":\"/f\"}", ",\"service_account_impersonation_url\":\"https://evil.com/x\"",
         "none of Google's"},
        {JWT, "{\"url\":\"http://intranet/t\"}", "", "must be https"},
        {JWT, "{}", "", "exactly one"},
        {JWT, "7", "", "is no object"},
        {JWT, "{\"file\":\"/f\",\"url\":\"https://h/\"}", "", "exactly one"},
        {JWT, "{\"file\":\"/f\"}", ",\"workforce_pool_user_project\":\"1\"", "workforce pool"},
        {JWT, "{\"executable\":{\"command\":\"x\",\"timeout_millis\":1}}", "", "5000 to 120000"},
        {JWT, "{\"environment_id\":\"aws1\"}", "", "for AWS"},
        {AWS, "{\"environment_id\":\"aws2\"}", "", "must be aws1"},
        {AWS, "{\"environment_id\":\"aws1\",\"url\":\"http://evil.com/\"}", "", "instance metadata"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        use_external(cases[i].type, cases[i].source, cases[i].extra);
        assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, cases[i].part, NULL);
    }
    assert_int_equal(fake_host_requests(), 0);
}

/* The account is set up: that its source is not there is its failure, and no reason to take another value. */
static void account_whose_source_is_not_there_fails(void **state)
{
    static const struct {
        const char *type;
        const char *source;
        int imds;
        enum mstr_code code;
    } cases[] = {
        {JWT, "{\"file\":\"/nowhere/token\"}", 0, MSTR_E_CONFIG},
        {JWT, "{\"executable\":{\"command\":\"/nowhere/program\"}}", 0, MSTR_E_CONFIG},
        {JWT, "{\"certificate\":{\"certificate_config_location\":\"/nowhere/c.json\"}}", 0, MSTR_E_CONFIG},
        {JWT, "{\"url\":\"http://169.254.169.254/r\"}", 404, MSTR_E_AUTHENTICATION},
        {AWS, "{\"environment_id\":\"aws1\",\"url\":\"http://169.254.169.254/r\"}", 404, MSTR_E_AUTHENTICATION},
        {AWS, "{\"environment_id\":\"aws1\"}", 0, MSTR_E_CONFIG},
    };
    (void)state;
    fake_host_env("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1");
    fake_host_env("AWS_REGION", "us-east-2");

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        plugin->invalidate(instance, NULL);
        use_external(cases[i].type, cases[i].source, "");
        if (cases[i].imds != 0) {
            fake_host_answer("GET", "http://169.254.169.254/r*", cases[i].imds, NULL, "");
        }
        assert_fails("gcp-sm://p/s", cases[i].code, "", NULL);
    }
}

static void failure_names_the_step_of_the_chain(void **state)
{
    static const struct {
        int source, sts, iam; /* status of each answer; 0 = not asked */
        const char *step;
    } cases[] = {{500, 0, 0, "subject token"}, {200, 400, 0, "token exchange"}, {200, 200, 403, "impersonation"}};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        plugin->invalidate(instance, NULL);
        use_external(JWT, "{\"url\":\"https://idp.example/token\"}",
                     ",\"service_account_impersonation_url\":\"" IAM "\"");
        fake_host_answer("GET", "https://idp.example/token", cases[i].source, NULL, "subject");
        if (cases[i].sts != 0) {
            fake_host_answer("POST", STS, cases[i].sts, NULL,
                             cases[i].sts == 200 ? TOKEN_ANSWER : "{\"error\":\"invalid_grant\"}");
        }
        if (cases[i].iam != 0) {
            fake_host_answer("POST", IAM, cases[i].iam, NULL, "{\"error\":{\"status\":\"PERMISSION_DENIED\"}}");
        }
        struct mstr_request *request = resolve("gcp-sm://p/s");
        assert_string_equal(fake_request_detail(request, MSTR_DETAIL_STEP), cases[i].step);
        fake_request_free(request);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(token_of_a_url_is_exchanged_and_impersonates),
        TEST(files_that_name_foreign_places_are_refused),
        TEST(account_whose_source_is_not_there_fails),
        TEST(failure_names_the_step_of_the_chain),
    };
    return RUN_TESTS("gcp/identity/external_account");
}
