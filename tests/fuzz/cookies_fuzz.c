/* SPDX-License-Identifier: Apache-2.0 */
/* Cookies: any Set-Cookie lines, as one server sends them. What goes back must fit one header line. */
#include "session/parts/cookies.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cookies cookies;
    struct buffer out = BUFFER_INIT;
    struct uri url;
    char *text = malloc(size + 1);
    if (text == NULL || !uri_parse("https://library.example.com/MicroStrategyLibrary/api/projects", &url)) {
        abort();
    }
    memcpy(text, data, size);
    text[size] = '\0';
    for (char *line = text, *next; line != NULL; line = next) {
        next = strchr(line, '\n');
        if (next != NULL) {
            *next++ = '\0';
        }
        line[strcspn(line, "\r")] = '\0'; /* no line that HTTP let through has one */
        cookies_set(&cookies, &url, line, 1000);
    }
    cookies_put(&cookies, &url, 2000, &out);
    const char *sent = buffer_text(&out);
    if (cookies.count > COOKIES_MAX || sent[strcspn(sent, "\r\n")] != '\0') {
        abort();
    }
    buffer_release(&out);
    cookies_clear(&cookies);
    free(text);
    return 0;
}
