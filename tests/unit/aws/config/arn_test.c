/* SPDX-License-Identifier: Apache-2.0 */
/* providers/aws/config/arn.c */
#include "aws/config/arn.h"

#include "support/unit.h"

#include <stdio.h>

static void an_arn_is_split_at_its_first_five_colons(void **state)
{
    static const struct {
        const char *text;
        const char *parts; /* joined by "|" */
    } cases[] = {
        {"arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/mstr-AbCdEf",
         "aws|secretsmanager|eu-west-1|123456789012|secret:prod/mstr-AbCdEf"},
        {"arn:aws-us-gov:ssm:us-gov-west-1:1:parameter/a:3", "aws-us-gov|ssm|us-gov-west-1|1|parameter/a:3"},
        {"arn:aws:iam::123456789012:role/r", "aws|iam||123456789012|role/r"},
        {"arn:aws:s3:::bucket", "aws|s3|||bucket"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arn arn;
        char parts[256];
        assert_true(arn_is(cases[i].text));
        assert_true(arn_parse(cases[i].text, &arn));
        snprintf(parts, sizeof(parts), "%s|%s|%s|%s|%s", arn.partition, arn.service, arn.region, arn.account,
                 arn.resource);
        assert_string_equal(parts, cases[i].parts);
    }
}

static void what_lacks_a_part_or_has_too_long_a_one_is_none(void **state)
{
    static const char *const texts[] = {
        "",
        "arn",
        "prod/mstr",
        "ARN:aws:ssm:r:1:p",
        "arn:",
        "arn:aws:ssm:eu-west-1:1",
        "arn:aws:ssm:eu-west-1:1:",
        "arn::ssm:eu-west-1:1:p",
        "arn:aws::eu-west-1:1:p",
        "arn:aws:ssm:eu-west-1:12345678901234567890123456789012:p",
    };
    struct arn arn;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_false(arn_parse(texts[i], &arn));
    }
    assert_true(arn_parse("arn:aws:ssm:eu-west-1:1234567890123456789012345678901:p", &arn));
}

static void what_begins_like_an_arn_is_meant_as_one(void **state)
{
    (void)state;
    assert_true(arn_is("arn:"));
    assert_true(arn_is("arn:broken"));
    assert_false(arn_is("arn"));
    assert_false(arn_is("arnold"));
    assert_false(arn_is(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_arn_is_split_at_its_first_five_colons),
        cmocka_unit_test(what_lacks_a_part_or_has_too_long_a_one_is_none),
        cmocka_unit_test(what_begins_like_an_arn_is_meant_as_one),
    };
    return RUN_TESTS("aws/config/arn");
}
