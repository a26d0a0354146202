/* SPDX-License-Identifier: Apache-2.0 */
/* Counterparts of the original's test_exceptions, test_mixins and test_persistence. */
#include "parity.h"

struct refusal {
    const char *code;
    int status;
    int number;
    enum mstr_code class;
};

/* One failure each, answered as the server spells it. */
static void assert_refusals(const struct refusal *refusals, size_t count)
{
    mstr_session *session = open_analyst(MSTR_SESSION_NO_RELOGIN);
    for (size_t i = 0; i < count; i++) {
        mstr_response *response = NULL;
        char fault[256];
        snprintf(fault, sizeof(fault),
                 "{\"action\":\"status\",\"status\":%d,\"headers\":{\"Content-Type\":\"application/json\"},\"body\":"
                 "\"{\\\"code\\\":\\\"%s\\\",\\\"message\\\":\\\"why\\\"}\"}",
                 refusals[i].status, refusals[i].code);
        simulator_fault(sim, fault);
        assert_int_equal(mstr_session_get(session, "status", &response, problem), refusals[i].class);
        assert_int_equal(mstr_error_mstr_number(problem), refusals[i].number);
        assert_string_equal(mstr_error_service_code(problem), refusals[i].code);
        assert_non_null(strstr(mstr_error_message(problem), "why"));
        mstr_error_clear(problem);
    }
    mstr_session_free(session);
}

static void each_code_has_its_class(void **state)
{
    static const struct refusal refusals[] = {
        {"ERR002", 500, 2, MSTR_E_ISERVER},        {"ERR0013", 500, 13, MSTR_E_ISERVER},
        {"ERR002", 404, 2, MSTR_E_NOT_FOUND},      {"ERR001", 401, 1, MSTR_E_AUTHENTICATION},
        {"ERR003", 401, 3, MSTR_E_AUTHENTICATION}, {"ERR004", 404, 4, MSTR_E_NOT_FOUND},
        {"ERR005", 400, 5, MSTR_E_REQUEST},        {"ERR006", 400, 6, MSTR_E_REQUEST},
        {"ERR007", 400, 7, MSTR_E_REQUEST},        {"ERR009", 401, 9, MSTR_E_SESSION},
        {"ERR0014", 403, 14, MSTR_E_DENIED},       {"ERR0017", 403, 17, MSTR_E_DENIED},
        {"ERR0015", 409, 15, MSTR_E_EXISTS},       {"ERR014", 403, 14, MSTR_E_DENIED}, /* as servers spell it now */
    };
    (void)state;
    assert_refusals(refusals, COUNT_OF(refusals));
}

static void other_codes_are_classed_by_their_status_and_kept(void **state)
{
    static const struct refusal refusals[] = {
        {"ERR001", 400, 1, MSTR_E_REQUEST},  {"ERR008", 400, 8, MSTR_E_REQUEST},
        {"ERR0010", 501, 10, MSTR_E_SERVER}, {"ERR0016", 400, 16, MSTR_E_UNAVAILABLE},
        {"ERR0020", 500, 20, MSTR_E_SERVER},
    };
    (void)state;
    assert_refusals(refusals, COUNT_OF(refusals));
}

static void assert_told(const char *body, enum mstr_code class, const char *part)
{
    mstr_session *session = open_analyst(0);
    mstr_response *response = NULL;
    char fault[512];
    snprintf(fault, sizeof(fault), "{\"action\":\"status\",\"status\":500,\"body\":\"%s\"}", body);
    simulator_fault(sim, fault);
    assert_int_equal(mstr_session_get(session, "status", &response, problem), class);
    assert_non_null(strstr(mstr_error_message(problem), part));
    mstr_session_free(session);
}

static void a_refusal_without_a_code_is_told_with_its_message(void **state)
{
    (void)state;
    assert_told("{\\\"message\\\":\\\"only this\\\"}", MSTR_E_SERVER, "only this (no code)");
    assert_int_equal(mstr_error_mstr_number(problem), 0);
}

static void every_class_has_a_name_and_words(void **state)
{
    (void)state;
    for (int code = MSTR_OK + 1; code <= MSTR_E_ISERVER; code++) {
        assert_true(*mstr_code_name((enum mstr_code)code) != '\0');
        assert_true(*mstr_code_text((enum mstr_code)code) != '\0');
    }
}

static void an_iserver_code_is_told_by_name_and_number(void **state)
{
    (void)state;
    assert_told("{\\\"code\\\":\\\"ERR002\\\",\\\"message\\\":\\\"m\\\",\\\"iServerCode\\\":-2147181482}",
                MSTR_E_ISERVER, "I-Server AE_DISABLEMERGEDE (-2147181482");
    assert_int_equal(mstr_error_iserver_code(problem), -2147181482);
    assert_string_equal(mstr_iserver_code_name(-2147181482), "AE_DISABLEMERGEDE");
}

/* Repaired: the token is all that is told of the headers, and it comes in secret memory. */
static void a_session_is_told_as_json_of_three_parts(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_secret *json = NULL;
    struct json_object *part = NULL;
    assert_done(mstr_session_export(session, &json, problem));
    struct json_object *whole = json_tokener_parse(mstr_secret_octets(json));
    assert_true(json_object_object_get_ex(whole, "base_url", &part));
    assert_true(json_object_object_get_ex(whole, "cookies", &part));
    assert_non_null(json_object_object_get(part, "JSESSIONID"));
    assert_true(json_object_object_get_ex(whole, "headers", &part));
    assert_non_null(json_object_object_get(part, "X-MSTR-AuthToken"));
    assert_int_equal(json_object_object_length(whole), 3);
    json_object_put(whole);
    mstr_secret_release(json);
    mstr_session_free(session);
}

/* As the original writes it: a token among other headers, in any case. */
#define SNAPSHOT(base)                                                                                               \
    "{\"base_url\": \"" base "\", \"cookies\": {\"a\": \"b\"}, \"headers\": {\"User-Agent\": "                       \
    "\"python-requests/2.32\", \"x-mstr-authtoken\": \"tok123\"}}"

static enum mstr_code take(mstr_session *session, const char *json)
{
    return mstr_session_import(session, json, strlen(json), problem);
}

/* Repaired: a token goes to no other server than the configured one, where there is one. */
static void the_originals_json_is_taken_up(void **state)
{
    (void)state;
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    mstr_session *configured = make_analyst(0);
    mstr_session *session = NULL;
    char url[64];
    options.flags = MSTR_SESSION_NO_PROFILE;
    assert_done(mstr_session_new(context, &options, &session, problem));
    assert_int_equal(take(configured, SNAPSHOT("https://other.example/api/")), MSTR_E_CONFIG);
    mstr_session_free(configured);
    assert_done(take(session, SNAPSHOT("https://other.example/api/")));
    assert_true(mstr_session_is_open(session));
    assert_done(mstr_session_url(session, "x", NULL, 0, url, sizeof(url), problem));
    assert_string_equal(url, "https://other.example/api/x");
    mstr_session_forget(session);
    mstr_session_free(session);
}

static void what_is_no_object_is_refused(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    assert_int_equal(take(session, "123"), MSTR_E_USAGE);
    assert_non_null(strstr(mstr_error_message(problem), "base_url"));
    assert_true(mstr_session_is_open(session));
    mstr_session_free(session);
}

/* Repaired: nothing is changed when a key is missing. */
static void a_missing_key_is_named_and_changes_nothing(void **state)
{
    static const struct {
        const char *json;
        const char *key;
    } cases[] = {
        {"{\"cookies\": {}, \"headers\": {}}", "base_url"},
        {"{\"base_url\": \"https://h/\", \"headers\": {}}", "cookies"},
        {"{\"base_url\": \"https://h/\", \"cookies\": {}}", "headers"},
    };
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_response *response = NULL;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(take(session, cases[i].json), MSTR_E_USAGE);
        assert_non_null(strstr(mstr_error_message(problem), cases[i].key));
        mstr_error_clear(problem);
    }
    assert_done(mstr_session_userinfo(session, &response, problem));
    mstr_response_free(response);
    mstr_session_free(session);
}

/* Repaired: a session without a base URL cannot be used, so it is refused. */
static void an_empty_base_url_is_refused(void **state)
{
    (void)state;
    mstr_session *session = make_analyst(0);
    assert_int_equal(take(session, SNAPSHOT("")), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(problem), "base_url"));
    assert_false(mstr_session_is_open(session));
    mstr_session_free(session);
}

static void a_missing_base_url_is_told(void **state)
{
    (void)state;
    mstr_session *session = make_analyst(0);
    assert_int_equal(take(session, "{\"cookies\": {}, \"headers\": {\"X-MSTR-AuthToken\": \"t\"}}"), MSTR_E_USAGE);
    assert_false(mstr_session_is_open(session));
    mstr_session_free(session);
}

static void a_live_session_goes_on_from_its_json(void **state)
{
    (void)state;
    mstr_session *first = open_analyst(0);
    mstr_session *second = make(MSTR_SESSION_NO_RELOGIN, MSTR_LOGIN_GUESS);
    mstr_response *response = NULL;
    mstr_secret *json = NULL;
    assert_done(mstr_session_export(first, &json, problem));
    assert_done(mstr_session_import(second, mstr_secret_octets(json), mstr_secret_length(json), problem));
    assert_true(mstr_session_is_open(second));
    assert_done(mstr_session_userinfo(second, &response, problem));
    assert_int_equal(simulator_counter(sim, "mstr", "logins"), 1);
    mstr_secret_release(json);
    mstr_response_free(response);
    mstr_session_free(second);
    mstr_session_free(first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ORIGINAL("test_exceptions.test_error_code_raises_correct_exception", each_code_has_its_class),
        ORIGINAL("test_exceptions.test_unhandled_codes_raise_base_exception",
                 other_codes_are_classed_by_their_status_and_kept),
        ORIGINAL("test_exceptions.test_missing_code_raises_unknown_exception",
                 a_refusal_without_a_code_is_told_with_its_message),
        ORIGINAL("test_exceptions.test_all_exceptions_inherit_from_mstr_exception", every_class_has_a_name_and_words),
        ORIGINAL("test_exceptions.test_mstr_exception_with_iserver_code_appends_iserver_message",
                 an_iserver_code_is_told_by_name_and_number),
        ORIGINAL("test_mixins.test_to_dict_contains_base_url_cookies_headers",
                 a_session_is_told_as_json_of_three_parts),
        ORIGINAL("test_mixins.test_dict_is_alias_for_to_dict", a_session_is_told_as_json_of_three_parts),
        ORIGINAL("test_mixins.test_json_returns_json_string_of_to_dict", a_session_is_told_as_json_of_three_parts),
        ORIGINAL("test_mixins.test_update_from_json_with_dict", the_originals_json_is_taken_up),
        ORIGINAL("test_mixins.test_update_from_json_with_json_string", the_originals_json_is_taken_up),
        ORIGINAL("test_mixins.test_update_from_json_with_non_dict_non_str_uses_empty_dict_then_raises",
                 what_is_no_object_is_refused),
        ORIGINAL("test_mixins.test_update_from_json_missing_key_raises_session_exception",
                 a_missing_key_is_named_and_changes_nothing),
        ORIGINAL("test_mixins.test_from_dict_creates_session_with_restored_state", the_originals_json_is_taken_up),
        ORIGINAL("test_mixins.test_from_dict_with_empty_base_url_uses_default", an_empty_base_url_is_refused),
        ORIGINAL("test_mixins.test_from_dict_with_missing_base_url_key_uses_default_then_raises_on_update",
                 a_missing_base_url_is_told),
        ORIGINAL("test_persistence.test_dict_methods", a_live_session_goes_on_from_its_json),
    };
    _Static_assert(COUNT_OF(tests) == 5 + 10 + 1, "one entry for each test of the original");
    return cmocka_run_group_tests_name("parity/state", tests, start, stop);
}
