/* SPDX-License-Identifier: Apache-2.0 */
/* core/http/sent_secrets.c */
#include "http/sent_secrets.h"

#include "base/json.h"

#include "unit/session/answer.h"

static const struct mstr_header headers[] = {
    {"authorization", "Basic YW5uOmJhc2ljLXBhc3M="}, /* ann:basic-pass */
    {"Proxy-Authorization", "Bearer bearer-token"},
    {"Cookie", "JSESSIONID=cookie-one; language=en-US; iSession = \"cookie-two\"; broken"},
    {"X-MSTR-AuthToken", "session-token"},
    {"X-Amz-Security-Token", "amz-token"},
    {"X-IDENTITY-HEADER", "identity-header"},
    {"X-MSTR-ProjectID", "public-project"},
    {"X-Empty-Token", NULL},
};
static const struct mstr_header signed_headers[] = {
    {"Authorization", "AWS4-HMAC-SHA256 Credential=AKIDPUBLIC/20150830, SignedHeaders=host, Signature=5d672d79"},
};

static void assert_kept(const struct mstr_http_request *request, const struct http_extras *extras,
                        const char *const *hidden, const char *const *shown)
{
    for (int kept = 0; kept < 2; kept++) {
        for (const char *const *text = kept ? shown : hidden; *text != NULL; text++) {
            struct mstr_http_response *response = test_answer(403, NULL, *text);
            mstr_error *error = mstr_error_new();
            error_set(error, MSTR_E_DENIED, "%s", *text);

            assert_true(sent_secrets_hide(request, extras, response, error));

            print_message("           %s\n", *text);
            assert_string_equal(http_answer(response)->body, kept ? *text : SECRET_FILTER_HIDDEN);
            assert_string_equal(mstr_error_message(error), kept ? *text : SECRET_FILTER_HIDDEN);
            mstr_error_free(error);
            http_response_free(response);
        }
    }
}

static void secrets_of_headers_and_the_query_are_hidden(void **state)
{
    (void)state;
    static const char *const hidden[] = {
        "basic-pass",  "bearer-token", "cookie-one",   "cookie-two", "session-token", "amz-token", "identity-header",
        "query+token", "query code",   "query%20code", NULL};
    static const char *const shown[] = {"ann:", "public-project", "public-scope", "JSESSIONID", "en-US", NULL};
    const struct mstr_http_request request = {
        .url = "https://x.example/a?access_token=query%2Btoken&code=query+code&scope=public-scope&flag",
        .headers = headers,
        .header_count = COUNT_OF(headers)};
    assert_kept(&request, NULL, hidden, shown);
}

static void names_are_compared_whole_or_by_their_end_in_any_case(void **state)
{
    (void)state;
    static const char *const hidden[] = {"exact-name",   "upper-name",    "joined-name",  "eight888",
                                         "\"open-quote", "close-quote\"", "bad%zzescape", NULL};
    static const char *const shown[] = {"longer-name", "shorter-name", "further-name", "seven77", NULL};
    static const struct mstr_header cookies[] = {
        {"COOKIE", "a=eight888; b=seven77; c=\"; d=; e=\"open-quote; f=close-quote\""}, {NULL, "nameless"}};
    const struct mstr_http_request request = {
        .url =
            "/?password=exact-name&AUTHORIZATION=upper-name&My-Api-Key=joined-name&codec=longer-name&cod=shorter-name"
            "&passwords=further-name&token=bad%zzescape",
        .headers = cookies,
        .header_count = COUNT_OF(cookies)};
    assert_kept(&request, NULL, hidden, shown);
}

static void of_an_authorization_the_secret_part_is_hidden(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        const char *const hidden[2];
        const char *const shown[2];
    } cases[] = {
        {"unnamed-value", {"unnamed-value"}, {NULL}},
        {"Bearer   three-blanks", {"three-blanks"}, {NULL}},
        {"Bearer cHVibGljOnNob3duLXRleHQ=", {"cHVibGljOnNob3duLXRleHQ="}, {"shown-text"}}, /* public:shown-text */
        {"Basic bm8tY29sb24taW4taXQ=", {"bm8tY29sb24taW4taXQ="}, {"no-colon-in-it"}},
        {"Basic no base64", {NULL}, {"base64"}},
        {"Basic no-base64!", {"no-base64!"}, {NULL}},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct mstr_header header = {"Authorization", cases[i].value};
        const struct mstr_http_request request = {.headers = &header, .header_count = 1};
        assert_kept(&request, NULL, cases[i].hidden, cases[i].shown);
    }
}

static void of_a_signature_only_itself_is_hidden(void **state)
{
    (void)state;
    static const char *const hidden[] = {"5d672d79", NULL};
    static const char *const shown[] = {"AKIDPUBLIC/20150830", "host", NULL};
    const struct mstr_http_request request = {.headers = signed_headers, .header_count = 1};
    assert_kept(&request, NULL, hidden, shown);
}

static void secrets_of_bodies_are_hidden(void **state)
{
    (void)state;
    static const char json[] =
        "{\"username\":\"public-name\",\"password\":\"json-pass\\u00e9\",\"SecretId\":\"public/id\","
        "\"inner\":[{\"clientSecret\":\"inner-secret\",\"identityToken\":[\"in-a-list\"],"
        "\"count\":1234567}]}";
    static const char form[] = "client_id=public-name&client_secret=form%26secret&client_assertion=form.assert";
    static const char *const json_hidden[] = {"json-pass\xc3\xa9", "json-pass\\u00e9", "inner-secret", "in-a-list",
                                              NULL};
    static const char *const form_hidden[] = {"form&secret", "form%26secret", "form.assert", NULL};
    static const char *const shown[] = {"public-name", "public/id", "1234567", NULL};
    struct mstr_http_request request = {.body = json, .body_length = strlen(json)};
    assert_kept(&request, NULL, json_hidden, shown);
    request.body = form;
    request.body_length = strlen(form);
    assert_kept(&request, NULL, form_hidden, shown);
}

static void what_is_no_text_or_no_field_is_passed_over(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        size_t length; /* 0 = of a text */
        const char *const hidden[2];
        const char *const shown[2];
    } cases[] = {
        {"[{\"password\":\"within-a-list\"}]", 0, {"within-a-list"}, {NULL}},
        {"{\"token\":12345678,\"secret\":null,\"note\":\"public-note\"}", 0, {NULL}, {"12345678"}},
        {"note=public&password=of-a-form", 0, {"of-a-form"}, {"public"}},
        {"token=of-an-image\0", 19, {NULL}, {"of-an-image"}},
        {"{token=of-no-json", 0, {"of-no-json"}, {NULL}},
        {"a\r\npassword=of-a-line", 0, {"of-a-line"}, {NULL}},
        {"password=of%22a+bird", 0, {"b2YiYSBiaXJk"}, {NULL}}, /* base64 of what it means */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct mstr_http_request request = {
            .body = cases[i].body, .body_length = cases[i].length != 0 ? cases[i].length : strlen(cases[i].body)};
        assert_kept(&request, NULL, cases[i].hidden, cases[i].shown);
    }
}

static void what_the_caller_names_and_what_the_proxy_gets_is_hidden(void **state)
{
    (void)state;
    static const char *const named[] = {"api-key-as-user-name", "second", NULL};
    static const char *const hidden[] = {
        "api-key-as-user-name", "second", "proxy-pass", "url-pass@", "key-pass", NULL};
    static const char *const shown[] = {"proxy-user", "proxy.example", NULL};
    const struct mstr_http_request request = {.url = "https://x.example/"};
    const struct http_extras extras = {.secrets = named,
                                       .proxy = "http://proxy-user:url-pass%40@proxy.example:3128",
                                       .proxy_password = "proxy-pass",
                                       .key_passphrase = "key-pass"};
    assert_kept(&request, &extras, hidden, shown);
}

static void headers_are_cleaned_but_those_that_set_cookies(void **state)
{
    (void)state;
    const struct mstr_http_request request = {.headers = headers, .header_count = COUNT_OF(headers)};
    static const struct {
        const char *line;
        const char *name;
        const char *value;
    } cases[] = {{"WWW-Authenticate: Bearer for=session-token", "WWW-Authenticate", "Bearer for=(hidden)"},
                 {"x-amzn-requestid: cookie-one", "X-Amzn-RequestId", "(hidden)"},
                 {"Set-Cookie: JSESSIONID=cookie-one", "Set-Cookie", "JSESSIONID=cookie-one"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mstr_http_response *response = test_answer(401, cases[i].line, "");
        sent_secrets_hide(&request, NULL, response, NULL);
        assert_string_equal(http_header(response, cases[i].name), cases[i].value);
        http_response_free(response);
    }
}

static void the_password_of_the_requests_own_proxy_is_hidden(void **state)
{
    (void)state;
    const struct mstr_http_request request = {.size = sizeof(request), .proxy = "http://u:prox-word@proxy.example"};
    struct mstr_http_response *response = test_answer(403, NULL, "no prox-word");
    sent_secrets_hide(&request, NULL, response, NULL);
    assert_string_equal(http_answer(response)->body, "no (hidden)");
    http_response_free(response);

    static const char *const beyond[] = {"beyond-size", NULL};
    static const char *const none[] = {NULL};
    const struct mstr_http_request small = {.proxy = "http://u:beyond-size@proxy.example"};
    assert_kept(&small, NULL, none, beyond); /* of a plugin that knows no such member */
    static const char *const proxies[] = {NULL, "http://proxy.example", "http://user@proxy.example", "no proxy"};
    for (size_t i = 0; i < COUNT_OF(proxies); i++) {
        const struct mstr_http_request without = {.size = sizeof(without), .proxy = proxies[i]};
        assert_kept(&without, NULL, none, beyond);
    }
}

static void without_an_answer_the_error_is_cleaned_and_with_one_from_400_on_both(void **state)
{
    (void)state;
    const struct mstr_http_request request = {.headers = headers, .header_count = COUNT_OF(headers)};
    mstr_error *error = mstr_error_new();
    error_set(error, MSTR_E_NETWORK, "session-token");
    assert_true(sent_secrets_hide(&request, NULL, NULL, error));
    assert_string_equal(mstr_error_message(error), "(hidden)");
    mstr_error_free(error);
    for (int status = 399; status <= 400; status++) {
        struct mstr_http_response *response = test_answer(status, NULL, "session-token");
        assert_true(sent_secrets_hide(&request, NULL, response, NULL));
        assert_string_equal(http_answer(response)->body, status < 400 ? "session-token" : "(hidden)");
        http_response_free(response);
    }
}

static void an_answer_of_success_is_as_the_server_gave_it(void **state)
{
    (void)state;
    const struct mstr_http_request request = {.headers = headers, .header_count = COUNT_OF(headers)};
    struct mstr_http_response *response = test_answer(200, NULL, "session-token");
    sent_secrets_hide(&request, NULL, response, NULL);
    assert_string_equal(http_answer(response)->body, "session-token");
    http_response_free(response);
}

/* A login's body, within a message: what no look at the raw body finds comes out of it by decoding. */
static void texts_of_a_refusal_are_cleaned_once_more_when_they_are_decoded(void **state)
{
    (void)state;
    const struct mstr_http_request request = {.body = "{\"password\":\"corr\\\"ect\\\\Horse\"}", .body_length = 31};
    struct mstr_http_response *response = test_answer(
        401, NULL,
        "{\"message\":\"bad \\\"{\\\\\\\"password\\\\\\\":\\\\\\\"corr\\\\\\\\\\\\\\\"ect"
        "\\\\\\\\\\\\\\\\Horse\\\\\\\"}\\\"\",\"parts\":[\"corr\\u0026amp;amp;quot;ect\\\\Horse\"],\"n\":1}");

    sent_secrets_hide(&request, NULL, response, NULL);

    struct json_object *json = NULL;
    assert_int_equal(http_json(response, &json), MSTR_OK);
    assert_string_equal(json_member_text(json, "message"), "bad \"{\\\"password\\\":\\\"(hidden)\\\"}\"");
    assert_string_equal(json_object_get_string(json_object_array_get_idx(json_member(json, "parts"), 0)), "(hidden)");
    json_release(json);
    http_response_free(response);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_of_headers_and_the_query_are_hidden),
        cmocka_unit_test(names_are_compared_whole_or_by_their_end_in_any_case),
        cmocka_unit_test(of_an_authorization_the_secret_part_is_hidden),
        cmocka_unit_test(what_is_no_text_or_no_field_is_passed_over),
        cmocka_unit_test(without_an_answer_the_error_is_cleaned_and_with_one_from_400_on_both),
        cmocka_unit_test(of_a_signature_only_itself_is_hidden),
        cmocka_unit_test(secrets_of_bodies_are_hidden),
        cmocka_unit_test(what_the_caller_names_and_what_the_proxy_gets_is_hidden),
        cmocka_unit_test(headers_are_cleaned_but_those_that_set_cookies),
        cmocka_unit_test(the_password_of_the_requests_own_proxy_is_hidden),
        cmocka_unit_test(texts_of_a_refusal_are_cleaned_once_more_when_they_are_decoded),
        cmocka_unit_test(an_answer_of_success_is_as_the_server_gave_it),
    };
    return RUN_TESTS("http/sent_secrets");
}
