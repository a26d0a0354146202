/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions of `aws login`: the CLI's cache, and its renewal with a proof of possession. */
#include "support/aws_home.h"

#include "base/base64.h"
#include "support/json_parse.h"

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#define SESSION "arn:aws:sts::012345678910:assumed-role/Admin/admin"
#define NAME    "4b0ba8f99f075c0633e122fd73346ce203a3faf18ea0310eb2d29df1bab2e255.json" /* its SHA-256 */
#define CACHE   ".aws/login/cache/" NAME
#define TOKEN   "https://us-east-1.signin.aws.amazon.com/v1/token"
#define RENEWED                                                                                                      \
    "{\"accessToken\":{\"accessKeyId\":\"NEW\",\"secretAccessKey\":\"ns\",\"sessionToken\":\"nt\"},"                 \
    "\"tokenType\":\"aws_sigv4\",\"expiresIn\":900,\"refreshToken\":\"rt2\"}"

static EVP_PKEY *key;

/* As the CLI writes it, SEC1; escaped for JSON. */
static char *pem_of(EVP_PKEY *of)
{
    BIO *memory = BIO_new(BIO_s_mem());
    char *text = NULL;
    assert_int_equal(PEM_write_bio_PrivateKey_traditional(memory, of, NULL, NULL, 0, NULL, NULL), 1);
    long length = BIO_get_mem_data(memory, &text);
    struct buffer escaped = BUFFER_INIT;
    json_put_string(&escaped, text, (size_t)length);
    BIO_free(memory);
    char *copy = strdup(buffer_text(&escaped));
    buffer_release(&escaped);
    return copy;
}

/* A session whose keys end at `until`. */
static void write_session(const char *file, const char *until, const char *pem)
{
    struct buffer text = BUFFER_INIT;
    buffer_printf(&text,
                  "{\"accessToken\":{\"accessKeyId\":\"OLD\",\"secretAccessKey\":\"s\",\"sessionToken\":\"t\","
                  "\"accountId\":\"012345678910\",\"expiresAt\":\"%s\"},\"tokenType\":\"aws_sigv4\","
                  "\"refreshToken\":\"rt\",\"idToken\":\"it\",\"clientId\":\"arn:aws:signin:::devtools/same-device\","
                  "\"dpopKey\":%s}",
                  until, pem);
    write_file(file, buffer_text(&text));
    buffer_release(&text);
}

static void write_session_until(const char *until)
{
    char *pem = pem_of(key);
    write_session(CACHE, until, pem);
    free(pem);
}

static int make(void **state)
{
    aws_home_make(state);
    key = EVP_EC_gen("P-256");
    assert_non_null(key);
    write_file(".aws/config", "[default]\nlogin_session= " SESSION " \nregion=us-east-1\n");
    return 0;
}

static int drop(void **state)
{
    EVP_PKEY_free(key);
    return aws_home_drop(state);
}

static void keys_that_hold_are_used_as_they_are(void **state)
{
    (void)state;
    write_session_until("2026-01-15T12:05:01Z");
    assert_keys("OLD");
    assert_int_equal(fake_host_requests(), 0);
}

static void the_cache_may_be_elsewhere(void **state)
{
    char folder[256];
    char *pem = pem_of(key);
    (void)state;
    home_path("elsewhere", folder);
    fake_host_env("AWS_LOGIN_CACHE_DIRECTORY", folder);
    write_session("elsewhere/" NAME, "2026-01-15T12:15:00Z", pem);
    assert_keys("OLD");
    free(pem);
}

static void keys_near_their_end_are_renewed_and_put_back(void **state)
{
    char path[256];
    struct stat status;
    struct buffer text = BUFFER_INIT;
    (void)state;
    write_session_until("2026-01-15T12:05:00Z");
    fake_host_answer("POST", TOKEN, 200, NULL, RENEWED);

    assert_keys("NEW");
    assert_keys("NEW"); /* out of the file */

    assert_int_equal(fake_host_requests(), 1);
    assert_string_equal(fake_host_request(0)->body, "{\"clientId\":\"arn:aws:signin:::devtools/same-device\","
                                                    "\"grantType\":\"refresh_token\",\"refreshToken\":\"rt\"}");
    assert_null(fake_exchange_header(fake_host_request(0), "Authorization"));
    home_path(CACHE, path);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(files_read(fake_host_call(), path, 65536, &text, NULL), MSTR_OK);
    struct json_object *file = json_parse(buffer_text(&text), text.length);
    struct json_object *keys = json_member(file, "accessToken");
    assert_string_equal(json_member_text(keys, "secretAccessKey"), "ns");
    assert_string_equal(json_member_text(keys, "sessionToken"), "nt");
    assert_string_equal(json_member_text(keys, "accountId"), "012345678910");
    assert_string_equal(json_member_text(keys, "expiresAt"), "2026-01-15T12:15:00Z");
    assert_string_equal(json_member_text(file, "refreshToken"), "rt2");
    assert_string_equal(json_member_text(file, "idToken"), "it");
    assert_string_equal(json_member_text(file, "tokenType"), "aws_sigv4");
    assert_string_equal(json_member_text(file, "clientId"), "arn:aws:signin:::devtools/same-device");
    assert_non_null(strstr(json_member_text(file, "dpopKey"), "BEGIN EC PRIVATE KEY"));
    json_release(file);
    buffer_release(&text);
}

static struct json_object *decoded(const char *text, size_t length)
{
    struct buffer octets = BUFFER_INIT;
    assert_true(base64url_decode(&octets, text, length));
    struct json_object *value = json_parse(buffer_text(&octets), octets.length);
    buffer_release(&octets);
    return value;
}

/* The three parts of the proof in a request. */
static void check_proof(const struct fake_exchange *sent, char id[64])
{
    const char *proof = fake_exchange_header(sent, "DPoP");
    const char *claims_at = strchr(proof, '.') + 1;
    const char *signature_at = strchr(claims_at, '.') + 1;
    struct json_object *header = decoded(proof, (size_t)(claims_at - proof) - 1);
    struct json_object *claims = decoded(claims_at, (size_t)(signature_at - claims_at) - 1);
    int64_t issued = 0;
    assert_string_equal(json_member_text(header, "typ"), "dpop+jwt");
    assert_string_equal(json_member_text(header, "alg"), "ES256");
    assert_string_equal(json_member_text(json_member(header, "jwk"), "kty"), "EC");
    assert_string_equal(json_member_text(json_member(header, "jwk"), "crv"), "P-256");
    assert_null(json_member(json_member(header, "jwk"), "d"));
    assert_string_equal(json_member_text(claims, "htm"), "POST");
    assert_string_equal(json_member_text(claims, "htu"), TOKEN);
    assert_true(json_member_int64(claims, "iat", &issued));
    assert_int_equal(issued, FAKE_HOST_START / 1000);
    snprintf(id, 64, "%s", json_member_text(claims, "jti"));
    assert_int_equal(strlen(id), 36);
    assert_int_equal(id[14], '4');
    assert_int_equal(strlen(signature_at), 86); /* 64 octets */
    json_release(header);
    json_release(claims);
}

/* Claims of the proof in a request, for json_release(). */
static struct json_object *claims_of(const struct fake_exchange *sent)
{
    const char *at = strchr(fake_exchange_header(sent, "DPoP"), '.') + 1;
    return decoded(at, (size_t)(strchr(at, '.') - at));
}

static void read_id(const struct fake_exchange *sent, char id[64])
{
    struct json_object *claims = claims_of(sent);
    snprintf(id, 64, "%s", json_member_text(claims, "jti"));
    json_release(claims);
}

static int64_t read_issued(const struct fake_exchange *sent)
{
    struct json_object *claims = claims_of(sent);
    int64_t issued = 0;
    assert_true(json_member_int64(claims, "iat", &issued));
    json_release(claims);
    return issued;
}

static void each_renewal_has_a_proof_of_its_own(void **state)
{
    char ids[2][64];
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        write_session_until("2026-01-15T12:00:00Z");
        fake_host_answer("POST", TOKEN, 200, NULL, RENEWED);
        assert_keys("NEW");
        check_proof(fake_host_request(i), ids[i]);
    }
    assert_string_not_equal(ids[0], ids[1]);
}

static void a_renewal_that_fails_is_borne_while_the_keys_hold(void **state)
{
    (void)state;
    write_session_until("2026-01-15T12:01:00Z");
    fake_host_answer_always("POST", TOKEN, 500, "x-amzn-ErrorType: InternalServerException",
                            "{\"error\":\"server_error\",\"message\":\"later\"}");
    assert_keys("OLD");
    assert_contains(fake_host_log(), "warn the login could not be renewed: CreateOAuth2Token: later");
    fake_host_advance(61000);
    fake_host_deadline(30000);
    assert_no_keys(MSTR_E_UNAVAILABLE, "later");
}

static void a_refusal_is_final_where_the_clock_is_right(void **state)
{
    (void)state;
    write_session_until("2026-01-15T12:00:00Z");
    fake_host_answer("POST", TOKEN, 400, "Date: Thu, 15 Jan 2026 12:00:00 GMT\nx-amzn-ErrorType: ValidationException",
                     "{\"message\":\"no\"}");
    assert_no_keys(MSTR_E_REQUEST, "ValidationException");
    assert_int_equal(fake_host_requests(), 1);
}

static void a_service_that_fails_in_passing_is_asked_again_with_another_proof(void **state)
{
    char ids[2][64];
    (void)state;
    fake_host_env("AWS_CA_BUNDLE", "/bundle.pem");
    write_session_until("2026-01-15T12:00:00Z");
    fake_host_answer("POST", TOKEN, 429, NULL, "");
    fake_host_answer("POST", TOKEN, 200, NULL, RENEWED);
    assert_keys("NEW");
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(fake_host_request(i)->ca_file, "/bundle.pem");
        read_id(fake_host_request(i), ids[i]);
    }
    assert_string_not_equal(ids[0], ids[1]);
}

static void the_proof_is_of_the_services_time(void **state)
{
    static const char date[] = "Date: Thu, 15 Jan 2026 12:20:00 GMT";
    (void)state;
    write_session_until("2026-01-15T12:00:00Z");
    fake_host_answer("POST", TOKEN, 400, date, "{\"__type\":\"ValidationException\"}"); /* whatever it says */
    fake_host_answer("POST", TOKEN, 200, date, RENEWED);
    assert_keys("NEW");
    int64_t issued = read_issued(fake_host_request(1));
    assert_in_range(issued, FAKE_HOST_START / 1000 + 1200, FAKE_HOST_START / 1000 + 1201);
}

static void the_switches_of_endpoints_hold_for_it(void **state)
{
    (void)state;
    write_session_until("2026-01-15T12:00:00Z");
    fake_host_env("AWS_USE_FIPS_ENDPOINT", "true");
    fake_host_env("AWS_USE_DUALSTACK_ENDPOINT", "true");
    fake_host_answer("POST", "https://signin-fips.us-east-1.api.aws/v1/token", 200, NULL, RENEWED);
    assert_keys("NEW");
}

static void a_refusal_says_what_to_do(void **state)
{
    static const struct {
        int status;
        const char *headers, *body;
        enum mstr_code code;
        const char *message, *hint;
    } cases[] = {
        {400, "x-amzn-ErrorType: AccessDeniedException", "{\"error\":\"TOKEN_EXPIRED\",\"message\":\"m\"}",
         MSTR_E_AUTHENTICATION, "aws login: the session has ended", "run: aws login --profile default"},
        {400, "x-amzn-ErrorType: AccessDeniedException", "{\"error\":\"USER_CREDENTIALS_CHANGED\",\"message\":\"m\"}",
         MSTR_E_AUTHENTICATION, "password has changed", "run: aws login --profile default"},
        {403, "x-amzn-ErrorType: AccessDeniedException", "{\"error\":\"INSUFFICIENT_PERMISSIONS\",\"message\":\"m\"}",
         MSTR_E_DENIED, "m (AccessDeniedException)", "signin:CreateOAuth2Token"},
        {429, "x-amzn-ErrorType: TooManyRequestsException", "{\"message\":\"slow\"}", MSTR_E_THROTTLED, "slow", NULL},
        {400, "x-amzn-ErrorType: ValidationException", "{\"message\":\"bad\"}", MSTR_E_REQUEST, "bad", NULL},
        {502, NULL, "<html>", MSTR_E_UNAVAILABLE, "no AWS service", "proxy"},
        {200, NULL, "<html>", MSTR_E_PROTOCOL, "no JSON object", "proxy"},
        {200, NULL, "{\"accessToken\":{\"accessKeyId\":\"a\",\"secretAccessKey\":\"b\"}}", MSTR_E_PROTOCOL,
         "no refreshToken with expiresIn", NULL},
        {200, NULL, "{\"refreshToken\":\"r\",\"expiresIn\":900}", MSTR_E_PROTOCOL, "no AccessKeyId", NULL},
        {200, NULL, "{\"refreshToken\":\"r\",\"expiresIn\":9223372036854775807}", MSTR_E_PROTOCOL, "expiresIn", NULL},
    };
    (void)state;
    write_session_until("2026-01-15T11:59:00Z");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool passing = cases[i].code == MSTR_E_THROTTLED || cases[i].code == MSTR_E_UNAVAILABLE;
        for (int attempt = 0; attempt < (passing ? 3 : 1); attempt++) {
            fake_host_answer("POST", TOKEN, cases[i].status, cases[i].headers, cases[i].body);
        }
        assert_no_keys_hint(cases[i].code, cases[i].message, cases[i].hint);
    }
}

static void a_cache_that_is_missing_or_incomplete_asks_for_a_login(void **state)
{
    static const char *const incomplete[] = {
        "",
        "[]",
        "{}",
        "{\"accessToken\":{\"accessKeyId\":\"a\",\"secretAccessKey\":\"b\",\"sessionToken\":\"c\","
        "\"expiresAt\":\"2026-01-15T13:00:00Z\"},\"refreshToken\":\"r\",\"clientId\":\"c\"}",
        "{\"accessToken\":{\"accessKeyId\":\"a\",\"secretAccessKey\":\"b\",\"sessionToken\":\"c\","
        "\"expiresAt\":\"2026-01-15T13:00:00Z\"},\"refreshToken\":\"r\",\"dpopKey\":\"k\"}",
        "{\"accessToken\":{\"accessKeyId\":\"a\",\"secretAccessKey\":\"b\",\"sessionToken\":\"c\","
        "\"expiresAt\":\"2026-01-15T13:00:00Z\"},\"clientId\":\"c\",\"dpopKey\":\"k\"}",
        "{\"accessToken\":{\"accessKeyId\":\"a\",\"secretAccessKey\":\"b\",\"sessionToken\":\"c\"},"
        "\"refreshToken\":\"r\",\"clientId\":\"c\",\"dpopKey\":\"k\"}",
        "{\"refreshToken\":\"r\",\"clientId\":\"c\",\"dpopKey\":\"k\"}",
    };
    (void)state;
    assert_no_keys_hint(MSTR_E_AUTHENTICATION, "aws login: no session is cached", "run: aws login --profile default");
    for (size_t i = 0; i < COUNT_OF(incomplete); i++) {
        write_file(CACHE, incomplete[i]);
        assert_no_keys_hint(MSTR_E_AUTHENTICATION, "aws login: the cached session is incomplete", "aws login");
    }
}

static void a_key_of_another_kind_cannot_prove_anything(void **state)
{
    EVP_PKEY *others[] = {EVP_EC_gen("P-384"), EVP_RSA_gen(2048)};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        char *pem = pem_of(others[i]);
        write_session(CACHE, "2026-01-15T11:59:00Z", pem);
        assert_no_keys(MSTR_E_CONFIG, "no private key on P-256");
        free(pem);
        EVP_PKEY_free(others[i]);
    }
    write_session(CACHE, "2026-01-15T11:59:00Z", "\"rubbish\"");
    assert_no_keys(MSTR_E_CONFIG, "no private key on P-256");
    assert_int_equal(fake_host_requests(), 0);
}

static void a_login_is_the_source_of_a_role(void **state)
{
    (void)state;
    write_file(".aws/config", "[default]\nrole_arn=arn:aws:iam::1:role/r\nsource_profile=me\n[profile me]\n"
                              "login_session=" SESSION "\n");
    write_session_until("2026-01-15T12:15:00Z");
    fake_host_answer("POST", STS_URL, 200, NULL, ASSUMED);
    assert_keys("ASIAROLE");
    assert_contains(fake_exchange_header(fake_host_request(0), "Authorization"), "Credential=OLD/");
    assert_string_equal(fake_exchange_header(fake_host_request(0), "X-Amz-Security-Token"), "t");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)
    const struct CMUnitTest tests[] = {
        TEST(keys_that_hold_are_used_as_they_are),
        TEST(the_cache_may_be_elsewhere),
        TEST(keys_near_their_end_are_renewed_and_put_back),
        TEST(each_renewal_has_a_proof_of_its_own),
        TEST(a_renewal_that_fails_is_borne_while_the_keys_hold),
        TEST(a_refusal_is_final_where_the_clock_is_right),
        TEST(a_service_that_fails_in_passing_is_asked_again_with_another_proof),
        TEST(the_proof_is_of_the_services_time),
        TEST(the_switches_of_endpoints_hold_for_it),
        TEST(a_refusal_says_what_to_do),
        TEST(a_cache_that_is_missing_or_incomplete_asks_for_a_login),
        TEST(a_key_of_another_kind_cannot_prove_anything),
        TEST(a_login_is_the_source_of_a_role),
    };
    return RUN_TESTS("aws/identity/login");
}
