/* SPDX-License-Identifier: Apache-2.0 */
/* core/plugin/host.c: each service of the table that plugins get */
#include "support/folder.h"
#include "support/log_level.h"
#include "support/registry.h"
#include "support/tiny_server.h"

#include "secret/secret.h"

#include <mstr/version.h>
#include <stdio.h>

enum { NOW = 1000000, LATER = 2000000 };

static const struct mstr_host *const host = &host_table;
static struct test_registry test;
static struct instance instance;
static struct call call;
static struct reference *reference;
static struct request request;
static mstr_error *error;

static void note_line(enum mstr_level level, const char *scope, const char *message, void *data)
{
    snprintf(data, 64, "%s %s %s", log_levels[level], scope, message);
}

static int begin(void **state)
{
    (void)state;
    const struct limits limits = test_limits(10000);
    test_registry_make(&test, "", NULL);
    assert_true(instance_init(&instance, &test.services, "cellar", "corp", NULL));
    call_init(&call, &test.services, &limits);
    assert_int_equal(reference_parse("cellar:x", &reference, NULL), MSTR_OK);
    assert_true(request_init(&request, reference, false));
    error = mstr_error_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    clock_replace(NULL);
    mstr_error_free(error);
    request_release(&request);
    call_release(&call);
    reference_free(reference);
    instance_release(&instance);
    test_registry_drop(&test);
    return 0;
}

static void the_table_is_whole(void **state)
{
    (void)state;
    assert_int_equal(host->abi_major, MSTR_ABI_MAJOR);
    assert_int_equal(host->abi_minor, MSTR_ABI_MINOR);
    assert_int_equal(host->size, sizeof(struct mstr_host));
    assert_string_equal(host->version, MSTR_VERSION);
    for (size_t at = offsetof(struct mstr_host, secret_alloc); at < sizeof(struct mstr_host); at += sizeof(void *)) {
        void *function = NULL;
        memcpy(&function, (const char *)host + at, sizeof(function));
        assert_non_null(function);
    }
}

static void secret_memory_is_zeroed(void **state)
{
    (void)state;
    static const char zeros[100];
    char *memory = host->secret_alloc(sizeof(zeros));
    assert_memory_equal(memory, zeros, sizeof(zeros));
    memset(memory, 'x', sizeof(zeros));
    host->secret_free(memory);
    host->secret_free(NULL);
}

static int64_t at_now(void)
{
    return NOW;
}

static int64_t at_later(void)
{
    return LATER;
}

static bool all_fives(void *octets, size_t length)
{
    memset(octets, 5, length);
    return true;
}

static bool without_chance(void *octets, size_t length)
{
    (void)octets;
    (void)length;
    return false;
}

static void time_and_chance_are_the_librarys(void **state)
{
    (void)state;
    unsigned char octets[4] = {0};
    clock_replace(&(struct clock_source){.now = at_now, .monotonic = at_later, .random = all_fives});
    assert_int_equal(host->now(), NOW);
    assert_int_equal(host->monotonic(), LATER);
    assert_int_equal(host->random(octets, sizeof(octets)), 0);
    assert_int_equal(octets[3], 5);
    clock_replace(&(struct clock_source){.random = without_chance});
    assert_int_not_equal(host->random(octets, sizeof(octets)), 0);
}

static void lines_are_logged_under_the_instances_name(void **state)
{
    (void)state;
    char line[64] = "";
    test.log = (struct log){note_line, line, MSTR_LEVEL_INFO};

    host->log(&instance.host.public, MSTR_LEVEL_INFO, "%d doors", 3);
    assert_string_equal(line, "info cellar 3 doors");
    host->log(&instance.host.public, MSTR_LEVEL_DEBUG, "unheard");
    assert_string_equal(line, "info cellar 3 doors");
}

/* Of the whole process, since a plugin asks without saying for whom. */
static void a_level_is_wanted_once_a_log_keeps_it(void **state)
{
    (void)state;
    assert_false(host->log_enabled(MSTR_LEVEL_TRACE));
    log_note(&(struct log){note_line, NULL, MSTR_LEVEL_TRACE});
    assert_true(host->log_enabled(MSTR_LEVEL_TRACE));
}

static void options_are_those_of_the_instance(void **state)
{
    (void)state;
    static const struct mstr_option table[] = {{"pin", MSTR_OPTION_STRING, 0, "0000", ""},
                                               {NULL, MSTR_OPTION_STRING, 0, NULL, NULL}};
    assert_null(host->option(&instance.host.public, "pin")); /* before they are checked there are none */
    assert_int_equal(options_check(table, sizeof(*table), NULL, &instance.host.options, NULL), MSTR_OK);
    assert_string_equal(host->option(&instance.host.public, "pin"), "0000");
    assert_null(host->option(&instance.host.public, "door"));
}

static void the_environment_is_the_programs(void **state)
{
    (void)state;
    setenv("HOST_TEST_VARIABLE", "", 1);
    assert_string_equal(host->environment("HOST_TEST_VARIABLE"), "");
    unsetenv("HOST_TEST_VARIABLE");
    assert_null(host->environment("HOST_TEST_VARIABLE"));
}

static void a_call_is_bound_by_its_deadline(void **state)
{
    (void)state;
    assert_in_range(host->remaining(&call.public), 1, 10000);
    assert_false(host->cancelled(&call.public));
    assert_int_equal(host->sleep(&call.public, 1), MSTR_OK);
    assert_int_equal(host->sleep(&call.public, 60000), MSTR_E_TIMEOUT);
    call.limits.deadline = 0;
    assert_int_equal(host->remaining(&call.public), 0);
}

static void a_call_is_bound_by_its_cancellation(void **state)
{
    (void)state;
    mstr_cancel *cancel = mstr_cancel_new();
    call.limits.cancel = cancel;
    assert_false(host->cancelled(&call.public));
    mstr_cancel_now(cancel);
    assert_true(host->cancelled(&call.public));
    assert_int_equal(host->sleep(&call.public, 100), MSTR_E_CANCELLED);
    mstr_cancel_free(cancel);
}

static bool serve(struct tiny_connection *connection, const struct tiny_request *asked, void *data)
{
    (void)data;
    return strncmp(asked->head, "GET /one ", 9) == 0
               ? tiny_text(connection, "HTTP/1.1 200 OK\r\nX-Door: open\r\nContent-Length: 3\r\n\r\none")
               : tiny_text(connection, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
}

static void a_request_goes_over_the_contexts_client(void **state)
{
    (void)state;
    struct tiny_server *server = tiny_server_start(serve, NULL, NULL);
    struct mstr_http_response *response = NULL;
    const struct mstr_http_request asked = {
        .size = sizeof(asked), .method = "GET", .url = tiny_server_url(server, "/one")};
    assert_null(test.http.client); /* made for the first request */

    assert_int_equal(host->http(&call.public, &asked, &response, error), MSTR_OK);

    assert_non_null(test.http.client);
    assert_int_equal(host->http_answer(response)->status, 200);
    assert_string_equal(host->http_answer(response)->body, "one");
    assert_string_equal(host->http_header(response, "x-door"), "open");
    assert_null(host->http_header(response, "x-window"));
    host->http_free(response);
    host->http_free(NULL);
    tiny_server_stop(server);
}

static void a_request_that_cannot_be_sent_has_no_response(void **state)
{
    (void)state;
    struct mstr_http_response *response = (struct mstr_http_response *)&test;
    const struct mstr_http_request plain = {.size = sizeof(plain), .method = "GET", .url = "http://192.0.2.1/"};
    assert_int_equal(host->http(&call.public, &plain, &response, error), MSTR_E_CONFIG);
    assert_null(response);
    call.limits.deadline = 0;
    assert_int_equal(host->http(&call.public, &plain, &response, NULL), MSTR_E_TIMEOUT);
    assert_null(response);
}

static void many_requests_tell_each_its_own_fate(void **state)
{
    (void)state;
    struct tiny_server *server = tiny_server_start(serve, NULL, NULL);
    char one[128];
    char two[128];
    snprintf(one, sizeof(one), "%s", tiny_server_url(server, "/one"));
    snprintf(two, sizeof(two), "%s", tiny_server_url(server, "/two"));
    const struct mstr_http_request asked[] = {
        {.size = sizeof(*asked), .method = "GET", .url = one},
        {.size = sizeof(*asked), .method = "GET", .url = "no URL"},
        {.size = sizeof(*asked), .method = "GET", .url = two},
    };
    struct mstr_http_exchange exchanges[COUNT_OF(asked)];
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        exchanges[i] = (struct mstr_http_exchange){.size = sizeof(*exchanges), .request = &asked[i], .error = error};
    }

    host->http_many(&call.public, exchanges, COUNT_OF(asked));

    assert_int_equal(host->http_answer(exchanges[0].response)->status, 200);
    assert_int_equal(exchanges[1].code, MSTR_E_CONFIG);
    assert_null(exchanges[1].response);
    assert_int_equal(host->http_answer(exchanges[2].response)->status, 404);
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        host->http_free(exchanges[i].response);
    }
    tiny_server_stop(server);
}

/* Asks for `request` anew. */
static void ask_again(void)
{
    request_release(&request);
    assert_true(request_init(&request, reference, false));
}

static void a_value_is_copied_with_what_is_known_of_it(void **state)
{
    (void)state;
    char value[] = "a\0b";
    const struct mstr_meta meta = {sizeof(meta), 0, 4711, "v7", "text/plain", "4f1a", "ask otherwise"};
    clock_replace(&(struct clock_source){.now = at_now});

    assert_int_equal(host->set_value(&request.public, value, 3, &meta), 0);
    memset(value, 'x', 3);

    assert_int_equal(request.code, MSTR_OK);
    assert_int_equal(mstr_secret_length(request.secret), 3);
    assert_memory_equal(mstr_secret_octets(request.secret), "a\0b", 4);
    assert_string_equal(mstr_secret_version(request.secret), "v7");
    assert_string_equal(secret_content_type(request.secret), "text/plain");
    assert_string_equal(secret_identity(request.secret), "4f1a");
    assert_string_equal(secret_null_hint(request.secret), "ask otherwise");
    assert_int_equal(mstr_secret_expires(request.secret), 4711);
    assert_int_equal(mstr_secret_fetched(request.secret), NOW);
    assert_string_equal(mstr_secret_source(request.secret), "store");
    assert_true(request.keep);
}

static void what_a_plugin_does_not_know_of_its_value_is_none(void **state)
{
    (void)state;
    static const struct mstr_meta metas[] = {
        {.size = sizeof(metas[0])},
        {.size = sizeof(metas[0]), .expires = -5}, /* an end of validity that makes no sense */
        /* shorter than that of the first ABI version */
        {offsetof(struct mstr_meta, identity) - 1, MSTR_META_NO_CACHE, 7, "v7", "x", "4f1a", "hint"},
    };
    for (size_t i = 0; i <= COUNT_OF(metas); i++) {
        ask_again();
        assert_int_equal(host->set_value(&request.public, "value", 5, i > 0 ? &metas[i - 1] : NULL), 0);
        assert_null(mstr_secret_version(request.secret));
        assert_null(secret_content_type(request.secret));
        assert_null(secret_identity(request.secret));
        assert_null(secret_null_hint(request.secret));
        assert_int_equal(mstr_secret_expires(request.secret), 0);
        assert_true(request.keep);
    }
}

static void a_plugin_may_forbid_to_keep_its_value(void **state)
{
    (void)state;
    const struct mstr_meta meta = {.size = sizeof(meta), .flags = MSTR_META_NO_CACHE};
    assert_int_equal(host->set_value(&request.public, "value", 5, &meta), 0);
    assert_false(request.keep);
    assert_non_null(request.secret);
}

static void an_identity_that_is_no_digest_is_the_plugins_fault(void **state)
{
    (void)state;
    char identity[IDENTITY_MAX + 2];
    const struct mstr_meta meta = {.size = sizeof(meta), .identity = identity};
    memset(identity, 'f', sizeof(identity));
    identity[IDENTITY_MAX + 1] = '\0';
    assert_int_not_equal(host->set_value(&request.public, "value", 5, &meta), 0);
    assert_told(request.public.error, MSTR_E_PLUGIN, "identity of impossible length", NULL);

    ask_again();
    identity[IDENTITY_MAX] = '\0';
    assert_int_equal(host->set_value(&request.public, "value", 5, &meta), 0);
    assert_string_equal(secret_identity(request.secret), identity);
}

static void lengths_that_make_no_sense_are_the_plugins_fault(void **state)
{
    (void)state;
    static const char octet = 'x';
    static const struct {
        const void *value;
        size_t length;
        bool good;
    } cases[] = {
        {NULL, 0, true},           {&octet, 0, true}, {NULL, 1, false}, {&octet, VALUE_MAX + 1, false},
        {&octet, SIZE_MAX, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        ask_again();
        assert_int_equal(host->set_value(&request.public, cases[i].value, cases[i].length, NULL) == 0, cases[i].good);
        assert_int_equal(request.code, cases[i].good ? MSTR_OK : MSTR_E_PLUGIN);
        assert_int_equal(request.secret != NULL, cases[i].good);
        assert_true(cases[i].good || strstr(mstr_error_message(request.public.error), "impossible length") != NULL);
    }
}

static void the_first_answer_stands(void **state)
{
    (void)state;
    assert_int_equal(host->set_value(&request.public, "first", 5, NULL), 0);
    assert_int_not_equal(host->set_value(&request.public, "other", 5, NULL), 0);
    host->set_error(&request.public, MSTR_E_DENIED, "too late");
    assert_int_equal(request.code, MSTR_OK);
    assert_string_equal(mstr_secret_octets(request.secret), "first");

    ask_again();
    host->set_error(&request.public, MSTR_E_DENIED, "door %d is locked", 3);
    assert_int_not_equal(host->set_value(&request.public, "other", 5, NULL), 0);
    host->set_error(&request.public, MSTR_E_NETWORK, "too late");
    assert_int_equal(request.code, MSTR_E_DENIED);
    assert_null(request.secret);
    assert_told(request.public.error, MSTR_E_DENIED, "door 3 is locked", NULL);
}

static void a_failure_without_a_class_is_the_plugins_fault(void **state)
{
    (void)state;
    host->set_error(&request.public, MSTR_OK, "nothing is wrong");
    assert_int_equal(request.code, MSTR_E_PLUGIN);
    assert_told(request.public.error, MSTR_E_PLUGIN, "nothing is wrong", NULL);
}

static void errors_keep_their_details(void **state)
{
    (void)state;
    static const struct {
        enum mstr_detail detail;
        const char *text;
    } cases[] = {{MSTR_DETAIL_STEP, "metadata"},
                 {MSTR_DETAIL_SERVICE_CODE, "AccessDenied"},
                 {MSTR_DETAIL_REQUEST_ID, "r-1"},
                 {MSTR_DETAIL_HINT, "100% sure: %s"}};
    struct mstr_error *copy = host->error_new();
    assert_int_equal(host->error_set(error, MSTR_E_DENIED, "door %d", 3), MSTR_E_DENIED);
    assert_int_equal(host->error_set(NULL, MSTR_E_DENIED, "unheard"), MSTR_E_DENIED);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_null(host->error_text(error, cases[i].detail));
        host->error_detail(error, cases[i].detail, cases[i].text);
        host->error_detail(error, cases[i].detail, NULL);
        host->error_detail(error, cases[i].detail, "");
        host->error_detail(NULL, cases[i].detail, cases[i].text);
    }

    host->error_copy(copy, error);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_string_equal(host->error_text(copy, cases[i].detail), cases[i].text);
    }
    assert_int_equal(host->error_code(copy), MSTR_E_DENIED);
    assert_string_equal(host->error_message(copy), "door 3");
    host->error_detail(copy, (enum mstr_detail)99, "of a later version");
    assert_null(host->error_text(copy, (enum mstr_detail)99));
    assert_int_equal(host->error_code(NULL), MSTR_OK);
    assert_string_equal(host->error_message(NULL), "");
    host->error_free(copy);
    host->error_free(NULL);
}

static int note_step(const mstr_explain_step *step, void *data)
{
    assert_int_equal(step->size, sizeof(*step));
    snprintf(data, 64, "%d %s %s %s %d", (int)step->outcome, step->name, step->detail,
             step->hint != NULL ? step->hint : "-", (int)step->milliseconds);
    return 0;
}

static void steps_reach_whoever_wants_the_report(void **state)
{
    (void)state;
    char step[64] = "";
    struct mstr_report report = {.each = note_step, .data = step};
    host->report_step(&report, MSTR_STEP_SKIPPED, "badge", "none here", "bring one", 12);
    assert_string_equal(step, "1 badge none here bring one 12");
    host->report_step(&report, MSTR_STEP_USED, "pin", "given", NULL, 0);
    assert_string_equal(step, "0 pin given - 0");
}

static enum mstr_code answer(const mstr_question *question, char *text, size_t size, void *data)
{
    snprintf(text, size, "%s: %s", question->text, (const char *)data);
    return MSTR_OK;
}

static void questions_reach_the_person_before_the_program(void **state)
{
    (void)state;
    char text[32] = "before";
    char person[] = "123456";
    assert_int_equal(host->prompt(&call.public, "code", text, sizeof(text), error), MSTR_E_NOT_AVAILABLE);
    assert_string_equal(text, "");
    prompt_set(&test.prompt, answer, person);
    assert_int_equal(host->prompt(&call.public, "code", text, sizeof(text), error), MSTR_OK);
    assert_string_equal(text, "code: 123456");
}

static enum mstr_code vouch(const mstr_subject *subject, char *text, size_t size, void *data)
{
    snprintf(text, size, "%s for %s", (const char *)data, subject->audience);
    return MSTR_OK;
}

static void subject_tokens_come_from_the_program(void **state)
{
    (void)state;
    char text[32] = "before";
    char token[] = "a token";
    assert_int_equal(host->subject_token(&call.public, "cloud", "jwt", text, sizeof(text), error),
                     MSTR_E_NOT_AVAILABLE);
    assert_string_equal(text, "");
    test.services.subject = (struct subject_source){vouch, token};
    assert_int_equal(host->subject_token(&call.public, "cloud", "jwt", text, sizeof(text), error), MSTR_OK);
    assert_string_equal(text, "a token for cloud");
}

static void a_plugin_may_begin_a_call_itself(void **state)
{
    (void)state;
    const struct mstr_call *own = host->call_begin(&instance.host.public, 2000);
    assert_in_range(host->remaining(own), 1, 2000);
    assert_false(host->cancelled(own));
    assert_int_equal(strlen(own->trace_id), 16);
    assert_int_equal(host->sleep(own, 5000), MSTR_E_TIMEOUT);
    host->call_end(own);
    host->call_end(NULL);
}

static void a_name_stays_one_segment_of_a_url(void **state)
{
    (void)state;
    static const struct {
        const char *segment;
        size_t length;
        const char *encoded; /* "" = refused */
    } cases[] = {
        {"db", 2, "db"},
        {"a/b", 3, "a%2Fb"},
        {"..", 2, ""},
        {".", 1, ""},
        {"", 0, ""},
        {"...", 3, "..."},
        {"../a", 4, ""},
        {"a/../b", 6, ""},
        {"a/.", 3, ""},
        {"a\\..", 4, ""},
        {"a/.b/..c", 8, "a%2F.b%2F..c"},
        {"..%2f", 5, "..%252f"},
        {"a?b#c", 5, "a%3Fb%23c"},
        {"a\r\nb", 4, "a%0D%0Ab"},
        {"a\0b", 3, "a%00b"},
        {"\xc3\xa4 ~", 4, "%C3%A4%20~"},
        {"0123456789abcde", 15, "0123456789abcde"},
        {"0123456789abcdef", 16, ""}, /* no room for the NUL */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char out[16] = "before";
        enum mstr_code wanted = cases[i].encoded[0] != '\0' ? MSTR_OK : MSTR_E_CONFIG;
        assert_int_equal(host->uri_encode(cases[i].segment, cases[i].length, out, sizeof(out), error), wanted);
        assert_string_equal(out, cases[i].encoded);
    }
    assert_told(error, MSTR_E_CONFIG, "a name of 16 octets is too long", NULL);
    assert_int_equal(host->uri_encode("x", 1, NULL, 0, NULL), MSTR_E_CONFIG);
}

static void a_member_of_json_comes_in_secret_memory(void **state)
{
    (void)state;
    static const char json[] = " {\"data\":{\"a/b\":\"x\\u0000y\",\"ttl\": 3600,\"none\":null}} ";
    static const struct {
        const char *json;
        const char *pointer;
        enum mstr_code code;
        const char *text; /* or a part of the message */
    } cases[] = {
        {json, "/data/ttl", MSTR_OK, "3600"},
        {"{\"password\":\"p\"}", "password", MSTR_OK, "p"},
        {json, "/data/none", MSTR_E_NOT_FOUND, "there is no \"/data/none\" in the JSON"},
        {json, "/date", MSTR_E_NOT_FOUND, "there is no \"/date\" in the JSON"},
        {json, "/~2", MSTR_E_CONFIG, "no JSON Pointer"},
        {"{\"canary\"", "/a", MSTR_E_PROTOCOL, "not JSON"},
        {"", "/a", MSTR_E_PROTOCOL, "not JSON"},
    };
    char *text = NULL;
    size_t length = 0;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        text = (char *)&test;
        assert_int_equal(host->json_text(cases[i].json, strlen(cases[i].json), cases[i].pointer, &text, NULL, error),
                         cases[i].code);
        assert_int_equal(text != NULL, cases[i].code == MSTR_OK);
        assert_non_null(strstr(text != NULL ? text : mstr_error_message(error), cases[i].text));
        host->secret_free(text);
    }
    assert_null(strstr(mstr_error_message(error), "canary"));

    assert_int_equal(host->json_text(json, sizeof(json) - 1, "/data/a~1b", &text, &length, error), MSTR_OK);
    assert_int_equal(length, 3);
    assert_memory_equal(text, "x\0y", 4);
    host->secret_free(text);
}

static void texts_need_no_format(void **state)
{
    (void)state;
    char line[64] = "";
    test.log = (struct log){note_line, line, MSTR_LEVEL_INFO};
    host->log_plain(&instance.host.public, MSTR_LEVEL_INFO, "100% s");
    assert_string_equal(line, "info cellar 100% s");

    assert_int_equal(host->error_set_plain(error, MSTR_E_DENIED, "100% s"), MSTR_E_DENIED);
    assert_told(error, MSTR_E_DENIED, "100% s", NULL);
    host->set_error_plain(&request.public, MSTR_E_DENIED, "100% n");
    assert_told(request.public.error, MSTR_E_DENIED, "100% n", NULL);
    assert_int_equal(request.code, MSTR_E_DENIED);
}

/* What they ask of files is the affair of host_file. */
static void files_are_read_within_the_call(void **state)
{
    (void)state;
    struct folder folder;
    char *content = NULL;
    size_t length = 0;
    char path[256];
    folder_make(&folder);
    folder_path(&folder, "data", path);
    folder_write(&folder, "data", "octets");

    assert_int_equal(host->read_file(&call.public, path, 100, &content, &length, error), MSTR_OK);
    assert_string_equal(content, "octets");
    assert_int_equal(length, 6);
    host->secret_free(content);
    assert_int_equal(host->read_trusted_file(NULL, path, 100, &content, NULL, error), MSTR_OK);
    assert_string_equal(content, "octets");
    host->secret_free(content);
    assert_int_equal(host->read_trusted_file(&call.public, path, 0, NULL, NULL, error), MSTR_OK);
    folder_remove(&folder);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(the_table_is_whole),
        EACH(secret_memory_is_zeroed),
        EACH(time_and_chance_are_the_librarys),
        EACH(lines_are_logged_under_the_instances_name),
        EACH(a_level_is_wanted_once_a_log_keeps_it),
        EACH(options_are_those_of_the_instance),
        EACH(the_environment_is_the_programs),
        EACH(a_call_is_bound_by_its_deadline),
        EACH(a_call_is_bound_by_its_cancellation),
        EACH(a_request_goes_over_the_contexts_client),
        EACH(a_request_that_cannot_be_sent_has_no_response),
        EACH(many_requests_tell_each_its_own_fate),
        EACH(a_value_is_copied_with_what_is_known_of_it),
        EACH(what_a_plugin_does_not_know_of_its_value_is_none),
        EACH(a_plugin_may_forbid_to_keep_its_value),
        EACH(an_identity_that_is_no_digest_is_the_plugins_fault),
        EACH(lengths_that_make_no_sense_are_the_plugins_fault),
        EACH(the_first_answer_stands),
        EACH(a_failure_without_a_class_is_the_plugins_fault),
        EACH(errors_keep_their_details),
        EACH(steps_reach_whoever_wants_the_report),
        EACH(questions_reach_the_person_before_the_program),
        EACH(subject_tokens_come_from_the_program),
        EACH(a_plugin_may_begin_a_call_itself),
        EACH(a_name_stays_one_segment_of_a_url),
        EACH(a_member_of_json_comes_in_secret_memory),
        EACH(texts_need_no_format),
        EACH(files_are_read_within_the_call),
    };
    return RUN_TESTS("plugin/host");
}
