/* SPDX-License-Identifier: Apache-2.0 */
/* What the MicroStrategy server says when it refuses. */
#include "session/parts/server_error.h"

#include "base/json.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { PARTS_TOLD = 3, BODY_TOLD = 120 };

/* Codes are compared as numbers: ERR014 and ERR0014 are the same refusal, spelt by different releases. */
static const struct known {
    int number;
    enum mstr_code class;
    bool weak; /* only where neither status nor I-Server code says more */
    const char *hint;
} known_numbers[] = {
    {2, MSTR_E_ISERVER, true, NULL},
    {3, MSTR_E_AUTHENTICATION, false,
     "check user name, password and login mode; the account may be locked or disabled"},
    {4, MSTR_E_NOT_FOUND, false, NULL},
    {5, MSTR_E_REQUEST, false, NULL},
    {6, MSTR_E_REQUEST, false, NULL},
    {7, MSTR_E_REQUEST, false, NULL},
    {9, MSTR_E_SESSION, false, "log in again; the session expired or was ended"},
    {13, MSTR_E_ISERVER, true, "the Library server cannot reach its Intelligence Server"},
    {14, MSTR_E_DENIED, false, "the user lacks a privilege for this"},
    {15, MSTR_E_EXISTS, false, NULL},
    {16, MSTR_E_UNAVAILABLE, false, NULL},
    {17, MSTR_E_DENIED, false, "the user lacks permission on this object"},
};

int server_error_number(const char *code)
{
    int number = 0;
    if (code == NULL || !text_starts_with(code, "ERR")) {
        return 0;
    }
    for (code += 3; *code >= '0' && *code <= '9' && number < 100000; code++) {
        number = number * 10 + (*code - '0');
    }
    while (*code == ' ') {
        code++;
    }
    return *code == '\0' ? number : 0;
}

/* That a session has ended only ERR009 tells. */
static enum mstr_code class_of_status(int status)
{
    static const struct {
        int status;
        enum mstr_code class;
    } classes[] = {
        {400, MSTR_E_REQUEST},     {401, MSTR_E_AUTHENTICATION}, {403, MSTR_E_DENIED},      {404, MSTR_E_NOT_FOUND},
        {407, MSTR_E_NETWORK},     {408, MSTR_E_UNAVAILABLE},    {409, MSTR_E_EXISTS},      {429, MSTR_E_THROTTLED},
        {502, MSTR_E_UNAVAILABLE}, {503, MSTR_E_UNAVAILABLE},    {504, MSTR_E_UNAVAILABLE},
    };
    for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
        if (classes[i].status == status) {
            return classes[i].class;
        }
    }
    return status < 500 ? MSTR_E_REQUEST : MSTR_E_SERVER;
}

/* What the I-Server refused for its own reasons: something is missing, by the name of its code; or what the status
 * says, where it says more than that the request failed. */
static enum mstr_code class_of_refusal(int status, int32_t iserver, enum mstr_code otherwise)
{
    static const char *const missing[] = {"NOT_FOUND", "NOTFOUND", "NOT_EXIST"};
    enum mstr_code class = class_of_status(status);
    const char *name = mstr_iserver_code_name(iserver);
    for (size_t i = 0; name != NULL && i < sizeof(missing) / sizeof(*missing); i++) {
        if (strstr(name, missing[i]) != NULL) {
            return MSTR_E_NOT_FOUND;
        }
    }
    return class == MSTR_E_SERVER || class == MSTR_E_REQUEST ? otherwise : class;
}

/* I-Server codes that say more than the REST code beside them. */
static enum mstr_code class_of_iserver(int32_t code, enum mstr_code class)
{
    static const struct {
        int32_t code;
        enum mstr_code class;
    } classes[] = {
        {-2147213784, MSTR_E_DENIED},
        {-2147214568, MSTR_E_DENIED},
        {-2147206497, MSTR_E_TIMEOUT},
        {-2147216959, MSTR_E_AUTHENTICATION}, /* the login failed; its password is wrong, expired, to be changed */
        {-2147216964, MSTR_E_AUTHENTICATION},
        {-2147216963, MSTR_E_AUTHENTICATION},
        {-2147216960, MSTR_E_AUTHENTICATION},
        {-2147216965, MSTR_E_AUTHENTICATION}, /* the account is disabled; locked; has failed too often */
        {-2147202287, MSTR_E_AUTHENTICATION},
        {-2147072513, MSTR_E_AUTHENTICATION},
        {-2147213792, MSTR_E_AUTHENTICATION}, /* no standard login */
    };
    for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
        class = classes[i].code == code ? classes[i].class : class;
    }
    return class;
}

/* The I-Server's code with its symbolic name: nothing for what is none. */
static void put_iserver(int64_t code, struct buffer *out)
{
    if (code >= INT32_MIN && code < 0) {
        const char *name = mstr_iserver_code_name((int32_t)code);
        buffer_printf(out, " [I-Server %s (%d, 0x%08x)]", name != NULL ? name : "error", (int)code, (unsigned)code);
    }
}

static void add_iserver(int64_t code, mstr_error *error)
{
    if (code < INT32_MIN || code >= 0) {
        return;
    }
    struct buffer text = BUFFER_INIT;
    buffer_puts(&text, mstr_error_message(error));
    put_iserver(code, &text);
    enum mstr_code class = mstr_error_code(error);
    if (!text.failed) {
        error_set(error, class, "%s", buffer_text(&text));
    }
    error_set_iserver_code(error, (int32_t)code);
    buffer_release(&text);
}

/* As some releases spell it, and others. 0 where there is none. */
static int64_t iserver_of(struct json_object *object)
{
    int64_t code = 0;
    if (!json_member_int64(object, "iServerCode", &code)) {
        json_member_int64(object, "IserverCode", &code);
    }
    return code;
}

/* Nothing that could be read, but blanks. */
static bool is_blank(const char *text)
{
    return text == NULL || text[strspn(text, " \t\r\n")] == '\0';
}

/* What went wrong with the single parts of a request: [{"iServerCode":…,"message":…}]. */
static void put_parts(struct json_object *list, struct buffer *out)
{
    size_t count = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
    for (size_t i = 0; i < count && i < PARTS_TOLD; i++) {
        struct json_object *part = json_object_array_get_idx(list, i);
        const char *message = json_member_text(part, "message");
        buffer_printf(out, "; %.200s", is_blank(message) ? "a part without a reason" : message);
        put_iserver(iserver_of(part), out);
    }
    if (count > PARTS_TOLD) {
        buffer_printf(out, "; and %zu more", count - PARTS_TOLD);
    }
}

/* The server gave no reason: where one may be found. */
static void hint_at_log(const char *ticket, mstr_error *error)
{
    if (ticket != NULL) {
        error_set_hint(error, "the log of the Library server has more under the ticket %.80s", ticket);
    } else {
        error_set_hint(error,
                       "the log of the Library server, or of a gateway before it, may tell more of this request");
    }
}

/* A request that lacks its project, or names none that there is, is refused in words of the release's own. */
static const char *hint_at_project(int number, const char *message)
{
    bool project = (number == 5 || number == 6) && message != NULL && strstr(message, "roject") != NULL;
    return project ? "name the project: by --project NAME|ID of mstr, or project in the profile" : NULL;
}

/* {"code":"ERR003","message":…,"ticketId":…,"iServerCode":…} */
static enum mstr_code tell_library(struct json_object *body, int status, const char *what, mstr_error *error)
{
    const char *code = json_member_text(body, "code");
    const char *message = json_member_text(body, "message");
    const char *hint = NULL;
    struct buffer parts = BUFFER_INIT;
    int number = server_error_number(code);
    const int64_t iserver = iserver_of(body);
    enum mstr_code class = class_of_status(status);
    for (size_t i = 0; i < sizeof(known_numbers) / sizeof(*known_numbers); i++) {
        if (known_numbers[i].number == number) {
            class = number == 2 || number == 13 ? class_of_refusal(status, (int32_t)iserver, known_numbers[i].class)
                                                : known_numbers[i].class;
            hint = known_numbers[i].hint;
        }
    }
    class = class_of_iserver((int32_t)iserver, class);
    hint = hint != NULL ? hint : hint_at_project(number, message);
    put_parts(json_member(body, "subErrors"), &parts);
    error_set(error, class, "%s: %s (%s)%s", what, is_blank(message) ? "no reason given" : message,
              code != NULL ? code : "no code", buffer_text(&parts));
    buffer_release(&parts);
    add_iserver(iserver, error);
    error_set_service_code(error, code);
    error_set_mstr_number(error, number);
    error_set_request_id(error, json_member_text(body, "ticketId"));
    if (hint != NULL) {
        error_set_hint(error, "%s", hint);
    } else if (is_blank(message)) {
        hint_at_log(json_member_text(body, "ticketId"), error);
    }
    return class;
}

/* {"errors":[{"code":"8004cc4c","message":…}]}, the modeling service's; its codes are I-Server codes in
 * hexadecimal. */
static enum mstr_code tell_modeling(struct json_object *errors, int status, const char *what, mstr_error *error)
{
    struct json_object *first = json_object_array_get_idx(errors, 0);
    const char *code = json_member_text(first, "code");
    struct buffer parts = BUFFER_INIT;
    enum mstr_code class = class_of_status(status);
    char *end = NULL;
    unsigned long number = code != NULL ? strtoul(code, &end, 16) : 0;
    bool is_hex = code != NULL && strlen(code) == 8 && *end == '\0';
    int64_t iserver = is_hex ? (int64_t)(int32_t)(uint32_t)number : 0;
    class = class_of_iserver((int32_t)iserver, class);
    put_parts(errors, &parts);
    error_set(error, class, "%s: %s (%s)", what, buffer_text(&parts) + strlen("; "), code != NULL ? code : "no code");
    buffer_release(&parts);
    add_iserver(iserver, error);
    error_set_service_code(error, code);
    if (is_blank(json_member_text(first, "message"))) {
        hint_at_log(NULL, error);
    }
    return class;
}

/* The begin of a body, which may hold anything. */
static void put_begin(const struct mstr_http_answer *answer, char text[BODY_TOLD + 1])
{
    size_t length = answer->body_length < BODY_TOLD ? answer->body_length : BODY_TOLD;
    for (size_t i = 0; i < length; i++) {
        text[i] = answer->body[i] != '\0' ? answer->body[i] : ' ';
    }
    text[length] = '\0';
}

/* Neither of the server's forms: a gateway or a login page answered, or a web server that knows no such path. */
static enum mstr_code tell_foreign(const struct mstr_http_answer *answer, const char *what, mstr_error *error)
{
    char begin[BODY_TOLD + 1];
    enum mstr_code class = class_of_status(answer->status);
    put_begin(answer, begin);
    if (is_blank(begin)) {
        error_set(error, class, "%s: HTTP status %d without a reason of the server's own", what, (int)answer->status);
        hint_at_log(NULL, error);
    } else {
        error_set(error, class, "%s: HTTP status %d: \"%s\"", what, (int)answer->status, begin);
    }
    if (!is_blank(begin) && (answer->status == 404 || answer->status == 405)) {
        error_set_hint(
            error, "that is no answer of the REST API: check base_url, e.g. https://HOST/MicroStrategyLibrary/api/");
    }
    return class;
}

enum mstr_code server_error_tell(const struct mstr_http_response *response, const char *what, mstr_error *error)
{
    const struct mstr_http_answer *answer = http_answer(response);
    struct json_object *body = NULL;
    if (http_json(response, &body) == MSTR_E_MEMORY || !json_show_nuls(body, answer->body, answer->body_length)) {
        json_release(body);
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    struct json_object *errors = json_member(body, "errors");
    enum mstr_code class = MSTR_OK;
    if (json_object_is_type(errors, json_type_array) && json_object_array_length(errors) > 0) {
        class = tell_modeling(errors, answer->status, what, error);
    } else if (json_object_is_type(body, json_type_object)) {
        class = tell_library(body, answer->status, what, error);
    } else {
        class = tell_foreign(answer, what, error);
    }
    error_set_http_status(error, answer->status);
    json_release(body);
    return class;
}

enum mstr_code server_error_number_in(const struct mstr_http_response *response, int *number)
{
    struct json_object *body = NULL;
    enum mstr_code code = http_json(response, &body);
    *number = server_error_number(json_member_text(body, "code"));
    json_release(body);
    return code == MSTR_E_MEMORY ? code : MSTR_OK;
}

bool server_error_is_limit(const mstr_error *error)
{
    static const int32_t codes[] = {
        -2147072486, /* E_MSI_MAX_PROJ_LOGIN_PERUSER_EXCEEDED */
        -2147209052, /* E_MSI_MAX_PROJ_LOGIN_EXCEEDED */
        -2147209056, /* E_MSI_MAX_SERVERUSERS_EXCEEDED */
        -2147073423, /* MSI_E_MAX_SESSION_EXCEEDED */
        -2147468648, /* MSI_SESSIONMGR_MAXSERVERUSERS_EXCEEDED */
    };
    int32_t code = mstr_error_iserver_code(error);
    const char *message = mstr_error_message(error);
    bool limit = strstr(message, "single device") != NULL || strstr(message, "another device") != NULL;
    for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
        limit = limit || codes[i] == code;
    }
    return limit;
}
