/* SPDX-License-Identifier: Apache-2.0 */
/* From a condition in words to a viewFilter. */
#include "session/table/filter.h"

#include "base/error.h"
#include "base/json.h"
#include "base/json_scan.h"
#include "session/table/data_type.h"

#include <string.h>

enum values { VALUES_NONE, VALUES_ONE, VALUES_TWO, VALUES_LIST, VALUES_PATTERN };

/* Words stand between blanks. Longer ones come before those that they begin with. */
static const struct operator_of {
    const char *word;
    const char *name; /* the API's; NULL = made of others */
    enum values values;
    bool negative;
} operators[] = {
    {"not in", NULL, VALUES_LIST, true},
    {"in", NULL, VALUES_LIST, false},
    {"is not null", "IsNotNull", VALUES_NONE, false},
    {"is null", "IsNull", VALUES_NONE, false},
    {"not between", "NotBetween", VALUES_TWO, false},
    {"between", "Between", VALUES_TWO, false},
    {"not like", NULL, VALUES_PATTERN, true},
    {"like", NULL, VALUES_PATTERN, false},
    {"!=", "NotEqual", VALUES_ONE, false},
    {"<=", "LessEqual", VALUES_ONE, false},
    {">=", "GreaterEqual", VALUES_ONE, false},
    {"=", "Equals", VALUES_ONE, false},
    {"<", "Less", VALUES_ONE, false},
    {">", "Greater", VALUES_ONE, false},
};

/* A part of the condition. */
struct part {
    const char *at;
    size_t length;
};

struct condition {
    const struct definition *definition;
    const char *text;
    const struct operator_of *operator_of;
    struct part name, values;
    enum definition_kind kind;
    struct json_object *object; /* attribute or metric */
    struct json_object *form;   /* of the attribute */
};

static struct part trim(const char *at, size_t length)
{
    while (length > 0 && *at == ' ') {
        at++;
        length--;
    }
    while (length > 0 && at[length - 1] == ' ') {
        length--;
    }
    return (struct part){at, length};
}

static bool is_symbol(const struct operator_of *operator_of)
{
    return strchr("!<>=", operator_of->word[0]) != NULL;
}

/* Whether the operator is at this place of a text: a word between blanks, or at the end. */
static bool is_at(const struct operator_of *operator_of, const char *text, size_t at)
{
    size_t length = strlen(operator_of->word);
    if (strncmp(text + at, operator_of->word, length) != 0) {
        return false;
    }
    char after = text[at + length];
    return is_symbol(operator_of) || (at > 0 && text[at - 1] == ' ' && (after == ' ' || after == '\0'));
}

/* Splits a text at its first operator. Within double quotes there is none. */
static bool split(struct condition *condition)
{
    const char *text = condition->text;
    size_t at = 0;
    if (*text == '"') {
        const char *end = strchr(text + 1, '"');
        at = end != NULL ? (size_t)(end - text) + 1 : 0;
        if (end == NULL) {
            return false;
        }
    }
    for (; text[at] != '\0'; at++) {
        for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++) {
            if (is_at(&operators[i], text, at)) {
                const char *values = text + at + strlen(operators[i].word);
                condition->operator_of = &operators[i];
                condition->name = trim(text, at);
                condition->values = trim(values, strlen(values));
                return condition->name.length > 0;
            }
        }
    }
    return false;
}

/* ATTRIBUTE, ATTRIBUTE@FORM or METRIC; quotes around it, or around the attribute, are taken off. */
static enum mstr_code resolve(struct condition *condition, mstr_error *error)
{
    struct part name = condition->name;
    bool quoted = *name.at == '"';
    const char *end = quoted ? (const char *)memchr(name.at + 1, '"', name.length - 1) : NULL;
    size_t length = quoted ? (size_t)(end - name.at) - 1 : definition_until(name.at, name.length, '@');
    const char *form = quoted ? end + 1 : name.at + length;
    size_t form_length = (size_t)(name.at + name.length - form);
    struct buffer plain = BUFFER_INIT;
    enum mstr_code code = definition_unescape(name.at + quoted, length, &plain)
                              ? definition_find_any(condition->definition, buffer_text(&plain), plain.length,
                                                    &condition->kind, &condition->object, error)
                              : error_set(error, MSTR_E_MEMORY, "out of memory");
    buffer_release(&plain);
    if (code != MSTR_OK || condition->kind == DEFINITION_METRIC) {
        return code;
    }
    if (form_length > 1 && *form == '@') {
        return definition_find_form(condition->definition, condition->object, form + 1, form_length - 1,
                                    &condition->form, error);
    }
    condition->form = definition_main_form(condition->object);
    return condition->form != NULL
               ? MSTR_OK
               : error_set(error, MSTR_E_USAGE, "the filter \"%s\" is on what has no form", condition->text);
}

/* The type of a constant that is compared with a form, by the form's own, or with a metric. */
static const char *type_of(const struct condition *condition)
{
    static const char *const types[] = {
        [DATA_TEXT] = "Char", [DATA_UNKNOWN] = "Char",     [DATA_WHOLE] = "Int64", [DATA_REAL] = "Real",
        [DATA_DATE] = "Date", [DATA_EXACT] = "BigDecimal", [DATA_TIME] = "Time",   [DATA_TIMESTAMP] = "TimeStamp"};
    return condition->form == NULL ? "Real" : types[data_type_of(json_member_text(condition->form, "dataType"))];
}

static void put_target(const struct condition *condition, struct buffer *out)
{
    buffer_puts(out, condition->form == NULL ? "{\"type\":\"metric\",\"id\":"
                                             : "{\"type\":\"form\",\"attribute\":{\"id\":");
    definition_put_id(condition->object, out);
    if (condition->form != NULL) {
        buffer_puts(out, "},\"form\":{\"id\":");
        definition_put_id(condition->form, out);
        buffer_putc(out, '}');
    }
    buffer_putc(out, '}');
}

/* A comparison with one or two constants. */
static enum mstr_code put_leaf(const struct condition *condition, const char *name, const struct part *values,
                               size_t count, struct buffer *out, mstr_error *error)
{
    const char *type = type_of(condition);
    struct buffer plain = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    buffer_printf(out, "{\"operator\":\"%s\",\"operands\":[", name);
    put_target(condition, out);
    for (size_t i = 0; code == MSTR_OK && i < count; i++) {
        bool number = strchr("IBR", *type) != NULL; /* Int64, BigDecimal, Real */
        if (!definition_unescape(values[i].at, values[i].length, &plain)) {
            code = error_set(error, MSTR_E_MEMORY, "out of memory");
        }
        const char *end = buffer_text(&plain) + plain.length;
        if (code == MSTR_OK && number && (plain.length == 0 || json_scan_number(buffer_text(&plain), end) != end)) {
            code = error_set(error, MSTR_E_USAGE, "the filter \"%s\" compares a number with \"%s\"", condition->text,
                             buffer_text(&plain));
        }
        buffer_printf(out, ",{\"type\":\"constant\",\"dataType\":\"%s\",\"value\":", type);
        json_put_string(out, buffer_text(&plain), plain.length);
        buffer_putc(out, '}');
    }
    buffer_puts(out, "]}");
    buffer_release(&plain);
    return code;
}

/* The values of a list, each told to `put`; they are parted by commas. */
static enum mstr_code put_list(const struct condition *condition, struct buffer *out, mstr_error *error)
{
    const struct part all = condition->values;
    enum mstr_code code = MSTR_OK;
    bool negative = condition->operator_of->negative;
    buffer_puts(out, negative ? "{\"operator\":\"Not\",\"operands\":[" : "");
    buffer_puts(out, "{\"operator\":\"Or\",\"operands\":[");
    for (size_t at = 0; code == MSTR_OK && at <= all.length;) {
        size_t length = definition_until(all.at + at, all.length - at, ',');
        const struct part value = trim(all.at + at, length);
        buffer_puts(out, at > 0 ? "," : "");
        code = put_leaf(condition, "Equals", &value, 1, out, error);
        at += length + 1;
    }
    buffer_puts(out, "]}");
    buffer_puts(out, negative ? "]}" : "");
    return code;
}

/* "A*", "*A" and "*A*" have operators of their own; any other pattern is the database's, with % for *. */
static enum mstr_code put_pattern(const struct condition *condition, struct buffer *out, mstr_error *error)
{
    static const char *const names[2][4] = {{"Like", "BeginsWith", "EndsWith", "Contains"},
                                            {"NotLike", "NotBeginsWith", "NotEndsWith", "NotContains"}};
    struct part value = condition->values;
    struct buffer pattern = BUFFER_INIT;
    bool open_end = value.length > 1 && value.at[value.length - 1] == '*';
    bool open_begin = value.length > 1 && *value.at == '*';
    struct part inner = {value.at + open_begin, value.length - open_begin - open_end};
    bool own = (open_begin || open_end) && memchr(inner.at, '*', inner.length) == NULL;
    for (size_t i = 0; !own && i < value.length; i++) {
        buffer_putc(&pattern, value.at[i] == '*' ? '%' : value.at[i]);
    }
    struct part whole = {buffer_text(&pattern), pattern.length};
    enum mstr_code code =
        condition->form == NULL
            ? error_set(error, MSTR_E_USAGE, "the filter \"%s\" looks for a text in a metric", condition->text)
            : put_leaf(condition, names[condition->operator_of->negative][own ? open_end + 2 * open_begin : 0],
                       own ? &inner : &whole, 1, out, error);
    buffer_release(&pattern);
    return code;
}

static enum mstr_code put_two(const struct condition *condition, struct buffer *out, mstr_error *error)
{
    static const char and_word[] = " and ";
    const struct part all = condition->values;
    for (size_t at = 0; at + strlen(and_word) < all.length; at++) {
        if (memcmp(all.at + at, and_word, strlen(and_word)) == 0) {
            size_t from = at + strlen(and_word);
            const struct part values[] = {trim(all.at, at), trim(all.at + from, all.length - from)};
            return put_leaf(condition, condition->operator_of->name, values, 2, out, error);
        }
    }
    return error_set(error, MSTR_E_USAGE, "the filter \"%s\" lacks \"and\" between two values", condition->text);
}

enum mstr_code filter_put(const struct definition *definition, const char *text, struct buffer *out,
                          mstr_error *error)
{
    struct condition condition = {.definition = definition, .text = text};
    if (!split(&condition)) {
        error_set(error, MSTR_E_USAGE, "the filter \"%s\" is no condition", text);
        error_set_hint(error, "write NAME OPERATOR VALUE, such as 'Region in North,South' or 'Revenue >= 1000'");
        return MSTR_E_USAGE;
    }
    enum mstr_code code = resolve(&condition, error);
    if (code == MSTR_OK && (condition.operator_of->values == VALUES_NONE) != (condition.values.length == 0) &&
        condition.operator_of->values != VALUES_ONE && condition.operator_of->values != VALUES_LIST) {
        code = error_set(error, MSTR_E_USAGE, "the filter \"%s\" has too few or too many values", text);
    }
    if (code != MSTR_OK) {
        return code;
    }
    switch (condition.operator_of->values) {
    case VALUES_LIST:
        return put_list(&condition, out, error);
    case VALUES_PATTERN:
        return put_pattern(&condition, out, error);
    case VALUES_TWO:
        return put_two(&condition, out, error);
    case VALUES_NONE:
    case VALUES_ONE:
    default:
        return put_leaf(&condition, condition.operator_of->name, &condition.values,
                        condition.operator_of->values == VALUES_ONE ? 1 : 0, out, error);
    }
}

/* --- somebody else's -------------------------------------------------------------------------------------------- */

static enum mstr_code check_id(const struct definition *definition, enum definition_kind kind,
                               struct json_object *object, struct json_object **found, mstr_error *error)
{
    const char *id = json_member_text(object, "id");
    return id != NULL ? definition_find(definition, kind, id, strlen(id), found, error)
                      : error_set(error, MSTR_E_USAGE, "an operand of the viewFilter has no id");
}

static enum mstr_code check_operand(const struct definition *definition, struct json_object *operand,
                                    mstr_error *error)
{
    const char *type = json_member_text(operand, "type");
    struct json_object *found = NULL;
    if (type == NULL) {
        return MSTR_OK;
    }
    if (strcmp(type, "metric") == 0) {
        return check_id(definition, DEFINITION_METRIC, operand, &found, error);
    }
    if (strcmp(type, "attribute") == 0) {
        return check_id(definition, DEFINITION_ATTRIBUTE, operand, &found, error);
    }
    if (strcmp(type, "form") != 0) {
        return MSTR_OK;
    }
    const char *form = json_member_text(json_member(operand, "form"), "id");
    enum mstr_code code =
        check_id(definition, DEFINITION_ATTRIBUTE, json_member(operand, "attribute"), &found, error);
    return code == MSTR_OK && form != NULL
               ? definition_find_form(definition, found, form, strlen(form), &found, error)
               : code;
}

/* The depth is that of the JSON, which its reader has bounded. */
static enum mstr_code check_tree(const struct definition *definition, struct json_object *tree, mstr_error *error)
{
    struct json_object *operands = json_member(tree, "operands");
    size_t count = json_object_is_type(operands, json_type_array) ? json_object_array_length(operands) : 0;
    enum mstr_code code = check_operand(definition, tree, error);
    for (size_t i = 0; code == MSTR_OK && i < count; i++) {
        code = check_tree(definition, json_object_array_get_idx(operands, i), error);
    }
    return code;
}

enum mstr_code filter_check(const struct definition *definition, const char *json, mstr_error *error)
{
    struct json_object *tree = NULL;
    enum mstr_code code = json_read(json, strlen(json), &tree);
    if (code == MSTR_E_MEMORY) {
        return error_set(error, code, "out of memory");
    }
    code = json_object_is_type(tree, json_type_object)
               ? check_tree(definition, tree, error)
               : error_set(error, MSTR_E_USAGE, "the viewFilter is no JSON object");
    json_release(tree);
    return code;
}
