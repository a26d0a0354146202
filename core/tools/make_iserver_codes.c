/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns iserver_codes.tsv ("code<TAB>name" a line, ascending) into the C source of the table that iserver_codes.h
 * declares. Runs during the build: make_iserver_codes iserver_codes.tsv OUTPUT.c
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Reads the next line; 0 at the end, -1 when it is malformed or out of order. */
static int next_code(FILE *in, int64_t previous, int32_t *code, char name[128])
{
    char line[192];
    if (fgets(line, sizeof(line), in) == NULL) {
        return 0;
    }
    if (sscanf(line, "%" SCNd32 "\t%127[A-Za-z0-9_]", code, name) != 2 || *code <= previous) {
        fprintf(stderr, "make_iserver_codes: malformed or out of order: %s", line);
        return -1;
    }
    return 1;
}

static int write_codes(FILE *in, FILE *out)
{
    int64_t previous = INT64_MIN;
    int32_t code = 0;
    char name[128];
    size_t at = 0;
    int more;
    fputs("#include \"base/iserver_codes.h\"\n\nconst struct iserver_code iserver_codes[] = {\n", out);
    while ((more = next_code(in, previous, &code, name)) > 0) {
        /* The smallest number has no literal of its own type in C; a sum does. */
        fprintf(out, "    {%" PRId32 " - 1, %zu},\n", code + 1, at);
        at += strlen(name) + 1;
        previous = code;
    }
    fputs("};\n\nconst size_t iserver_code_count = sizeof(iserver_codes) / sizeof(iserver_codes[0]);\n", out);
    return more;
}

static int write_names(FILE *in, FILE *out)
{
    int64_t previous = INT64_MIN;
    int32_t code = 0;
    char name[128];
    int more;
    fputs("\nconst char iserver_names[] =\n", out);
    while ((more = next_code(in, previous, &code, name)) > 0) {
        fprintf(out, "    \"%s\\0\"\n", name);
        previous = code;
    }
    fputs("    \"\";\n", out);
    return more;
}

int main(int count, char **arguments)
{
    int failed = 1;
    FILE *in = count == 3 ? fopen(arguments[1], "r") : NULL;
    FILE *out = in != NULL ? fopen(arguments[2], "w") : NULL;
    if (out == NULL) {
        fprintf(stderr, "usage: make_iserver_codes INPUT.tsv OUTPUT.c\n");
        goto cleanup;
    }
    failed = write_codes(in, out) != 0;
    rewind(in);
    failed = write_names(in, out) != 0 || failed;
cleanup:
    if (out != NULL && fclose(out) != 0) {
        failed = 1;
    }
    if (in != NULL) {
        fclose(in);
    }
    return failed;
}
