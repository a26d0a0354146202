/* SPDX-License-Identifier: Apache-2.0 */
/* The XML of AWS's query protocol. */
#include "aws/wire/xml.h"

#include "base/text.h"

#include <string.h>

/* The five entities of XML; the answers hold no others in the texts that are read. */
static size_t put_entity(const char *at, struct buffer *out)
{
    static const struct {
        const char *text;
        char octet;
    } entities[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
    for (size_t i = 0; i < sizeof(entities) / sizeof(*entities); i++) {
        if (text_starts_with(at, entities[i].text)) {
            buffer_putc(out, entities[i].octet);
            return strlen(entities[i].text);
        }
    }
    buffer_putc(out, *at);
    return 1;
}

bool xml_element(const char *xml, const char *name, struct buffer *out)
{
    size_t length = strlen(name);
    for (const char *at = strchr(xml, '<'); at != NULL; at = strchr(at + 1, '<')) {
        if (strncmp(at + 1, name, length) != 0 || at[1 + length] != '>') {
            continue;
        }
        at += length + 2;
        const char *end = strchr(at, '<');
        if (end == NULL || end[1] != '/' || strncmp(end + 2, name, length) != 0 || end[2 + length] != '>') {
            return false;
        }
        while (at < end) {
            at += put_entity(at, out);
        }
        return !out->failed;
    }
    return false;
}
