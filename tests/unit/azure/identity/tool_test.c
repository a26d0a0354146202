/* SPDX-License-Identifier: Apache-2.0 */
/* Tools: what becomes of those that fail, hang or are not logged in. */
#include "unit/azure/tools.h"

#include <poll.h>
#include <pthread.h>

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
        {"echo '{\"accessToken\":\"x\",\"expires_on\":1768482000,\"tokenType\":\"pop\"}'", MSTR_E_PROTOCOL,
         "not Bearer", NULL},
        {"echo '\"accessToken\": \"top secret\"' >&2; exit 2", MSTR_E_AUTHENTICATION, "withheld", NULL},
        {"echo 'WARNING: {\"accessToken\":\"x\"}'", MSTR_E_PROTOCOL, "printed no token", NULL},
        {"yes", MSTR_E_PROTOCOL, "printed more than", NULL},
    };
    (void)state;
    fake_host_option("credential", "AzureCliCredential");

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        install("az", cases[i].script);
        assert_fails(REFERENCE, cases[i].code, cases[i].part, cases[i].hint);
    }
}

static void warnings_before_the_token_are_passed_over(void **state)
{
    static const char *const cases[] = {
        "echo 'WARNING: Unable to acquire token for tenant'; " CLI_TOKEN,
        "echo '{not JSON} yet'; echo; echo '{'; " CLI_TOKEN,
        "echo '{'; echo ' \"accessToken\": \"cli\",'; echo ' \"expires_on\": 1768482000'; echo '}'",
        "printf '\\357\\273\\277'; " CLI_TOKEN,
        "printf '\\357\\273\\277WARNING: deprecated\\n'; " CLI_TOKEN,
        "printf '\\033[33;1mWARNING: deprecated\\033[0m\\r\\n'; " CLI_TOKEN,
    };
    (void)state;
    fake_host_option("credential", "AzureCliCredential");

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        plugin->invalidate(instance, NULL);
        install("az", cases[i]);
        answer_vault();
        assert_resolves(REFERENCE, "hello");
        assert_string_equal(bearer_of_last(), "Bearer cli");
    }
}

/* Nobody can tell an opaque token from other words for sure: what looks like one stays out, wherever it ends. */
static void message_of_a_tool_is_quoted_without_what_may_be_a_token(void **state)
{
    static const struct {
        const char *message;
        const char *quoted;
    } cases[] = {
        {"AADSTS700016: Application 'd8e5a1f0-0000-4000-8000-00000000ab12' was not found (tenant contoso)",
         ": AADSTS700016: Application 'd8e5a1f0-0000-4000-8000-00000000ab12' was not found (tenant contoso)"},
        {"got 0.AXoAv4j5cvGGr0GRqy180BHbR for it", ": got (hidden) for it"},
        {"token=opaque_secret_of_the_tool, sorry", ": token=(hidden) sorry"},
        {"abc%2Bdef%2Fghijkl%3D", ": (hidden)"},
        {"login.microsoftonline.com: unreachable", ": login.microsoftonline.com: unreachable"},
        {"unknown AzureDeveloperCliCredential", ": unknown AzureDeveloperCliCredential"},
        {"qwertyuiopasdfghjklzxcvbnmqwertyuiop", ": (hidden)"},
        {"{\"message\":\"it is a1b2c3d4e5f6g7h8i9\"}", ": it is (hidden)"},
        {"\"access_token\": \"top secret\"", "withheld"},
        {"client_secret: x1 is wrong", ": client_secret: (hidden) is wrong"},
        {"{\"message\":\"password=x1\"}", ": password=(hidden)"},
    };
    char script[512];
    (void)state;
    fake_host_option("credential", "AzureCliCredential");

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        snprintf(script, sizeof(script), "cat >&2 <<'end'\n%s\nend\nexit 1", cases[i].message);
        install("az", script);
        assert_fails(REFERENCE, MSTR_E_AUTHENTICATION, cases[i].quoted, NULL);
    }
}

static void token_that_is_cut_with_its_message_stays_out_too(void **state)
{
    (void)state;
    fake_host_option("credential", "AzureCliCredential");
    install("az", "printf 'word %.0s' $(seq 58) >&2; echo 0123456789abcdef0123456789abcdef >&2; exit 1");

    struct mstr_request *request = resolve(REFERENCE);

    assert_int_equal(fake_request_code(request), MSTR_E_AUTHENTICATION);
    assert_null(strstr(fake_request_message(request), "0123"));
    fake_request_free(request);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TOOLS(tools_that_fail_are_told),
        WITH_TOOLS(warnings_before_the_token_are_passed_over),
        WITH_TOOLS(message_of_a_tool_is_quoted_without_what_may_be_a_token),
        WITH_TOOLS(token_that_is_cut_with_its_message_stays_out_too),
        WITH_TOOLS(messages_of_azd_are_taken_out_of_their_json),
        WITH_TOOLS(tool_that_hangs_is_killed),
    };
    return RUN_TESTS("azure/identity/tool");
}
