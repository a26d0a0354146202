/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoints by region, partition and switches: the public cases, and what the services differ in. */
#include "aws/wire/endpoint.h"

#include "support/fake_host.h"
#include "support/unit.h"
#include "support/vectors.h"

#include "base/uri.h"
#include "sdk/host.h"

#include <stdio.h>

static void assert_endpoint(const struct endpoint_query *query, const char *expected)
{
    struct buffer url = BUFFER_INIT;
    struct mstr_error *error = host->error_new();
    if (endpoint_url(query, &url, error) != MSTR_OK) {
        fail_msg("%s: %s", expected, host->error_message(error));
    }
    assert_string_equal(buffer_text(&url), expected);
    buffer_release(&url);
    host->error_free(error);
}

static void assert_refused(const struct endpoint_query *query, const char *message)
{
    struct buffer url = BUFFER_INIT;
    struct mstr_error *error = host->error_new();
    assert_int_equal(endpoint_url(query, &url, error), MSTR_E_CONFIG);
    assert_contains(host->error_message(error), message);
    buffer_release(&url);
    host->error_free(error);
}

static void check_case(struct json_object *test, const char *service)
{
    struct json_object *parameters = json_member(test, "params");
    struct json_object *expected = json_member(test, "expect");
    struct endpoint_query query = {.host = service,
                                   .region = json_member_text(parameters, "Region"),
                                   .custom = json_member_text(parameters, "Endpoint")};
    json_member_bool(parameters, "UseFIPS", &query.fips);
    json_member_bool(parameters, "UseDualStack", &query.dual_stack);
    const char *url = json_member_text(json_member(expected, "endpoint"), "url");
    if (url != NULL) {
        assert_endpoint(&query, url);
    } else {
        assert_refused(&query, json_member_text(expected, "error"));
    }
}

static void check_file(const char *file, const char *service, size_t least)
{
    struct json_object *whole = vector_json(file);
    struct json_object *cases = json_member(whole, "testCases");
    if (whole != NULL) {
        assert_true(json_object_array_length(cases) >= least);
        for (size_t i = 0; i < json_object_array_length(cases); i++) {
            check_case(json_object_array_get_idx(cases, i), service);
        }
    }
    json_release(whole);
}

static void every_public_case_has_its_endpoint(void **state)
{
    (void)state;
    check_file("aws/endpoints/ssm.json", "ssm", 49);
    check_file("aws/endpoints/sso.json", "portal.sso", 40);
}

static void secrets_manager_has_its_own_dual_stack_names(void **state)
{
    static const struct {
        const char *region;
        bool fips;
        const char *url;
    } cases[] = {
        {"us-east-1", false, "https://secretsmanager.us-east-1.amazonaws.com"},
        {"us-east-1", true, "https://secretsmanager-fips.us-east-1.amazonaws.com"},
        {"us-gov-west-1", true, "https://secretsmanager-fips.us-gov-west-1.amazonaws.com"},
        {"cn-north-1", false, "https://secretsmanager.cn-north-1.amazonaws.com.cn"},
        {"cn-north-1", true, "https://secretsmanager-fips.cn-north-1.api.amazonwebservices.com.cn"},
        {"eusc-de-east-1", false, "https://secretsmanager.eusc-de-east-1.api.amazonwebservices.eu"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct endpoint_query query = {
            .host = "secretsmanager", .region = cases[i].region, .fips = cases[i].fips, .dual_stack = true};
        assert_endpoint(&query, cases[i].url);
    }
}

static void a_region_that_could_change_the_host_is_refused(void **state)
{
    static const char *const regions[] = {"x/../evil.com#", "-x", "x-", "123", "a.b", ""};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(regions); i++) {
        const struct endpoint_query query = {.host = "ssm", .region = regions[i]};
        assert_refused(&query, regions[i][0] != '\0' ? "is no AWS region" : "Missing Region");
    }
}

static void an_international_host_name_is_refused_with_its_other_form(void **state)
{
    (void)state;
    assert_refused(&(struct endpoint_query){.host = "ssm", .custom = "https://b\303\274cher.example"},
                   URI_INTERNATIONAL);
}

static void the_sign_in_service_has_names_of_its_own(void **state)
{
    static const struct {
        const char *region, *url;
    } cases[] = {
        {"us-east-1", "https://us-east-1.signin.aws.amazon.com"},
        {"cn-north-1", "https://cn-north-1.signin.amazonaws.cn"},
        {"us-gov-west-1", "https://us-gov-west-1.signin.amazonaws-us-gov.com"},
        {"eusc-de-east-1", "https://eusc-de-east-1.signin.amazonaws-eusc.eu"},
        {"us-iso-east-1", "https://us-iso-east-1.signin.c2shome.ic.gov"},
        {"us-isob-east-1", "https://us-isob-east-1.signin.sc2shome.sgov.gov"},
        {"eu-isoe-west-1", "https://eu-isoe-west-1.signin.csphome.adc-e.uk"},
        {"us-isof-south-1", "https://us-isof-south-1.signin.csphome.hci.ic.gov"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_endpoint(&(struct endpoint_query){.host = "signin", .region = cases[i].region}, cases[i].url);
    }
}

static void the_switches_give_the_sign_in_service_other_names(void **state)
{
    static const struct {
        const char *region;
        bool fips, dual_stack;
        const char *url;
    } cases[] = {
        {"us-east-1", true, false, "https://signin-fips.us-east-1.amazonaws.com"},
        {"us-east-1", false, true, "https://signin.us-east-1.api.aws"},
        {"us-east-1", true, true, "https://signin-fips.us-east-1.api.aws"},
        {"cn-north-1", true, false, "https://signin-fips.cn-north-1.amazonaws.com.cn"},
        {"us-gov-west-1", true, false, "https://signin-fips.amazonaws-us-gov.com"},
        {"us-gov-east-1", true, false, "https://us-gov-east-1.signin-fips.amazonaws-us-gov.com"},
        {"us-iso-east-1", true, false, "https://signin-fips.us-iso-east-1.c2s.ic.gov"},
        {"us-gov-west-1", false, true, "https://signin.us-gov-west-1.api.aws"},
        {"us-gov-west-1", true, true, "https://signin-fips.us-gov-west-1.api.aws"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct endpoint_query query = {
            .host = "signin", .region = cases[i].region, .fips = cases[i].fips, .dual_stack = cases[i].dual_stack};
        assert_endpoint(&query, cases[i].url);
    }
}

static void sts_has_one_name_for_the_old_regions_where_the_user_says_so(void **state)
{
    static const struct {
        struct endpoint_query query;
        const char *url;
    } cases[] = {
        {{"sts", "eu-west-1", NULL, false, false, true}, "https://sts.amazonaws.com"},
        {{"sts", "us-east-1", NULL, false, false, true}, "https://sts.amazonaws.com"},
        {{"sts", "eu-west-1", NULL, false, false, false}, "https://sts.eu-west-1.amazonaws.com"},
        {{"sts", "eu-south-1", NULL, false, false, true}, "https://sts.eu-south-1.amazonaws.com"},
        {{"sts", "cn-north-1", NULL, false, false, true}, "https://sts.cn-north-1.amazonaws.com.cn"},
        {{"sts", "us-east-1", NULL, true, false, true}, "https://sts-fips.us-east-1.amazonaws.com"},
        {{"sts", "us-east-1", NULL, false, true, true}, "https://sts.us-east-1.api.aws"},
        {{"sts", "us-east-1", "http://127.0.0.1:1", false, false, true}, "http://127.0.0.1:1"},
        {{"sts", "aws-global", NULL, false, false, false}, "https://sts.amazonaws.com"},
        {{"ssm", "us-east-1", NULL, false, false, true}, "https://ssm.us-east-1.amazonaws.com"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_endpoint(&cases[i].query, cases[i].url);
    }
}

static void what_the_user_says_comes_before_the_regions_name(void **state)
{
    static const struct aws_service service = {.name = "ssm", .endpoint = "SSM", .host = "ssm"};
    static const struct {
        const char *own, *variable, *url;
    } cases[] = {
        {NULL, NULL, "https://ssm.eu-west-1.amazonaws.com"},
        {NULL, "http://127.0.0.1:1/", "http://127.0.0.1:1"},
        {"http://127.0.0.1:2", "http://127.0.0.1:1/", "http://127.0.0.1:2"},
    };
    const struct configuration config = {.profile = NULL};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer url = BUFFER_INIT;
        fake_host_env("AWS_ENDPOINT_URL_SSM", cases[i].variable);
        assert_int_equal(endpoint_find(&service, "eu-west-1", cases[i].own, &config, &url, NULL), MSTR_OK);
        assert_string_equal(buffer_text(&url), cases[i].url);
        buffer_release(&url);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_host_setup, fake_host_teardown)
    const struct CMUnitTest tests[] = {
        TEST(every_public_case_has_its_endpoint),
        TEST(secrets_manager_has_its_own_dual_stack_names),
        TEST(the_sign_in_service_has_names_of_its_own),
        TEST(the_switches_give_the_sign_in_service_other_names),
        TEST(sts_has_one_name_for_the_old_regions_where_the_user_says_so),
        TEST(a_region_that_could_change_the_host_is_refused),
        TEST(an_international_host_name_is_refused_with_its_other_form),
        TEST(what_the_user_says_comes_before_the_regions_name),
    };
    return RUN_TESTS("aws/wire/endpoint");
}
