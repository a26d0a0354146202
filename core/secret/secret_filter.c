/* A text without the secrets of a set. */
#include "secret/secret_filter.h"

#include "base/base64.h"
#include "base/json.h"
#include "secret/json_scan.h"

#include <stdlib.h>
#include <string.h>

enum {
    SECRET_MIN = 4, /* shorter ones are passed over */
    PART_MIN = 12,  /* what is found of one that was cut off */
};

/* Each record begins with its length. False past the last. */
static bool next_record(const struct secret_filter *filter, size_t *at, const char **octets, size_t *length)
{
    if (*at == filter->records.length) {
        return false;
    }
    memcpy(length, filter->records.data + *at, sizeof(*length));
    *octets = filter->records.data + *at + sizeof(*length);
    *at += sizeof(*length) + *length;
    return true;
}

/* The next character of a text in one of its encodings, as up to four octets. Returns where the one after it starts,
 * NULL where there is none. */
typedef const char *(*read_fn)(const char *at, const char *end, char out[4], size_t *length);

static const char *read_plain(const char *at, const char *end, char out[4], size_t *length)
{
    (void)end;
    out[0] = *at;
    *length = 1;
    return at + 1;
}

static int hex_value(char digit)
{
    return digit >= '0' && digit <= '9'   ? digit - '0'
           : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
           : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10
                                          : -1;
}

/* As in a URL or a form. */
static const char *read_percent(const char *at, const char *end, char out[4], size_t *length)
{
    if (*at == '%' && end - at > 2 && hex_value(at[1]) >= 0 && hex_value(at[2]) >= 0) {
        out[0] = (char)(hex_value(at[1]) * 16 + hex_value(at[2]));
        *length = 1;
        return at + 3;
    }
    read_plain(at, end, out, length);
    out[0] = *at == '+' ? ' ' : *at;
    return at + 1;
}

/* As the escaping functions of common languages write HTML and XML. */
static const char *read_html(const char *at, const char *end, char out[4], size_t *length)
{
    static const struct {
        char octet;
        const char *entity;
    } entities[] = {{'&', "&amp;"},  {'<', "&lt;"},    {'>', "&gt;"},    {'"', "&quot;"}, {'"', "&#34;"},
                    {'\'', "&#39;"}, {'\'', "&#x27;"}, {'\'', "&apos;"}, {'+', "&#43;"},  {'/', "&#x2F;"}};
    for (size_t i = 0; *at == '&' && i < sizeof(entities) / sizeof(entities[0]); i++) {
        size_t size = strlen(entities[i].entity);
        if ((size_t)(end - at) >= size && memcmp(at, entities[i].entity, size) == 0) {
            out[0] = entities[i].octet;
            *length = 1;
            return at + size;
        }
    }
    return read_plain(at, end, out, length);
}

/* A form of a secret that is looked for in every encoding. */
struct needle {
    size_t at; /* in the search's octets */
    size_t length;
    bool base64; /* of either alphabet */
    struct needle *next;
};

struct search {
    struct buffer octets;
    struct needle *needles;
    size_t count;
    struct needle *heads[256]; /* by their first octet */
};

/* The two alphabets of base64 share theirs. */
static size_t bucket(char octet)
{
    return (unsigned char)(octet == '-' ? '+' : octet == '_' ? '/' : octet);
}

enum { FORMS_MAX = 8 }; /* of one secret */

static void add_needle(struct search *search, size_t at, size_t length, bool base64)
{
    if (!search->octets.failed) {
        struct needle *needle = &search->needles[search->count++];
        struct needle **head = &search->heads[bucket(search->octets.data[at])];
        *needle = (struct needle){at, length, base64, *head};
        *head = needle;
    }
}

/* A form, and what base64 makes of it wherever it stands: three texts, for the three places in a group of three
 * octets at which it can begin, each without the characters that also hold bits of a neighbour. */
static void add_form(struct search *search, const char *octets, size_t length)
{
    buffer_append(&search->octets, octets, length);
    add_needle(search, search->octets.length - length, length, false);
    for (size_t shift = 0; shift < 3; shift++) {
        struct buffer shifted = BUFFER_INIT;
        size_t start = search->octets.length;
        size_t skipped = shift == 0 ? 0 : shift + 1;
        buffer_append(&shifted, "\0\0", shift);
        buffer_append(&shifted, octets, length);
        base64_encode(&search->octets, buffer_text(&shifted), shifted.length);
        search->octets.failed |= shifted.failed;
        add_needle(search, start + skipped, shifted.length * 8 / 6 - skipped, true);
        buffer_release(&shifted);
    }
}

/* The secret as it is, and as it stood in JSON that was sent, for servers that encode all of that once more. */
static void add_secret(struct search *search, const char *octets, size_t length)
{
    struct buffer quoted = BUFFER_INIT;
    add_form(search, octets, length);
    if (!json_put_string(&quoted, octets, length)) {
        search->octets.failed = true;
    } else if (quoted.length - 2 != length) {
        add_form(search, quoted.data + 1, quoted.length - 2);
    }
    buffer_release(&quoted);
}

static void search_free(struct search *search)
{
    if (search != NULL) {
        buffer_release(&search->octets);
        free(search->needles);
        free(search);
    }
}

/* NULL without memory. */
static struct search *search_new(const struct secret_filter *filter)
{
    struct search *search = calloc(1, sizeof(*search));
    const char *octets = NULL;
    size_t length = 0;
    size_t secrets = 0;
    for (size_t at = 0; next_record(filter, &at, &octets, &length); secrets++) {
    }
    if (search != NULL) {
        search->needles = calloc(secrets, FORMS_MAX * sizeof(*search->needles));
    }
    if (search == NULL || search->needles == NULL) {
        free(search);
        return NULL;
    }
    for (size_t at = 0; next_record(filter, &at, &octets, &length);) {
        add_secret(search, octets, length);
    }
    if (search->octets.failed) {
        search_free(search);
        return NULL;
    }
    return search;
}

void secret_filter_add(struct secret_filter *filter, const void *octets, size_t length)
{
    const char *known = NULL;
    size_t known_length = 0;
    if (length < SECRET_MIN) {
        return;
    }
    for (size_t at = 0; next_record(filter, &at, &known, &known_length);) {
        if (known_length == length && memcmp(known, octets, length) == 0) {
            return;
        }
    }
    search_free(filter->search); /* is made anew for the next text */
    filter->search = NULL;
    char *room = buffer_room(&filter->records, sizeof(length) + length);
    if (room != NULL) {
        memcpy(room, &length, sizeof(length));
        memcpy(room + sizeof(length), octets, length);
        buffer_written(&filter->records, sizeof(length) + length);
    }
}

void secret_filter_release(struct secret_filter *filter)
{
    search_free(filter->search);
    filter->search = NULL;
    buffer_release(&filter->records);
}

static bool is_same(char wanted, char octet, bool base64)
{
    return octet == wanted || (base64 && ((wanted == '+' && octet == '-') || (wanted == '/' && octet == '_')));
}

/* Where the needle, or enough of it, that starts at `at` ends; NULL if it does not stand there. */
static const char *match(const struct search *search, const struct needle *needle, read_fn read, const char *at,
                         const char *end)
{
    const char *wanted = search->octets.data + needle->at;
    size_t found = 0;
    while (found < needle->length && at < end) {
        char octets[4];
        size_t length = 0;
        size_t equal = 0;
        const char *next = read(at, end, octets, &length);
        while (next != NULL && equal < length && found + equal < needle->length &&
               is_same(wanted[found + equal], octets[equal], needle->base64)) {
            equal++;
        }
        if (next == NULL || equal < length) {
            break;
        }
        found += length;
        at = next;
    }
    return found == needle->length || found >= PART_MIN ? at : NULL;
}

/* The end of the longest secret that starts at `at`; NULL if there is none. */
static const char *find(const struct search *search, const char *at, const char *end)
{
    static const read_fn encodings[] = {read_plain, read_percent, read_html, json_scan_character};
    const char *longest = NULL;
    for (size_t e = 0; e < sizeof(encodings) / sizeof(encodings[0]); e++) {
        char first[4];
        size_t length = 0;
        if (encodings[e](at, end, first, &length) == NULL) {
            continue;
        }
        const struct needle *needle = search->heads[bucket(first[0])];
        for (; needle != NULL; needle = needle->next) {
            const char *past = match(search, needle, encodings[e], at, end);
            longest = past != NULL && (longest == NULL || past > longest) ? past : longest;
        }
    }
    return longest;
}

static bool replace(const struct search *search, struct buffer *text)
{
    struct buffer clean = BUFFER_INIT;
    const char *end = text->data + text->length;
    const char *kept = text->data;
    for (const char *at = text->data; at < end;) {
        const char *past = find(search, at, end);
        if (past == NULL) {
            at++;
            continue;
        }
        buffer_append(&clean, kept, (size_t)(at - kept));
        buffer_puts(&clean, SECRET_FILTER_HIDDEN);
        at = kept = past;
    }
    bool found = kept != text->data;
    if (found) {
        buffer_append(&clean, kept, (size_t)(end - kept));
        buffer_release(text);
        *text = clean;
    }
    return found;
}

bool secret_filter_hide(struct secret_filter *filter, struct buffer *text)
{
    if (text->length == 0 || (filter->records.length == 0 && !filter->records.failed)) {
        return false;
    }
    if (filter->search == NULL && !filter->records.failed) {
        filter->search = search_new(filter);
    }
    bool whole = filter->search != NULL;
    bool found = !whole || replace(filter->search, text);
    if (!whole || text->failed) {
        buffer_clear(text);
        buffer_puts(text, SECRET_FILTER_HIDDEN);
    }
    return found;
}

static bool hide(struct buffer *text, void *data)
{
    return secret_filter_hide(data, text);
}

void secret_filter_hide_in_error(struct secret_filter *filter, mstr_error *error)
{
    error_change_foreign(error, hide, filter);
}
