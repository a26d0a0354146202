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
        WITH_TOOLS(messages_of_azd_are_taken_out_of_their_json),
        WITH_TOOLS(tool_that_hangs_is_killed),
    };
    return RUN_TESTS("azure/identity/tool");
}
