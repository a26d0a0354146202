/* SPDX-License-Identifier: Apache-2.0 */
/* Answers to Google's identities and of Secret Manager, read while memory runs out. */
#include "gcp/identity/executable_answer.h"
#include "gcp/service/payload.h"
#include "gcp/wire/oauth.h"

#include "unit/memory.h"

static enum mstr_code read_executable(const char *text, size_t length, struct mstr_error *error)
{
    struct buffer token = BUFFER_INIT;
    enum mstr_code code = executable_answer_read(text, length, &token, error);
    buffer_release(&token);
    return code;
}

static enum mstr_code read_token(const char *text, size_t length, struct mstr_error *error)
{
    struct token token = {.text = NULL};
    const struct mstr_http_answer answer = {
        .status = 200, .body = text, .body_length = length, .sent = FAKE_HOST_START, .received = FAKE_HOST_START};
    enum mstr_code code = oauth_read_token(&answer, "https://sts", &token, error);
    token_release(&token);
    return code;
}

static enum mstr_code read_secret(const char *text, size_t length, struct mstr_error *error)
{
    bool damaged = false;
    struct resource asked;
    struct payload payload = {.octets = BUFFER_INIT};
    const struct mstr_http_answer answer = {.status = 200, .body = text, .body_length = length};
    assert_null(resource_parse("projects/1/secrets/s/versions/1", &asked));
    enum mstr_code code = payload_read(&answer, &asked, &payload, &damaged, error);
    payload_release(&payload);
    return code;
}

static void what_an_executable_printed_without_memory_is_told_as_that(void **state)
{
    (void)state;
    assert_tells_memory(read_executable, "{\"version\":1,\"success\":true,\"id_token\":\"t\","
                                         "\"token_type\":\"urn:ietf:params:oauth:token-type:id_token\"}");
}

static void tokens_without_memory_are_told_as_that(void **state)
{
    (void)state;
    assert_tells_memory(read_token, "{\"access_token\":\"t\",\"token_type\":\"Bearer\",\"expires_in\":3600}");
}

static void secrets_without_memory_are_told_as_that(void **state)
{
    (void)state;
    assert_tells_memory(read_secret,
                        "{\"name\":\"projects/1/secrets/s/versions/1\",\"payload\":{\"data\":\"aGVsbG8=\"}}");
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
        cmocka_unit_test(what_an_executable_printed_without_memory_is_told_as_that),
        cmocka_unit_test(tokens_without_memory_are_told_as_that),
        cmocka_unit_test(secrets_without_memory_are_told_as_that),
    };
    return cmocka_run_group_tests(tests, fake_host_setup, fake_host_teardown);
}
