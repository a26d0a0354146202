/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/resolve.c */
#include "desk.h"
#include "support/store.h"

#include <mstr/persistence.h>

/* Their headers have a struct request of their own. */
struct registry;
struct registry *context_registry(const mstr_context *context);
enum mstr_code fingerprint_of_scheme(struct registry *registry, const char *scheme, const char *key,
                                     struct buffer *json, mstr_error *error);
enum mstr_code fingerprint_of_profile(struct registry *registry, const char *profile, const char *key,
                                      struct buffer *json, mstr_error *error);

static int begin(void **state)
{
    (void)state;
    desk_open("[agent]\nallow = env:DESK_* file:/tmp/** st:**\nreferences = 3\nprofiles = p own\n"
              "[profile p]\nusername = jane\n"
              "[profile own]\nbase_url = http://127.0.0.1:1/\nusername = jane\npassword = p\nlogout = no\n"
              "[profile other]\nusername = jane\n");
    setenv("DESK_VALUE", "va\"lue", 1);
    return 0;
}

static int end(void **state)
{
    (void)state;
    desk_close();
    return 0;
}

static void values_and_failures_come_in_order(void **state)
{
    (void)state;
    assert_int_equal(
        desk_ask("POST", "/v1/resolve", "{\"references\":[\"env:DESK_NONE\",\"env:DESK_VALUE\",\"env:HOME\"]}"), 200);
    assert_has(desk_body(), "{\"results\":[{\"error\":{\"class\":\"not-found\",\"message\":");
    assert_has(desk_body(), "\"provider\":\"env\"}},{\"value\":\"va\\\"lue\",\"fresh_for\":0,\"fetched\":");
    assert_has(desk_body(), "\"source\":\"store\",\"stale\":false},{\"error\":{\"class\":\"denied\"");
}

static void what_is_no_text_comes_in_base64(void **state)
{
    (void)state;
    static const struct {
        const char *octets;
        const char *coded;
    } cases[] = {{"\xff\0x", "/wB4"},
                 {"a\0b", "YQBi"},
                 {"a\xff"
                  "b",
                  "Yf9i"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char body[128];
        char expected[64];
        char *path = test_file(cases[i].octets, 3);
        snprintf(body, sizeof(body), "{\"references\":[\"file:%s\"]}", path);
        snprintf(expected, sizeof(expected), "{\"value_base64\":\"%s\",", cases[i].coded);
        assert_int_equal(desk_ask("POST", "/v1/resolve", body), 200);
        assert_has(desk_body(), expected);
        unlink(path);
        free(path);
    }
}

/* All that a value may come with. */
static void resolve_with_all(void *self, struct mstr_request *const *requests, size_t count,
                             const struct mstr_call *call)
{
    (void)self;
    (void)call;
    const struct mstr_meta meta = {.size = sizeof(meta),
                                   .expires = INT64_C(4102444800000),
                                   .version = "v7",
                                   .content_type = "text/x-test",
                                   .null_hint = "ask for another field"};
    for (size_t i = 0; i < count; i++) {
        store_host->set_value(requests[i], "value", 5, &meta);
    }
}

static const struct mstr_provider *telling_all(const struct mstr_host *table)
{
    static struct mstr_provider provider;
    provider = *store_batching(table);
    provider.resolve = resolve_with_all;
    return &provider;
}

static void what_is_known_of_a_value_comes_with_it(void **state)
{
    (void)state;
    struct generation *generation = contexts_hold(desk.agent.contexts);
    assert_int_equal(mstr_context_register(generation->context, "st", telling_all, NULL, NULL), MSTR_OK);
    contexts_let_go(desk.agent.contexts, generation);
    assert_int_equal(desk_ask("POST", "/v1/resolve", "{\"references\":[\"st:a\"]}"), 200);
    assert_has(desk_body(), "\"version\":\"v7\"");
    assert_has(desk_body(), "\"expires\":\"2100-01-01T00:00:00Z\"");
    assert_has(desk_body(), "\"content_type\":\"text/x-test\"");
    assert_has(desk_body(), "\"null_hint\":\"ask for another field\"");
}

static void a_caller_with_the_same_settings_gets_the_value(void **state)
{
    (void)state;
    struct generation *generation = contexts_hold(desk.agent.contexts);
    struct buffer same = BUFFER_INIT;
    struct buffer body = BUFFER_INIT;
    assert_int_equal(fingerprint_of_scheme(context_registry(generation->context), "env", desk.agent.key, &same, NULL),
                     MSTR_OK);
    contexts_let_go(desk.agent.contexts, generation);
    buffer_printf(&body, "{\"references\":[\"env:DESK_VALUE\"],\"fingerprints\":{\"env\":%s}}", buffer_text(&same));
    assert_int_equal(desk_ask("POST", "/v1/resolve", buffer_text(&body)), 200);
    assert_has(desk_body(), "va\\\"lue");
    buffer_release(&same);
    buffer_release(&body);
}

static void how_the_session_of_the_one_profile_is_is_told(void **state)
{
    (void)state;
    static const char open[] = "{\"base_url\":\"http://127.0.0.1:1/\",\"cookies\":{},"
                               "\"headers\":{\"X-MSTR-AuthToken\":\"t\"}}";
    struct generation *generation = contexts_hold(desk.agent.contexts);
    struct shared_session *shared = NULL;
    struct buffer profiles[2] = {BUFFER_INIT, BUFFER_INIT};
    struct buffer body = BUFFER_INIT;
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        assert_int_equal(fingerprint_of_profile(context_registry(generation->context), i == 0 ? "own" : "p",
                                                desk.agent.key, &profiles[i], NULL),
                         MSTR_OK);
    }
    buffer_printf(&body, "{\"references\":[],\"profiles\":{\"own\":%s}}", buffer_text(&profiles[0]));
    assert_int_equal(desk_ask("POST", "/v1/resolve", buffer_text(&body)), 200);
    assert_null(desk_header("X-Mstr-Session")); /* nobody has asked for one */
    sessions_use(desk.agent.sessions, generation, "own", NULL, &shared, NULL);
    assert_int_equal(mstr_session_import(shared->session, open, strlen(open), NULL), MSTR_OK);
    sessions_leave(desk.agent.sessions, shared);

    assert_int_equal(desk_ask("POST", "/v1/resolve", buffer_text(&body)), 200);
    assert_string_equal(desk_header("X-Mstr-Session"), "open");

    buffer_clear(&body);
    buffer_printf(&body, "{\"references\":[],\"profiles\":{\"own\":%s,\"p\":%s}}", buffer_text(&profiles[0]),
                  buffer_text(&profiles[1]));
    assert_int_equal(desk_ask("POST", "/v1/resolve", buffer_text(&body)), 200);
    assert_null(desk_header("X-Mstr-Session")); /* of which of them would it be? */
    contexts_let_go(desk.agent.contexts, generation);
    buffer_release(&profiles[0]);
    buffer_release(&profiles[1]);
    buffer_release(&body);
}

static void a_field_is_cut_out(void **state)
{
    (void)state;
    setenv("DESK_OBJECT", "{\"a\":\"b\"}", 1);
    assert_int_equal(desk_ask("POST", "/v1/resolve", "{\"references\":[\"env:DESK_OBJECT#a\"]}"), 200);
    assert_has(desk_body(), "{\"value\":\"b\",");
}

static void no_reference_has_no_result(void **state)
{
    (void)state;
    assert_int_equal(desk_ask("POST", "/v1/resolve", "{\"references\":[]}"), 200);
    assert_string_equal(desk_body(), "{\"results\":[]}\n");
    assert_int_equal(desk_ask("POST", "/v1/resolve", "{}"), 400);
    assert_int_equal(desk_ask("POST", "/v1/resolve", "{\"references\":[\"a:b\",\"a:b\",\"a:b\",\"a:b\"]}"), 429);
}

static void a_caller_with_other_settings_gets_no_value(void **state)
{
    (void)state;
    assert_int_equal(
        desk_ask("POST", "/v1/resolve",
                 "{\"references\":[\"env:DESK_VALUE\"],\"fingerprints\":{\"env\":{\"plugin\":\"other\"}}}"),
        409);
    assert_has(desk_body(), "\"scheme\":\"env\",\"key\":\"plugin\"");
    assert_has_not(desk_body(), "lue");
    assert_int_equal(
        desk_ask("POST", "/v1/resolve", "{\"references\":[],\"profiles\":{\"p\":{\"profile username\":\"joe\"}}}"),
        409);
    assert_has(desk_body(), "\"profile\":\"p\",\"key\":\"profile username\"");
    assert_has_not(desk_body(), "jane");
    assert_int_equal(desk_ask("POST", "/v1/resolve",
                              "{\"references\":[],\"profiles\":{\"other\":{\"profile username\":\"joe\"}}}"),
                     403); /* whatever it is like */
    assert_has_not(desk_body(), "profile username");
    assert_int_equal(desk_ask("POST", "/v1/resolve", "{\"references\":[],\"profiles\":[]}"), 400);
    assert_int_equal(desk_ask("POST", "/v1/resolve", "{\"references\":[],\"fingerprints\":[]}"), 400);
    assert_int_equal(desk_ask("POST", "/v1/resolve", "{\"references\":[],\"fingerprints\":{\"nobody\":{}}}"), 409);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_and_failures_come_in_order, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_text_comes_in_base64, begin, end),
        cmocka_unit_test_setup_teardown(what_is_known_of_a_value_comes_with_it, begin, end),
        cmocka_unit_test_setup_teardown(a_caller_with_the_same_settings_gets_the_value, begin, end),
        cmocka_unit_test_setup_teardown(how_the_session_of_the_one_profile_is_is_told, begin, end),
        cmocka_unit_test_setup_teardown(a_field_is_cut_out, begin, end),
        cmocka_unit_test_setup_teardown(no_reference_has_no_result, begin, end),
        cmocka_unit_test_setup_teardown(a_caller_with_other_settings_gets_no_value, begin, end),
    };
    return RUN_TESTS("agent/resolve");
}
