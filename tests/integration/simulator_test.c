/* SPDX-License-Identifier: Apache-2.0 */
/* The simulator itself: what the other suites rest on must refuse what the real services refuse, and log exactly. */
#include "support/process.h"
#include "support/simulator.h"
#include "support/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static struct simulator *sim;

static int start(void **state)
{
    (void)state;
    sim = simulator_start(NULL, SIMULATOR_TLS);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    simulator_stop(sim);
    return 0;
}

static int reset(void **state)
{
    (void)state;
    simulator_reset(sim);
    return 0;
}

/* Sends the text as it is to a service; all that came back until the connection ended, for free(). */
static char *talk(const char *service, const char *text)
{
    const char *port = strchr(simulator_url(sim, service) + strlen("http:"), ':') + 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    size_t length = 0;
    char *answer = calloc(1, 65536);
    assert_non_null(answer);
    ssize_t size;
    while (length < 65535 && (size = read(fd, answer + length, 65535 - length)) > 0)
        length += (size_t)size;
    close(fd);
    return answer;
}

#define GET_STATUS "GET /MicroStrategyLibrary/api/status HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"

static void assert_talk(const char *service, const char *text, const char *expected)
{
    char *answer = talk(service, text);
    if (!strstr(answer, expected))
        fail_msg("%s is missing from %s", expected, answer);
    free(answer);
}

/* A request signed elsewhere, with the moment it was signed at. */
static const struct signed_case {
    const char *name;
    const char *now;
    const char *host;
    const char *date;
    const char *extra; /* header lines that were not signed */
    const char *body;
    const char *signature;
    const char *expected;
} signed_cases[] = {
    {"a good signature passes", "2026-01-15T12:00:00Z", "secretsmanager.us-east-1.amazonaws.com", "20260115T120000Z",
     "", "{\"SecretId\":\"prod/mstr/login\"}", "e6df8e0612be82736306111dcd5c67d7d8aa2a98170ff3d5fa3f19e605ce76cc",
     "ResourceNotFoundException"},
    {"the port is signed", "2026-01-15T12:04:00Z", "127.0.0.1:5000", "20260115T120000Z", "", "{\"SecretId\":\"x\"}",
     "362795a9807ad0920d64495131015731cdecb05a0ca29d2931142ac98551736e", "ResourceNotFoundException"},
    {"another body is refused", "2026-01-15T12:00:00Z", "127.0.0.1:5000", "20260115T120000Z", "",
     "{\"SecretId\":\"y\"}", "362795a9807ad0920d64495131015731cdecb05a0ca29d2931142ac98551736e",
     "InvalidSignatureException"},
    {"another host is refused", "2026-01-15T12:00:00Z", "127.0.0.1:5001", "20260115T120000Z", "",
     "{\"SecretId\":\"x\"}", "362795a9807ad0920d64495131015731cdecb05a0ca29d2931142ac98551736e",
     "InvalidSignatureException"},
    {"an old signature is refused", "2026-01-15T12:06:00Z", "127.0.0.1:5000", "20260115T120000Z", "",
     "{\"SecretId\":\"x\"}", "362795a9807ad0920d64495131015731cdecb05a0ca29d2931142ac98551736e", "Signature expired"},
    {"an early signature is refused", "2026-01-15T11:54:00Z", "127.0.0.1:5000", "20260115T120000Z", "",
     "{\"SecretId\":\"x\"}", "362795a9807ad0920d64495131015731cdecb05a0ca29d2931142ac98551736e",
     "Signature not yet current"},
    {"an unsigned x-amz header is refused", "2026-01-15T12:00:00Z", "127.0.0.1:5000", "20260115T120000Z",
     "X-Amz-Extra: 1\r\n", "{\"SecretId\":\"x\"}", "362795a9807ad0920d64495131015731cdecb05a0ca29d2931142ac98551736e",
     "must be a 'SignedHeader'"},
    {"a token that the key does not have is refused", "2026-01-15T12:00:00Z", "127.0.0.1:5000", "20260115T120000Z",
     "X-Amz-Security-Token: t\r\n", "{\"SecretId\":\"x\"}",
     "362795a9807ad0920d64495131015731cdecb05a0ca29d2931142ac98551736e", "UnrecognizedClientException"},
};

static void signatures_are_verified_against_what_arrived(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(signed_cases); i++) {
        const struct signed_case *test = &signed_cases[i];
        char text[2048];
        snprintf(text, sizeof(text), "{\"now\":\"%s\"}", test->now);
        simulator_admin(sim, "POST", "/clock", text);
        snprintf(text, sizeof(text),
                 "POST / HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Date: %s\r\n"
                 "X-Amz-Target: secretsmanager.GetSecretValue\r\n%sContent-Length: %zu\r\nConnection: close\r\n"
                 "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260115/us-east-1/secretsmanager/"
                 "aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=%s\r\n\r\n%s",
                 test->host, test->date, test->extra, strlen(test->body), test->signature, test->body);
        print_message("           %s\n", test->name);
        assert_talk("aws", text, test->expected);
    }
}

static void a_request_without_signature_is_refused(void **state)
{
    (void)state;
    assert_talk("aws",
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: 2\r\n"
                "X-Amz-Target: secretsmanager.GetSecretValue\r\nConnection: close\r\n\r\n{}",
                "MissingAuthenticationTokenException");
}

static void the_log_shows_a_request_as_it_was_sent(void **state)
{
    (void)state;
    free(talk("mstr", "POST /MicroStrategyLibrary/api/auth/login?a=b%20c&a=2 HTTP/1.1\r\nHost: h\r\nX-One: 1\r\n"
                      "X-one: 2\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc"));

    struct json_object *log = simulator_log(sim, "mstr");
    assert_int_equal(json_object_array_length(log), 1);
    struct json_object *entry = json_object_array_get_idx(log, 0);
    assert_string_equal(json_object_get_string(json_object_object_get(entry, "method")), "POST");
    assert_string_equal(json_object_get_string(json_object_object_get(entry, "target")),
                        "/MicroStrategyLibrary/api/auth/login?a=b%20c&a=2");
    assert_string_equal(json_object_get_string(json_object_object_get(entry, "body")), "abc");
    assert_string_equal(
        json_object_to_json_string_ext(json_object_object_get(entry, "query"), JSON_C_TO_STRING_PLAIN),
        "[[\"a\",\"b c\"],[\"a\",\"2\"]]");
    assert_string_equal(
        json_object_to_json_string_ext(json_object_object_get(entry, "headers"), JSON_C_TO_STRING_PLAIN),
        "[[\"Host\",\"h\"],[\"X-One\",\"1\"],[\"X-one\",\"2\"],[\"Content-Length\",\"3\"],[\"Connection\",\"close\"]"
        "]");
    assert_int_equal(json_object_get_int(json_object_object_get(entry, "status")), 400);
    json_object_put(log);
    assert_int_equal(simulator_requests(sim, "aws", NULL), 0);
}

static const struct {
    const char *rule;
    const char *expected; /* in what comes back */
    const char *absent;
} fault_cases[] = {
    {"{\"action\":\"status\",\"status\":429,\"headers\":{\"Retry-After\":\"7\"},\"body\":{\"a\":1}}",
     "Retry-After: 7", "upSince"},
    {"{\"action\":\"html\",\"status\":502}", "502 Bad Gateway", "upSince"},
    {"{\"action\":\"truncate\",\"bytes\":4}", "{\"up", "{\"upS"},
    {"{\"action\":\"garbage\"}", "this is not HTTP", "200"},
    {"{\"action\":\"reset\"}", "", "HTTP/1.1"},
    {"{\"action\":\"wrong_length\",\"difference\":-5}", "Content-Length: 1", "Content-Length: 165"},
    {"{\"action\":\"drip\",\"bytes_per_second\":5000}", "simulator\"}", "ERR"},
    {"{\"action\":\"delay\",\"ms\":1}", "simulator\"}", "ERR"},
    {"{\"action\":\"endless_headers\"}", "X-Endless: a", "upSince"},
    {"{\"action\":\"oversize\",\"bytes\":100}", "Content-Length: 100\r\n", "upSince"},
};

static void faults_do_what_they_say_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(fault_cases); i++) {
        simulator_fault(sim, fault_cases[i].rule);
        char *answer = talk("mstr", GET_STATUS);
        if (!strstr(answer, fault_cases[i].expected) || strstr(answer, fault_cases[i].absent))
            fail_msg("%s gave %s", fault_cases[i].rule, answer);
        free(answer);
        assert_talk("mstr", GET_STATUS, "HTTP/1.1 200 OK");
    }
}

static void faults_hit_only_what_they_name(void **state)
{
    (void)state;
    simulator_fault(sim, "{\"action\":\"reset\",\"service\":\"aws\",\"times\":-1}");
    simulator_fault(sim, "{\"action\":\"status\",\"status\":418,\"path\":\"*/api/sta*\",\"after\":1}");

    assert_talk("mstr", GET_STATUS, "HTTP/1.1 200 OK");
    assert_talk("mstr", GET_STATUS, "HTTP/1.1 418 ");
    assert_talk("mstr", GET_STATUS, "HTTP/1.1 200 OK");
}

static void a_refusal_repeats_what_was_sent(void **state)
{
    static const char request[] =
        "POST /MicroStrategyLibrary/api/status?q=a%26b HTTP/1.1\r\nHost: h\r\nX-Token: \"t\"\r\n"
        "Content-Length: 16\r\nConnection: close\r\n\r\n{\"password\":\"p\"}";
    (void)state;
    simulator_fault(sim, "{\"action\":\"status\",\"status\":400,\"body\":{\"why\":\"not {sent}\"},"
                         "\"sent\":[\"X-Token\",\"q\",\"password\"]}");
    assert_talk("mstr", request, "{\"why\":\"not \\\"t\\\" a&b p\"}");
    simulator_fault(sim,
                    "{\"action\":\"status\",\"status\":400,\"body\":\"<a>{sent}</a>\",\"sent\":[\"q\",\"none\"]}");
    assert_talk("mstr", request, "<a>a&amp;b</a>");
}

static void an_unknown_member_of_a_fault_is_refused(void **state)
{
    (void)state;
    int status = 0;
    free(simulator_call(sim, "POST", "/faults", "{\"action\":\"reset\",\"pathh\":\"x\"}", &status));
    assert_int_equal(status, 400);
}

#define JSON_LOGIN(body, length)                                                                                     \
    "POST /MicroStrategyLibrary/api/auth/login HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"            \
    "Content-Length: " length "\r\nConnection: close\r\n\r\n" body

static void logins_follow_the_rules_of_their_mode(void **state)
{
    (void)state;
    assert_talk("mstr", JSON_LOGIN("{\"username\":\"analyst\",\"password\":\"Simul8-analyst\"}", "50"),
                "HTTP/1.1 204");
    assert_talk("mstr", JSON_LOGIN("{\"username\":\"analyst\",\"password\":\"nope\"}", "40"), "ERR003");
    assert_talk("mstr", JSON_LOGIN("{\"loginMode\":8}", "15"), "HTTP/1.1 204");
    assert_talk("mstr", JSON_LOGIN("{\"loginMode\":64}", "16"), "HTTP/1.1 401");
    assert_int_equal(simulator_counter(sim, "mstr", "logins"), 2);
    assert_int_equal(simulator_counter(sim, "mstr", "failed_logins"), 1);
}

/* One request with the token and JSESSIONID of a login answer, and `more` in its Cookie header. */
static char *with_cookies(const char *login, const char *method, const char *path, const char *more)
{
    char token[64] = "", cookie[64] = "", text[1024];
    const char *at = strstr(login, "X-MSTR-AuthToken: ");
    assert_non_null(at);
    assert_int_equal(sscanf(at, "X-MSTR-AuthToken: %63s", token), 1);
    at = strstr(login, "JSESSIONID=");
    assert_non_null(at);
    assert_int_equal(sscanf(at, "JSESSIONID=%63[^;]", cookie), 1);
    snprintf(text, sizeof(text),
             "%s /MicroStrategyLibrary/api/%s HTTP/1.1\r\nHost: h\r\nX-MSTR-AuthToken: %s\r\n"
             "Cookie: JSESSIONID=%s%s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
             method, path, token, cookie, more);
    return talk("mstr", text);
}

static char *with_session(const char *login, const char *method, const char *path)
{
    return with_cookies(login, method, path, "");
}

static void a_session_ends_after_its_idle_time(void **state)
{
    (void)state;
    char *login = talk("mstr", JSON_LOGIN("{\"loginMode\":8}", "15"));

    simulator_advance(sim, 1799000);
    char *kept = with_session(login, "PUT", "sessions");
    simulator_advance(sim, 1799000);
    char *still = with_session(login, "GET", "projects");
    simulator_advance(sim, 1801000);
    char *gone = with_session(login, "GET", "projects");

    assert_non_null(strstr(kept, "HTTP/1.1 204"));
    assert_non_null(strstr(still, "MicroStrategy Tutorial"));
    assert_non_null(strstr(gone, "ERR009"));
    free(login);
    free(kept);
    free(still);
    free(gone);
}

static void a_cluster_knows_a_session_only_on_its_own_node(void **state)
{
    (void)state;
    static const struct {
        bool own; /* the cookie of the node that served the login */
        const char *other;
        const char *answer;
    } cases[] = {{true, "", "HTTP/1.1 200"}, {false, "", "ERR009"}, {false, "; MSTR_NODE=n99", "ERR009"}};
    char node[16] = "";
    char cookie[48];
    simulator_admin(sim, "PUT", "/knobs/mstr", "{\"node_cookie\":true}");
    char *login = talk("mstr", JSON_LOGIN("{\"loginMode\":8}", "15"));
    const char *at = strstr(login, "MSTR_NODE=");
    assert_non_null(at);
    assert_int_equal(sscanf(at, "MSTR_NODE=%15[^;]", node), 1);
    snprintf(cookie, sizeof(cookie), "; MSTR_NODE=%s", node);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *answer = with_cookies(login, "GET", "projects", cases[i].own ? cookie : cases[i].other);
        assert_non_null(strstr(answer, cases[i].answer));
        free(answer);
    }
    simulator_admin(sim, "PUT", "/knobs/mstr", "{\"node_cookie\":false}");
    free(login);
}

static void a_session_can_be_expired_from_outside(void **state)
{
    (void)state;
    char *login = talk("mstr", JSON_LOGIN("{\"loginMode\":8}", "15"));
    simulator_admin(sim, "POST", "/sessions/expire", "{\"user\":\"Guest\"}");
    char *gone = with_session(login, "GET", "sessions");
    assert_non_null(strstr(gone, "HTTP/1.1 401"));
    free(login);
    free(gone);
}

static void it_ends_when_its_parent_goes(void **state)
{
    (void)state;
    const char *const argv[] = {process_path("MSTR_SIM"), "--until-eof", NULL};
    struct process_result result = child_run(argv, NULL);
    assert_int_equal(result.status, 0);
    assert_false(result.timed_out);
    child_release(&result);
}

static void wrong_options_are_refused(void **state)
{
    (void)state;
    const char *const argv[] = {process_path("MSTR_SIM"), "--listen", "mstr", NULL};
    struct process_result result = child_run(argv, NULL);
    assert_int_equal(result.status, 2);
    assert_non_null(strstr(result.errors, "NAME=PORT"));
    child_release(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(signatures_are_verified_against_what_arrived, reset),
        cmocka_unit_test_setup(a_request_without_signature_is_refused, reset),
        cmocka_unit_test_setup(the_log_shows_a_request_as_it_was_sent, reset),
        cmocka_unit_test_setup(faults_do_what_they_say_once, reset),
        cmocka_unit_test_setup(faults_hit_only_what_they_name, reset),
        cmocka_unit_test_setup(a_refusal_repeats_what_was_sent, reset),
        cmocka_unit_test_setup(an_unknown_member_of_a_fault_is_refused, reset),
        cmocka_unit_test_setup(logins_follow_the_rules_of_their_mode, reset),
        cmocka_unit_test_setup(a_session_ends_after_its_idle_time, reset),
        cmocka_unit_test_setup(a_cluster_knows_a_session_only_on_its_own_node, reset),
        cmocka_unit_test_setup(a_session_can_be_expired_from_outside, reset),
        cmocka_unit_test(it_ends_when_its_parent_goes),
        cmocka_unit_test(wrong_options_are_refused),
    };
    return cmocka_run_group_tests_name("simulator", tests, start, stop);
}
