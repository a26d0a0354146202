/* SPDX-License-Identifier: Apache-2.0 */
/* An identity of AWS: the request that Vault is to send. */
#include "base/base64.h"
#include "base/json.h"
#include "unit/vault/login.h"

static int setup(void **state)
{
    int result = login_setup(state);
    fake_host_option("auth", "aws");
    fake_host_option("role", "app");
    fake_host_env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    fake_host_env("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    return result;
}

static struct json_object *body;

/* The decoded text of a member; to be freed. */
static char *decoded(const char *member)
{
    struct buffer text = BUFFER_INIT;
    const char *encoded = json_member_text(body, member);
    assert_non_null(encoded);
    assert_true(base64_decode(&text, encoded, strlen(encoded)));
    return buffer_take(&text);
}

static char *sign(void)
{
    const char *sent_body = log_in("aws")->body;
    json_release(body);
    assert_int_equal(json_read(sent_body, strlen(sent_body), &body), MSTR_OK);
    return decoded("iam_request_headers");
}

static void the_request_is_that_of_the_global_host(void **state)
{
    (void)state;
    char *headers = sign();
    char *url = decoded("iam_request_url");
    char *question = decoded("iam_request_body");

    assert_string_equal(json_member_text(body, "role"), "app");
    assert_string_equal(json_member_text(body, "iam_http_request_method"), "POST");
    assert_string_equal(url, "https://sts.amazonaws.com/");
    assert_string_equal(question, "Action=GetCallerIdentity&Version=2011-06-15");
    assert_contains(headers, "{\"Host\":[\"sts.amazonaws.com\"]");
    assert_contains(headers, "\"Content-Type\":[\"application/x-www-form-urlencoded; charset=utf-8\"]");
    assert_contains(headers, "\"Content-Length\":[\"43\"]");
    assert_contains(headers, "\"X-Amz-Date\":[\"20260115T120000Z\"]");
    assert_contains(headers, "Credential=AKIDEXAMPLE/20260115/us-east-1/sts/aws4_request");
    assert_null(strstr(headers, "Server-ID"));
    assert_null(strstr(headers, "Security-Token"));
    buffer_free_text(question);
    buffer_free_text(url);
    buffer_free_text(headers);
    json_release(body);
    body = NULL;
}

static void region_server_id_and_session_are_signed(void **state)
{
    (void)state;
    fake_host_option("sts_region", "cn-north-1");
    fake_host_option("iam_server_id", "vault.test");
    fake_host_env("AWS_SESSION_TOKEN", "session");
    char *headers = sign();
    char *url = decoded("iam_request_url");

    assert_string_equal(url, "https://sts.cn-north-1.amazonaws.com.cn/");
    assert_contains(headers, "\"X-Vault-AWS-IAM-Server-ID\":[\"vault.test\"]");
    assert_contains(headers, "\"X-Amz-Security-Token\":[\"session\"]");
    assert_contains(headers, "/cn-north-1/sts/aws4_request");
    assert_contains(headers, "SignedHeaders=content-length;content-type;host;x-amz-date;x-amz-security-token;"
                             "x-vault-aws-iam-server-id");
    buffer_free_text(url);
    buffer_free_text(headers);
    json_release(body);
    body = NULL;
}

static void a_region_that_is_none_is_refused(void **state)
{
    (void)state;
    fake_host_option("sts_region", "eu west");
    assert_fails("vault:secret/a", MSTR_E_CONFIG, "sts_region \"eu west\"", NULL);
    fake_host_env("AWS_SECRET_ACCESS_KEY", NULL);
    assert_fails("vault:secret/a", MSTR_E_CONFIG, "AWS_SECRET_ACCESS_KEY", NULL);
}

static void it_is_not_looked_for_unless_it_is_chosen(void **state)
{
    (void)state;
    fake_host_option("auth", NULL);
    fake_host_option("role", NULL);
    assert_fails("vault:secret/a", MSTR_E_NOT_AVAILABLE, "aws: auth = aws would choose it", NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_request_is_that_of_the_global_host),
        TEST(region_server_id_and_session_are_signed),
        TEST(a_region_that_is_none_is_refused),
        TEST(it_is_not_looked_for_unless_it_is_chosen),
    };
    return RUN_TESTS("vault/identity/aws");
}
