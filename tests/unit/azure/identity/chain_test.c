/* The chain: its order, what ends it and what does not, who is chosen, and how it is told. */
#include "unit/azure/support.h"

#include "azure/identity/imds.h"

#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>

#define REFERENCE "azure-kv://corp/db"
#define IMDS      "http://169.254.169.254/metadata/identity/oauth2/token"
#define CLI_TOKEN "echo '{\"accessToken\":\"cli\",\"expires_on\":1768482000,\"expiresOn\":\"x\",\"tenant\":\"t\"}'"

static char folder[] = "/tmp/mstr-tools-XXXXXX";

static int setup(void **state)
{
    int result = plugin_setup(state);
    strcpy(folder, "/tmp/mstr-tools-XXXXXX");
    assert_non_null(mkdtemp(folder));
    fake_host_env("PATH", folder);
    imds_asset_tag_file = "/nowhere"; /* whatever machine the tests run on */
    return result;
}

static int teardown(void **state)
{
    static const char *const names[] = {"az", "azd", "pwsh"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char path[128];
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
    return plugin_teardown(state);
}

/* Installs a tool that notes its arguments in the file at file_path and then does as the script says. */
static void install(const char *name, const char *script)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\nprintf '%%s|' \"$@\" >>%s\necho \"${PWD##*/}\" >>%s\n%s\n", file_path, file_path,
            script);
    fclose(file);
    assert_int_equal(chmod(path, 0700), 0);
}

static const char *noted(void)
{
    static char text[4096];
    FILE *file = fopen(file_path, "re");
    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void answer_vault(void)
{
    fake_host_answer("GET", VAULT, 200, NULL, SECRET);
}

static const char *bearer_of_last(void)
{
    return fake_exchange_header(fake_host_request(fake_host_requests() - 1), "Authorization");
}

static void every_attempt_is_listed_where_nothing_is_available(void **state)
{
    static const char *const parts[] = {
        "EnvironmentCredential: AZURE_CLIENT_ID is not set [0 ms]",
        "WorkloadIdentityCredential: AZURE_FEDERATED_TOKEN_FILE is not set",
        "ManagedIdentityCredential: http://169.254.169.254: the metadata service does not answer",
        "AzureCliCredential: az is not installed",
        "AzureDeveloperCliCredential: azd is not installed",
        "AzurePowerShellCredential: pwsh is not installed",
    };
    (void)state;

    struct mstr_request *request = resolve(REFERENCE);

    assert_int_equal(fake_request_code(request), MSTR_E_NOT_AVAILABLE);
    const char *at = fake_request_message(request);
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        assert_contains(at, parts[i]);
        at = strstr(at, parts[i]);
    }
    fake_request_free(request);
    assert_int_equal(fake_host_slept(), 0);
    assert_int_equal(fake_host_requests(), 1);
    assert_contains(fake_host_request(0)->url, IMDS);
    assert_int_equal(fake_host_request(0)->request.timeout, 1000);
    assert_int_equal(fake_host_request(0)->request.connect_timeout, 1000);
}

static void silence_of_the_metadata_service_is_not_remembered(void **state)
{
    (void)state;
    assert_fails(REFERENCE, MSTR_E_NOT_AVAILABLE, "does not answer", NULL);

    fake_host_answer("GET", IMDS "[?]*", 200, NULL, TOKEN("mi"));
    answer_vault();

    assert_resolves(REFERENCE, "hello");
}

static void metadata_service_is_waited_for_as_long_as_is_configured(void **state)
{
    (void)state;
    fake_host_option("imds_timeout", "2500");

    assert_fails(REFERENCE, MSTR_E_NOT_AVAILABLE, "does not answer", NULL);

    assert_int_equal(fake_host_request(0)->request.timeout, 2500);
}

static void machine_of_azure_is_patient_with_its_metadata_service(void **state)
{
    (void)state;
    write_text("7783-7084-3265-9085-8269-3286-77\n");
    imds_asset_tag_file = file_path;
    fake_host_answer("GET", IMDS "[?]*", 404, NULL, "");
    fake_host_answer("GET", IMDS "[?]*", 200, NULL, TOKEN("mi"));
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_int_equal(fake_host_request(0)->request.timeout, 10000);
    imds_asset_tag_file = "/nowhere";
}

static void machine_without_identity_leaves_the_turn_to_others(void **state)
{
    (void)state;
    install("az", CLI_TOKEN);
    fake_host_answer("GET", IMDS "[?]*", 400, NULL,
                     "{\"error\":\"invalid_request\",\"error_description\":\"Identity not found\"}");
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_string_equal(bearer_of_last(), "Bearer cli");
}

static void refused_identity_ends_the_chain(void **state)
{
    (void)state;
    install("az", CLI_TOKEN);
    fake_host_env("AZURE_CLIENT_ID", "stale");
    fake_host_answer("GET", IMDS "[?]*", 400, NULL, "{\"error\":\"invalid_request\"}");

    struct mstr_request *request = resolve(REFERENCE);

    assert_int_equal(fake_request_code(request), MSTR_E_AUTHENTICATION);
    assert_contains(fake_request_message(request), "before it: EnvironmentCredential: AZURE_TENANT_ID is not set");
    assert_string_equal(fake_request_detail(request, MSTR_DETAIL_STEP), "ManagedIdentityCredential");
    fake_request_free(request);
    assert_string_equal(noted(), "");
}

static void answers_of_gateways_and_other_clouds_leave_the_turn_to_others(void **state)
{
    static const struct {
        int status;
        const char *body;
    } cases[] = {{407, "<html>"},
                 {502, "<html>"},
                 {504, ""},
                 {404, "<html>Not Found</html>"},
                 {404, "{\"code\":404,\"message\":\"Not Found\"}"},
                 {401, "<?xml version=\"1.0\"?>"}};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_answer("GET", IMDS "[?]*", cases[i].status, NULL, cases[i].body);
        assert_fails(REFERENCE, MSTR_E_NOT_AVAILABLE, "az is not installed", NULL);
    }
    assert_int_equal(fake_host_slept(), 0);
}

static void winner_is_asked_alone_from_then_on(void **state)
{
    (void)state;
    install("az", CLI_TOKEN);
    answer_vault();
    assert_resolves(REFERENCE, "hello");
    size_t before = fake_host_requests();

    fake_host_set_now(FAKE_HOST_START + 3600000);
    install("az", "echo '{\"accessToken\":\"cli2\",\"expires_on\":1768490000}'");
    fake_host_env("AZURE_TENANT_ID", "tenant-1");
    fake_host_env("AZURE_CLIENT_ID", "client-1");
    fake_host_env("AZURE_CLIENT_SECRET", "secret");
    answer_vault();
    assert_resolves(REFERENCE, "hello");

    assert_int_equal(fake_host_requests(), before + 1);
    assert_string_equal(bearer_of_last(), "Bearer cli2");
}

static void selection_takes_a_group_or_one(void **state)
{
    static const struct {
        const char *value;
        const char *part;
        const char *without;
    } cases[] = {
        {"dev", "az is not installed", "EnvironmentCredential"},
        {" PROD ", "does not answer", "az is not installed"},
        {"environmentcredential", "AZURE_CLIENT_ID is not set", "IMDS"},
        {"WorkloadIdentityCredential", "AZURE_FEDERATED_TOKEN_FILE", "EnvironmentCredential"},
        {"managedidentitycredential", "does not answer", "az is not"},
        {"AzureCliCredential", "az is not installed", "azd is"},
        {"AzureDeveloperCliCredential", "azd is not installed", "pwsh"},
        {"AzurePowerShellCredential", "pwsh is not installed", "azd"},
        {"", "EnvironmentCredential", "selects"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_env("AZURE_TOKEN_CREDENTIALS", cases[i].value);
        struct mstr_request *request = resolve(REFERENCE);
        assert_int_equal(fake_request_code(request), MSTR_E_NOT_AVAILABLE);
        assert_contains(fake_request_message(request), cases[i].part);
        assert_null(strstr(fake_request_message(request), cases[i].without));
        fake_request_free(request);
    }
}

static void unknown_selection_is_refused_with_the_names(void **state)
{
    static const char *const cases[] = {"developer", "VisualStudioCodeCredential", "interactivebrowsercredential",
                                        "a-very-long-value-that-no-credential-could-ever-have-for-its-own-name-0"};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_env("AZURE_TOKEN_CREDENTIALS", cases[i]);
        assert_fails(REFERENCE, MSTR_E_CONFIG, "AZURE_TOKEN_CREDENTIALS", "AzureCliCredential");
    }
}

/* Tools. */

static void cli_is_run_away_from_the_callers_folder(void **state)
{
    (void)state;
    fake_host_option("tenant_id", "tenant-1");
    fake_host_option("subscription", "My Subscription");
    install("az", CLI_TOKEN "; echo a warning >&2");
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_string_equal(noted(), "account|get-access-token|--output|json|--resource|https://vault.azure.net|--tenant|"
                                 "tenant-1|--subscription|My Subscription|bin\n");
    fake_host_option("subscription", "a;b");
    plugin->invalidate(instance, NULL);
    fake_host_option("credential", "AzureCliCredential");
    assert_fails(REFERENCE, MSTR_E_CONFIG, "\"a;b\" is no id", NULL);
}

static void vaults_tenant_is_handed_to_a_tool_without_one(void **state)
{
    (void)state;
    install("az", CLI_TOKEN);
    fake_host_answer("GET", "https://corp.vault.example/*", 401, CHALLENGE_OF("tenant-7", "https://vault.example"),
                     "");
    fake_host_answer("GET", "https://corp.vault.example/*", 200, NULL, SECRET);

    assert_resolves("azure-kv://corp.vault.example/db", "hello");

    assert_contains(noted(), "--resource|https://vault.example|--tenant|tenant-7|");
}

static void old_cli_tells_local_time(void **state)
{
    (void)state;
    setenv("TZ", "UTC", 1);
    install("az", "echo '{\"accessToken\":\"cli\",\"expiresOn\":\"2026-01-15 13:00:00.000000\"}'");
    answer_vault();
    assert_resolves(REFERENCE, "hello");
    unsetenv("TZ");
}

static void azd_and_powershell_are_read_too(void **state)
{
    (void)state;
    fake_host_option("credential", "AzureDeveloperCliCredential");
    install("azd", "echo '{\"token\":\"azd\",\"expiresOn\":\"2026-01-15T13:00:00Z\"}'");
    answer_vault();
    assert_resolves(REFERENCE, "hello");
    assert_string_equal(bearer_of_last(), "Bearer azd");
    assert_contains(noted(), "auth|token|--output|json|--no-prompt|--scope|https://vault.azure.net/.default|bin");

    fake_host_answer("GET", VAULT, 401,
                     "WWW-Authenticate: Bearer error=\"insufficient_claims\", claims=\"eyJhIjoxfQ==\"", "");
    answer_vault();
    assert_resolves(REFERENCE, "hello");
    assert_contains(noted(), "/.default|--claims|eyJhIjoxfQ==|bin");

    plugin->invalidate(instance, NULL);
    fake_host_option("credential", "AzurePowerShellCredential");
    install("pwsh", "echo '{\"Token\":\"ps\",\"ExpiresOn\":1768482000}'");
    answer_vault();
    assert_resolves(REFERENCE, "hello");
    assert_string_equal(bearer_of_last(), "Bearer ps");
    assert_contains(noted(), "-NoProfile|-NonInteractive|-OutputFormat|Text|-EncodedCommand|JABFAHIAcgBv");
}

static void tools_that_fail_are_told(void **state)
{
    static const struct {
        const char *script;
        enum mstr_code code;
        const char *part;
        const char *hint;
    } cases[] = {
        {"echo \"Please run 'az login' to setup account.\" >&2; exit 1", MSTR_E_NOT_AVAILABLE, "az is not logged in",
         "az login"},
        {"echo 'AADSTS50076: MFA. Run az login' >&2; exit 1", MSTR_E_AUTHENTICATION, "AADSTS50076", "az login"},
        {"exit 127", MSTR_E_NOT_AVAILABLE, "not installed", NULL},
        {"kill -9 $$", MSTR_E_AUTHENTICATION, "signal 9", NULL},
        {"echo garbage", MSTR_E_PROTOCOL, "printed no token", "by hand"},
        {"echo '{\"accessToken\":\"x\"}'", MSTR_E_PROTOCOL, "printed no token", NULL},
        {"echo '{\"accessToken\":\"x\",\"expires_on\":1}'", MSTR_E_PROTOCOL, "expired already", NULL},
        {"echo '\"accessToken\": \"top secret\"' >&2; exit 2", MSTR_E_AUTHENTICATION, "withheld", NULL},
        {"yes", MSTR_E_PROTOCOL, "printed more than", NULL},
    };
    (void)state;
    fake_host_option("credential", "AzureCliCredential");

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        install("az", cases[i].script);
        assert_fails(REFERENCE, cases[i].code, cases[i].part, cases[i].hint);
    }
}

static void messages_of_azd_are_taken_out_of_their_json(void **state)
{
    static const struct {
        const char *script;
        enum mstr_code code;
        const char *part;
    } cases[] = {
        {"echo '{\"type\":\"consoleMessage\",\"data\":{\"message\":\"MFA needed\"}}' >&2; exit 1",
         MSTR_E_AUTHENTICATION, "azd ended with status 1: MFA needed"},
        {"echo '{\"error\":\"e\",\"message\":\"it broke\",\"suggestion\":\"s\"}' >&2; exit 1", MSTR_E_AUTHENTICATION,
         "azd ended with status 1: it broke"},
        {"echo '{\"type\":\"consoleMessage\",\"data\":{\"message\":\"not logged in, run `azd auth login` to "
         "login\"}}' "
         ">&2; exit 1",
         MSTR_E_NOT_AVAILABLE, "azd is not logged in"},
    };
    (void)state;
    fake_host_option("credential", "AzureDeveloperCliCredential");

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        install("azd", cases[i].script);
        assert_fails(REFERENCE, cases[i].code, cases[i].part, NULL);
    }
}

static void tool_that_fails_leaves_the_turn_to_the_next(void **state)
{
    (void)state;
    install("az", "echo broken >&2; exit 1");
    install("azd", "echo '{\"token\":\"azd\",\"expiresOn\":\"2026-01-15T13:00:00Z\"}'");
    answer_vault();

    assert_resolves(REFERENCE, "hello");
}

/* What to do about a tool that is there says more than what could be done in general. */
static void hint_of_a_tool_that_failed_is_told_in_the_end(void **state)
{
    (void)state;
    fake_host_option("credential", "dev");
    install("az", "echo garbage");
    install("azd", "exit 127");
    install("pwsh", "exit 127");

    assert_fails(REFERENCE, MSTR_E_NOT_AVAILABLE,
                 "no Azure identity is available here: AzureCliCredential: ", "run it by hand");
}

static bool clock_runs;
static void *run_clock(void *data)
{
    (void)data;
    while (__atomic_load_n(&clock_runs, __ATOMIC_ACQUIRE)) {
        fake_host_advance(100);
        poll(NULL, 0, 1);
    }
    return NULL;
}

static void tool_that_hangs_is_killed(void **state)
{
    pthread_t thread;
    (void)state;
    fake_host_option("credential", "AzureCliCredential");
    fake_host_option("tool_timeout", "2000");
    fake_host_deadline(INT64_C(1) << 40);
    install("az", "sleep 600");
    __atomic_store_n(&clock_runs, true, __ATOMIC_RELEASE);
    assert_int_equal(pthread_create(&thread, NULL, run_clock, NULL), 0);

    struct mstr_request *request = resolve(REFERENCE);

    __atomic_store_n(&clock_runs, false, __ATOMIC_RELEASE);
    pthread_join(thread, NULL);
    assert_int_equal(fake_request_code(request), MSTR_E_TIMEOUT);
    assert_contains(fake_request_message(request), "az did not answer within 2000 ms");
    assert_contains(fake_request_detail(request, MSTR_DETAIL_HINT), "tool_timeout");
    fake_request_free(request);
}

static void claims_are_left_to_the_user_of_the_cli(void **state)
{
    (void)state;
    fake_host_option("credential", "AzureCliCredential");
    install("az", CLI_TOKEN);
    fake_host_answer("GET", VAULT, 401,
                     "WWW-Authenticate: Bearer error=\"insufficient_claims\", claims=\"eyJhIjoxfQ==\"", "");

    assert_fails(REFERENCE, MSTR_E_AUTHENTICATION, "claims",
                 "az login --claims-challenge eyJhIjoxfQ== --scope "
                 "https://vault.azure.net/.default");
}

static void cancelled_call_ends_the_chain(void **state)
{
    (void)state;
    fake_host_cancel();

    assert_fails(REFERENCE, MSTR_E_CANCELLED, "cancelled", NULL);
}

/* For mstr doctor. */

static enum mstr_code explain(const char *text)
{
    struct mstr_request *request = fake_request_new(text);
    enum mstr_code code =
        plugin->explain(instance, request->reference, fake_host_report_object(), fake_host_call(), request->error);
    fake_request_free(request);
    return code;
}

static void report_tells_vault_chain_and_token(void **state)
{
    (void)state;
    install("az", "echo '{\"accessToken\":\"e30.eyJhdWQiOiJodHRwczovL3ZhdWx0LmF6dXJlLm5ldCIsInRpZCI6InRlbmFudC0xIiwi"
                  "YXBwaWQiOiJhcHAtMSIsIm9pZCI6Im9iai0xIn0.c2ln\",\"expires_on\":1768482000}'");
    fake_host_answer("GET", VAULT, 401, CHALLENGE, UNAUTHORIZED);

    assert_int_equal(explain(REFERENCE), MSTR_OK);

    assert_string_equal(
        fake_host_report(),
        "info authority: https://login.microsoftonline.com\n"
        "info vault: https://corp.vault.azure.net answers; it takes tokens for https://vault.azure.net of tenant "
        "tenant-1\n"
        "skipped EnvironmentCredential: AZURE_CLIENT_ID is not set\n"
        "skipped WorkloadIdentityCredential: AZURE_FEDERATED_TOKEN_FILE is not set\n"
        "skipped ManagedIdentityCredential: http://169.254.169.254: the metadata service does not answer; asked for: "
        "system-assigned managed identity of the instance metadata service (this machine is not on Azure, or a "
        "firewall stands between; where the service is only slow, set imds_timeout, or credential = "
        "ManagedIdentityCredential)\n"
        "used AzureCliCredential: the account that is logged in, tenant tenant-1\n"
        "info token: audience https://vault.azure.net, tenant tenant-1, application app-1, object obj-1, until "
        "2026-01-15T13:00:00Z\n");
}

static void report_goes_on_when_the_vault_cannot_be_reached(void **state)
{
    (void)state;
    install("az", CLI_TOKEN);

    assert_int_equal(explain(REFERENCE), MSTR_OK);

    assert_contains(fake_host_report(), "failed vault: nothing answers");
    assert_contains(fake_host_report(), "used AzureCliCredential");
}

static void report_tells_what_a_closed_vault_answers(void **state)
{
    (void)state;
    fake_host_env("AZURE_AUTHORITY_HOST", "http://login.example");
    fake_host_answer("GET", VAULT, 403, NULL,
                     "{\"error\":{\"code\":\"Forbidden\",\"message\":\"m\",\"innererror\":{\"code\":"
                     "\"ForbiddenByFirewall\"}}}");

    assert_int_equal(explain("azure-kv://corp.vault.azure.net/db"), MSTR_E_DENIED);

    assert_contains(fake_host_report(), "failed authority: AZURE_AUTHORITY_HOST");
    assert_contains(fake_host_report(), "add it to the vault's networks");
}

static void report_ends_with_the_failure(void **state)
{
    (void)state;
    fake_host_answer("GET", VAULT, 401, CHALLENGE_OF("t", "https://graph.microsoft.com"), UNAUTHORIZED);
    assert_int_equal(explain(REFERENCE), MSTR_E_DENIED);
    assert_int_equal(explain("azure-kv://corp/a_b"), MSTR_E_CONFIG);
    fake_host_answer("GET", VAULT, 401, CHALLENGE, UNAUTHORIZED);
    assert_int_equal(explain(REFERENCE), MSTR_E_NOT_AVAILABLE);
    assert_contains(fake_host_report(), "skipped AzurePowerShellCredential: pwsh is not installed");
}

int main(void)
{
#define WITH_TOOLS(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_TOOLS(every_attempt_is_listed_where_nothing_is_available),
        WITH_TOOLS(silence_of_the_metadata_service_is_not_remembered),
        WITH_TOOLS(metadata_service_is_waited_for_as_long_as_is_configured),
        WITH_TOOLS(machine_of_azure_is_patient_with_its_metadata_service),
        WITH_TOOLS(machine_without_identity_leaves_the_turn_to_others),
        WITH_TOOLS(refused_identity_ends_the_chain),
        WITH_TOOLS(answers_of_gateways_and_other_clouds_leave_the_turn_to_others),
        WITH_TOOLS(winner_is_asked_alone_from_then_on),
        WITH_TOOLS(selection_takes_a_group_or_one),
        WITH_TOOLS(unknown_selection_is_refused_with_the_names),
        WITH_TOOLS(cli_is_run_away_from_the_callers_folder),
        WITH_TOOLS(vaults_tenant_is_handed_to_a_tool_without_one),
        WITH_TOOLS(old_cli_tells_local_time),
        WITH_TOOLS(azd_and_powershell_are_read_too),
        WITH_TOOLS(tools_that_fail_are_told),
        WITH_TOOLS(messages_of_azd_are_taken_out_of_their_json),
        WITH_TOOLS(tool_that_fails_leaves_the_turn_to_the_next),
        WITH_TOOLS(hint_of_a_tool_that_failed_is_told_in_the_end),
        WITH_TOOLS(tool_that_hangs_is_killed),
        WITH_TOOLS(claims_are_left_to_the_user_of_the_cli),
        WITH_TOOLS(cancelled_call_ends_the_chain),
        WITH_TOOLS(report_tells_vault_chain_and_token),
        WITH_TOOLS(report_goes_on_when_the_vault_cannot_be_reached),
        WITH_TOOLS(report_tells_what_a_closed_vault_answers),
        WITH_TOOLS(report_ends_with_the_failure),
    };
    return RUN_TESTS("azure/identity/chain");
}
