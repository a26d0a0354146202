/* SPDX-License-Identifier: Apache-2.0 */
/* The instance metadata service, and what else may answer in its place. */
#include "unit/azure/tools.h"

static void metadata_service_gives_the_system_identity(void **state)
{
    (void)state;
    fake_host_answer("GET", ASK_IMDS, 200, NULL, MI_TOKEN);
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_int_equal(fake_host_requests(), 2);
    assert_string_equal(fake_host_request(0)->url, IMDS "?api-version=2018-02-01&" RESOURCE);
    assert_string_equal(fake_exchange_header(fake_host_request(0), "Metadata"), "true");
    assert_true(bypasses_proxies(0));
    assert_false(bypasses_proxies(1));
}

static void metadata_service_elsewhere_is_asked_there(void **state)
{
    (void)state;
    fake_host_env("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:9999/");
    fake_host_answer("GET", "http://127.0.0.1:9999/metadata/identity/oauth2/token[?]*", 200, NULL, MI_TOKEN);
    answer_vault();

    assert_resolves(REFERENCE, "hello");
}

static void metadata_service_is_waited_for(void **state)
{
    static const int statuses[] = {404, 410, 429, 500, 502, 503};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(statuses); i++) {
        int64_t before = fake_host_slept();
        plugin->invalidate(instance, NULL);
        fake_host_deadline(60000);
        fake_host_answer("GET", ASK_IMDS, statuses[i], NULL, "{\"error\":\"x\"}");
        fake_host_answer("GET", ASK_IMDS, 200, NULL, MI_TOKEN);
        answer_vault();
        assert_resolves(REFERENCE, "hello");
        assert_in_range(fake_host_slept() - before, statuses[i] == 410 ? 9000 : 800,
                        statuses[i] == 410 ? 11000 : 1300);
    }
}

static void metadata_service_that_is_busy_is_asked_six_times(void **state)
{
    (void)state;
    fake_host_deadline(120000);
    fake_host_answer_always("GET", ASK_IMDS, 429, NULL, "{\"error\":\"too_many_requests\"}");

    assert_fails(REFERENCE, MSTR_E_THROTTLED, "429", "fails or is overrun");

    assert_int_equal(fake_host_requests(), 6);
}

static void metadata_service_that_stays_away_fails_in_passing(void **state)
{
    static const int statuses[] = {404, 410, 500, 503};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(statuses); i++) {
        fake_host_deadline(500);
        fake_host_answer("GET", ASK_IMDS, statuses[i], NULL, "");
        assert_fails(REFERENCE, MSTR_E_UNAVAILABLE, "the instance metadata service answered", "fails or is overrun");
    }
}

static void identities_that_are_not_there_are_told_apart(void **state)
{
    static const struct {
        const char *client;
        const char *body;
        enum mstr_code code;
        const char *hint;
    } cases[] = {
        {NULL, "{\"error\":\"invalid_request\",\"error_description\":\"Identity not found\"}", MSTR_E_NOT_AVAILABLE,
         "assign a managed identity"},
        {NULL, "{\"error\":\"invalid_request\",\"error_description\":\"Multiple user assigned identities exist\"}",
         MSTR_E_NOT_AVAILABLE, "managed_identity_client_id"},
        {"stale", "{\"error\":\"invalid_request\",\"error_description\":\"Identity not found\"}",
         MSTR_E_AUTHENTICATION, "a stale AZURE_CLIENT_ID"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_env("AZURE_CLIENT_ID", cases[i].client);
        fake_host_answer("GET", ASK_IMDS, 400, NULL, cases[i].body);
        assert_fails(REFERENCE, cases[i].code, cases[i].client != NULL ? "(AZURE_CLIENT_ID)" : "400", cases[i].hint);
    }
    assert_int_equal(fake_host_slept(), 0);
}

static void answers_of_others_mean_that_there_is_no_such_service(void **state)
{
    static const struct {
        int status;
        const char *body;
    } cases[] = {
        {200, "<html>a portal</html>"},
        {401, "<?xml version=\"1.0\"?>"},
        {403, "{\"error\":{\"message\":\"connecting to 169.254.169.254:80: unreachable network\"}}"},
        {400, "Bad Request"},
        {407, "<html>"},
        {302, ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_answer("GET", ASK_IMDS, cases[i].status, NULL, cases[i].body);
        assert_fails(REFERENCE, MSTR_E_NOT_AVAILABLE, "no metadata service of Azure", NULL);
    }
    fake_host_fail("GET", ASK_IMDS, MSTR_E_PROTOCOL, "answer of 169.254.169.254 is larger than 1048576 octets");
    assert_fails(REFERENCE, MSTR_E_NOT_AVAILABLE, "no metadata service of Azure", NULL);
    assert_int_equal(fake_host_slept(), 0);
}

static void nothing_at_the_address_is_not_waited_for(void **state)
{
    (void)state;

    assert_fails(REFERENCE, MSTR_E_NOT_AVAILABLE, "does not answer", NULL);

    assert_int_equal(fake_host_requests(), 1);
    assert_int_equal(fake_host_slept(), 0);
}

static void service_that_has_given_tokens_is_asked_again_when_it_cannot_be_reached(void **state)
{
    (void)state;
    fake_host_answer("GET", ASK_IMDS, 200, NULL, MI_TOKEN);
    fake_host_answer_always("GET", VAULT, 200, NULL, SECRET);
    assert_resolves(REFERENCE, "hello");
    fake_host_advance(3500000);
    fake_host_deadline(30000);
    fake_host_refuse("GET", ASK_IMDS);
    fake_host_fail("GET", ASK_IMDS, MSTR_E_TIMEOUT, "slow");
    fake_host_answer("GET", ASK_IMDS, 200, NULL, "{\"access_token\":\"t2\",\"expires_in\":3600}");

    assert_resolves(REFERENCE, "hello");

    assert_string_equal(fake_exchange_header(fake_host_request(5), "Authorization"), "Bearer t2");
}

static void one_answer_that_is_slow_or_breaks_off_does_not_end_the_search(void **state)
{
    static const enum mstr_code failures[] = {MSTR_E_NETWORK, MSTR_E_TIMEOUT};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(failures); i++) {
        plugin->invalidate(instance, NULL);
        fake_host_fail("GET", ASK_IMDS, failures[i], "no answer");
        fake_host_answer("GET", ASK_IMDS, 200, NULL, MI_TOKEN);
        answer_vault();
        assert_resolves(REFERENCE, "hello");
    }
    assert_int_equal(fake_host_slept(), 200);
}

static void two_such_answers_mean_that_there_is_no_such_service(void **state)
{
    (void)state;
    fake_host_fail("GET", ASK_IMDS, MSTR_E_TIMEOUT, "slow");
    fake_host_fail("GET", ASK_IMDS, MSTR_E_TIMEOUT, "slow");

    assert_fails(REFERENCE, MSTR_E_NOT_AVAILABLE, "does not answer", NULL);

    assert_int_equal(fake_host_requests(), 2);
}

static void silence_of_the_metadata_service_is_not_remembered(void **state)
{
    (void)state;
    assert_fails(REFERENCE, MSTR_E_NOT_AVAILABLE, "does not answer", NULL);

    fake_host_answer("GET", IMDS "[?]*", 200, NULL, TOKEN("mi"));
    answer_vault();

    assert_resolves(REFERENCE, "hello");
}

static void metadata_service_is_waited_for_as_long_as_is_configured(void **state)
{
    (void)state;
    fake_host_option("imds_timeout", "2500");

    assert_fails(REFERENCE, MSTR_E_NOT_AVAILABLE, "does not answer", NULL);

    assert_int_equal(fake_host_request(0)->request.timeout, 2500);
}

static void machine_of_azure_is_patient_with_its_metadata_service(void **state)
{
    (void)state;
    write_text("7783-7084-3265-9085-8269-3286-77\n");
    imds_asset_tag_file = file_path;
    fake_host_answer("GET", IMDS "[?]*", 404, NULL, "");
    fake_host_answer("GET", IMDS "[?]*", 200, NULL, TOKEN("mi"));
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_int_equal(fake_host_request(0)->request.timeout, 10000);
    imds_asset_tag_file = "/nowhere";
}

static void answers_of_gateways_and_other_clouds_leave_the_turn_to_others(void **state)
{
    static const struct {
        int status;
        const char *body;
    } cases[] = {{407, "<html>"},
                 {502, "<html>"},
                 {504, ""},
                 {404, "<html>Not Found</html>"},
                 {404, "{\"code\":404,\"message\":\"Not Found\"}"},
                 {401, "<?xml version=\"1.0\"?>"}};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_answer("GET", IMDS "[?]*", cases[i].status, NULL, cases[i].body);
        assert_fails(REFERENCE, MSTR_E_NOT_AVAILABLE, "az is not installed", NULL);
    }
    assert_int_equal(fake_host_slept(), 0);
}

int main(void)
{
#define ALONE(test) cmocka_unit_test_setup_teardown(test, managed_setup, plugin_teardown)
    const struct CMUnitTest tests[] = {
        ALONE(metadata_service_gives_the_system_identity),
        ALONE(metadata_service_elsewhere_is_asked_there),
        ALONE(metadata_service_is_waited_for),
        ALONE(metadata_service_that_is_busy_is_asked_six_times),
        ALONE(metadata_service_that_stays_away_fails_in_passing),
        ALONE(identities_that_are_not_there_are_told_apart),
        ALONE(answers_of_others_mean_that_there_is_no_such_service),
        ALONE(nothing_at_the_address_is_not_waited_for),
        ALONE(service_that_has_given_tokens_is_asked_again_when_it_cannot_be_reached),
        WITH_TOOLS(one_answer_that_is_slow_or_breaks_off_does_not_end_the_search),
        WITH_TOOLS(two_such_answers_mean_that_there_is_no_such_service),
        WITH_TOOLS(silence_of_the_metadata_service_is_not_remembered),
        WITH_TOOLS(metadata_service_is_waited_for_as_long_as_is_configured),
        WITH_TOOLS(machine_of_azure_is_patient_with_its_metadata_service),
        WITH_TOOLS(answers_of_gateways_and_other_clouds_leave_the_turn_to_others),
    };
    return RUN_TESTS("azure/identity/imds");
}
