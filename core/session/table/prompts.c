/* SPDX-License-Identifier: Apache-2.0 */
/* Answering the prompts of an instance. */
#include "session/table/prompts.h"

#include "base/buffer.h"
#include "base/error.h"
#include "base/json.h"
#include "base/json_scan.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { ROUNDS_MAX = 32 }; /* answers that bring about prompts, whose answers bring about prompts … */

static enum mstr_code no_memory(mstr_error *error)
{
    return error_set(error, MSTR_E_MEMORY, "out of memory");
}

/* {"prompts": […]}, or the list alone. */
static enum mstr_code read_given(struct prompts *prompts, const char *json, mstr_error *error)
{
    enum mstr_code code = json_read(json, strlen(json), &prompts->given);
    struct json_object *list = json_member(prompts->given, "prompts");
    prompts->given_list = list != NULL ? list : prompts->given;
    if (code == MSTR_E_MEMORY) {
        return no_memory(error);
    }
    return json_object_is_type(prompts->given_list, json_type_array)
               ? MSTR_OK
               : error_set(error, MSTR_E_USAGE, "the answers to prompts are no JSON of the form {\"prompts\":[…]}");
}

enum mstr_code prompts_init(struct prompts *prompts, const mstr_table_request *request, mstr_error *error)
{
    memset(prompts, 0, sizeof(*prompts));
    prompts->request = request;
    prompts->used = calloc(request->answer_count + 1, sizeof(*prompts->used));
    if (prompts->used == NULL) {
        return no_memory(error);
    }
    return request->answers_json != NULL ? read_given(prompts, request->answers_json, error) : MSTR_OK;
}

static void forget(struct prompts *prompts)
{
    for (size_t i = 0; i < prompts->tree_count; i++) {
        json_release(prompts->trees[i]);
    }
    prompts->tree_count = 0;
    prompts->count = 0;
}

void prompts_again(struct prompts *prompts)
{
    forget(prompts);
    memset(prompts->used, 0, prompts->request->answer_count * sizeof(*prompts->used));
}

void prompts_release(struct prompts *prompts)
{
    forget(prompts);
    free(prompts->trees);
    free(prompts->items);
    free(prompts->used);
    json_release(prompts->given);
}

/* --- reading them ----------------------------------------------------------------------------------------------- */

/* A scalar as text; "" for anything else. */
static const char *text_of(struct json_object *prompt, const char *name)
{
    struct json_object *value = json_member(prompt, name);
    bool scalar = value != NULL && !json_object_is_type(value, json_type_object) &&
                  !json_object_is_type(value, json_type_array);
    const char *text = scalar ? json_object_get_string(value) : NULL;
    return text != NULL ? text : "";
}

static bool has_default(struct json_object *prompt)
{
    struct json_object *value = json_member(prompt, "defaultAnswer");
    return json_object_is_type(value, json_type_array) ? json_object_array_length(value) > 0 : value != NULL;
}

static mstr_prompt describe(struct json_object *prompt)
{
    bool required = false;
    json_member_bool(prompt, "required", &required);
    const mstr_prompt described = {
        .size = sizeof(described),
        .flags = (required ? MSTR_PROMPT_REQUIRED : 0u) | (has_default(prompt) ? MSTR_PROMPT_HAS_DEFAULT : 0u),
        .key = text_of(prompt, "key"),
        .id = text_of(prompt, "id"),
        .name = text_of(prompt, "name"),
        .title = text_of(prompt, "title"),
        .type = text_of(prompt, "type"),
        .data_type = text_of(prompt, "dataType"),
        .minimum = text_of(prompt, "min"),
        .maximum = text_of(prompt, "max"),
        .definition = json_object_to_json_string_ext(prompt, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
    };
    return described;
}

/* Keeps what the server lists; `from` is the first that is new. Those it calls closed are not open. */
static enum mstr_code take(struct prompts *prompts, const mstr_response *answer, size_t *from, mstr_error *error)
{
    struct json_object *list = NULL;
    size_t length = 0;
    const char *body = mstr_response_body(answer, &length);
    enum mstr_code code = json_read(body, length, &list);
    *from = prompts->count;
    if (code != MSTR_OK || !json_object_is_type(list, json_type_array)) {
        json_release(list);
        return error_set(error, code == MSTR_E_MEMORY ? code : MSTR_E_PROTOCOL, "%s",
                         code == MSTR_E_MEMORY ? "out of memory" : "the server's prompts are no list");
    }
    size_t count = json_object_array_length(list);
    struct json_object **trees = realloc(prompts->trees, (prompts->tree_count + 1) * sizeof(*trees));
    prompts->trees = trees != NULL ? trees : prompts->trees;
    mstr_prompt *items = realloc(prompts->items, (prompts->count + count + 1) * sizeof(*items));
    prompts->items = items != NULL ? items : prompts->items;
    if (trees == NULL || items == NULL) {
        json_release(list);
        return no_memory(error);
    }
    trees[prompts->tree_count++] = list;
    for (size_t i = 0; i < count; i++) {
        struct json_object *prompt = json_object_array_get_idx(list, i);
        bool closed = false;
        json_member_bool(prompt, "closed", &closed);
        if (!closed) {
            items[prompts->count++] = describe(prompt);
        }
    }
    return MSTR_OK;
}

/* --- answering them --------------------------------------------------------------------------------------------- */

static bool names(const char *given, const mstr_prompt *prompt, int way)
{
    const char *const ways[] = {prompt->key, prompt->id, prompt->name};
    return given != NULL && *ways[way] != '\0' &&
           (way == 2 ? strcmp(given, ways[way]) == 0 : text_equal_nocase(given, ways[way]));
}

/* The answer for a prompt: by key before id before name, and one that no other prompt has taken before one that has,
 * as two prompts may share a name. NULL if there is none. */
static const mstr_prompt_answer *find_answer(struct prompts *prompts, const mstr_prompt *prompt)
{
    const mstr_table_request *request = prompts->request;
    for (int way = 0; way < 3; way++) {
        for (size_t i = 0; i < request->answer_count; i++) {
            if (names(request->answers[i].prompt, prompt, way)) {
                prompts->used[i] = true;
                return &request->answers[i];
            }
        }
    }
    return NULL;
}

/* The same of the request's own JSON. */
static struct json_object *find_given(const struct prompts *prompts, const mstr_prompt *prompt)
{
    static const char *const members[] = {"key", "id", "name"};
    size_t count = prompts->given_list != NULL ? json_object_array_length(prompts->given_list) : 0;
    for (int way = 0; way < 3; way++) {
        for (size_t i = 0; i < count; i++) {
            struct json_object *answer = json_object_array_get_idx(prompts->given_list, i);
            if (names(json_member_text(answer, members[way]), prompt, way)) {
                return answer;
            }
        }
    }
    return NULL;
}

static bool is_object_id(const char *text)
{
    return strlen(text) == 32 && strspn(text, "0123456789ABCDEFabcdef") == 32;
}

/* Elements are meant by name, unless it is written as their ids are: "h1;8D67…". */
static bool is_element_id(const char *text)
{
    const char *semicolon = strchr(text, ';');
    return *text == 'h' && semicolon != NULL && strlen(semicolon + 1) >= 32;
}

static void put_named(struct buffer *out, const char *value, bool is_id)
{
    buffer_putc(out, '{');
    buffer_puts(out, is_id ? "\"id\":" : "\"name\":");
    json_put_string(out, value, strlen(value));
    buffer_putc(out, '}');
}

/* The values in the form that the prompt's type wants. */
static void put_values(struct buffer *out, const mstr_prompt *prompt, const mstr_prompt_answer *answer)
{
    bool elements = text_equal_nocase(prompt->type, "ELEMENTS");
    bool objects = text_equal_nocase(prompt->type, "OBJECTS");
    bool number = text_equal_nocase(prompt->data_type, "NUMERIC");
    bool list = elements || objects || answer->value_count > 1;
    buffer_puts(out, list ? "[" : "");
    for (size_t i = 0; i < answer->value_count; i++) {
        const char *value = answer->values[i];
        size_t length = strlen(value);
        buffer_puts(out, i > 0 ? "," : "");
        if (elements || objects) {
            put_named(out, value, elements ? is_element_id(value) : is_object_id(value));
        } else if (number && length > 0 && json_scan_number(value, value + length) == value + length) {
            buffer_puts(out, value);
        } else {
            json_put_string(out, value, length);
        }
    }
    buffer_puts(out, list ? "]" : "");
}

/* Members of "prompts", each begun with what names it; without `answers` it closes the prompt. */
static void begin_answer(struct buffer *out, const mstr_prompt *prompt, bool first)
{
    buffer_puts(out, first ? "{\"key\":" : ",{\"key\":");
    json_put_string(out, prompt->key, strlen(prompt->key));
    json_put_member(out, "type", prompt->type);
}

static void put_given(struct buffer *out, struct json_object *given)
{
    struct json_object *answers = json_member(given, "answers");
    const char *text = answers != NULL ? json_object_to_json_string_ext(answers, JSON_C_TO_STRING_PLAIN) : NULL;
    bool wants_default = false;
    json_member_bool(given, "useDefault", &wants_default);
    if (wants_default) {
        buffer_puts(out, ",\"useDefault\":true");
    } else if (answers != NULL) {
        buffer_puts(out, ",\"answers\":");
        buffer_puts(out, text != NULL ? text : "");
        out->failed |= text == NULL;
    }
    buffer_putc(out, '}');
}

static void put_answer(struct buffer *out, const mstr_prompt *prompt, const mstr_prompt_answer *answer)
{
    if ((answer->flags & MSTR_ANSWER_DEFAULT) != 0) {
        buffer_puts(out, ",\"useDefault\":true");
    } else if (answer->json != NULL) {
        buffer_printf(out, ",\"answers\":%s", answer->json);
    } else if (answer->value_count > 0) {
        buffer_puts(out, ",\"answers\":");
        put_values(out, prompt, answer);
    }
    buffer_putc(out, '}');
}

/* What stands for a prompt that the request has no answer for; false if nothing does. */
static bool find_other(struct prompts *prompts, const mstr_prompt *prompt, mstr_prompt_answer *answer, bool *stopped)
{
    const mstr_table_request *request = prompts->request;
    if ((request->flags & MSTR_TABLE_PROMPT_DEFAULTS) != 0) {
        bool has_one = (prompt->flags & MSTR_PROMPT_HAS_DEFAULT) != 0;
        answer->flags = has_one ? MSTR_ANSWER_DEFAULT : 0;
        return has_one || (prompt->flags & MSTR_PROMPT_REQUIRED) == 0;
    }
    if (request->ask == NULL) {
        return false;
    }
    *stopped = request->ask(prompt, answer, request->ask_data) != 0;
    return !*stopped;
}

/* "Year" (VALUE NUMERIC, from 1990 to 2030, required). */
static void put_open(struct buffer *out, const mstr_prompt *prompt)
{
    buffer_printf(out, "%s\"%s\" (%s%s%s", out->length > 0 ? ", " : "",
                  *prompt->name != '\0' ? prompt->name : prompt->key, prompt->type,
                  *prompt->data_type != '\0' ? " " : "", prompt->data_type);
    if (*prompt->minimum != '\0') {
        buffer_printf(out, ", at least %s", prompt->minimum);
    }
    if (*prompt->maximum != '\0') {
        buffer_printf(out, ", at most %s", prompt->maximum);
    }
    buffer_printf(out, "%s)", (prompt->flags & MSTR_PROMPT_REQUIRED) != 0 ? ", required" : "");
}

/* Writes the answers to the prompts from `from` on; those that are left open go to `left`. */
static enum mstr_code compose(struct prompts *prompts, size_t from, struct buffer *out, struct buffer *left,
                              mstr_error *error)
{
    bool first = true;
    buffer_puts(out, "{\"prompts\":[");
    for (size_t i = from; i < prompts->count; i++) {
        const mstr_prompt *prompt = &prompts->items[i];
        mstr_prompt_answer other = MSTR_PROMPT_ANSWER_INIT;
        bool stopped = false;
        const mstr_prompt_answer *answer = find_answer(prompts, prompt);
        struct json_object *given = answer == NULL ? find_given(prompts, prompt) : NULL;
        if (answer == NULL && given == NULL && find_other(prompts, prompt, &other, &stopped)) {
            answer = &other;
        }
        if (stopped) {
            return error_set(error, MSTR_E_CANCELLED, "the program stopped at the prompt \"%s\"", prompt->name);
        }
        if (answer == NULL && given == NULL) {
            put_open(left, prompt);
            continue;
        }
        begin_answer(out, prompt, first);
        first = false;
        given != NULL ? put_given(out, given) : put_answer(out, prompt, answer);
    }
    buffer_puts(out, "]}");
    return out->failed || left->failed ? no_memory(error) : MSTR_OK;
}

static enum mstr_code tell_left(const struct report *instance, const struct buffer *left, mstr_error *error)
{
    error_set(error, MSTR_E_USAGE, "%s asks for what no answer was given to: %s", instance->object,
              buffer_text(left));
    error_set_hint(error, "answer them by name, let them take their defaults, or close those that are not required");
    return MSTR_E_USAGE;
}

static enum mstr_code answer_round(struct prompts *prompts, struct report *instance, mstr_error *error)
{
    struct buffer body = BUFFER_INIT;
    struct buffer left = BUFFER_INIT;
    mstr_response *list = NULL;
    size_t from = 0;
    enum mstr_code code = report_get(instance, "", "prompts?closed=false", &list, error);
    code = code == MSTR_OK ? take(prompts, list, &from, error) : code;
    code = code == MSTR_OK ? compose(prompts, from, &body, &left, error) : code;
    if (code == MSTR_OK) {
        code =
            left.length > 0 ? tell_left(instance, &left, error) : report_answer(instance, buffer_text(&body), error);
    }
    mstr_response_free(list);
    buffer_release(&body);
    buffer_release(&left);
    return code;
}

/* What nobody asked for is a mistake of the caller's, who would else believe it had been heeded. */
static enum mstr_code check_used(const struct prompts *prompts, const struct report *instance, mstr_error *error)
{
    for (size_t i = 0; i < prompts->request->answer_count; i++) {
        if (!prompts->used[i]) {
            return error_set(error, MSTR_E_USAGE, "%s has no prompt \"%s\"", instance->object,
                             prompts->request->answers[i].prompt != NULL ? prompts->request->answers[i].prompt : "");
        }
    }
    return MSTR_OK;
}

enum mstr_code prompts_answer(struct prompts *prompts, struct report *instance, mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    for (unsigned round = 0; code == MSTR_OK && instance->prompted; round++) {
        code = round < ROUNDS_MAX
                   ? answer_round(prompts, instance, error)
                   : error_set(error, MSTR_E_REQUEST, "%s still asks prompts after the answers", instance->object);
    }
    return code == MSTR_OK ? check_used(prompts, instance, error) : code;
}

enum mstr_code prompts_list(struct prompts *prompts, struct report *instance, mstr_error *error)
{
    mstr_response *list = NULL;
    size_t from = 0;
    enum mstr_code code = report_get(instance, "", "/prompts", &list, error);
    code = code == MSTR_OK ? take(prompts, list, &from, error) : code;
    mstr_response_free(list);
    return code;
}
