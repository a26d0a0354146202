/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of HTTP as a fuzzer's input. */
#define _GNU_SOURCE /* memmem() */
#include "talk.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char between[] = "\n%%\n";

/* What is kept from one conversation to the next looks like a leak, for which libFuzzer would then search each time,
 * and hardly get to anything else. AddressSanitizer searches at the end. */
int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    static char option[] = "-detect_leaks=0";
    char **more = calloc((size_t)*count + 2, sizeof(*more));
    if (more != NULL) {
        memcpy(more, *arguments, (size_t)*count * sizeof(*more));
        more[(*count)++] = option;
        *arguments = more;
    }
    return 0;
}

/* The mutation that is being made. */
struct change {
    const struct grammar *grammar;
    struct talk talk;
    char *text;
    size_t size;
    size_t most;
    unsigned long state;
};

/* Cuts a line off, without its end. */
static struct span next_line(const char **at, const char *end)
{
    const char *line_end = memchr(*at, '\n', (size_t)(end - *at));
    struct span line = {*at, (size_t)((line_end != NULL ? line_end : end) - *at)};
    *at += line.length + (line_end != NULL);
    return line;
}

static void read_message(struct span whole, struct message *message)
{
    const char *at = whole.at;
    const char *end = whole.at + whole.length;
    message->whole = whole;
    message->first = next_line(&at, end);
    message->header_count = 0;
    while (at < end && message->header_count < TALK_HEADERS) {
        struct span line = next_line(&at, end);
        if (line.length == 0) {
            break;
        }
        message->headers[message->header_count++] = line;
    }
    message->body = (struct span){at, (size_t)(end - at)};
}

void talk_read(const char *text, size_t length, struct talk *talk)
{
    const char *end = text + length;
    talk->count = 0;
    for (const char *at = text; at < end && talk->count < TALK_MESSAGES;) {
        const char *next = memmem(at, (size_t)(end - at), between, strlen(between));
        const char *stop = next != NULL ? next : end;
        read_message((struct span){at, (size_t)(stop - at)}, &talk->messages[talk->count++]);
        at = next != NULL ? next + strlen(between) : end;
    }
}

/* --- chance ------------------------------------------------------------------------------------------------------
 */

static size_t below(struct change *change, size_t bound)
{
    change->state = change->state * 6364136223846793005UL + 1442695040888963407UL;
    return bound == 0 ? 0 : (size_t)(change->state >> 33) % bound;
}

static struct span any_of(struct change *change, const char *const *list)
{
    size_t count = 0;
    while (list[count] != NULL) {
        count++;
    }
    const char *text = count > 0 ? list[below(change, count)] : "";
    return (struct span){text, strlen(text)};
}

static struct message *any_message(struct change *change)
{
    return change->talk.count > 0 ? &change->talk.messages[below(change, change->talk.count)] : NULL;
}

/* --- changes of octets -------------------------------------------------------------------------------------------
 */

/* Puts `with`, which may be of the text itself, in the place of `what`; nothing where it does not fit. */
static void replace(struct change *change, struct span what, struct span with)
{
    size_t at = (size_t)(what.at - change->text);
    what.length = what.length < change->size - at ? what.length : change->size - at; /* a line without an end */
    size_t rest = change->size - at - what.length;
    if (change->size - what.length + with.length > change->most) {
        return;
    }
    char *copy = malloc(with.length + 1);
    if (copy == NULL) {
        return;
    }
    memcpy(copy, with.at, with.length);
    memmove(change->text + at + with.length, change->text + at + what.length, rest);
    memcpy(change->text + at, copy, with.length);
    change->size = at + with.length + rest;
    free(copy);
}

static struct span begin_of(struct span span)
{
    return (struct span){span.at, 0};
}

/* libFuzzer's own changes, within these octets alone. */
static void mutate_within(struct change *change, struct span what)
{
    enum { MORE = 64 };
    size_t most = what.length + MORE;
    uint8_t *octets = malloc(most);
    if (octets != NULL) {
        memcpy(octets, what.at, what.length);
        size_t length = LLVMFuzzerMutate(octets, what.length, most);
        replace(change, what, (struct span){(const char *)octets, length});
    }
    free(octets);
}

/* A text between two others, in front of a place. */
static void insert(struct change *change, struct span place, const char *before, struct span text, const char *behind)
{
    char whole[1024];
    size_t begin = strlen(before);
    size_t length = begin + text.length + strlen(behind);
    if (length < sizeof(whole)) {
        memcpy(whole, before, begin);
        memcpy(whole + begin, text.at, text.length);
        strcpy(whole + begin + text.length, behind);
        replace(change, begin_of(place), (struct span){whole, length});
    }
}

static struct span end_of(struct span span)
{
    return (struct span){span.at + span.length, 0};
}

/* --- changes of messages ------------------------------------------------------------------------------------------
 */

/* With what parts it from the next. */
static struct span with_end(const struct change *change, struct span whole)
{
    const char *end = change->text + change->size;
    bool parted = (size_t)(end - whole.at) >= whole.length + strlen(between);
    return (struct span){whole.at, whole.length + (parted ? strlen(between) : 0)};
}

static void drop_message(struct change *change)
{
    const struct message *message = any_message(change);
    if (message != NULL && change->talk.count > 1) {
        replace(change, with_end(change, message->whole), (struct span){"", 0});
    }
}

static void double_message(struct change *change)
{
    const struct message *from = any_message(change);
    const struct message *to = any_message(change);
    if (from != NULL && to != NULL) {
        insert(change, to->whole, "", from->whole, between);
    }
}

static void change_first(struct change *change)
{
    const struct message *message = any_message(change);
    if (message != NULL && below(change, 4) > 0) {
        replace(change, message->first, any_of(change, change->grammar->first));
    } else if (message != NULL) {
        mutate_within(change, message->first);
    }
}

/* In front of another one, and without a header. */
static void add_message(struct change *change)
{
    const struct message *message = any_message(change);
    if (message != NULL) {
        insert(change, message->whole, "\n\n", any_of(change, change->grammar->bodies), between);
        insert(change, message->whole, "", any_of(change, change->grammar->first), "");
    }
}

static void add_header(struct change *change)
{
    const struct message *message = any_message(change);
    if (message != NULL) {
        size_t place = below(change, message->header_count + 1);
        struct span line = place > 0 ? message->headers[place - 1] : message->first;
        insert(change, end_of(line), "\n", any_of(change, change->grammar->headers), "");
    }
}

static void change_header(struct change *change)
{
    const struct message *message = any_message(change);
    if (message == NULL || message->header_count == 0) {
        return;
    }
    struct span line = message->headers[below(change, message->header_count)];
    const char *colon = memchr(line.at, ':', line.length);
    struct span value = colon != NULL ? (struct span){colon + 1, (size_t)(line.at + line.length - colon - 1)} : line;
    switch (below(change, 4)) {
    case 0:
        replace(change, (struct span){line.at, line.length + 1}, (struct span){"", 0});
        break;
    case 1:
        insert(change, line, "", line, "\n");
        break;
    case 2:
        replace(change, line, any_of(change, change->grammar->headers));
        break;
    default:
        mutate_within(change, value);
    }
}

/* --- changes of JSON ----------------------------------------------------------------------------------------------
 */

/* Up to the end of a string whose quote stands at `at`. */
static const char *string_end(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++) {
        at += *at == '\\';
    }
    return at < end ? at + 1 : end;
}

/* The value that begins at `at`, whatever it is; of what is no JSON, up to the next sign of it. */
static struct span value_at(const char *at, const char *end)
{
    const char *begin = at;
    unsigned depth = 0;
    do {
        if (*at == '"') {
            at = string_end(at, end);
        } else {
            depth += *at == '{' || *at == '[' ? 1 : 0;
            depth -= depth > 0 && (*at == '}' || *at == ']') ? 1 : 0;
            at++;
        }
    } while (at < end && (depth > 0 || (strchr("{[\"", *begin) == NULL && strchr(",:]}", *at) == NULL)));
    return (struct span){begin, (size_t)(at - begin)};
}

/* Any value within a body: one of those places at which one may begin. */
static bool any_value(struct change *change, struct span *out)
{
    enum { PLACES = 512 };
    const struct message *message = any_message(change);
    const char *places[PLACES];
    size_t count = 0;
    if (message == NULL || message->body.length == 0) {
        return false;
    }
    const char *end = message->body.at + message->body.length;
    for (const char *at = message->body.at; at < end && count < PLACES;) {
        const bool sign = strchr(",:]}", *at) != NULL;
        if (!sign) {
            places[count++] = at;
        }
        const bool opens = *at == '{' || *at == '[';
        const struct span value = value_at(at, end);
        at = sign || opens ? at + 1 : value.at + value.length;
    }
    if (count == 0) {
        return false;
    }
    *out = value_at(places[below(change, count)], end);
    return true;
}

static void wrap(struct change *change, struct span value)
{
    bool array = below(change, 2) == 0;
    insert(change, end_of(value), array ? "]" : "}", begin_of(value), "");
    insert(change, value, array ? "[" : "{\"x\":", begin_of(value), "");
}

static void change_value(struct change *change)
{
    static const char *const others[] = {"null",        "true",    "0",    "-1", "1e999", "9223372036854775808",
                                         "\"\"",        "[]",      "{}",   "[[", "1.5",   "2e9",
                                         "\"\\ud800\"", "\"A-1\"", "[{}]", NULL};
    struct span value;
    struct span other;
    if (!any_value(change, &value)) {
        return;
    }
    switch (below(change, 6)) {
    case 0:
        replace(change, value, any_of(change, others));
        break;
    case 1:
        if (any_value(change, &other)) {
            replace(change, value, other);
        }
        break;
    case 2:
        insert(change, value, "", value, ",");
        break;
    case 3: /* with the comma or colon behind it */
        replace(change,
                (struct span){value.at, value.length + (value.at + value.length < change->text + change->size)},
                (struct span){"", 0});
        break;
    case 4:
        wrap(change, value);
        break;
    default:
        mutate_within(change, value);
    }
}

static void change_body(struct change *change)
{
    const struct message *message = any_message(change);
    if (message != NULL) {
        replace(change, message->body, any_of(change, change->grammar->bodies));
    }
}

size_t talk_mutate(uint8_t *data, size_t size, size_t most, unsigned seed, const struct grammar *grammar)
{
    static void (*const changes[])(struct change *) = {drop_message,  double_message, add_message, change_first,
                                                       add_header,    change_header,  change_body, change_value,
                                                       change_header, change_value,   change_value};
    enum { COUNT = sizeof(changes) / sizeof(*changes), ANY_OCTETS = 8 };
    struct change change = {.grammar = grammar, .text = (char *)data, .size = size, .most = most, .state = seed};
    if (size == 0 || below(&change, ANY_OCTETS) == 0) {
        return LLVMFuzzerMutate(data, size, most);
    }
    for (size_t more = 1 + below(&change, 3); more > 0; more--) {
        talk_read(change.text, change.size, &change.talk);
        changes[below(&change, COUNT)](&change);
    }
    return change.size;
}
