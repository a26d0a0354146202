/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of the server's refusals. */
#include "session/parts/server_error.h"

#include "unit/session/answer.h"

static const struct {
    const char *name;
    int status;
    const char *header;
    const char *body;
    enum mstr_code code;
    int number;
    int32_t iserver;
    const char *part; /* of the message */
} cases[] = {
    {"a refused login", 401, "Content-Type: application/json",
     "{\"code\":\"ERR003\",\"message\":\"Login failed\",\"ticketId\":\"0a1b\"}", MSTR_E_AUTHENTICATION, 3, 0,
     "GET x: Login failed (ERR003)"},
    {"three digits", 403, NULL, "{\"code\":\"ERR014\",\"message\":\"m\"}", MSTR_E_DENIED, 14, 0, "ERR014"},
    {"four digits", 403, NULL, "{\"code\":\"ERR0014\",\"message\":\"m\"}", MSTR_E_DENIED, 14, 0, "ERR0014"},
    {"a blank at the end", 403, NULL, "{\"code\":\"ERR017 \",\"message\":\"m\"}", MSTR_E_DENIED, 17, 0, "m"},
    {"general", 400, NULL, "{\"code\":\"ERR001\",\"message\":\"m\"}", MSTR_E_REQUEST, 1, 0, "m"},
    {"not supported", 501, NULL, "{\"code\":\"ERR0010\",\"message\":\"m\"}", MSTR_E_SERVER, 10, 0, "m"},
    {"I-Server", 500, NULL, "{\"code\":\"ERR002\",\"message\":\"m\",\"iServerCode\":-2147181482}", MSTR_E_ISERVER, 2,
     -2147181482, "AE_DISABLEMERGEDE (-2147181482, 0x80049c56)"},
    {"other spelling of the key", 500, NULL, "{\"code\":\"ERR002\",\"message\":\"m\",\"IserverCode\":-2147206497}",
     MSTR_E_TIMEOUT, 2, -2147206497, "-2147206497"},
    {"I-Server, a missing object", 500, NULL, "{\"code\":\"ERR002\",\"message\":\"m\",\"iServerCode\":-2147217381}",
     MSTR_E_NOT_FOUND, 2, -2147217381, "DSSCOM_E_OBJECT_NOT_FOUND"},
    {"I-Server, by its status", 404, NULL, "{\"code\":\"ERR002\",\"message\":\"m\"}", MSTR_E_NOT_FOUND, 2, 0, "m"},
    {"I-Server, a wrong password", 500, NULL, "{\"code\":\"ERR002\",\"message\":\"m\",\"iServerCode\":-2147216964}",
     MSTR_E_AUTHENTICATION, 2, -2147216964, "AUTHEN_E_LOGIN_FAIL_INVALID_PWD"},
    {"I-Server, a missing privilege", 500, NULL,
     "{\"code\":\"ERR002\",\"message\":\"m\",\"iServerCode\":-2147213784}", MSTR_E_DENIED, 2, -2147213784, "m"},
    {"I-Server out of reach", 500, NULL, "{\"code\":\"ERR0013\",\"message\":\"m\"}", MSTR_E_ISERVER, 13, 0, "m"},
    {"I-Server out of reach for now", 503, NULL, "{\"code\":\"ERR0013\",\"message\":\"m\"}", MSTR_E_UNAVAILABLE, 13,
     0, "m"},
    {"401 of no ended session", 401, NULL, "{\"code\":\"ERR001\",\"message\":\"m\"}", MSTR_E_AUTHENTICATION, 1, 0,
     "m"},
    {"401 of a gateway", 401, "Content-Type: text/html", "<h1>Log in</h1>", MSTR_E_AUTHENTICATION, 0, 0, "Log in"},
    {"not found", 404, NULL, "{\"code\":\"ERR004\",\"message\":\"m\"}", MSTR_E_NOT_FOUND, 4, 0, "m"},
    {"invalid", 400, NULL, "{\"code\":\"ERR006\",\"message\":\"m\"}", MSTR_E_REQUEST, 6, 0, "m"},
    {"expired", 401, "Content-Type: application/json;charset=UTF-8", "{\"code\":\"ERR009\",\"message\":\"m\"}",
     MSTR_E_SESSION, 9, 0, "m"},
    {"exists", 409, NULL, "{\"code\":\"ERR0015\",\"message\":\"m\"}", MSTR_E_EXISTS, 15, 0, "m"},
    {"unavailable", 503, NULL, "{\"code\":\"ERR016\",\"message\":\"m\"}", MSTR_E_UNAVAILABLE, 16, 0, "m"},
    {"no code", 400, NULL, "{\"message\":\"only this\"}", MSTR_E_REQUEST, 0, 0, "only this (no code)"},
    {"no message", 404, NULL, "{\"code\":\"ERR004\"}", MSTR_E_NOT_FOUND, 4, 0, "no reason given"},
    {"a blank message", 404, NULL, "{\"code\":\"ERR004\",\"message\":\" \\t\\n\"}", MSTR_E_NOT_FOUND, 4, 0,
     "x: no reason given (ERR004)"},
    {"a message with a NUL", 404, NULL, "{\"code\":\"ERR004\",\"message\":\"no \\u0000such thing\"}",
     MSTR_E_NOT_FOUND, 4, 0, "x: no \xef\xbf\xbdsuch thing (ERR004)"},
    {"blank parts", 400, NULL, "{\"errors\":[{\"message\":\" \"},{\"message\":\"a\\u0000b\"}]}", MSTR_E_REQUEST, 0, 0,
     "x: a part without a reason; a\xef\xbf\xbd"
     "b (no code)"},
    {"a blank body", 503, NULL, " \r\n", MSTR_E_UNAVAILABLE, 0, 0, "HTTP status 503 without a reason"},
    {"sub-errors", 400, NULL,
     "{\"code\":\"ERR006\",\"message\":\"m\",\"subErrors\":[{\"message\":\"a\"},{\"message\":\"b\"},{},{},{}]}",
     MSTR_E_REQUEST, 6, 0, "m (ERR006); a; b; a part without a reason; and 2 more"},
    {"a part's I-Server code, by its name", 400, NULL,
     "{\"code\":\"ERR006\",\"message\":\"m\",\"subErrors\":[{\"iServerCode\":-2147216964,\"message\":\"a\"}]}",
     MSTR_E_REQUEST, 6, 0, "m (ERR006); a [I-Server AUTHEN_E_LOGIN_FAIL_INVALID_PWD (-2147216964, 0x800411bc)]"},
    {"modeling service", 400, NULL,
     "{\"errors\":[{\"code\":\"8004cc4c\",\"message\":\"wrong\"},{\"message\":\"too\"}]}", MSTR_E_REQUEST, 0,
     -2147169204, "wrong; too (8004cc4c)"},
    {"modeling service, odd code", 500, NULL, "{\"errors\":[{\"code\":\"zzzzzzzz\"}]}", MSTR_E_SERVER, 0, 0,
     "zzzzzzzz"},
    {"empty list", 403, NULL, "{\"errors\":[]}", MSTR_E_DENIED, 0, 0, "no reason given"},
    {"an array", 500, NULL, "[1]", MSTR_E_SERVER, 0, 0, "[1]"},
    {"HTML", 502, "Content-Type: text/html", "<h1>Bad Gateway</h1>", MSTR_E_UNAVAILABLE, 0, 0, "Bad Gateway"},
    {"nothing", 503, NULL, "", MSTR_E_UNAVAILABLE, 0, 0, "HTTP status 503"},
    {"broken JSON", 400, "Content-Type: application/json", "{\"code\":", MSTR_E_REQUEST, 0, 0, "HTTP status 400"},
    {"members of other types", 400, NULL, "{\"code\":3,\"message\":{},\"subErrors\":{}}", MSTR_E_REQUEST, 0, 0,
     "no reason given"},
    {"throttled", 429, NULL, "slow down", MSTR_E_THROTTLED, 0, 0, "slow down"},
};

static void a_refusal_keeps_all_that_is_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_error *error = mstr_error_new();
        struct mstr_http_response *answer = test_answer(cases[i].status, cases[i].header, cases[i].body);

        enum mstr_code code = server_error_tell(answer, "GET x", error);

        print_message("           %s: %s\n", cases[i].name, mstr_error_message(error));
        assert_int_equal(code, cases[i].code);
        assert_int_equal(mstr_error_code(error), cases[i].code);
        assert_int_equal(mstr_error_http_status(error), cases[i].status);
        assert_int_equal(mstr_error_mstr_number(error), cases[i].number);
        assert_int_equal(mstr_error_iserver_code(error), cases[i].iserver);
        assert_non_null(strstr(mstr_error_message(error), cases[i].part));
        int number = -1;
        assert_int_equal(server_error_number_in(answer, &number), MSTR_OK);
        assert_int_equal(number, cases[i].number);
        http_response_free(answer);
        mstr_error_free(error);
    }
}

static void where_a_person_would_be_stuck_there_is_a_hint(void **state)
{
    static const struct {
        const char *body;
        const char *hint;
        int status; /* 0 = 500 */
    } silent[] = {
        {"{\"code\":\"ERR001\"}", "may tell more of this request", 0},
        {"{\"code\":\"ERR001\",\"ticketId\":\"0a1b\"}", "under the ticket 0a1b", 0},
        {"{\"code\":\"ERR0013\"}", "cannot reach its Intelligence Server", 0},
        {"{\"message\":\"\"}", "may tell more", 0},
        {"{}", "may tell more", 0},
        {"{\"errors\":[{\"code\":\"8004cc4c\"}]}", "may tell more", 0},
        {"{\"errors\":[3]}", "may tell more", 0},
        {"", "may tell more", 0},
        {" \n", "may tell more", 0},
        {"{\"message\":\" \"}", "may tell more", 0},
        {"{\"errors\":[{\"message\":\" \"}]}", "may tell more", 0},
        {"<html>404 Not Found</html>", "check base_url, e.g. https://HOST/MicroStrategyLibrary/api/", 404},
        {"<html>405 Not Allowed</html>", "check base_url", 405},
        {"{\"code\":\"ERR005\",\"message\":\"The header X-MSTR-ProjectID is missing.\"}", "--project NAME|ID", 0},
        {"{\"code\":\"ERR006\",\"message\":\"There is no such project\"}", "--project NAME|ID", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(silent); i++) {
        mstr_error *error = mstr_error_new();
        struct mstr_http_response *answer =
            test_answer(silent[i].status != 0 ? silent[i].status : 500, NULL, silent[i].body);

        server_error_tell(answer, "GET x", error);

        assert_non_null(mstr_error_hint(error));
        assert_non_null(strstr(mstr_error_hint(error), silent[i].hint));
        http_response_free(answer);
        mstr_error_free(error);
    }
}

static void the_ticket_is_kept(void **state)
{
    (void)state;
    mstr_error *error = mstr_error_new();
    struct mstr_http_response *answer = test_answer(cases[0].status, cases[0].header, cases[0].body);

    server_error_tell(answer, "POST auth/login", error);

    assert_string_equal(mstr_error_request_id(error), "0a1b");
    assert_string_equal(mstr_error_service_code(error), "ERR003");
    assert_non_null(mstr_error_hint(error));
    http_response_free(answer);
    mstr_error_free(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_keeps_all_that_is_known),
        cmocka_unit_test(where_a_person_would_be_stuck_there_is_a_hint),
        cmocka_unit_test(the_ticket_is_kept),
    };
    return RUN_TESTS("session/parts/server_error");
}
