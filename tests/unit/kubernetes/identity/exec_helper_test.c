/* SPDX-License-Identifier: Apache-2.0 */
/* providers/kubernetes/identity/exec_helper.c: helper programs of a kubeconfig. */
#include "unit/kubernetes/support.h"

#include "kubernetes/identity/exec_helper.h"

#define V1                 "client.authentication.k8s.io/v1"
#define EXEC(more)         "    exec:\n      apiVersion: " V1 "\n      interactiveMode: Never\n      command: %s\n" more
#define CREDENTIAL(status) "{\"apiVersion\":\"" V1 "\",\"kind\":\"ExecCredential\",\"status\":{" status "}}"

/* Of nobody else, since root runs no other program. */
static char folder[64];
static char program[96];
static char config[96];

static int setup(void **state)
{
    int result = plugin_setup(state);
    strcpy(folder, "/tmp/mstr-exec-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(program, sizeof(program), "%s/helper", folder);
    snprintf(config, sizeof(config), "%s/config", folder);
    fake_host_env("PATH", "/usr/bin:/bin");
    return result;
}

static int teardown(void **state)
{
    static const char *const names[] = {"helper", "config", "told", "ca"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char path[96];
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
    return plugin_teardown(state);
}

/* Makes the text the kubeconfig in the folder. */
static void use(const char *text)
{
    write_file(config, text, strlen(text));
    fake_host_env("KUBECONFIG", config);
    plugin->invalidate(instance, NULL);
}

/* A user whose helper is a script of these lines; `more` follows its command. */
static void use_helper(const char *lines, const char *more)
{
    char script[2048];
    char text[2048];
    snprintf(script, sizeof(script), "#!/bin/sh\n%s\n", lines);
    write_file(program, script, strlen(script));
    assert_int_equal(chmod(program, 0700), 0);
    snprintf(text, sizeof(text), CONFIG(EXEC("%s")), program, more);
    use(text);
}

static const char *sent(void)
{
    fake_host_answer("GET", APP_URL, 200, NULL, APP(DATA));
    assert_resolves("k8s:app", APP_VALUE);
    return fake_exchange_header(fake_host_request(fake_host_requests() - 1), "Authorization");
}

static void a_helper_is_given_its_arguments_and_what_is_wanted(void **state)
{
    (void)state;
    use_helper("test \"$1 $2\" = 'get token' || exit 1\ntest \"$OWN\" = 'its value' || exit 2\n"
               "test \"$KUBERNETES_EXEC_INFO\" = '{\"apiVersion\":\"" V1
               "\",\"kind\":\"ExecCredential\",\"spec\":{\"interactive\":false}}' || exit 3\n"
               "test -t 0 && exit 4\nread line && exit 5\n"
               "echo '" CREDENTIAL("\"token\":\"from-helper\"") "'",
               "      args: [get, token]\n      env: [{name: OWN, value: its value}]\n");
    assert_string_equal(sent(), "Bearer from-helper");
}

static void the_cluster_is_told_where_it_is_wanted(void **state)
{
    (void)state;
    char path[96];
    char told[1024] = "";
    use_helper("printf '%s' \"$KUBERNETES_EXEC_INFO\" >\"${0%/*}/told\"\necho '" CREDENTIAL("\"token\":\"t\"") "'",
               "");
    snprintf(path, sizeof(path), "%s/ca", folder);
    write_file(path, "PEM", 3);
    use(CONFIG_OF(CLUSTER "    certificate-authority: ca\n    tls-server-name: inner\n    proxy-url: http://p:1\n"
                          "    extensions:\n    - name: client.authentication.k8s.io/exec\n"
                          "      extension: {audience: x, port: 1}\n",
                  "    exec: {apiVersion: " V1 ", interactiveMode: Never, command: ./helper,\n"
                  "           provideClusterInfo: true}\n"));
    sent();
    snprintf(path, sizeof(path), "%s/told", folder);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_in_range(fread(told, 1, sizeof(told) - 1, file), 1, sizeof(told) - 2);
    fclose(file);
    assert_contains(told, "\"spec\":{\"interactive\":false,\"cluster\":{\"server\":\"" SERVER
                          "\",\"tls-server-name\":\"inner\",\"certificate-authority-data\":\"UEVN\",\"proxy-url\":"
                          "\"http://p:1\",\"config\":{\"audience\":\"x\",\"port\":1}}}}");
}

static void a_program_beside_the_file_or_on_the_path_is_found(void **state)
{
    (void)state;
    char text[1024];
    use_helper("echo '" CREDENTIAL("\"token\":\"beside\"") "'", "");
    snprintf(text, sizeof(text), CONFIG(EXEC("")), "helper");
    use(text);
    fake_host_env("PATH", folder);
    assert_string_equal(sent(), "Bearer beside");
    snprintf(text, sizeof(text), CONFIG(EXEC("")), "./helper");
    use(text);
    fake_host_env("PATH", "/nonexistent");
    assert_string_equal(sent(), "Bearer beside");
}

static void certificates_are_taken_as_well(void **state)
{
    (void)state;
    use_helper("echo '" CREDENTIAL("\"clientCertificateData\":\"CERT\",\"clientKeyData\":\"KEY\"") "'", "");
    assert_null(sent());
    assert_string_equal(fake_host_request(0)->client_cert_pem, "CERT");
    assert_string_equal(fake_host_request(0)->client_key_pem, "KEY");
}

/* FAKE_HOST_START is 2026-01-15T12:00:00Z. */
static void a_credential_is_kept_until_a_minute_before_its_end(void **state)
{
    (void)state;
    use_helper("echo x >>\"${0%/*}/told\"\necho '{\"apiVersion\":\"" V1
               "\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"'$(wc -l <\"${0%/*}/told\")'\","
               "\"expirationTimestamp\":\"2026-01-15T13:00:00Z\"}}'",
               "");
    assert_string_equal(sent(), "Bearer 1");
    fake_host_advance(3539 * 1000);
    fake_host_deadline(30000);
    assert_string_equal(sent(), "Bearer 1");
    fake_host_advance(1000);
    assert_string_equal(sent(), "Bearer 2");
}

static void a_refused_credential_makes_the_helper_run_once_more(void **state)
{
    (void)state;
    use_helper("echo x >>\"${0%/*}/told\"\necho '{\"apiVersion\":\"" V1
               "\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"'$(wc -l <\"${0%/*}/told\")'\"}}'",
               "");
    fake_host_answer("GET", APP_URL, 401, NULL, UNAUTHORIZED);
    assert_string_equal(sent(), "Bearer 2");
    fake_host_answer("GET", APP_URL, 401, NULL, UNAUTHORIZED);
    fake_host_answer("GET", APP_URL, 401, NULL, UNAUTHORIZED);
    assert_fails("k8s:app", MSTR_E_AUTHENTICATION, "401", NULL);
    assert_int_equal(fake_host_requests(), 4);
}

static void a_helper_that_fails_is_told_without_its_secrets(void **state)
{
    (void)state;
    use_helper("echo 'no login; token: abcdefghij0123456789ABCDEFGHIJ' >&2\nexit 3", "");
    assert_fails("k8s:app", MSTR_E_AUTHENTICATION, "exec of user \"u\", ", NULL);
    assert_fails("k8s:app", MSTR_E_AUTHENTICATION, "it ended with status 3: no login; token: (hidden)", NULL);
    use_helper("kill -9 $$", "");
    assert_fails("k8s:app", MSTR_E_AUTHENTICATION, "it ended with signal 9", NULL);
    assert_int_equal(fake_host_requests(), 0);
}

static void what_a_helper_prints_is_held_to_the_protocol(void **state)
{
    (void)state;
    static const struct {
        const char *printed;
        enum mstr_code code;
        const char *part;
    } cases[] = {
        {"", MSTR_E_AUTHENTICATION, "no ExecCredential"},
        {"garbage", MSTR_E_AUTHENTICATION, "no ExecCredential"},
        {"{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\"}", MSTR_E_CONFIG,
         "another version than " V1},
        {"{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1 "\"}", MSTR_E_AUTHENTICATION, "without a status"},
        {CREDENTIAL(""), MSTR_E_AUTHENTICATION, "neither token nor certificate"},
        {CREDENTIAL("\"clientCertificateData\":\"x\""), MSTR_E_AUTHENTICATION, "certificate without its key"},
        {CREDENTIAL("\"token\":\"t\",\"clientKeyData\":\"x\""), MSTR_E_AUTHENTICATION, "key without its certificate"},
        {CREDENTIAL("\"token\":\"a b\""), MSTR_E_PROTOCOL, "holds no token"},
        {CREDENTIAL("\"token\":\"t\",\"expirationTimestamp\":\"tomorrow\""), MSTR_E_PROTOCOL, "RFC 3339"},
        {CREDENTIAL("\"token\":\"t\",\"expirationTimestamp\":12"), MSTR_E_PROTOCOL, "RFC 3339"},
        {CREDENTIAL("\"token\":\"t\",\"expirationTimestamp\":\"2026-01-15T12:00:00Z\""), MSTR_E_AUTHENTICATION,
         "expired already"},
        {CREDENTIAL("\"token\":\"t\",\"expirationTimestamp\":null"), MSTR_OK, ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct proof *proof = proof_new();
        struct mstr_error *error = host->error_new();
        assert_int_equal(exec_helper_read(cases[i].printed, strlen(cases[i].printed), V1, proof, error),
                         cases[i].code);
        assert_contains(host->error_message(error), cases[i].part);
        host->error_free(error);
        kept_release(&proof->kept);
    }
}

static void short_lives_are_used_by_half(void **state)
{
    (void)state;
    static const char text[] = CREDENTIAL("\"token\":\"t\",\"expirationTimestamp\":\"2026-01-15T12:00:30Z\"");
    struct proof *proof = proof_new();
    assert_int_equal(exec_helper_read(text, strlen(text), V1, proof, NULL), MSTR_OK);
    assert_int_equal(proof->kept.end - host->monotonic(), 30000);
    assert_int_equal(proof->kept.end - proof->kept.renew, 15000);
    kept_release(&proof->kept);
}

static void helpers_that_cannot_be_are_refused_before_anything_is_run(void **state)
{
    (void)state;
    static const struct {
        const char *lines;
        const char *part;
        const char *hint;
    } cases[] = {
        {"    exec: text\n", ", line 11: user \"u\" has an exec that is no mapping", NULL},
        {"    exec: {command: x}\n", "neither " V1 " nor v1beta1", "update the helper"},
        {"    exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}\n", "neither " V1, NULL},
        {"    exec: {apiVersion: " V1 ", command: x}\n", "without its interactiveMode", NULL},
        {"    exec: {apiVersion: " V1 ", command: x, interactiveMode: Always}\n", "needs a terminal",
         "nobody is asked"},
        {"    exec: {apiVersion: " V1 ", command: x, interactiveMode: Maybe}\n", "interactiveMode is unknown", NULL},
        {"    exec: {apiVersion: " V1 "beta1}\n", "without a command", NULL},
        {"    exec: {apiVersion: " V1 "beta1, command: [x]}\n", "has a command that is no text", NULL},
        {"    exec: {apiVersion: " V1 "beta1, command: x, args: y}\n", "whose args are no list", NULL},
        {"    exec: {apiVersion: " V1 "beta1, command: x, args: [[y]]}\n", "whose args are no list of texts", NULL},
        {"    exec: {apiVersion: " V1 "beta1, command: x, env: [{name: 'A=B', value: c}]}\n", "whose env are no list",
         NULL},
        {"    exec: {apiVersion: " V1 "beta1, command: /nonexistent/helper}\n", "there is no such file",
         "install it"},
        {"    exec: {apiVersion: " V1 "beta1, command: mstr-none, installHint: \"brew\\e\\n it\"}\n",
         "was not found on PATH", "brew   it"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[1024];
        snprintf(text, sizeof(text), CONFIG("%s"), cases[i].lines);
        use(text);
        assert_fails("k8s:app", MSTR_E_CONFIG, cases[i].part, cases[i].hint);
    }
}

#define EACH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_helper_is_given_its_arguments_and_what_is_wanted),
        EACH(the_cluster_is_told_where_it_is_wanted),
        EACH(a_program_beside_the_file_or_on_the_path_is_found),
        EACH(certificates_are_taken_as_well),
        EACH(a_credential_is_kept_until_a_minute_before_its_end),
        EACH(a_refused_credential_makes_the_helper_run_once_more),
        EACH(a_helper_that_fails_is_told_without_its_secrets),
        EACH(what_a_helper_prints_is_held_to_the_protocol),
        EACH(short_lives_are_used_by_half),
        EACH(helpers_that_cannot_be_are_refused_before_anything_is_run),
    };
    return RUN_TESTS("kubernetes/identity/exec_helper");
}
