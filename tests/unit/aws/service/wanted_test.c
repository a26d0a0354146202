/* SPDX-License-Identifier: Apache-2.0 */
/* What references ask for: ids, versions and regions, and what cannot be asked for. */
#include "aws/service/wanted.h"

#include "sdk/host.h"
#include "support/fake_host.h"
#include "support/unit.h"

static const struct wanted_kind secrets = {"secretsmanager", "", "a secret", "a secret's", true};
static const struct wanted_kind parameters = {"ssm", "parameter", "a parameter", "a parameter's", false};

static enum mstr_code read(const struct wanted_kind *kind, const char *text, struct wanted *wanted,
                           struct mstr_error *error)
{
    static struct mstr_request *request; /* whose reference the last result points into */
    fake_request_free(request);
    request = text != NULL ? fake_request_new(text) : NULL;
    return text != NULL ? wanted_read(kind, request->reference, wanted, error) : MSTR_OK;
}

static void assert_text(const char *text, const char *expected)
{
    assert_string_equal(text != NULL ? text : "", expected);
}

static void a_region_comes_from_the_query_or_the_arn(void **state)
{
    static const struct {
        const struct wanted_kind *kind;
        const char *reference, *id, *region;
    } cases[] = {
        {&secrets, "aws-sm:a", "a", ""},
        {&secrets, "aws-sm:a?region=eu-west-1", "a", "eu-west-1"},
        {&secrets, "aws-sm:arn:aws:secretsmanager:us-east-2:1:secret:a",
         "arn:aws:secretsmanager:us-east-2:1:secret:a", "us-east-2"},
        {&secrets, "aws-sm:arn:aws-cn:secretsmanager:cn-north-1:1:secret:a?region=cn-north-1",
         "arn:aws-cn:secretsmanager:cn-north-1:1:secret:a", "cn-north-1"},
        {&parameters, "aws-ssm:/a:3", "/a:3", ""},
        {&parameters, "aws-ssm:arn:aws:ssm:us-east-2:1:parameter/a:3", "arn:aws:ssm:us-east-2:1:parameter/a:3",
         "us-east-2"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct wanted wanted;
        assert_int_equal(read(cases[i].kind, cases[i].reference, &wanted, NULL), MSTR_OK);
        assert_text(wanted.id, cases[i].id);
        assert_text(wanted.region, cases[i].region);
    }
    read(NULL, NULL, NULL, NULL);
}

static void secrets_have_versions_and_stages(void **state)
{
    struct wanted wanted;
    (void)state;
    assert_int_equal(read(&secrets, "aws-sm:a?version-stage=S&version-id=V", &wanted, NULL), MSTR_OK);
    assert_text(wanted.version, "V");
    assert_text(wanted.stage, "S");
    assert_int_equal(read(&secrets, "aws-sm:a", &wanted, NULL), MSTR_OK);
    assert_null(wanted.version);
    assert_null(wanted.stage);
    read(NULL, NULL, NULL, NULL);
}

static void what_cannot_be_asked_for_is_told(void **state)
{
    static const struct {
        const struct wanted_kind *kind;
        const char *reference, *message;
    } cases[] = {
        {&secrets, "aws-sm:a?stage=x", "unknown query key \"stage\": there are version-id, version-stage and region"},
        {&parameters, "aws-ssm:a?version-id=x", "unknown query key \"version-id\": there is only region"},
        {&secrets, "aws-sm:a?region=x%2F..%2Fevil.com%23", "is no AWS region"},
        {&secrets, "aws-sm:arn:aws:ssm:eu-west-1:1:parameter/a", "is no ARN of a secret"},
        {&parameters, "aws-ssm:arn:aws:ssm:eu-west-1:1:document/a", "is no ARN of a parameter"},
        {&secrets, "aws-sm:arn:aws:secretsmanager:eu-west-1", "is no ARN of a secret"},
        {&secrets, "aws-sm:arn:aws:secretsmanager:a.b:1:secret:a", "is no AWS region"},
        {&secrets, "aws-sm:arn:aws-cn:secretsmanager:eu-west-1:1:secret:a", "is not of partition aws-cn"},
        {&secrets, "aws-sm:arn:aws:secretsmanager:eu-west-1:1:secret:a?region=us-east-1",
         "the ARN is of region eu-west-1, but the reference asks for us-east-1"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct wanted wanted;
        struct mstr_error *error = host->error_new();
        assert_int_equal(read(cases[i].kind, cases[i].reference, &wanted, error), MSTR_E_CONFIG);
        assert_contains(host->error_message(error), cases[i].message);
        host->error_free(error);
    }
    read(NULL, NULL, NULL, NULL);
}

static void names_have_a_greatest_length(void **state)
{
    char reference[2100] = "aws-ssm:";
    struct wanted wanted;
    struct mstr_error *error = host->error_new();
    (void)state;
    memset(reference + 8, 'a', 2048);
    assert_int_equal(read(&parameters, reference, &wanted, error), MSTR_OK);
    memset(reference + 8, 'a', 2049);
    assert_int_equal(read(&parameters, reference, &wanted, error), MSTR_E_CONFIG);
    assert_contains(host->error_message(error), "a parameter's name has at most 2048 characters");
    host->error_free(error);
    read(NULL, NULL, NULL, NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_host_setup, fake_host_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_region_comes_from_the_query_or_the_arn),
        TEST(secrets_have_versions_and_stages),
        TEST(what_cannot_be_asked_for_is_told),
        TEST(names_have_a_greatest_length),
    };
    return RUN_TESTS("aws/service/wanted");
}
