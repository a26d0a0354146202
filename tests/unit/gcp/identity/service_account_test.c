/* SPDX-License-Identifier: Apache-2.0 */
/* Service account keys: the tokens that they sign, and the exchange for others. */
#include "unit/gcp/support.h"

#include "base/base64.h"
#include "gcp/identity/credential_file.h"
#include "support/json_parse.h"

/* The part of a token between the dots, as JSON. */
static struct json_object *part_of(const char *jwt, int index)
{
    struct buffer text = BUFFER_INIT;
    while (index-- > 0) {
        jwt = strchr(jwt, '.') + 1;
    }
    assert_true(base64url_decode(&text, jwt, strcspn(jwt, ".")));
    struct json_object *part = json_parse(buffer_text(&text), text.length);
    assert_non_null(part);
    buffer_release(&text);
    return part;
}

static void assert_signed(const char *jwt)
{
    struct buffer signature = BUFFER_INIT;
    const char *dot = strrchr(jwt, '.');
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_true(base64url_decode(&signature, dot + 1, strlen(dot + 1)));
    assert_int_equal(EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, rsa_key), 1);
    assert_int_equal(EVP_DigestVerify(context, (const unsigned char *)signature.data, signature.length,
                                      (const unsigned char *)jwt, (size_t)(dot - jwt)),
                     1);
    EVP_MD_CTX_free(context);
    buffer_release(&signature);
}

static void service_account_signs_its_own_token(void **state)
{
    static const char *const newlines[] = {"\\n", "\\\\n"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(newlines); i++) {
        fake_host_reset();
        fake_host_env("NO_GCE_CHECK", "true");
        plugin->invalidate(instance, NULL);
        use_key_file(newlines[i], ",\"private_key_id\":\"kid1\"");
        fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);

        assert_resolves("gcp-sm://p/s", "hello");

        assert_int_equal(fake_host_requests(), 1);
        const char *jwt = fake_exchange_header(fake_host_request(0), "Authorization") + strlen("Bearer ");
        struct json_object *header = part_of(jwt, 0);
        struct json_object *claims = part_of(jwt, 1);
        int64_t issued = 0;
        int64_t expires = 0;
        assert_signed(jwt);
        assert_string_equal(json_member_text(header, "alg"), "RS256");
        assert_string_equal(json_member_text(header, "kid"), "kid1");
        assert_string_equal(json_member_text(claims, "iss"), "me@p.iam.gserviceaccount.com");
        assert_string_equal(json_member_text(claims, "sub"), "me@p.iam.gserviceaccount.com");
        assert_string_equal(json_member_text(claims, "scope"), "https://www.googleapis.com/auth/cloud-platform");
        assert_null(json_member(claims, "aud"));
        assert_true(json_member_int64(claims, "iat", &issued) && json_member_int64(claims, "exp", &expires));
        assert_int_equal(issued, FAKE_HOST_START / 1000 - 10);
        assert_int_equal(expires - issued, 3600);
        json_release(header);
        json_release(claims);
    }
}

/* The "iat" of the token that a request carried. */
static int64_t issued_at(size_t request)
{
    int64_t issued = 0;
    const char *jwt = fake_exchange_header(fake_host_request(request), "Authorization") + strlen("Bearer ");
    struct json_object *claims = part_of(jwt, 1);
    assert_true(json_member_int64(claims, "iat", &issued));
    json_release(claims);
    return issued;
}

static void service_account_signs_anew_before_its_token_ends(void **state)
{
    (void)state;
    use_key_file("\\n", ",\"private_key_id\":\"kid1\"");
    fake_host_answer_always("GET", SERVICE, 200, NULL, ACCESS_HELLO);

    assert_resolves("gcp-sm://p/s", "hello");
    fake_host_advance(3300 * 1000);
    fake_host_deadline(30000);
    assert_resolves("gcp-sm://p/s", "hello");
    fake_host_advance(100 * 1000);
    fake_host_deadline(30000);
    assert_resolves("gcp-sm://p/s", "hello");

    assert_int_equal(issued_at(1), issued_at(0));
    assert_int_equal(issued_at(2), issued_at(0) + 3400);
}

static void token_that_a_wrong_clock_signed_is_signed_anew_by_the_services(void **state)
{
    static const char date[] = "Date: Thu, 15 Jan 2026 11:40:00 GMT";
    (void)state;
    use_key_file("\\n", ",\"private_key_id\":\"kid1\"");
    fake_host_answer("GET", SERVICE, 401, date, "{\"error\":{\"status\":\"UNAUTHENTICATED\"}}");
    fake_host_answer("GET", SERVICE, 200, date, ACCESS_HELLO);

    assert_resolves("gcp-sm://p/s", "hello");

    assert_int_equal(issued_at(1), issued_at(0) - 1200);
}

static void text_of_a_key_is_not_kept(void **state)
{
    char file[8192];
    char *pem = pem_text("\\n");
    struct gcp_identity *identity = NULL;
    (void)state;
    snprintf(file, sizeof(file), "{\"type\":\"service_account\",\"client_email\":\"e\",\"private_key\":\"%s\"}", pem);

    assert_int_equal(credential_file_parse(fake_host_instance(NULL), "it", file, strlen(file), &identity, NULL),
                     MSTR_OK);

    assert_null(json_member(identity->config, "private_key"));
    assert_string_equal(identity->principal, "e");
    gcp_identity_release(identity);
    free(pem);
}

static void key_without_an_id_is_exchanged_for_a_token(void **state)
{
    (void)state;
    use_key_file("\\n", ",\"token_uri\":\"https://tokens.example/t\"");
    fake_host_answer("POST", "https://tokens.example/t", 400, NULL, "{\"error\":\"temporarily_unavailable\"}");
    fake_host_answer("POST", "https://tokens.example/t", 200, NULL, TOKEN_ANSWER);
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);

    assert_resolves("gcp-sm://p/s", "hello");

    const char *body = fake_host_request(0)->body;
    assert_contains(body, "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=");
    struct json_object *claims = part_of(strstr(body, "assertion=") + 10, 1);
    assert_string_equal(json_member_text(claims, "aud"), "https://tokens.example/t");
    assert_null(json_member(claims, "sub"));
    json_release(claims);
}

static void assertion_by_a_wrong_clock_is_made_anew_by_the_endpoints(void **state)
{
    static const char date[] = "Date: Thu, 15 Jan 2026 12:20:00 GMT";
    int64_t issued = 0;
    (void)state;
    use_key_file("\\n", "");
    fake_host_answer(
        "POST", TOKENS, 400, date,
        "{\"error\":\"invalid_grant\",\"error_description\":\"Invalid JWT: Token must be a short-lived token\"}");
    fake_host_answer("POST", TOKENS, 200, date, TOKEN_ANSWER);
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);

    assert_resolves("gcp-sm://p/s", "hello");

    struct json_object *claims = part_of(strstr(fake_host_request(1)->body, "assertion=") + 10, 1);
    assert_true(json_member_int64(claims, "iat", &issued));
    assert_in_range(issued, FAKE_HOST_START / 1000 + 1200 - 10, FAKE_HOST_START / 1000 + 1200 - 9);
    json_release(claims);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(service_account_signs_its_own_token),
        TEST(service_account_signs_anew_before_its_token_ends),
        TEST(assertion_by_a_wrong_clock_is_made_anew_by_the_endpoints),
        TEST(token_that_a_wrong_clock_signed_is_signed_anew_by_the_services),
        TEST(text_of_a_key_is_not_kept),
        TEST(key_without_an_id_is_exchanged_for_a_token),
    };
    int failed = RUN_TESTS("gcp/identity/service_account");
    EVP_PKEY_free(rsa_key);
    return failed;
}
