/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of AWS's shared config files, line by line. */
#include "base/ini.h"

#include "base/buffer.h"
#include "base/text.h"

#include <string.h>

#define BLANK "\t "

struct reader {
    ini_fn each;
    void *data;
    bool flat; /* an indented line never belongs to the one before */
    unsigned line;
    enum { BEFORE_SECTION, IN_SECTION, SKIPPED_SECTION } where;
    /* A property is told when the next line shows that no continuation follows. */
    enum { NO_PROPERTY, OPEN_PROPERTY, PARENT_PROPERTY, SKIPPED_PROPERTY } property;
    unsigned property_line;
    bool property_comment;
    bool property_tight;
    struct buffer key;
    struct buffer value;
    bool ended; /* by an error, or by the callback */
};

static bool is_identifier(const char *name)
{
    return *name != '\0' && text_is_made_of(name, "_-/.%@:+");
}

/* In AWS's files names may have several words, and quotes around them. */
static bool is_name(const struct reader *reader, const char *name)
{
    return is_identifier(name) || (!reader->flat && text_is_made_of(name, "_-/.%@:+\"'" BLANK));
}

/* Cuts space and tab off both ends, which are all the white space this grammar has. */
static char *trim(char *text)
{
    text += strspn(text, BLANK);
    size_t length = strlen(text);
    while (length > 0 && strchr(BLANK, text[length - 1]) != NULL) {
        length--;
    }
    text[length] = '\0';
    return text;
}

static void tell(struct reader *reader, struct ini_event *event)
{
    if (event->line == 0) {
        event->line = reader->line;
    }
    if (!reader->ended && (!reader->each(event, reader->data) || event->kind == INI_ERROR)) {
        reader->ended = true;
    }
}

static void fail(struct reader *reader, const char *what)
{
    tell(reader, &(struct ini_event){.kind = INI_ERROR, .value = what});
}

/* Tells the property that is open, if any. */
static void flush(struct reader *reader)
{
    if (reader->property == OPEN_PROPERTY && !reader->key.failed && !reader->value.failed) {
        tell(reader, &(struct ini_event){.kind = INI_PROPERTY,
                                         .line = reader->property_line,
                                         .key = buffer_text(&reader->key),
                                         .value = buffer_text(&reader->value),
                                         .comment = reader->property_comment,
                                         .tight = reader->property_tight});
    }
    reader->property = NO_PROPERTY;
}

static void read_section(struct reader *reader, char *line)
{
    line[strcspn(line, "#;")] = '\0';
    line = trim(line);
    size_t length = strlen(line);
    if (line[length - 1] != ']') {
        fail(reader, "Profile definition must end with ']'");
        return;
    }
    line[length - 1] = '\0';

    char *type = trim(line + 1);
    char *name = type + strcspn(type, BLANK);
    if (*name != '\0') {
        *name++ = '\0';
        name = trim(name);
    } else {
        name = NULL;
    }
    bool known = is_identifier(type) && (name == NULL || is_name(reader, name));
    reader->where = known ? IN_SECTION : SKIPPED_SECTION;
    tell(reader, &(struct ini_event){.kind = known ? INI_SECTION : INI_IGNORED, .type = type, .name = name});
}

/* Splits at the first '='; both parts trimmed. NULL without one. */
static char *split(char *line, char **value)
{
    char *sign = strchr(line, '=');
    if (sign == NULL) {
        return NULL;
    }
    *sign = '\0';
    *value = trim(sign + 1);
    return trim(line);
}

/* A comment within a value begins with '#' or ';' after white space. True if there was one; *tight tells more. */
static bool cut_comment(char *line, bool *tight)
{
    for (char *at = line; *at != '\0'; at++) {
        if (strchr(BLANK, *at) != NULL && (at[1] == '#' || at[1] == ';')) {
            *at = '\0';
            *tight = at[2] != '\0' && strchr(BLANK, at[2]) == NULL;
            return true;
        }
    }
    return false;
}

static void read_property(struct reader *reader, char *line)
{
    char *value = NULL;
    bool tight = false;
    bool comment = cut_comment(line, &tight);
    char *name = split(line, &value);
    if (name == NULL) {
        fail(reader, "Expected an '=' sign defining a property");
        return;
    }
    if (*name == '\0') {
        fail(reader, "Property did not have a name");
        return;
    }
    if (!is_identifier(name)) {
        reader->property = SKIPPED_PROPERTY;
        tell(reader, &(struct ini_event){.kind = INI_IGNORED, .key = name});
        return;
    }
    reader->property = OPEN_PROPERTY;
    reader->property_line = reader->line;
    reader->property_comment = comment;
    reader->property_tight = tight;
    buffer_clear(&reader->key);
    buffer_clear(&reader->value);
    buffer_puts(&reader->key, name);
    buffer_puts(&reader->value, value);
}

static void read_sub_property(struct reader *reader, char *line)
{
    char *value = NULL;
    char *name = split(line, &value);
    if (name == NULL) {
        fail(reader, "Expected an '=' sign defining a sub-property");
    } else if (*name == '\0') {
        fail(reader, "Sub-property did not have a name");
    } else {
        flush(reader);
        reader->property = PARENT_PROPERTY;
        tell(reader, &(struct ini_event){
                         .kind = INI_SUB_PROPERTY, .parent = buffer_text(&reader->key), .key = name, .value = value});
    }
}

static void read_continuation(struct reader *reader, char *line)
{
    if (reader->property == NO_PROPERTY) {
        fail(reader, "Expected a property definition, found continuation");
    } else if (reader->property == PARENT_PROPERTY ||
               (reader->property == OPEN_PROPERTY && reader->value.length == 0)) {
        read_sub_property(reader, trim(line));
    } else if (reader->property == OPEN_PROPERTY) {
        buffer_putc(&reader->value, '\n');
        buffer_puts(&reader->value, trim(line));
    }
}

/* One line that is neither blank nor a comment. */
static void read_line(struct reader *reader, char *line)
{
    if (reader->flat && strchr(BLANK, *line) != NULL) {
        flush(reader);
        tell(reader, &(struct ini_event){.kind = INI_INDENTED});
    } else if (*line == '[') {
        flush(reader);
        read_section(reader, line);
    } else if (reader->where == BEFORE_SECTION) {
        fail(reader, "Expected a profile definition");
    } else if (reader->where == SKIPPED_SECTION) {
        return;
    } else if (strchr(BLANK, *line) != NULL) {
        read_continuation(reader, line);
    } else {
        flush(reader);
        read_property(reader, line);
    }
}

/* Copies the line at `text` without its end into `line`; returns where the next one starts. */
static const char *next_line(const char *text, const char *end, struct buffer *line)
{
    const char *stop = memchr(text, '\n', (size_t)(end - text));
    const char *next = stop != NULL ? stop + 1 : end;
    if (stop == NULL) {
        stop = end;
    }
    if (stop > text && stop[-1] == '\r') {
        stop--;
    }
    buffer_clear(line);
    buffer_append(line, text, (size_t)(stop - text));
    return next;
}

/* Blank lines count for nothing, comments neither: they begin with the line, or behind blanks where nothing else
 * may. */
static bool is_empty(const struct reader *reader, const char *line)
{
    size_t blanks = strspn(line, BLANK);
    return line[blanks] == '\0' || (strchr("#;", line[blanks]) != NULL && (blanks == 0 || reader->flat));
}

static bool read(const char *text, size_t length, bool flat, ini_fn each, void *data)
{
    struct reader reader = {.each = each, .data = data, .flat = flat, .key = BUFFER_INIT, .value = BUFFER_INIT};
    struct buffer line = BUFFER_INIT;
    const char *end = text + length;

    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
    }
    while (text < end && !reader.ended) {
        reader.line++;
        text = next_line(text, end, &line);
        if (line.failed || reader.key.failed || reader.value.failed) {
            reader.ended = true;
        } else if (!text_is_utf8(line.data, line.length)) {
            fail(&reader, "Text is not UTF-8, or holds a NUL");
        } else if (!is_empty(&reader, line.data)) {
            read_line(&reader, line.data);
        }
    }
    flush(&reader);

    bool good = !reader.ended && !reader.key.failed && !reader.value.failed;
    buffer_release(&line);
    buffer_release(&reader.key);
    buffer_release(&reader.value);
    return good;
}

bool ini_read(const char *text, size_t length, ini_fn each, void *data)
{
    return read(text, length, false, each, data);
}

bool ini_read_flat(const char *text, size_t length, ini_fn each, void *data)
{
    return read(text, length, true, each, data);
}
