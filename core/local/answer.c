/* SPDX-License-Identifier: Apache-2.0 */
/* An answer of HTTP/1.1 while it arrives. */
#include "local/answer.h"

#include "base/text.h"

#include <string.h>

/* Of octets that can be counted in 63 bits. */
enum { DECIMAL_DIGITS = 18, HEX_DIGITS = 15 };

#define TOKEN "!#$%&'*+-.^_`|~"

void local_answer_init(struct local_answer *answer, bool bodiless, size_t body_limit)
{
    *answer = (struct local_answer){.keep = true, .bodiless = bodiless};
    answer->body.limit = body_limit;
}

void local_answer_hand_on(struct local_answer *answer, answer_body_fn each, void *data)
{
    answer->each = each;
    answer->data = data;
}

void local_answer_release(struct local_answer *answer)
{
    buffer_release(&answer->headers);
    buffer_release(&answer->body);
    buffer_release(&answer->line);
}

bool local_answer_header_at(const struct local_answer *answer, size_t index, const char **name, const char **value)
{
    const char *at = buffer_text(&answer->headers);
    const char *end = at + answer->headers.length;
    for (; at < end; index--) {
        *name = at;
        *value = at + strlen(at) + 1;
        at = *value + strlen(*value) + 1;
        if (index == 0) {
            return true;
        }
    }
    return false;
}

const char *local_answer_header(const struct local_answer *answer, const char *wanted)
{
    const char *name = NULL;
    const char *value = NULL;
    for (size_t i = 0; local_answer_header_at(answer, i, &name, &value); i++) {
        if (text_equal_nocase(name, wanted)) {
            return value;
        }
    }
    return NULL;
}

static bool fail(struct local_answer *answer, const char *fault)
{
    answer->fault = fault;
    return false;
}

/* Appends; else the fault is either the buffer's limit, as `fault` tells, or memory. */
static bool keep(struct local_answer *answer, struct buffer *buffer, const char *octets, size_t length,
                 const char *fault)
{
    if (buffer_append(buffer, octets, length)) {
        return true;
    }
    answer->no_memory = buffer->limit == 0 || length <= buffer->limit - buffer->length;
    return fail(answer, answer->no_memory ? "out of memory" : fault);
}

/* "HTTP/1.1 200 OK"; the reason is for people and may be empty. */
static bool on_status(struct local_answer *answer, const char *line)
{
    static const char version[] = "HTTP/1.1 ";
    const char *digits = line + sizeof(version) - 1;
    if (strncmp(line, version, sizeof(version) - 1) != 0 || digits[0] < '1' || digits[0] > '5' ||
        strspn(digits, "0123456789") != 3 || (digits[3] != ' ' && digits[3] != '\0')) {
        return fail(answer, "its status line is malformed");
    }
    answer->status = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
    answer->state = ANSWER_HEADER;
    return true;
}

static bool on_header(struct local_answer *answer, char *line)
{
    char *colon = strchr(line, ':');
    if (colon == NULL || colon == line) {
        return fail(answer, "a header line of it is malformed");
    }
    *colon = '\0';
    if (!text_is_made_of(line, TOKEN)) {
        return fail(answer, "a header of it has a malformed name");
    }
    if (answer->status >= 200) {
        const char *value = text_trim(colon + 1);
        return keep(answer, &answer->headers, line, strlen(line) + 1, NULL) &&
               keep(answer, &answer->headers, value, strlen(value) + 1, NULL);
    }
    return true;
}

/* What the headers of this name say, which must be one. False if there are several. */
static bool only(const struct local_answer *answer, const char *wanted, const char **only)
{
    const char *name = NULL;
    const char *value = NULL;
    *only = NULL;
    for (size_t i = 0; local_answer_header_at(answer, i, &name, &value); i++) {
        if (text_equal_nocase(name, wanted)) {
            if (*only != NULL) {
                return false;
            }
            *only = value;
        }
    }
    return true;
}

static bool read_number(const char *text, size_t length, unsigned base, uint64_t *number)
{
    static const char digits[] = "0123456789abcdef";
    *number = 0;
    for (size_t i = 0; i < length; i++) {
        char octet = text[i] >= 'A' && text[i] <= 'F' ? (char)(text[i] - 'A' + 'a') : text[i];
        const char *digit = octet != '\0' ? strchr(digits, octet) : NULL;
        if (digit == NULL || (unsigned)(digit - digits) >= base) {
            return false;
        }
        *number = *number * base + (unsigned)(digit - digits);
    }
    return length > 0 && length <= (base == 10 ? DECIMAL_DIGITS : HEX_DIGITS);
}

static bool complete(struct local_answer *answer)
{
    answer->state = ANSWER_COMPLETE;
    answer->complete = true;
    return true;
}

/* How the body of the final answer is framed (RFC 9112 6.3). */
static bool on_framing(struct local_answer *answer)
{
    const char *length = NULL;
    const char *coding = NULL;
    const char *connection = local_answer_header(answer, "Connection");
    if (!only(answer, "Content-Length", &length) || !only(answer, "Transfer-Encoding", &coding) ||
        (length != NULL && coding != NULL)) {
        return fail(answer, "it has more than one length");
    }
    if ((coding != NULL && !text_equal_nocase(coding, "chunked")) ||
        (length != NULL && !read_number(length, strlen(length), 10, &answer->left))) {
        return fail(answer, "its length is malformed");
    }
    answer->keep = connection == NULL || text_equal_nocase(connection, "keep-alive");
    if (answer->bodiless || answer->status == 204 || answer->status == 304) {
        return complete(answer);
    }
    if (coding != NULL) {
        answer->state = ANSWER_CHUNK_SIZE;
        return true;
    }
    if (length == NULL) {
        return fail(answer, "it has no length");
    }
    answer->state = ANSWER_BODY;
    return answer->left > 0 || complete(answer);
}

/* The empty line behind the headers. */
static bool on_head_end(struct local_answer *answer)
{
    if (answer->status >= 200) {
        return on_framing(answer);
    }
    if (answer->status == 101 || ++answer->interim > ANSWER_INTERIM) {
        return fail(answer, "it has interim answers that nobody asked for");
    }
    answer->continued = answer->continued || answer->status == 100;
    answer->status = 0;
    answer->state = ANSWER_STATUS;
    return true;
}

static bool on_chunk_size(struct local_answer *answer, const char *line, size_t length)
{
    if (!read_number(line, length, 16, &answer->left)) {
        return fail(answer, "the length of a chunk of it is malformed");
    }
    answer->state = answer->left > 0 ? ANSWER_CHUNK : ANSWER_TRAILER;
    return true;
}

/* A line without its end. */
static bool on_line(struct local_answer *answer, char *line, size_t length)
{
    switch (answer->state) {
    case ANSWER_STATUS:
        return on_status(answer, line);
    case ANSWER_HEADER:
        return length > 0 ? on_header(answer, line) : on_head_end(answer);
    case ANSWER_CHUNK_SIZE:
        return on_chunk_size(answer, line, length);
    case ANSWER_CHUNK_END:
        answer->state = ANSWER_CHUNK_SIZE;
        return length == 0 || fail(answer, "a chunk of it is longer than it says");
    case ANSWER_TRAILER: /* nobody wants one */
        return length > 0 || complete(answer);
    case ANSWER_BODY:
    case ANSWER_CHUNK:
    case ANSWER_COMPLETE:
    default:
        return fail(answer, "octets follow its end");
    }
}

static bool is_control(char octet)
{
    return ((unsigned char)octet < 0x20 && octet != '\t') || octet == 0x7f;
}

/* Lines are counted but where they frame a body, which has a bound of its own. */
static bool end_line(struct local_answer *answer)
{
    struct buffer *line = &answer->line;
    bool head = answer->state != ANSWER_CHUNK_SIZE && answer->state != ANSWER_CHUNK_END;
    if (line->length == 0 || line->data[line->length - 1] != '\r') {
        return fail(answer, "a line of it has no CR at its end");
    }
    buffer_truncate(line, line->length - 1);
    answer->head_octets += head ? line->length : 0;
    answer->lines += head && line->length > 0;
    if (answer->lines > ANSWER_LINES || answer->head_octets > ANSWER_HEAD_OCTETS) {
        return fail(answer, "its head is too long");
    }
    for (size_t i = 0; i < line->length; i++) {
        if (is_control(line->data[i])) {
            return fail(answer, "a line of it has control characters");
        }
    }
    bool good = on_line(answer, line->data, line->length);
    buffer_clear(line);
    return good;
}

/* Up to the next line end; how many octets it took. */
static size_t feed_line(struct local_answer *answer, const char *octets, size_t length)
{
    const char *end = memchr(octets, '\n', length);
    size_t part = end != NULL ? (size_t)(end - octets) : length;
    answer->line.limit = ANSWER_HEAD_OCTETS;
    if (keep(answer, &answer->line, octets, part, "a line of it is too long") && end != NULL) {
        end_line(answer);
    }
    return part + (end != NULL);
}

static size_t feed_body(struct local_answer *answer, const char *octets, size_t length)
{
    size_t part = length < answer->left ? length : (size_t)answer->left;
    if (answer->each == NULL || answer->status / 100 != 2) {
        keep(answer, &answer->body, octets, part, "its body is too long");
    } else if (!answer->each(octets, part, answer->data)) {
        answer->not_taken = true;
        fail(answer, "its reader gave up");
    }
    answer->left -= part;
    if (answer->left == 0 && answer->state == ANSWER_CHUNK) {
        answer->state = ANSWER_CHUNK_END;
    } else if (answer->left == 0) {
        complete(answer);
    }
    return part;
}

bool local_answer_feed(struct local_answer *answer, const char *octets, size_t length)
{
    while (length > 0 && answer->fault == NULL) {
        size_t used = 0;
        switch (answer->state) {
        case ANSWER_BODY:
        case ANSWER_CHUNK:
            used = feed_body(answer, octets, length);
            break;
        case ANSWER_COMPLETE:
            return fail(answer, "octets follow its end");
        case ANSWER_STATUS:
        case ANSWER_HEADER:
        case ANSWER_CHUNK_SIZE:
        case ANSWER_CHUNK_END:
        case ANSWER_TRAILER:
        default:
            used = feed_line(answer, octets, length);
            break;
        }
        octets += used;
        length -= used;
    }
    return answer->fault == NULL;
}
