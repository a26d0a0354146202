/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of Azure's tools and of Key Vault, read while memory runs out. */
#include "azure/identity/tool.h"
#include "azure/service/bundle.h"
#include "azure/wire/region.h"
#include "sdk/jwt.h"

#include "unit/memory.h"

static enum mstr_code read_tool(const char *text, size_t length, struct mstr_error *error)
{
    static const struct tool az = {.name = "az", .token = "accessToken", .seconds = "expires_on"};
    struct token token = {.text = NULL};
    enum mstr_code code = tool_read(&az, text, length, &token, error);
    token_release(&token);
    return code;
}

static enum mstr_code read_secret(const char *text, size_t length, struct mstr_error *error)
{
    static const struct secret_id asked = {.bare = true, .vault = "corp", .name = "db"};
    static const struct vault vault = {.host = "corp.vault.azure.net", .port = 443};
    struct bundle bundle = {.value = BUFFER_INIT};
    const struct mstr_http_answer answer = {.status = 200, .body = text, .body_length = length};
    enum mstr_code code = bundle_read(&answer, &asked, &vault, &bundle, error);
    bundle_release(&bundle);
    return code;
}

static enum mstr_code read_region(const char *text, size_t length, struct mstr_error *error)
{
    struct buffer region = BUFFER_INIT;
    const struct mstr_http_answer answer = {.status = 200, .body = text, .body_length = length};
    enum mstr_code code = region_read(&answer, &region, error);
    assert_true(code != MSTR_OK || strcmp(buffer_text(&region), "westeurope") == 0);
    buffer_release(&region);
    return code;
}

static void a_region_without_memory_is_told_as_that_and_not_as_none(void **state)
{
    (void)state;
    assert_tells_memory(read_region, "{\"location\":\"westeurope\"}");
}

static enum mstr_code read_claims(const char *text, size_t length, struct mstr_error *error)
{
    struct json_object *claims = NULL;
    enum mstr_code parsed = jwt_claims(text, &claims);
    (void)length;
    return json_done(claims, parsed, MSTR_OK, error);
}

static void what_a_token_says_without_memory_is_told_as_that(void **state)
{
    (void)state;
    assert_tells_memory(read_claims, "e30.eyJhdWQiOiJ4In0.c");
}

static void what_a_tool_printed_without_memory_is_told_as_that(void **state)
{
    (void)state;
    assert_tells_memory(read_tool, "WARNING: old\n{\"accessToken\":\"x\",\"expires_on\":1768482000}\n");
}

static void secrets_without_memory_are_told_as_that(void **state)
{
    (void)state;
    assert_tells_memory(read_secret, "{\"value\":\"x\",\"id\":\"https://corp.vault.azure.net/secrets/db/1\"}");
}

static void an_instance_is_made_whole_or_not_at_all(void **state)
{
    (void)state;
    const struct mstr_provider *provider = mstr_provider_entry(fake_host_table());
    assert_made_whole_or_not_at_all(provider->create, provider->destroy, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_instance_is_made_whole_or_not_at_all),
        cmocka_unit_test(what_a_token_says_without_memory_is_told_as_that),
        cmocka_unit_test(a_region_without_memory_is_told_as_that_and_not_as_none),
        cmocka_unit_test(what_a_tool_printed_without_memory_is_told_as_that),
        cmocka_unit_test(secrets_without_memory_are_told_as_that),
    };
    return cmocka_run_group_tests(tests, fake_host_setup, fake_host_teardown);
}
