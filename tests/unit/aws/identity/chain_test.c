/* The default chain: which source decides, what it asks, how it fails, and how its identity is kept. */
#include "support/aws_home.h"
#include "support/vectors.h"

#define IMDS_URL "http://169.254.169.254/latest/"
#define KEYS_UNTIL(time)                                                                                             \
    "{\"Code\":\"Success\",\"AccessKeyId\":\"ASIA\",\"SecretAccessKey\":\"sk\",\"Token\":\"t\",\"Expiration\":"      \
    "\"" time "\"}"

static void the_environment_comes_before_the_profile(void **state)
{
    (void)state;
    write_file(".aws/credentials", "[default]\naws_access_key_id=FILE\naws_secret_access_key=x\n");
    assert_identity("FILE");
    fake_host_env("AWS_ACCESS_KEY_ID", "ENV");
    fake_host_env("AWS_SECRET_ACCESS_KEY", "x");
    assert_identity("ENV");
}

static void a_profile_that_is_configured_leaves_the_environment_out(void **state)
{
    (void)state;
    write_file(".aws/credentials", "[p]\naws_access_key_id=FILE\naws_secret_access_key=x\n");
    fake_host_env("AWS_ACCESS_KEY_ID", "ENV");
    fake_host_env("AWS_SECRET_ACCESS_KEY", "x");
    fake_host_option("profile", "p");
    assert_identity("FILE");
}

static void what_is_configured_but_broken_ends_the_chain(void **state)
{
    static const struct {
        const char *config, *profile, *message;
    } cases[] = {
        {"[default]\naws_access_key_id=A\n", NULL, "profile missing aws_secret_access_key"},
        {"[default]\n", "nobody", "there is no profile \"nobody\""},
        {"[default\n", NULL, "config:1: "},
        {"[default]\nrole_arn=arn:x\n", NULL, "profile must contain `source_profile`"},
        {"[default]\nrole_arn=arn:x\nsource_profile=a\ncredential_source=Environment\n", NULL, "not both"},
        {"[default]\nrole_arn=arn:x\nsource_profile=b\n", NULL, "could not find source profile b"},
        {"[default]\nrole_arn=arn:x\nsource_profile=b\n[profile b]\nrole_arn=arn:y\nsource_profile=default\n", NULL,
         "loop"},
        {"[default]\nrole_arn=arn:x\ncredential_source=Moon\n", NULL, "\"Moon\" is none of"},
        {"[default]\nweb_identity_token_file=/t\n", NULL, "no role_arn"},
        {"[default]\nlogin_session=arn:x\n", NULL, "aws login: no session is cached"},
        {"[default]\ncredential_process=/nonexistent/program\n", NULL, "no program /nonexistent/program"},
        {"[default]\ncredential_process=/bin/false\n", NULL, "status 1"},
        {"[default]\ncredential_process=/bin/echo hello\n", NULL, "other than JSON"},
        {"[default]\ncredential_process=/bin/echo '{\"Version\":2}'\n", NULL, "Version 2"},
        {"[default]\ncredential_process=/bin/echo '{\"Version\":1}'\n", NULL, "no AccessKeyId"},
        {"[default]\nsso_session=dev\n", NULL, "sso-session named `dev` (referenced by profile `default`)"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        write_file(".aws/config", cases[i].config);
        fake_host_env("AWS_PROFILE", cases[i].profile);
        struct identity *identity = NULL;
        struct mstr_error *error = host->error_new();
        enum mstr_code code = chain_walk(fake_host_instance(NULL), fake_host_call(), NULL, NULL, &identity, error);
        assert_null(identity);
        assert_int_not_equal(code, MSTR_OK);
        assert_int_not_equal(code, MSTR_E_NOT_AVAILABLE);
        assert_contains(host->error_message(error), cases[i].message);
        host->error_free(error);
    }
    assert_int_equal(fake_host_requests(), 0);
}

static void a_helper_program_gives_keys(void **state)
{
    (void)state;
    write_file(".aws/config", "[default]\ncredential_process=/bin/echo '{\"Version\":1,\"AccessKeyId\":\"PROC\","
                              "\"SecretAccessKey\":\"x\"}'\n");
    assert_identity("PROC");
}

/* What is asked of STS for each node of a public case's chain, the base first. */
static void check_role_chain(struct json_object *test)
{
    struct json_object *input = json_member(test, "input");
    struct json_object *nodes = json_member(json_member(test, "output"), "ProfileChain");
    const char *refusal = json_member_text(json_member(test, "output"), "Error");
    struct buffer config = BUFFER_INIT;
    json_object_object_foreach(json_member(input, "profiles"), name, properties)
    {
        buffer_printf(&config, "[profile %s]\n", name);
        json_object_object_foreach(properties, key, value)
        {
            bool token = strcmp(key, "web_identity_token_file") == 0;
            buffer_printf(&config, "%s=%s\n", key, token ? "/token" : json_object_get_string(value));
        }
    }
    fake_host_env("AWS_PROFILE", json_member_text(input, "selected_profile"));
    write_file(".aws/config", buffer_text(&config));
    buffer_release(&config);
    size_t first = fake_host_requests();
    if (refusal != NULL) {
        assert_no_identity(MSTR_E_CONFIG, refusal);
        return;
    }
    assert_identity("ASIAROLE");
    for (size_t i = 0; i < json_object_array_length(nodes); i++) {
        struct json_object *node = json_object_array_get_idx(nodes, i);
        const char *key = json_member_text(json_member(node, "AccessKey"), "access_key_id");
        struct json_object *role = json_member(node, "AssumeRole");
        role = role != NULL ? role : json_member(node, "WebIdentityToken");
        if (key != NULL) {
            assert_contains(fake_exchange_header(fake_host_request(first), "Authorization"), key);
            continue;
        }
        const struct fake_exchange *sent = fake_host_request(first++);
        assert_contains(sent->body, strrchr(json_member_text(role, "role_arn"), '/') + 1);
        if (json_member_text(role, "external_id") != NULL) {
            assert_contains(sent->body, json_member_text(role, "external_id"));
        }
    }
    assert_int_equal(fake_host_requests(), first);
}

static void every_public_role_chain_is_followed(void **state)
{
    (void)state;
    struct json_object *cases = vector_json("aws/profile/assume-role-tests.json");
    write_file("token", "a.jwt");
    char config[256];
    char credentials[256];
    home_path(".aws/config", config);
    home_path(".aws/credentials", credentials);
    fake_host_env("AWS_CONFIG_FILE", "/.aws/config");
    fake_host_env("AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials");
    files_root = home;
    fake_host_answer_always("POST", STS_URL, 200, NULL, ASSUMED);
    for (size_t i = 0; cases != NULL && i < json_object_array_length(cases); i++) {
        check_role_chain(json_object_array_get_idx(cases, i));
    }
    files_root = "";
    json_release(cases);
}

static void a_web_identity_is_exchanged_without_a_signature(void **state)
{
    char path[256];
    (void)state;
    home_path("token", path);
    write_file("token", "a.jwt\n");
    fake_host_env("AWS_WEB_IDENTITY_TOKEN_FILE", path);
    assert_no_identity(MSTR_E_CONFIG, "AWS_ROLE_ARN is not");
    fake_host_env("AWS_ROLE_ARN", "arn:aws:iam::1:role/r");
    fake_host_answer("POST", STS_URL, 200, NULL, ASSUMED);

    assert_identity("ASIAROLE");

    const struct fake_exchange *sent = fake_host_request(0);
    assert_null(fake_exchange_header(sent, "Authorization"));
    assert_contains(sent->body, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam");
    assert_contains(sent->body, "&WebIdentityToken=a.jwt");
}

static void a_refusal_of_sts_is_told_in_its_own_words(void **state)
{
    (void)state;
    fake_host_env("AWS_ACCESS_KEY_ID", "ENV");
    fake_host_env("AWS_SECRET_ACCESS_KEY", "x");
    fake_host_option("role_arn", "arn:aws:iam::1:role/r");
    fake_host_answer("POST", STS_URL, 403, NULL,
                     "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>"
                     "<Message>User: &lt;me&gt; is not authorized</Message></Error></ErrorResponse>");
    assert_no_identity(MSTR_E_DENIED, "User: <me> is not authorized (AccessDenied)");
}

static void an_sso_login_gives_keys_until_it_expires(void **state)
{
    (void)state;
    write_file(".aws/config", "[default]\nsso_session=dev\nsso_account_id=1\nsso_role_name=r\n[sso-session dev]\n"
                              "sso_region=us-east-1\nsso_start_url=https://x/start\n");
    assert_no_identity(MSTR_E_AUTHENTICATION, "no login is cached");
    write_file(".aws/sso/cache/34c6fceca75e456f25e7e99531e2425c6c1de443.json",
               "{\"accessToken\":\"at\",\"expiresAt\":\"2026-01-15T12:30:00Z\"}");
    fake_host_answer("GET",
                     "https://portal.sso.us-east-1.amazonaws.com/federation/credentials[?]role_name=r&account_id=1",
                     200, NULL,
                     "{\"roleCredentials\":{\"accessKeyId\":\"SSO\",\"secretAccessKey\":\"x\",\"sessionToken\":\"t\","
                     "\"expiration\":1768482000000}}");
    assert_identity("SSO");
    assert_string_equal(fake_exchange_header(fake_host_request(0), "x-amz-sso_bearer_token"), "at");
    fake_host_advance(31 * 60000);
    assert_no_identity(MSTR_E_AUTHENTICATION, "expired");
}

#define SSO_FILE "aws/sso/cache/34c6fceca75e456f25e7e99531e2425c6c1de443.json"

/* A login that ends in three minutes, with what its renewal needs. */
static void write_renewable_login(void)
{
    write_file(".aws/config", "[default]\nsso_session=dev\nsso_account_id=1\nsso_role_name=r\n[sso-session dev]\n"
                              "sso_region=us-east-1\nsso_start_url=https://x/start\n");
    write_file(
        "." SSO_FILE,
        "{\"accessToken\":\"old\",\"expiresAt\":\"2026-01-15T12:03:00Z\",\"refreshToken\":\"rt\",\"clientId\":\"ci\","
        "\"clientSecret\":\"cs\",\"registrationExpiresAt\":\"2026-02-15T12:00:00Z\",\"startUrl\":\"https://x/"
        "start\"}");
    fake_host_answer_always(
        "GET", "https://portal.sso.us-east-1.amazonaws.com/*", 200, NULL,
        "{\"roleCredentials\":{\"accessKeyId\":\"SSO\",\"secretAccessKey\":\"x\",\"sessionToken\":\"t\","
        "\"expiration\":1768482000000}}");
}

static void an_sso_login_is_renewed_and_put_back(void **state)
{
    (void)state;
    write_renewable_login();
    fake_host_answer("POST", "https://oidc.us-east-1.amazonaws.com/token", 200, NULL,
                     "{\"accessToken\":\"new\",\"expiresIn\":3600,\"refreshToken\":\"rt2\"}");
    assert_identity("SSO");
    assert_string_equal(fake_host_request(0)->body,
                        "{\"clientId\":\"ci\",\"clientSecret\":\"cs\",\"grantType\":\"refresh_token\","
                        "\"refreshToken\":\"rt\"}");
    assert_string_equal(fake_exchange_header(fake_host_request(1), "x-amz-sso_bearer_token"), "new");
    assert_identity("SSO"); /* from the file, without another renewal */
    assert_int_equal(fake_host_requests(), 3);
    assert_string_equal(fake_exchange_header(fake_host_request(2), "x-amz-sso_bearer_token"), "new");
    char path[512];
    struct stat status;
    struct buffer text = BUFFER_INIT;
    snprintf(path, sizeof(path), "%s/.%s", home, SSO_FILE);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(files_read(path, 4096, &text, NULL), MSTR_OK);
    assert_contains(buffer_text(&text), "\"refreshToken\":\"rt2\"");
    assert_contains(buffer_text(&text), "\"expiresAt\":\"2026-01-15T13:00:00Z\"");
    assert_contains(buffer_text(&text), "\"startUrl\":\"https://x/start\"");
    buffer_release(&text);
}

static void an_sso_login_that_cannot_be_renewed_serves_to_its_end(void **state)
{
    (void)state;
    write_renewable_login();
    fake_host_answer_always("POST", "https://oidc.us-east-1.amazonaws.com/token", 400, NULL,
                            "{\"error\":\"invalid_grant\",\"error_description\":\"gone\"}");
    assert_identity("SSO");
    assert_string_equal(fake_exchange_header(fake_host_request(1), "x-amz-sso_bearer_token"), "old");
    fake_host_advance(4 * 60000);
    fake_host_deadline(30000);
    assert_no_identity(MSTR_E_AUTHENTICATION, "could not be renewed");
}

static void a_container_gives_keys_for_its_token(void **state)
{
    char path[256];
    (void)state;
    home_path("token", path);
    write_file("token", "Bearer x\n");
    fake_host_env("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials");
    fake_host_env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path);
    fake_host_answer("GET", "http://169.254.170.23/v1/credentials", 200, NULL, KEYS_UNTIL("2026-01-15T13:00:00Z"));
    assert_identity("ASIA");
    assert_string_equal(fake_exchange_header(fake_host_request(0), "Authorization"), "Bearer x");
    assert_true(fake_host_request(0)->request.flags & MSTR_HTTP_NO_PROXY);

    write_file("token", "a\r\nX-Evil: 1");
    assert_no_identity(MSTR_E_CONFIG, "line break");
}

static void an_instance_gives_the_keys_of_its_role(void **state)
{
    (void)state;
    fake_host_answer("PUT", IMDS_URL "api/token", 200, NULL, "session");
    fake_host_answer("GET", IMDS_URL "meta-data/iam/security-credentials-extended/", 404, NULL, "");
    fake_host_answer("GET", IMDS_URL "meta-data/iam/security-credentials/", 200, NULL, "role");
    fake_host_answer("GET", IMDS_URL "meta-data/iam/security-credentials/role", 200, NULL,
                     KEYS_UNTIL("2026-01-15T18:00:00Z"));
    assert_identity("ASIA");
    for (size_t i = 0; i < fake_host_requests(); i++) {
        assert_true(fake_host_request(i)->request.flags & MSTR_HTTP_NO_PROXY);
        assert_int_equal(fake_host_request(i)->request.connect_timeout, 1000);
    }
    assert_string_equal(fake_exchange_header(fake_host_request(1), "x-aws-ec2-metadata-token"), "session");
}

static void with_nothing_configured_every_source_tells_its_reason(void **state)
{
    (void)state;
    assert_no_identity(MSTR_E_NOT_AVAILABLE,
                       "no AWS credentials: environment: AWS_ACCESS_KEY_ID is not set; profile: "
                       "there is no profile \"default\"; web identity: "
                       "AWS_WEB_IDENTITY_TOKEN_FILE is not set; container: ");
    assert_int_equal(fake_host_requests(), 1); /* the metadata service, once */
    fake_host_env("AWS_EC2_METADATA_DISABLED", "TRUE");
    assert_no_identity(MSTR_E_NOT_AVAILABLE, "AWS_EC2_METADATA_DISABLED is set");
    assert_int_equal(fake_host_requests(), 1);
}

static void an_identity_is_kept_and_renewed_before_its_end(void **state)
{
    struct chain chain;
    (void)state;
    fake_host_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/c");
    fake_host_answer("GET", "http://169.254.170.2/c", 200, NULL, KEYS_UNTIL("2026-01-15T13:00:00Z"));
    assert_true(chain_init(&chain));

    assert_kept(&chain, "ASIA");
    fake_host_advance(44 * 60000);
    fake_host_deadline(30000);
    assert_kept(&chain, "ASIA");
    assert_int_equal(fake_host_requests(), 1);

    fake_host_advance(60001); /* in the advisory window: a failed renewal leaves the old one */
    fake_host_deadline(30000);
    assert_kept(&chain, "ASIA");
    assert_int_equal(fake_host_requests(), 2);
    assert_kept(&chain, "ASIA");
    assert_int_equal(fake_host_requests(), 2); /* and is not repeated at once */
    chain_destroy(&chain);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, aws_home_make, aws_home_drop)
    const struct CMUnitTest tests[] = {
        TEST(the_environment_comes_before_the_profile),
        TEST(a_profile_that_is_configured_leaves_the_environment_out),
        TEST(what_is_configured_but_broken_ends_the_chain),
        TEST(a_helper_program_gives_keys),
        TEST(every_public_role_chain_is_followed),
        TEST(a_web_identity_is_exchanged_without_a_signature),
        TEST(a_refusal_of_sts_is_told_in_its_own_words),
        TEST(an_sso_login_gives_keys_until_it_expires),
        TEST(an_sso_login_is_renewed_and_put_back),
        TEST(an_sso_login_that_cannot_be_renewed_serves_to_its_end),
        TEST(a_container_gives_keys_for_its_token),
        TEST(an_instance_gives_the_keys_of_its_role),
        TEST(with_nothing_configured_every_source_tells_its_reason),
        TEST(an_identity_is_kept_and_renewed_before_its_end),
    };
    return RUN_TESTS("aws/identity/chain");
}
