/* SPDX-License-Identifier: Apache-2.0 */
/* Payloads of Secret Manager, good and bad. */
#include "unit/gcp/support.h"

static void payloads_of_all_encodings_are_read(void **state)
{
    static const struct {
        const char *payload;
        const char *value;
    } cases[] = {{"{}", ""},
                 {"{\"data\":\"_-8\"}", "\xff\xef"},
                 {"{\"data\":\"/+8\"}", "\xff\xef"},
                 {"{\"data\":\"aGVsbG8=\",\"dataCrc32c\":2591144780}", "hello"}};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char answer[256];
        snprintf(answer, sizeof(answer), "{\"name\":\"projects/1/secrets/s/versions/1\",\"payload\":%s}",
                 cases[i].payload);
        fake_host_answer("GET", SERVICE, 200, NULL, answer);
        assert_resolves("gcp-sm://p/s", cases[i].value);
    }
}

static void broken_answers_are_told(void **state)
{
    static const struct {
        const char *answer;
        const char *part;
    } cases[] = {
        {"{\"name\":\"projects/1/secrets/s/versions/1\",\"payload\":{\"data\":\"***\"}}", "not base64"},
        {"{\"name\":\"projects/1/secrets/s/versions/1\",\"payload\":{\"data\":7}}", "no text"},
        {"{\"name\":\"projects/1/secrets/s/versions/1\",\"payload\":{\"data\":\"\",\"dataCrc32c\":\"x\"}}",
         "no number"},
        {"{\"name\":\"projects/1/secrets/other/versions/1\",\"payload\":{}}",
         "another secret, \"projects/1/secrets/o"},
        {"{\"name\":\"a/1\",\"payload\":{}}", "another secret"},
        {"{\"payload\":{}}", "neither name nor payload"},
        {"<html>", "neither name nor payload"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_answer("GET", SERVICE, 200, NULL, cases[i].answer);
        assert_fails("gcp-sm://p/s", MSTR_E_PROTOCOL, cases[i].part, NULL);
    }
}

static void payload_over_64_kib_is_refused(void **state)
{
    const size_t length = 87388;
    char *answer = malloc(length + 100);
    (void)state;
    strcpy(answer, "{\"name\":\"projects/1/secrets/s/versions/1\",\"payload\":{\"data\":\"");
    size_t start = strlen(answer);
    memset(answer + start, 'A', length);
    strcpy(answer + start + length, "\"}}");
    fake_host_answer("GET", SERVICE, 200, NULL, answer);

    assert_fails("gcp-sm://p/s", MSTR_E_PROTOCOL, "64 KiB", NULL);

    free(answer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, user_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(payloads_of_all_encodings_are_read),
        TEST(broken_answers_are_told),
        TEST(payload_over_64_kib_is_refused),
    };
    return RUN_TESTS("gcp/service/payload");
}
