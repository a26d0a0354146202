/* SPDX-License-Identifier: Apache-2.0 */
/* core/resolve/agent_words.c: what is said between a caller and the agent */
#include "resolve/agent_words.h"

#include "support/unit.h"

#include "base/json.h"
#include "secret/secret.h"

/* The outcome that the text tells; its secret is to be released. */
static struct fetched outcome(const char *text, mstr_error *error)
{
    struct fetched fetched;
    struct json_object *tree = NULL;
    assert_int_equal(json_read(text, strlen(text), &tree), MSTR_OK);
    agent_words_outcome(tree, &fetched, error);
    json_release(tree);
    return fetched;
}

static void a_question_names_secrets_without_their_fields(void **state)
{
    (void)state;
    struct reference *references[2];
    struct buffer json = BUFFER_INIT;
    assert_int_equal(reference_parse("corp:a/b#field", &references[0], NULL), MSTR_OK);
    assert_int_equal(reference_parse("corp:c?v=%222%22", &references[1], NULL), MSTR_OK);
    const struct reference *const both[] = {references[0], references[1]};
    agent_words_ask(both, 2, true, "\"corp\":{}", &json);
    assert_string_equal(buffer_text(&json), "{\"references\":[\"corp:a%2Fb\",\"corp:c?v=%222%22\"],\"refresh\":true,"
                                            "\"fingerprints\":{\"corp\":{}}}");
    buffer_clear(&json);
    agent_words_ask(both, 0, false, "", &json);
    assert_string_equal(buffer_text(&json), "{\"references\":[],\"refresh\":false,\"fingerprints\":{}}");
    buffer_release(&json);
    reference_free(references[0]);
    reference_free(references[1]);
}

static void a_value_comes_with_all_that_is_known_of_it(void **state)
{
    (void)state;
    mstr_error *error = mstr_error_new();
    struct fetched fetched =
        outcome("{\"value\":\"open\\u0000sesame\",\"version\":\"v1\",\"expires\":\"2026-01-15T12:00:00Z\","
                "\"fresh_for\":1500,\"fetched\":1234,\"source\":\"cache\",\"content_type\":\"text/plain\"}",
                error);
    assert_int_equal(fetched.code, MSTR_OK);
    assert_true(fetched.keep);
    assert_int_equal(fetched.fresh_for, 1500);
    assert_int_equal(mstr_secret_length(fetched.secret), 11);
    assert_memory_equal(mstr_secret_octets(fetched.secret), "open\0sesame", 11);
    assert_string_equal(mstr_secret_version(fetched.secret), "v1");
    assert_string_equal(mstr_secret_source(fetched.secret), "cache");
    assert_string_equal(secret_content_type(fetched.secret), "text/plain");
    assert_int_equal(mstr_secret_expires(fetched.secret), 1768478400000);
    mstr_secret_release(fetched.secret);
    fetched = outcome("{\"value_base64\":\"AAEC\",\"fresh_for\":0,\"source\":\"stale\"}", error);
    assert_false(fetched.keep);
    assert_int_equal(mstr_secret_length(fetched.secret), 3);
    assert_string_equal(mstr_secret_source(fetched.secret), "stale");
    mstr_secret_release(fetched.secret);
    fetched = outcome("{\"value\":\"\",\"fresh_for\":1,\"source\":\"store\"}", error);
    assert_int_equal(mstr_secret_length(fetched.secret), 0);
    assert_string_equal(mstr_secret_source(fetched.secret), "store");
    mstr_secret_release(fetched.secret);
    assert_int_equal(mstr_error_code(error), MSTR_OK);
    mstr_error_free(error);
}

static void a_failure_reads_as_ones_own_would(void **state)
{
    (void)state;
    mstr_error *error = mstr_error_new();
    struct fetched fetched = outcome("{\"error\":{\"class\":\"denied\",\"message\":\"100 % no\",\"hint\":\"ask %s\","
                                     "\"provider\":\"corp\",\"step\":\"login\",\"service_code\":\"E1\","
                                     "\"request_id\":\"r1\"}}",
                                     error);
    assert_int_equal(fetched.code, MSTR_E_DENIED);
    assert_null(fetched.secret);
    assert_string_equal(mstr_error_message(error), "100 % no");
    assert_string_equal(mstr_error_hint(error), "ask %s");
    assert_string_equal(mstr_error_provider(error), "corp");
    assert_string_equal(mstr_error_step(error), "login");
    assert_string_equal(mstr_error_service_code(error), "E1");
    assert_string_equal(mstr_error_request_id(error), "r1");
    assert_int_equal(outcome("{\"error\":{\"class\":\"of tomorrow\"}}", error).code, MSTR_E_UNEXPECTED);
    assert_int_equal(outcome("{\"error\":{\"class\":\"ok\"}}", error).code, MSTR_E_UNEXPECTED);
    assert_int_equal(outcome("{\"error\":[]}", error).code, MSTR_E_UNEXPECTED);
    mstr_error_free(error);
}

static void an_outcome_that_is_none_is_a_failure(void **state)
{
    (void)state;
    static const char *const texts[] = {"{}", "[]", "{\"value\":1}", "{\"value_base64\":\"x\"}",
                                        "{\"value\":\"x\",\"expires\":\"soon\"}"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        mstr_error *error = mstr_error_new();
        struct fetched fetched = outcome(texts[i], error);
        assert_int_equal(fetched.code, MSTR_E_PROTOCOL);
        assert_null(fetched.secret);
        assert_int_equal(mstr_error_code(error), MSTR_E_PROTOCOL);
        mstr_error_free(error);
    }
}

static void an_answer_has_as_many_outcomes_as_were_wanted(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "{}", "{\"results\":{}}", "{\"results\":[{}]}", "{\"results\":[{},{}]"};
    struct json_object *tree = NULL;
    struct json_object *outcomes = NULL;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_int_equal(agent_words_read(texts[i], strlen(texts[i]), 2, &tree, &outcomes), MSTR_E_PROTOCOL);
        json_release(tree);
    }
    assert_int_equal(agent_words_read("{\"results\":[{},{}]}", 19, 2, &tree, &outcomes), MSTR_OK);
    json_release(tree);
}

static void what_needs_a_person_is_known(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool needs;
    } cases[] = {
        {"{\"error\":{\"class\":\"not-available\",\"message\":\"not available: needs a person\"}}", true},
        {"{\"error\":{\"class\":\"not-available\",\"message\":\"no identity\"}}", false},
        {"{\"error\":{\"class\":\"denied\",\"message\":\"needs a person\"}}", false},
        {"{\"value\":\"needs a person\"}", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct json_object *tree = NULL;
        assert_int_equal(json_read(cases[i].text, strlen(cases[i].text), &tree), MSTR_OK);
        assert_int_equal(agent_words_needs_person(tree), cases[i].needs);
        json_release(tree);
    }
}

static void a_refusal_of_all_has_its_class_and_its_reason(void **state)
{
    (void)state;
    static const char told[] = "{\"title\":\"denied\",\"status\":403,\"detail\":\"not you\"}";
    mstr_error *error = mstr_error_new();
    assert_int_equal(agent_words_refusal(403, told, strlen(told), error), MSTR_E_DENIED);
    assert_string_equal(mstr_error_message(error), "the agent answers 403: not you");
    assert_int_equal(mstr_error_http_status(error), 403);
    assert_int_equal(agent_words_refusal(429, "", 0, error), MSTR_E_THROTTLED);
    assert_string_equal(mstr_error_message(error), "the agent answers 429");
    assert_int_equal(agent_words_refusal(503, "<html>", 6, error), MSTR_E_UNAVAILABLE);
    assert_int_equal(agent_words_refusal(500, "", 0, error), MSTR_E_PROTOCOL);
    mstr_error_free(error);
}

static void what_the_agent_met_is_what_a_request_of_a_session_met(void **state)
{
    mstr_error *error = mstr_error_new();
    (void)state;
    static const char met[] =
        "{\"code\":\"ERR001\",\"message\":\"x\",\"error\":{\"class\":\"network\",\"message\":\"gone\","
        "\"hint\":\"look\",\"step\":\"connect\",\"http_status\":502}}";
    assert_int_equal(agent_words_failure(met, strlen(met), error), MSTR_E_NETWORK);
    assert_string_equal(mstr_error_message(error), "gone");
    assert_string_equal(mstr_error_hint(error), "look");
    assert_string_equal(mstr_error_step(error), "connect");
    assert_int_equal(mstr_error_http_status(error), 502);
    static const char *const none[] = {"", "{\"code\":\"ERR017\",\"message\":\"no\"}",
                                       "{\"error\":{\"class\":\"session\"}}"};
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        assert_int_equal(agent_words_failure(none[i], strlen(none[i]), error), MSTR_OK);
    }
    mstr_error_free(error);
}

static void a_difference_has_its_place(void **state)
{
    (void)state;
    static const char scheme[] = "{\"scheme\":\"corp\",\"key\":\"environment TOKEN\"}";
    static const char profile[] = "{\"profile\":\"p\",\"key\":\"profile username\"}";
    struct buffer what = BUFFER_INIT;
    struct buffer setting = BUFFER_INIT;
    assert_true(agent_words_difference(scheme, strlen(scheme), &what, &setting));
    assert_string_equal(buffer_text(&what), "corp");
    assert_string_equal(buffer_text(&setting), "environment TOKEN");
    assert_true(agent_words_difference(profile, strlen(profile), &what, &setting));
    assert_string_equal(buffer_text(&what), "corpp");
    assert_false(agent_words_difference("{\"key\":\"x\"}", 11, &what, &setting));
    assert_false(agent_words_difference("", 0, &what, &setting));
    buffer_release(&what);
    buffer_release(&setting);
}

static void a_difference_of_the_plugin_tells_what_to_do(void **state)
{
    (void)state;
    static const struct {
        const char *setting;
        const char *told;
    } cases[] = {{"plugin file",
                  "the agent has another plugin for corp: plugin file differs (install mstr and mstr-agent from "
                  "the same packages; mstr as a single file has plugins of its own)"},
                 {"corp plugin",
                  "the agent has another plugin for corp: corp plugin differs (install mstr and mstr-agent from "
                  "the same packages; mstr as a single file has plugins of its own)"},
                 {"trust file", "the agent has other settings for corp: trust file differs"}};
    mstr_error *error = mstr_error_new();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(agent_words_tell_difference("corp", cases[i].setting, error), MSTR_E_CONFIG);
        assert_string_equal(mstr_error_message(error), cases[i].told);
    }
    mstr_error_free(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_names_secrets_without_their_fields),
        cmocka_unit_test(a_value_comes_with_all_that_is_known_of_it),
        cmocka_unit_test(a_failure_reads_as_ones_own_would),
        cmocka_unit_test(an_outcome_that_is_none_is_a_failure),
        cmocka_unit_test(an_answer_has_as_many_outcomes_as_were_wanted),
        cmocka_unit_test(what_needs_a_person_is_known),
        cmocka_unit_test(a_refusal_of_all_has_its_class_and_its_reason),
        cmocka_unit_test(what_the_agent_met_is_what_a_request_of_a_session_met),
        cmocka_unit_test(a_difference_has_its_place),
        cmocka_unit_test(a_difference_of_the_plugin_tells_what_to_do),
    };
    return RUN_TESTS("resolve/agent_words");
}
