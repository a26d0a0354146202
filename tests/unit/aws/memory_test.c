/* SPDX-License-Identifier: Apache-2.0 */
/* Answers to AWS's identities, read while memory runs out. */
#include "aws/wire/keys.h"

#include "unit/memory.h"

static enum mstr_code read_keys(const char *text, size_t length, struct mstr_error *error)
{
    struct aws_keys *keys = NULL;
    enum mstr_code code =
        aws_keys_from_json(&(struct aws_keys_parts){.identity = "IMDS"}, text, length, &keys, error);
    aws_keys_release(keys);
    return code;
}

static void keys_without_memory_are_told_as_that(void **state)
{
    (void)state;
    assert_tells_memory(read_keys, "{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"s\",\"Token\":\"t\","
                                   "\"Expiration\":\"2026-01-15T13:00:00Z\"}");
}

static void an_instance_is_made_whole_or_not_at_all(void **state)
{
    (void)state;
    const struct mstr_provider *provider = mstr_provider_entry(fake_host_table());
    assert_made_whole_or_not_at_all(provider->create, provider->destroy, "secretsmanager");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_instance_is_made_whole_or_not_at_all),
        cmocka_unit_test(keys_without_memory_are_told_as_that),
    };
    return cmocka_run_group_tests(tests, fake_host_setup, fake_host_teardown);
}
