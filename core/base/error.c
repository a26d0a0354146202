/* SPDX-License-Identifier: Apache-2.0 */
/* What went wrong: a class, numbers and bounded texts. */
#include "base/error.h"

#include "base/buffer.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum part { MESSAGE, HINT, REFERENCE, PROVIDER, STEP, SERVICE_CODE, REQUEST_ID, PARTS };

struct mstr_error {
    enum mstr_code code;
    int http_status;
    int32_t iserver_code;
    int mstr_number;
    char *texts[PARTS];
};

mstr_error *mstr_error_new(void)
{
    return calloc(1, sizeof(mstr_error));
}

void mstr_error_clear(mstr_error *error)
{
    if (error == NULL) {
        return;
    }
    for (size_t i = 0; i < PARTS; i++) {
        free(error->texts[i]);
    }
    *error = (mstr_error){.code = MSTR_OK};
}

void mstr_error_free(mstr_error *error)
{
    mstr_error_clear(error);
    free(error);
}

/* Control characters become blanks, and a character cut in two at the end goes. */
static void clean(char *text)
{
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) {
            text[i] = ' ';
        }
    }
    for (size_t cut = 0; length == ERROR_TEXT_MAX && cut < 4 && !text_is_utf8(text, strlen(text)); cut++) {
        text[strlen(text) - 1] = '\0';
    }
}

/* The formatted text, bounded, for free(); NULL without memory. */
MSTR_PRINTF(1, 0) static char *compose(const char *format, va_list arguments)
{
    char *text = malloc(ERROR_TEXT_MAX + 1);
    if (text == NULL) {
        return NULL;
    }
    if (vsnprintf(text, ERROR_TEXT_MAX + 1, format, arguments) < 0) {
        text[0] = '\0';
    }
    clean(text);
    char *fitting = realloc(text, strlen(text) + 1);
    return fitting != NULL ? fitting : text;
}

static char *composef(const char *format, ...) MSTR_PRINTF(1, 2);
static char *composef(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = compose(format, arguments);
    va_end(arguments);
    return text;
}

static void put(mstr_error *error, enum part part, char *text)
{
    free(error->texts[part]);
    error->texts[part] = text;
}

/* Empty texts are passed over. */
static void put_copy(mstr_error *error, enum part part, const char *text)
{
    if (error != NULL && !text_empty(text)) {
        put(error, part, composef("%s", text));
    }
}

enum mstr_code error_vset(mstr_error *error, enum mstr_code code, const char *format, va_list arguments)
{
    if (error != NULL) {
        char *message = compose(format, arguments); /* before the clearing: it may quote the error's own texts */
        mstr_error_clear(error);
        error->code = code;
        put(error, MESSAGE, message);
    }
    return code;
}

enum mstr_code error_set(mstr_error *error, enum mstr_code code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    error_vset(error, code, format, arguments);
    va_end(arguments);
    return code;
}

enum mstr_code mstr_error_set(mstr_error *error, enum mstr_code code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    error_vset(error, code, format, arguments);
    va_end(arguments);
    return code;
}

void error_prefix(mstr_error *error, const char *format, ...)
{
    if (error == NULL) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    char *prefix = compose(format, arguments);
    va_end(arguments);
    if (prefix != NULL) {
        put(error, MESSAGE, composef("%s%s", prefix, mstr_error_message(error)));
        free(prefix);
    }
}

void error_set_hint(mstr_error *error, const char *format, ...)
{
    if (error == NULL) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    char *hint = compose(format, arguments);
    va_end(arguments);
    if (text_empty(hint)) { /* which says no more than the message */
        free(hint);
        hint = NULL;
    }
    put(error, HINT, hint);
}

void error_set_reference(mstr_error *error, const char *reference)
{
    put_copy(error, REFERENCE, reference);
}

void error_set_provider(mstr_error *error, const char *provider)
{
    put_copy(error, PROVIDER, provider);
}

void error_set_step(mstr_error *error, const char *step)
{
    put_copy(error, STEP, step);
}

void error_set_service_code(mstr_error *error, const char *code)
{
    put_copy(error, SERVICE_CODE, code);
}

void error_set_request_id(mstr_error *error, const char *id)
{
    put_copy(error, REQUEST_ID, id);
}

void error_set_http_status(mstr_error *error, int status)
{
    if (error != NULL) {
        error->http_status = status;
    }
}

void error_set_iserver_code(mstr_error *error, int32_t code)
{
    if (error != NULL) {
        error->iserver_code = code;
    }
}

void error_set_mstr_number(mstr_error *error, int number)
{
    if (error != NULL) {
        error->mstr_number = number;
    }
}

void error_change_foreign(mstr_error *error, bool (*change)(struct buffer *text, void *data), void *data)
{
    static const enum part foreign[] = {MESSAGE, HINT, SERVICE_CODE, REQUEST_ID};
    for (size_t i = 0; error != NULL && i < sizeof(foreign) / sizeof(foreign[0]); i++) {
        struct buffer text = BUFFER_INIT;
        const char *told = error->texts[foreign[i]];
        if (told != NULL && (!buffer_puts(&text, told) || change(&text, data))) {
            put(error, foreign[i], text.failed ? NULL : composef("%s", buffer_text(&text)));
        }
        buffer_release(&text);
    }
}

void error_copy(mstr_error *to, const mstr_error *from)
{
    if (to == NULL || to == from) {
        return;
    }
    mstr_error_clear(to);
    if (from == NULL) {
        error_set(to, MSTR_E_MEMORY, "out of memory");
    } else {
        *to = *from;
        for (size_t i = 0; i < PARTS; i++) {
            to->texts[i] = text_copy(from->texts[i]);
        }
    }
}

enum mstr_code mstr_error_code(const mstr_error *error)
{
    return error != NULL ? error->code : MSTR_OK;
}

const char *mstr_error_message(const mstr_error *error)
{
    if (error == NULL || error->code == MSTR_OK) {
        return "";
    }
    return text_empty(error->texts[MESSAGE]) ? mstr_code_text(error->code) : error->texts[MESSAGE];
}

static const char *text_of(const mstr_error *error, enum part part)
{
    return error != NULL ? error->texts[part] : NULL;
}

const char *mstr_error_hint(const mstr_error *error)
{
    return text_of(error, HINT);
}

const char *mstr_error_reference(const mstr_error *error)
{
    return text_of(error, REFERENCE);
}

const char *mstr_error_provider(const mstr_error *error)
{
    return text_of(error, PROVIDER);
}

const char *mstr_error_step(const mstr_error *error)
{
    return text_of(error, STEP);
}

const char *mstr_error_service_code(const mstr_error *error)
{
    return text_of(error, SERVICE_CODE);
}

const char *mstr_error_request_id(const mstr_error *error)
{
    return text_of(error, REQUEST_ID);
}

int mstr_error_http_status(const mstr_error *error)
{
    return error != NULL ? error->http_status : 0;
}

int32_t mstr_error_iserver_code(const mstr_error *error)
{
    return error != NULL ? error->iserver_code : 0;
}

int mstr_error_mstr_number(const mstr_error *error)
{
    return error != NULL ? error->mstr_number : 0;
}
