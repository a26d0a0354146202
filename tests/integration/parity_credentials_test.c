/* SPDX-License-Identifier: Apache-2.0 */
/* Counterparts of the original's test_credentials: credentials of all kinds at login, and one store of each cloud. */
#include "parity.h"

/* --- what a login makes of credentials
 * ------------------------------------------------------------------------------ */

struct source {
    const char *value;
    unsigned calls;
};

static enum mstr_code supply(mstr_secret **value, mstr_error *error, void *data)
{
    struct source *source = data;
    source->calls++;
    *value = source->value != NULL ? mstr_secret_new(source->value, strlen(source->value)) : NULL;
    return *value != NULL ? MSTR_OK : mstr_error_set(error, MSTR_E_NOT_FOUND, "there is none");
}

static void give_callback(mstr_session *session, enum mstr_credential_kind kind, struct source *source)
{
    assert_int_equal(mstr_session_set_credential(session, kind, mstr_credential_callback(supply, source, NULL)),
                     MSTR_OK);
}

static void literals_reach_the_login_unchanged(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    assert_sent("POST", "/login", ANALYST_LOGIN);
    mstr_session_free(session);
}

/* Repaired: a credential that was given and comes to nothing is an error; the login never becomes a lesser one. */
static void a_credential_that_comes_to_nothing_is_an_error(void **state)
{
    struct source nothing = {NULL, 0};
    (void)state;
    mstr_session *session = make_analyst(0);
    give_callback(session, MSTR_CREDENTIAL_PASSWORD, &nothing);
    assert_int_equal(mstr_session_open(session, NULL, problem), MSTR_E_NOT_FOUND);
    assert_non_null(strstr(mstr_error_message(problem), "password"));
    assert_int_equal(simulator_requests(sim, "mstr", NULL), 0);
    mstr_session_free(session);
}

static void callbacks_are_asked_when_the_session_opens_and_once(void **state)
{
    struct source username = {"analyst", 0};
    struct source password = {"Simul8-analyst", 0};
    (void)state;
    mstr_session *session = make(0, MSTR_LOGIN_GUESS);
    give_callback(session, MSTR_CREDENTIAL_USERNAME, &username);
    give_callback(session, MSTR_CREDENTIAL_PASSWORD, &password);
    assert_int_equal(username.calls + password.calls, 0);

    assert_done(mstr_session_open(session, NULL, problem));

    assert_int_equal(username.calls, 1);
    assert_int_equal(password.calls, 1);
    assert_sent("POST", "/login", ANALYST_LOGIN);
    mstr_session_free(session);
}

/* Repaired: only what the login mode needs is resolved. */
static void a_callback_gives_the_api_key_and_no_other_is_asked(void **state)
{
    struct source key = {"sim-api-token-analyst", 0};
    struct source password = {"unused", 0};
    (void)state;
    mstr_session *session = make_analyst(0);
    give_callback(session, MSTR_CREDENTIAL_PASSWORD, &password);
    give_callback(session, MSTR_CREDENTIAL_API_KEY, &key);
    assert_done(mstr_session_open(session, NULL, problem));
    assert_int_equal(key.calls, 1);
    assert_int_equal(password.calls, 0);
    assert_sent("POST", "/login",
                "{\"username\":\"sim-api-token-analyst\",\"loginMode\":4096,\"applicationType\":8}");
    mstr_session_free(session);
}

/* Opens a session with an identity token, from a callback or as a literal, and closes it. */
static void delegate(bool callback)
{
    mstr_session *creator = open_analyst(0);
    mstr_session *session = make(0, MSTR_LOGIN_GUESS);
    mstr_secret *token = NULL;
    assert_done(mstr_session_create_identity_token(creator, &token, problem));
    struct source source = {mstr_secret_octets(token), 0};
    if (callback) {
        give_callback(session, MSTR_CREDENTIAL_IDENTITY_TOKEN, &source);
    } else {
        give(session, MSTR_CREDENTIAL_IDENTITY_TOKEN, source.value);
    }
    assert_done(mstr_session_open(session, NULL, problem));
    assert_int_equal(simulator_requests(sim, "mstr", "*/auth/delegate"), 1);
    assert_done(mstr_session_close(session, problem));
    assert_int_equal(simulator_requests(sim, "mstr", "*/auth/logout"), 0);
    mstr_secret_release(token);
    mstr_session_free(session);
    mstr_session_free(creator);
}

static void an_identity_token_of_a_callback_is_not_logged_out(void **state)
{
    (void)state;
    delegate(true);
}

static void an_identity_token_is_not_logged_out(void **state)
{
    (void)state;
    delegate(false);
}

static void a_password_session_is_logged_out_once(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    assert_done(mstr_session_close(session, problem));
    mstr_session_free(session);
    assert_int_equal(simulator_requests(sim, "mstr", "*/auth/logout"), 1);
}

/* Repaired: nobody is logged in anonymously who did not ask for it. */
static void no_credentials_are_anonymous_only_when_asked_for(void **state)
{
    (void)state;
    mstr_session *session = make(0, MSTR_LOGIN_GUESS);
    assert_int_equal(mstr_session_open(session, NULL, problem), MSTR_E_CONFIG);
    assert_int_equal(simulator_requests(sim, "mstr", NULL), 0);
    mstr_session_free(session);
    session = make(0, MSTR_LOGIN_ANONYMOUS);
    assert_done(mstr_session_open(session, NULL, problem));
    assert_sent("POST", "/login", "{\"loginMode\":8,\"applicationType\":8}");
    mstr_session_free(session);
}

static void the_base_url_may_come_from_a_callback(void **state)
{
    char url[256];
    (void)state;
    mstr_session *session = make_analyst(0);
    assert_done(mstr_session_url(session, "", NULL, 0, url, sizeof(url), problem));
    struct source base = {url, 0};
    give_callback(session, MSTR_CREDENTIAL_BASE_URL, &base);
    assert_int_equal(base.calls, 0);
    assert_done(mstr_session_open(session, NULL, problem));
    assert_int_equal(base.calls, 1);
    mstr_session_free(session);
}

static void a_literal_base_url_is_known_before_the_login(void **state)
{
    char url[256];
    (void)state;
    mstr_session *session = make_analyst(0);
    give(session, MSTR_CREDENTIAL_BASE_URL, "https://h.example/api");
    assert_done(mstr_session_url(session, "x", NULL, 0, url, sizeof(url), problem));
    assert_string_equal(url, "https://h.example/api/x");
    mstr_session_free(session);
}

/* --- stores
 * ----------------------------------------------------------------------------------------------------------- */

struct store {
    const char *service;  /* of the simulator */
    const char *fetch;    /* path of a fetch */
    const char *plain;    /* reference of "plain text" */
    const char *username; /* references of fields of a JSON secret */
    const char *password;
    const char *missing;
};
static const struct store aws = {"aws",
                                 "/",
                                 "aws-sm:prod/plain",
                                 "aws-sm:prod/mstr#username",
                                 "aws-sm:prod/mstr#password",
                                 "aws-sm:prod/mstr#nothing"};
static const struct store azure = {"azure",
                                   "/secrets/*",
                                   "azure-kv://corp/plain",
                                   "azure-kv://corp/mstr#username",
                                   "azure-kv://corp/mstr#password",
                                   "azure-kv://corp/mstr#nothing"};
static const struct store gcp = {"gcp",
                                 "*:access",
                                 "gcp-sm://sim-project/plain",
                                 "gcp-sm://sim-project/mstr#username",
                                 "gcp-sm://sim-project/mstr#password",
                                 "gcp-sm://sim-project/mstr#nothing"};

static mstr_context *clouds; /* with all stores, its cache empty at the begin of each test */

static int reset_clouds(void **state)
{
    char config[2048];
    reset(state);
    const char *google = simulator_url(sim, "gcp");
    const char *vault = simulator_url(sim, "azure");
    setenv("GCE_METADATA_HOST", google + strlen("http://"), 1);
    setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", vault, 1);
    snprintf(config, sizeof(config),
             "[plugins]\npath = %s\n[provider aws-sm]\nregion = us-east-1\nendpoint = %s\n"
             "[provider aws-ssm]\nregion = us-east-1\nendpoint = %s\n"
             "[provider azure-kv]\nendpoint = %s\nchallenge_resource = https://vault.azure.net\n"
             "[provider gcp-sm]\nendpoint = %s\n",
             getenv("MSTR_PLUGINS"), simulator_url(sim, "aws"), simulator_url(sim, "aws"), vault, google);
    clouds = test_context(config);
    return 0;
}

static int release_clouds(void **state)
{
    (void)state;
    mstr_context_free(clouds);
    return 0;
}

static size_t fetches(const struct store *store)
{
    return simulator_requests(sim, store->service, store->fetch);
}

static void making_a_credential_asks_nobody(void **state)
{
    const struct store *store = *state;
    mstr_credential *credential = mstr_credential_reference(store->password);
    assert_non_null(credential);
    assert_int_equal(simulator_requests(sim, store->service, NULL), 0);
    mstr_credential_release(credential);
}

static void a_plain_secret_is_fetched(void **state)
{
    const struct store *store = *state;
    assert_text(clouds, store->plain, "plain text");
    assert_int_equal(fetches(store), 1);
}

static void a_field_of_a_secret_is_fetched(void **state)
{
    const struct store *store = *state;
    assert_text(clouds, store->password, "Simul8-analyst");
    assert_int_equal(fetches(store), 1);
}

static void the_fields_of_a_secret_share_one_fetch(void **state)
{
    const struct store *store = *state;
    assert_text(clouds, store->username, "analyst");
    assert_text(clouds, store->password, "Simul8-analyst");
    assert_text(clouds, store->username, "analyst");
    assert_int_equal(fetches(store), 1);
}

static void a_missing_field_is_named(void **state)
{
    const struct store *store = *state;
    assert_failure(clouds, store->missing, MSTR_E_NOT_FOUND, "nothing");
}

static void the_region_goes_to_the_store(void **state)
{
    (void)state;
    assert_text(clouds, "aws-sm:eu/mstr?region=eu-west-1", "european");
    struct json_object *log = simulator_log(sim, "aws");
    const char *authorization = simulator_header(simulator_entry(log, "/"), "Authorization");
    assert_non_null(strstr(authorization, "/eu-west-1/secretsmanager/aws4_request"));
    json_object_put(log);
}

static void a_parameter_is_fetched_decrypted(void **state)
{
    (void)state;
    assert_text(clouds, "aws-ssm:/prod/mstr/password", "Simul8-analyst");
    struct json_object *log = simulator_log(sim, "aws");
    struct json_object *entry = simulator_entry(log, "/");
    assert_string_equal(simulator_header(entry, "X-Amz-Target"), "AmazonSSM.GetParameter");
    assert_non_null(strstr(json_object_get_string(json_object_object_get(entry, "body")), "\"WithDecryption\":true"));
    json_object_put(log);
}

static void the_region_goes_to_the_parameter_store(void **state)
{
    (void)state;
    assert_failure(clouds, "aws-ssm:/no/such?region=eu-central-1", MSTR_E_NOT_FOUND, "no such parameter");
    struct json_object *log = simulator_log(sim, "aws");
    assert_non_null(strstr(simulator_header(simulator_entry(log, "/"), "Authorization"), "/eu-central-1/ssm/"));
    json_object_put(log);
}

static void making_a_credential_of_a_parameter_asks_nobody(void **state)
{
    (void)state;
    mstr_credential *credential = mstr_credential_reference("aws-ssm:/prod/mstr/password");
    assert_non_null(credential);
    assert_int_equal(simulator_requests(sim, "aws", NULL), 0);
    mstr_credential_release(credential);
}

static void each_parameter_is_fetched_once(void **state)
{
    (void)state;
    assert_text(clouds, "aws-ssm:/prod/mstr/username", "analyst");
    assert_text(clouds, "aws-ssm:/prod/mstr/username", "analyst");
    assert_text(clouds, "aws-ssm:/prod/mstr/password", "Simul8-analyst");
    assert_int_equal(simulator_requests(sim, "aws", NULL), 2);
}

static void a_secret_without_a_value_is_an_error(void **state)
{
    (void)state;
    simulator_fault(sim, "{\"action\":\"status\",\"status\":200,\"path\":\"/secrets/*\",\"body\":{\"id\":"
                         "\"https://corp.vault.azure.net/secrets/plain/11111111111111111111111111111111\"}}");
    assert_failure(clouds, azure.plain, MSTR_E_PROTOCOL, "value");
}

static void a_secret_of_google_is_named_in_full(void **state)
{
    a_plain_secret_is_fetched(state);
    assert_int_equal(simulator_requests(sim, "gcp", "/v1/projects/sim-project/secrets/plain/versions/latest:access"),
                     1);
}

static void a_version_can_be_named(void **state)
{
    (void)state;
    assert_text(clouds, "gcp-sm://sim-project/mstr/1#password", "old-password");
    assert_int_equal(simulator_requests(sim, "gcp", "/v1/projects/sim-project/secrets/mstr/versions/1:access"), 1);
}

static int start_all(void **state)
{
    setenv("AWS_ACCESS_KEY_ID", "AKIASIMULATOR0000001", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "simulatorSecretKey/0000000000000000000001", 1);
    setenv("HOME", "/nonexistent", 1);
    return start(state);
}

#define STORE(its_name, function, store)                                                                             \
    {                                                                                                                \
        its_name, function, reset_clouds, release_clouds, (void *)(uintptr_t) & (store)                              \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        ORIGINAL("TestResolve.test_returns_string_unchanged", literals_reach_the_login_unchanged),
        ORIGINAL("TestResolve.test_returns_none_unchanged", a_credential_that_comes_to_nothing_is_an_error),
        ORIGINAL("TestResolve.test_calls_callable", callbacks_are_asked_when_the_session_opens_and_once),
        ORIGINAL("TestCallableCredentials.test_plain_strings_still_work", literals_reach_the_login_unchanged),
        ORIGINAL("TestCallableCredentials.test_callable_username_and_password",
                 callbacks_are_asked_when_the_session_opens_and_once),
        ORIGINAL("TestCallableCredentials.test_callable_api_key", a_callback_gives_the_api_key_and_no_other_is_asked),
        ORIGINAL("TestCallableCredentials.test_callable_identity_token",
                 an_identity_token_of_a_callback_is_not_logged_out),
        ORIGINAL("TestCallableCredentials.test_callable_identity_token_skips_logout",
                 an_identity_token_of_a_callback_is_not_logged_out),
        ORIGINAL("TestCallableCredentials.test_string_identity_token_skips_logout",
                 an_identity_token_is_not_logged_out),
        ORIGINAL("TestCallableCredentials.test_password_auth_calls_logout", a_password_session_is_logged_out_once),
        ORIGINAL("TestCallableCredentials.test_callables_not_invoked_at_init_time",
                 callbacks_are_asked_when_the_session_opens_and_once),
        ORIGINAL("TestCallableCredentials.test_callables_invoked_at_enter_time",
                 callbacks_are_asked_when_the_session_opens_and_once),
        ORIGINAL("TestCallableCredentials.test_anonymous_login_with_no_credentials",
                 no_credentials_are_anonymous_only_when_asked_for),
        ORIGINAL("TestCallableCredentials.test_callable_base_url", the_base_url_may_come_from_a_callback),
        ORIGINAL("TestCallableCredentials.test_string_base_url_unchanged",
                 a_literal_base_url_is_known_before_the_login),
        ORIGINAL("TestCallableCredentials.test_callable_base_url_not_resolved_at_init",
                 the_base_url_may_come_from_a_callback),

        STORE("TestSecretsManagerHelper.test_returns_callable", making_a_credential_asks_nobody, aws),
        STORE("TestSecretsManagerHelper.test_fetches_plain_secret", a_plain_secret_is_fetched, aws),
        STORE("TestSecretsManagerHelper.test_fetches_json_key", a_field_of_a_secret_is_fetched, aws),
        STORE("TestSecretsManagerHelper.test_passes_region", the_region_goes_to_the_store, aws),
        STORE("TestSecretsManagerSecret.test_field_returns_callable", making_a_credential_asks_nobody, aws),
        STORE("TestSecretsManagerSecret.test_field_resolves_correct_value", the_fields_of_a_secret_share_one_fetch,
              aws),
        STORE("TestSecretsManagerSecret.test_fetches_only_once", the_fields_of_a_secret_share_one_fetch, aws),
        STORE("TestSecretsManagerSecret.test_not_fetched_until_field_called", making_a_credential_asks_nobody, aws),
        STORE("TestSecretsManagerSecret.test_passes_region", the_region_goes_to_the_store, aws),
        STORE("TestSecretsManagerSecret.test_missing_key_raises_key_error", a_missing_field_is_named, aws),
        STORE("TestParameterStoreHelper.test_returns_callable", making_a_credential_of_a_parameter_asks_nobody, aws),
        STORE("TestParameterStoreHelper.test_fetches_value", a_parameter_is_fetched_decrypted, aws),
        STORE("TestParameterStoreHelper.test_passes_region", the_region_goes_to_the_parameter_store, aws),
        STORE("TestParameterStoreValues.test_parameter_returns_callable",
              making_a_credential_of_a_parameter_asks_nobody, aws),
        STORE("TestParameterStoreValues.test_resolves_values", each_parameter_is_fetched_once, aws),
        STORE("TestParameterStoreValues.test_caches_per_parameter", each_parameter_is_fetched_once, aws),
        STORE("TestParameterStoreValues.test_not_fetched_until_called",
              making_a_credential_of_a_parameter_asks_nobody, aws),

        STORE("TestKeyVaultHelper.test_returns_callable", making_a_credential_asks_nobody, azure),
        STORE("TestKeyVaultHelper.test_fetches_plain_value", a_plain_secret_is_fetched, azure),
        STORE("TestKeyVaultHelper.test_fetches_json_key", a_field_of_a_secret_is_fetched, azure),
        STORE("TestKeyVaultHelper.test_secret_value_none_raises_value_error", a_secret_without_a_value_is_an_error,
              azure),
        STORE("TestKeyVaultSecret.test_field_returns_callable", making_a_credential_asks_nobody, azure),
        STORE("TestKeyVaultSecret.test_field_resolves_value", the_fields_of_a_secret_share_one_fetch, azure),
        STORE("TestKeyVaultSecret.test_fetches_only_once", the_fields_of_a_secret_share_one_fetch, azure),
        STORE("TestKeyVaultSecret.test_not_fetched_until_field_called", making_a_credential_asks_nobody, azure),
        STORE("TestKeyVaultSecret.test_secret_value_none_raises_value_error", a_secret_without_a_value_is_an_error,
              azure),

        STORE("TestGCPSecretManagerHelper.test_returns_callable", making_a_credential_asks_nobody, gcp),
        STORE("TestGCPSecretManagerHelper.test_fetches_plain_secret", a_secret_of_google_is_named_in_full, gcp),
        STORE("TestGCPSecretManagerHelper.test_fetches_json_key", a_field_of_a_secret_is_fetched, gcp),
        STORE("TestGCPSecretManagerHelper.test_custom_version", a_version_can_be_named, gcp),
        STORE("TestGCPSecretManagerSecret.test_field_returns_callable", making_a_credential_asks_nobody, gcp),
        STORE("TestGCPSecretManagerSecret.test_field_resolves_value", the_fields_of_a_secret_share_one_fetch, gcp),
        STORE("TestGCPSecretManagerSecret.test_fetches_only_once", the_fields_of_a_secret_share_one_fetch, gcp),
        STORE("TestGCPSecretManagerSecret.test_not_fetched_until_field_called", making_a_credential_asks_nobody, gcp),
        STORE("TestGCPSecretManagerSecret.test_missing_key_raises_key_error", a_missing_field_is_named, gcp),
    };
    _Static_assert(COUNT_OF(tests) == 3 + 13 + 4 + 6 + 3 + 4 + 4 + 5 + 4 + 5,
                   "one entry for each test of the original");
    return cmocka_run_group_tests_name("parity/credentials", tests, start_all, stop);
}
