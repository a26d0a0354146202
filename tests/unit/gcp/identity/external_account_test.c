/* Identities from elsewhere: federation, impersonation, and what their files may name. */
#include "unit/gcp/support.h"

#include "base/base64.h"
#include "base/uri.h"

#define SERVICE "https://secretmanager.googleapis.com/*"
#define POOL                                                                                                         \
    "//iam.googleapis.com/projects/123456/locations/global/workloadIdentityPools/POOL_ID/providers/PROVIDER_ID"
#define STS "https://sts.googleapis.com/v1/token"
#define IAM "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/sa@p:generateAccessToken"
#define JWT "urn:ietf:params:oauth:token-type:jwt"

static void use_external(const char *type, const char *source, const char *extra)
{
    char text[4096];
    snprintf(text, sizeof(text),
             "{\"type\":\"external_account\",\"audience\":\"" POOL
             "\",\"subject_token_type\":\"%s\",\"credential_source\":%s%s}",
             type, source, extra);
    use_file(text);
}

/* A field of a form that was sent, decoded; for free(). */
static char *field(size_t request, const char *name)
{
    struct buffer value = BUFFER_INIT;
    char start[64];
    snprintf(start, sizeof(start), "%s=", name);
    const char *at = fake_host_request(request)->body;
    while (at != NULL && strncmp(at, start, strlen(start)) != 0) {
        at = strchr(at, '&');
        at = at != NULL ? at + 1 : NULL;
    }
    assert_non_null(at);
    at += strlen(start);
    assert_true(uri_decode(&value, at, strcspn(at, "&")));
    return buffer_take(&value);
}

static void assert_field(size_t request, const char *name, const char *value)
{
    char *text = field(request, name);
    assert_string_equal(text, value);
    buffer_free_text(text);
}

static void answer_exchange(void)
{
    fake_host_answer("POST", STS, 200, NULL, "{\"access_token\":\"federated\",\"expires_in\":\"3600\"}");
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);
}

static void token_of_a_url_is_exchanged_and_impersonates(void **state)
{
    (void)state;
    use_external(JWT,
                 "{\"url\":\"http://169.254.169.254/token\",\"headers\":{\"Metadata\":\"True\"},"
                 "\"format\":{\"type\":\"json\",\"subject_token_field_name\":\"access_token\"}}",
                 ",\"service_account_impersonation_url\":\"" IAM "\"");
    fake_host_answer("GET", "http://169.254.169.254/token", 200, NULL, "{\"access_token\":\"subject\"}");
    fake_host_answer("POST", IAM, 200, NULL,
                     "{\"accessToken\":\"sa-token\",\"expireTime\":\"2026-01-15T13:00:00Z\"}");
    answer_exchange();

    assert_resolves("gcp-sm://p/s", "hello");

    assert_int_equal(fake_host_requests(), 4);
    assert_string_equal(fake_exchange_header(fake_host_request(0), "Metadata"), "True");
    assert_int_equal(fake_host_request(0)->request.flags, MSTR_HTTP_NO_PROXY | MSTR_HTTP_ALLOW_PLAIN);
    assert_field(1, "subject_token", "subject");
    assert_field(1, "audience", POOL);
    assert_string_equal(fake_exchange_header(fake_host_request(2), "Authorization"), "Bearer federated");
    assert_contains(fake_host_request(2)->body, "\"lifetime\":\"3600s\"");
    assert_string_equal(fake_exchange_header(fake_host_request(3), "Authorization"), "Bearer sa-token");
}

static void token_of_a_file_is_trimmed(void **state)
{
    char path[] = "/tmp/mstr-subject-XXXXXX";
    char source[128];
    int fd = mkstemp(path);
    (void)state;
    assert_int_equal(write(fd, " subject\n", 9), 9);
    close(fd);
    snprintf(source, sizeof(source), "{\"file\":\"%s\"}", path);
    use_external(JWT, source, ",\"client_id\":\"id\",\"client_secret\":\"hush\"");
    answer_exchange();

    assert_resolves("gcp-sm://p/s", "hello");

    assert_field(0, "subject_token", "subject");
    assert_string_equal(fake_exchange_header(fake_host_request(0), "Authorization"), "Basic aWQ6aHVzaA==");
    unlink(path);
}

static void aws_request_is_signed_as_published(void **state)
{
    static const struct {
        const char *session;
        const char *signature;
    } cases[] = {{NULL, "fae09118e41357ad87677b120e1977871dadb5d8b4110e6d46fb50c8f7a4ff7f"},
                 {"session-token-EXAMPLE+/==", "4f84d7a2e60782a19cfc3da745556bd34fdf7b04e54a53fad06c8028450a1e8c"}};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_reset();
        plugin->invalidate(instance, NULL);
        fake_host_set_now(INT64_C(1597128922000)); /* 2020-08-11T06:55:22Z */
        fake_host_env("AWS_REGION", "us-east-2");
        fake_host_env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
        fake_host_env("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        fake_host_env("AWS_SESSION_TOKEN", cases[i].session);
        use_external("urn:ietf:params:aws:token-type:aws4_request", "{\"environment_id\":\"aws1\"}", "");
        answer_exchange();

        assert_resolves("gcp-sm://p/s", "hello");

        char *encoded = field(0, "subject_token");
        assert_contains(encoded, cases[i].signature);
        assert_contains(encoded, "x-goog-cloud-target-resource");
        buffer_free_text(encoded);
    }
}

static void executable_runs_only_when_allowed(void **state)
{
    (void)state;
    use_external(
        JWT,
        "{\"executable\":{\"command\":\"/bin/echo '{\\\"version\\\":1,\\\"success\\\":true,\\\"token_type\\\":"
        "\\\"" JWT "\\\",\\\"id_token\\\":\\\"subject\\\"}'\"}}",
        "");
    answer_exchange();

    assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, "not allowed", NULL);
    fake_host_env("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1");
    assert_resolves("gcp-sm://p/s", "hello");

    assert_field(0, "subject_token", "subject");
}

static void executable_that_answers_wrongly_is_told(void **state)
{
    static const struct {
        const char *output;
        enum mstr_code code;
        const char *part;
    } cases[] = {
        {"nothing", MSTR_E_PROTOCOL, "no JSON"},
        {"{\\\"version\\\":2,\\\"success\\\":true}", MSTR_E_PROTOCOL, "version 2"},
        {"{\\\"version\\\":1,\\\"success\\\":false,\\\"code\\\":\\\"C\\\",\\\"message\\\":\\\"M\\\"}",
         MSTR_E_AUTHENTICATION, "C: M"},
        {"{\\\"version\\\":1,\\\"success\\\":true,\\\"expiration_time\\\":1}", MSTR_E_AUTHENTICATION, "expired"},
        {"{\\\"version\\\":1,\\\"success\\\":true,\\\"token_type\\\":\\\"x\\\"}", MSTR_E_PROTOCOL, "token_type"},
    };
    (void)state;
    fake_host_env("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1");

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char source[512];
        plugin->invalidate(instance, NULL);
        snprintf(source, sizeof(source), "{\"executable\":{\"command\":\"/bin/echo '%s'\"}}", cases[i].output);
        use_external(JWT, source, "");
        assert_fails("gcp-sm://p/s", cases[i].code, cases[i].part, NULL);
    }
}

static void executable_is_left_alone_while_its_output_file_holds(void **state)
{
    static const struct {
        const char *content;
        const char *token; /* NULL: an error */
    } cases[] = {
        {"{\"version\":1,\"success\":true,\"token_type\":\"" JWT
         "\",\"id_token\":\"kept\",\"expiration_time\":1768482000}",
         "kept"},
        {"{\"version\":1,\"success\":true,\"token_type\":\"" JWT
         "\",\"id_token\":\"kept\",\"expiration_time\":1768478399}",
         "fresh"},
        {"{\"version\":1,\"success\":true,\"token_type\":\"" JWT "\",\"id_token\":\"kept\"}", "fresh"},
        {"{\"version\":1,\"success\":false,\"expiration_time\":1768482000}", "fresh"},
        {"no JSON", "fresh"},
        {"", "fresh"},
        {"{\"success\":true,\"expiration_time\":1768482000}", NULL},
    };
    (void)state;
    fake_host_env("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1");

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char path[] = "/tmp/mstr-output-XXXXXX";
        char source[512];
        int fd = mkstemp(path);
        size_t before = fake_host_requests();
        assert_int_equal(write(fd, cases[i].content, strlen(cases[i].content)), strlen(cases[i].content));
        close(fd);
        plugin->invalidate(instance, NULL);
        snprintf(source, sizeof(source),
                 "{\"executable\":{\"output_file\":\"%s\",\"command\":\"/bin/echo '{\\\"version\\\":1,"
                 "\\\"success\\\":true,\\\"token_type\\\":\\\"" JWT "\\\",\\\"id_token\\\":\\\"fresh\\\"}'\"}}",
                 path);
        use_external(JWT, source, "");
        if (cases[i].token == NULL) {
            assert_fails("gcp-sm://p/s", MSTR_E_PROTOCOL, "version", NULL);
        } else {
            answer_exchange();
            assert_resolves("gcp-sm://p/s", "hello");
            assert_field(before, "subject_token", cases[i].token);
        }
        unlink(path);
    }
}

static void containers_of_aws_sign_with_their_own_keys(void **state)
{
    (void)state;
    fake_host_env("AWS_REGION", "us-east-2");
    fake_host_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/task");
    use_external("urn:ietf:params:aws:token-type:aws4_request",
                 "{\"environment_id\":\"aws1\",\"url\":\"http://169.254.169.254/latest/roles\"}", "");
    fake_host_answer("GET", "http://169.254.170.2/v2/credentials/task", 200, NULL,
                     "{\"AccessKeyId\":\"ASIATASK\",\"SecretAccessKey\":\"s\",\"Token\":\"t\","
                     "\"Expiration\":\"2026-01-15T18:00:00Z\"}");
    answer_exchange();

    assert_resolves("gcp-sm://p/s", "hello");

    char *encoded = field(1, "subject_token");
    assert_contains(encoded, "ASIATASK%2F20260115%2Fus-east-2%2Fsts");
    assert_contains(encoded, "x-amz-security-token");
    buffer_free_text(encoded);
}

static void files_that_name_foreign_places_are_refused(void **state)
{
    static const struct {
        const char *type;
        const char *source;
        const char *extra;
        const char *part;
    } cases[] = {
        {JWT, "{\"file\":\"/f\"}", ",\"token_url\":\"https://sts.evil.com/v1/token\"", "none of Google's"},
        {JWT, "{\"file\":\"/f\"}", ",\"token_url\":\"http://sts.googleapis.com/v1/token\"", "must be https"},
        {JWT, "{\"file\":\"/f\"}", ",\"service_account_impersonation_url\":\"https://evil.com/x\"",
         "none of Google's"},
        {JWT, "{\"url\":\"http://intranet/t\"}", "", "must be https"},
        {JWT, "{}", "", "exactly one"},
        {JWT, "{\"file\":\"/f\",\"url\":\"https://h/\"}", "", "exactly one"},
        {JWT, "{\"file\":\"/f\"}", ",\"workforce_pool_user_project\":\"1\"", "workforce pool"},
        {JWT, "{\"executable\":{\"command\":\"x\",\"timeout_millis\":1}}", "", "5000 to 120000"},
        {JWT, "{\"environment_id\":\"aws1\"}", "", "for AWS"},
        {"urn:ietf:params:aws:token-type:aws4_request", "{\"environment_id\":\"aws2\"}", "", "must be aws1"},
        {"urn:ietf:params:aws:token-type:aws4_request", "{\"environment_id\":\"aws1\",\"url\":\"http://evil.com/\"}",
         "", "instance metadata"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        use_external(cases[i].type, cases[i].source, cases[i].extra);
        assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, cases[i].part, NULL);
    }
    assert_int_equal(fake_host_requests(), 0);
}

static void impersonation_hands_delegates_on(void **state)
{
    (void)state;
    use_file("{\"type\":\"impersonated_service_account\",\"service_account_impersonation_url\":\"" IAM
             "\",\"delegates\":[\"a@p\",\"b@p\"],\"source_credentials\":" USER_FILE "}");
    fake_host_answer("POST", "https://oauth2.googleapis.com/token", 200, NULL, TOKEN_ANSWER);
    fake_host_answer("POST", IAM, 200, NULL,
                     "{\"accessToken\":\"sa-token\",\"expireTime\":\"2026-01-15T13:00:00.5Z\"}");
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);

    assert_resolves("gcp-sm://p/s", "hello");

    assert_contains(fake_host_request(1)->body, "\"delegates\":[\"a@p\",\"b@p\"]");
    assert_string_equal(fake_exchange_header(fake_host_request(1), "Authorization"), "Bearer ya29.first");
    assert_string_equal(fake_exchange_header(fake_host_request(2), "Authorization"), "Bearer sa-token");
}

static void impersonation_is_tried_again_while_that_may_help(void **state)
{
    (void)state;
    use_file("{\"type\":\"impersonated_service_account\",\"service_account_impersonation_url\":\"" IAM
             "\",\"source_credentials\":" USER_FILE "}");
    fake_host_answer_always("POST", "https://oauth2.googleapis.com/token", 200, NULL, TOKEN_ANSWER);
    fake_host_answer("POST", IAM, 503, NULL, "{\"error\":{\"status\":\"UNAVAILABLE\"}}");
    fake_host_fail("POST", IAM, MSTR_E_NETWORK, "reset");
    fake_host_answer("POST", IAM, 200, NULL,
                     "{\"accessToken\":\"sa-token\",\"expireTime\":\"2026-01-15T13:00:00Z\"}");
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);
    assert_resolves("gcp-sm://p/s", "hello");

    plugin->invalidate(instance, NULL);
    fake_host_answer("POST", IAM, 403, NULL, "{\"error\":{\"status\":\"PERMISSION_DENIED\",\"message\":\"no\"}}");
    assert_fails("gcp-sm://p/s", MSTR_E_DENIED, "no", NULL);
}

static void failure_names_the_step_of_the_chain(void **state)
{
    static const struct {
        int source, sts, iam; /* status of each answer; 0 = not asked */
        const char *step;
    } cases[] = {{500, 0, 0, "subject token"}, {200, 400, 0, "token exchange"}, {200, 200, 403, "impersonation"}};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        plugin->invalidate(instance, NULL);
        use_external(JWT, "{\"url\":\"https://idp.example/token\"}",
                     ",\"service_account_impersonation_url\":\"" IAM "\"");
        fake_host_answer("GET", "https://idp.example/token", cases[i].source, NULL, "subject");
        if (cases[i].sts != 0) {
            fake_host_answer("POST", STS, cases[i].sts, NULL,
                             cases[i].sts == 200 ? TOKEN_ANSWER : "{\"error\":\"invalid_grant\"}");
        }
        if (cases[i].iam != 0) {
            fake_host_answer("POST", IAM, cases[i].iam, NULL, "{\"error\":{\"status\":\"PERMISSION_DENIED\"}}");
        }
        struct mstr_request *request = resolve("gcp-sm://p/s");
        assert_string_equal(fake_request_detail(request, MSTR_DETAIL_STEP), cases[i].step);
        fake_request_free(request);
    }
}

static void workforce_user_refreshes_at_sts(void **state)
{
    (void)state;
    use_file("{\"type\":\"external_account_authorized_user\",\"refresh_token\":\"r\",\"client_id\":\"id\","
             "\"client_secret\":\"hush\",\"token_url\":\"https://sts.googleapis.com/v1/oauthtoken\"}");
    fake_host_answer("POST", "https://sts.googleapis.com/v1/oauthtoken", 200, NULL, TOKEN_ANSWER);
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);

    assert_resolves("gcp-sm://p/s", "hello");

    assert_string_equal(fake_host_request(0)->body, "grant_type=refresh_token&refresh_token=r");
    assert_string_equal(fake_exchange_header(fake_host_request(0), "Authorization"), "Basic aWQ6aHVzaA==");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(token_of_a_url_is_exchanged_and_impersonates),
        TEST(token_of_a_file_is_trimmed),
        TEST(aws_request_is_signed_as_published),
        TEST(executable_runs_only_when_allowed),
        TEST(executable_that_answers_wrongly_is_told),
        TEST(executable_is_left_alone_while_its_output_file_holds),
        TEST(containers_of_aws_sign_with_their_own_keys),
        TEST(files_that_name_foreign_places_are_refused),
        TEST(impersonation_hands_delegates_on),
        TEST(impersonation_is_tried_again_while_that_may_help),
        TEST(failure_names_the_step_of_the_chain),
        TEST(workforce_user_refreshes_at_sts),
    };
    return RUN_TESTS("gcp/identity/external_account");
}
