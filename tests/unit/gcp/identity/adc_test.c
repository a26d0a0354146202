/* Where an identity is looked for, and each kind of token. */
#include "unit/gcp/support.h"

#include "base/base64.h"
#include "base/json.h"
#include "gcp/identity/credential_file.h"

#include <pthread.h>
#include <sys/stat.h>

#define SERVICE "https://secretmanager.googleapis.com/*"

static void search_without_an_identity_lists_every_place(void **state)
{
    (void)state;
    fake_host_env("HOME", "/nonexistent");

    struct mstr_request *request = resolve("gcp-sm://p/s");

    assert_int_equal(fake_request_code(request), MSTR_E_NOT_AVAILABLE);
    static const char *const places[] = {"credentials_file", "GOOGLE_APPLICATION_CREDENTIALS", "gcloud",
                                         "NO_GCE_CHECK"};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        assert_contains(fake_request_message(request), places[i]);
    }
    assert_int_equal(fake_host_requests(), 0);
    fake_request_free(request);
}

static void named_file_that_is_broken_ends_the_search(void **state)
{
    static const struct {
        const char *text;
        const char *part;
    } cases[] = {
        {"", "not a JSON object"},
        {"not json", "not a JSON object"},
        {"{}", "no \"type\""},
        {"{\"type\":\"web\"}", "unknown type"},
        {"{\"type\":\"gdch_service_account\"}", "Distributed Cloud"},
        {"{\"type\":\"authorized_user\",\"client_id\":\"\"}", "client_id"},
        {"{\"type\":\"service_account\",\"client_email\":\"e\"}", "private_key"},
        {"{\"type\":\"service_account\",\"client_email\":\"e\",\"private_key\":\"x\"}", "no RSA key"},
        {"{\"type\":\"service_account\",\"client_email\":\"e\",\"private_key\":\"x\",\"token_uri\":\"http://"
         "evil.example/t\"}",
         "must be https"},
        {"{\"type\":\"authorized_user\",\"universe_domain\":\"a/b\"}", "universe_domain"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        use_file(cases[i].text);
        assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, cases[i].part, NULL);
    }
    fake_host_env("GOOGLE_APPLICATION_CREDENTIALS", "/nonexistent/key.json");
    assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, "/nonexistent/key.json", NULL);
    fake_host_env("GOOGLE_APPLICATION_CREDENTIALS", "/tmp");
    assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, "regular file", NULL);
    assert_int_equal(fake_host_requests(), 0);
}

static void file_that_anybody_may_write_is_refused(void **state)
{
    (void)state;
    use_file(USER_FILE);
    assert_int_equal(chmod(file_path, 0666), 0);

    assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, "anybody may write", NULL);
}

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

static void token_of_many_kilobytes_is_carried_whole(void **state)
{
    enum { LENGTH = 20000 };
    static char answer[LENGTH + 128];
    static char bearer[LENGTH + 64] = "Bearer ";
    (void)state;
    use_file(USER_FILE);
    memset(bearer + strlen("Bearer "), 't', LENGTH);
    snprintf(answer, sizeof(answer), "{\"access_token\":\"%s\",\"expires_in\":3600}", bearer + strlen("Bearer "));
    fake_host_answer("POST", "*", 200, NULL, answer);
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);

    assert_resolves("gcp-sm://p/s", "hello");

    assert_string_equal(fake_exchange_header(fake_host_request(1), "Authorization"), bearer);
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

static void clock_that_is_wrong_is_named(void **state)
{
    (void)state;
    use_file(USER_FILE);
    fake_host_answer(
        "POST", "*", 400, "Date: Thu, 15 Jan 2026 13:00:00 GMT",
        "{\"error\":\"invalid_grant\",\"error_description\":\"Invalid JWT: Token must be a short-lived token\"}");

    struct mstr_request *request = resolve("gcp-sm://p/s");

    assert_int_equal(fake_request_code(request), MSTR_E_AUTHENTICATION);
    assert_contains(fake_request_detail(request, MSTR_DETAIL_HINT), "3600 s behind");
    fake_request_free(request);
}

static void metadata_server_gives_tokens_past_any_proxy(void **state)
{
    (void)state;
    fake_host_env("NO_GCE_CHECK", NULL);
    fake_host_env("GCE_METADATA_HOST", "127.0.0.1:7");
    fake_host_fail("GET", "http://127.0.0.1:7/*", MSTR_E_NETWORK, "refused");
    fake_host_answer("GET", "http://127.0.0.1:7/*", 200, "Metadata-Flavor: Google", TOKEN_ANSWER);
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);

    assert_resolves("gcp-sm://p/s", "hello");

    assert_string_equal(fake_host_request(1)->url,
                        "http://127.0.0.1:7/computeMetadata/v1/instance/service-accounts/default/token?scopes="
                        "https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform");
    assert_string_equal(fake_exchange_header(fake_host_request(1), "Metadata-Flavor"), "Google");
    assert_int_equal(fake_host_request(1)->request.flags, MSTR_HTTP_NO_PROXY | MSTR_HTTP_ALLOW_PLAIN);
}

static void metadata_answer_without_its_flavor_is_refused(void **state)
{
    (void)state;
    fake_host_env("NO_GCE_CHECK", NULL);
    fake_host_env("GCE_METADATA_HOST", "127.0.0.1:7");
    fake_host_answer("GET", "http://127.0.0.1:7/*", 200, NULL, TOKEN_ANSWER);
    fake_host_answer("GET", "http://127.0.0.1:7/*", 404, "Metadata-Flavor: Google", "");

    assert_fails("gcp-sm://p/s", MSTR_E_PROTOCOL, "Metadata-Flavor", NULL);
    assert_fails("gcp-sm://p/s", MSTR_E_NOT_AVAILABLE, "404", NULL);
}

static void token_is_renewed_in_its_last_minutes_and_kept_if_that_fails(void **state)
{
    (void)state;
    use_file(USER_FILE);
    fake_host_answer_always("GET", SERVICE, 200, NULL, ACCESS_HELLO);
    fake_host_answer("POST", "*", 200, NULL, TOKEN_ANSWER);
    assert_resolves("gcp-sm://p/s", "hello");
    fake_host_advance(3300 * 1000);
    fake_host_deadline(30000);
    assert_resolves("gcp-sm://p/s", "hello");
    assert_int_equal(fake_host_requests(), 3);

    fake_host_advance(100 * 1000); /* 200 s are left */
    fake_host_deadline(30000);
    fake_host_answer("POST", "*", 400, NULL, "{\"error\":\"invalid_grant\"}");
    assert_resolves("gcp-sm://p/s", "hello");
    assert_resolves("gcp-sm://p/s", "hello");
    assert_int_equal(fake_host_requests(), 6);

    fake_host_advance(60 * 1000);
    fake_host_deadline(30000);
    fake_host_answer("POST", "*", 200, NULL, "{\"access_token\":\"fresh\",\"expires_in\":3600}");
    assert_resolves("gcp-sm://p/s", "hello");
    assert_string_equal(fake_exchange_header(fake_host_request(7), "Authorization"), "Bearer fresh");
}

enum { THREADS = 32 };

static void *resolve_in_thread(void *data)
{
    struct mstr_request *request = data;
    plugin->resolve(instance, &request, 1, fake_host_call());
    return NULL;
}

static void many_threads_share_one_search_and_one_token(void **state)
{
    pthread_t threads[THREADS];
    struct mstr_request *requests[THREADS];
    size_t tokens = 0;
    (void)state;
    use_file(USER_FILE);
    fake_host_answer_always("POST", "*", 200, NULL, TOKEN_ANSWER);
    fake_host_answer_always("GET", SERVICE, 200, NULL, ACCESS_HELLO);

    for (int i = 0; i < THREADS; i++) {
        requests[i] = fake_request_new("gcp-sm://p/s");
        assert_int_equal(pthread_create(&threads[i], NULL, resolve_in_thread, requests[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(fake_request_code(requests[i]), MSTR_OK);
        fake_request_free(requests[i]);
    }

    for (size_t i = 0; i < fake_host_requests(); i++) {
        tokens += strcmp(fake_host_request(i)->url, "https://oauth2.googleapis.com/token") == 0;
    }
    assert_int_equal(tokens, 1);
    assert_int_equal(fake_host_requests(), 1 + THREADS);
}

static void explanation_tells_each_step(void **state)
{
    const struct mstr_reference reference = {sizeof(reference), 0, "gcp-sm://p/s", "gcp-sm", "//p/s", NULL};
    (void)state;
    use_file(USER_FILE);
    fake_host_answer("POST", "*", 200, NULL, TOKEN_ANSWER);
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);

    assert_int_equal(plugin->explain(instance, &reference, fake_host_report_object(), fake_host_call(), NULL),
                     MSTR_OK);

    assert_contains(fake_host_report(), "skipped credentials_file");
    assert_contains(fake_host_report(), "used GOOGLE_APPLICATION_CREDENTIALS: authorized_user");
    assert_contains(fake_host_report(), "used access token");
    assert_contains(fake_host_report(), "used Secret Manager");
    assert_null(strstr(fake_host_report(), "hello"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(search_without_an_identity_lists_every_place),
        TEST(named_file_that_is_broken_ends_the_search),
        TEST(file_that_anybody_may_write_is_refused),
        TEST(service_account_signs_its_own_token),
        TEST(service_account_signs_anew_before_its_token_ends),
        TEST(token_of_many_kilobytes_is_carried_whole),
        TEST(text_of_a_key_is_not_kept),
        TEST(key_without_an_id_is_exchanged_for_a_token),
        TEST(clock_that_is_wrong_is_named),
        TEST(metadata_server_gives_tokens_past_any_proxy),
        TEST(metadata_answer_without_its_flavor_is_refused),
        TEST(token_is_renewed_in_its_last_minutes_and_kept_if_that_fails),
        TEST(many_threads_share_one_search_and_one_token),
        TEST(explanation_tells_each_step),
    };
    int failed = RUN_TESTS("gcp/identity/adc");
    EVP_PKEY_free(rsa_key);
    return failed;
}
