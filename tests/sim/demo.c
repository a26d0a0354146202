/* SPDX-License-Identifier: Apache-2.0 */
/* For newcomers: the files of demo/, with this run's URLs, so that every store can be asked at once. What stands
 * there in braces is the name of a value; a paragraph that names what is not there, such as what is not installed, is
 * left out. */
#include "core.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* These mean nothing in a shell, a configuration, YAML or JSON. */
static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._+-";

static char folder[PATH_MAX];
static bool folder_is_ours;

static const struct {
    const char *name;
    const char *text;
} files[] = {{"config", sim_demo_config}, {"kubeconfig", sim_demo_kubeconfig}, {"google.json", sim_demo_google}};

enum { FILES = sizeof(files) / sizeof(files[0]) };

static bool find_folder(const char *given)
{
    if (given)
        return realpath(given, folder) != NULL;
    const char *temporary = getenv("TMPDIR");
    snprintf(folder, sizeof(folder), "%s/mstr-sim-XXXXXX", temporary && temporary[0] == '/' ? temporary : "/tmp");
    folder_is_ours = mkdtemp(folder) != NULL;
    return folder_is_ours;
}

const char *sim_demo_folder(const char *given)
{
    if (!find_folder(given)) {
        fprintf(stderr, "mstr-sim: no folder for the files of --demo, which --state-dir can name: ");
        perror(given ? given : folder);
        return NULL;
    }
    if (folder[strspn(folder, plain)] != '\0') {
        fprintf(stderr,
                "mstr-sim: --demo wants a folder of letters, digits and /._+-, which --state-dir can name, not %s\n",
                folder);
        sim_demo_end();
        return NULL;
    }
    return folder;
}

/* As a word of a shell, which takes what is beyond ASCII as it is. */
static void put_word(struct buffer *out, const char *path)
{
    for (; *path != '\0'; path++) {
        if (!strchr(plain, *path) && (unsigned char)*path < 0x80)
            buffer_putc(out, '\\');
        buffer_putc(out, *path);
    }
}

/* A line for each place beneath where this program is installed, as far as it is there. */
static void know_places(struct buffer *known)
{
    static const char *const places[][2] = {{"bin", "."},
                                            {"prefix", ".."},
                                            {"seed", SIM_DATA "/mstr-sim/seed.json"},
                                            {"template", SIM_DATA "/libmstr/provider-template"}};
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program));
    while (length > 0 && program[length - 1] != '/')
        length--;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        char path[2 * PATH_MAX];
        snprintf(path, sizeof(path), "%.*s%s", (int)length, program, places[i][1]);
        char *place = realpath(path, NULL);
        if (place && !strchr(place, '\n')) {
            buffer_printf(known, "%s ", places[i][0]);
            put_word(known, place);
            buffer_putc(known, '\n');
        }
        free(place);
    }
}

/* The rest of the line that begins with the name, NULL if there is none. */
static const char *value_of(const char *known, const char *name, size_t length)
{
    for (const char *line = known; *line != '\0'; line += strcspn(line, "\n") + 1)
        if (!strncmp(line, name, length) && line[length] == ' ')
            return line + length + 1;
    return NULL;
}

static void expand_paragraph(const char *text, size_t length, const char *known, struct buffer *out)
{
    const size_t before = out->length;
    for (const char *at = text; at < text + length;) {
        size_t name = *at == '{' ? strspn(at + 1, "abcdefghijklmnopqrstuvwxyz0123456789-") : 0;
        if (name == 0 || at[1 + name] != '}') {
            buffer_putc(out, *at++);
            continue;
        }
        const char *value = value_of(known, at + 1, name);
        if (!value) {
            buffer_truncate(out, before);
            return;
        }
        buffer_append(out, value, strcspn(value, "\n"));
        at += name + 2;
    }
}

static void expand(const char *text, const char *known, struct buffer *out)
{
    while (*text != '\0') {
        const char *blank = strstr(text, "\n\n");
        size_t length = blank ? (size_t)(blank - text) + 2 : strlen(text);
        expand_paragraph(text, length, known, out);
        text += length;
    }
}

static bool write_file(const char *name, const struct buffer *text)
{
    char path[PATH_MAX + 16];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    bool written = file && fwrite(text->data, 1, text->length, file) == text->length;
    if (file && fclose(file) != 0)
        written = false;
    if (!written)
        perror(path);
    return written;
}

bool sim_demo_make(struct buffer *ready)
{
    struct buffer text = BUFFER_INIT;
    buffer_printf(ready, "folder %s\n", folder);
    know_places(ready);
    bool made = !ready->failed;
    for (size_t i = 0; made && i < FILES; i++) {
        buffer_clear(&text);
        expand(files[i].text, buffer_text(ready), &text);
        made = !text.failed && write_file(files[i].name, &text);
    }
    buffer_clear(&text);
    expand(sim_demo_script, buffer_text(ready), &text);
    buffer_clear(ready);
    made = made && buffer_append(ready, text.data, text.length);
    buffer_release(&text);
    return made;
}

void sim_demo_end(void)
{
    char path[PATH_MAX + 16];
    if (!folder_is_ours)
        return;
    for (size_t i = 0; i < FILES; i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, files[i].name);
        unlink(path);
    }
    snprintf(path, sizeof(path), "%s/ca.pem", folder);
    unlink(path);
    rmdir(folder);
}
