/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of mstr-agent. */
#include "options.h"

#include "agent.h"

#include <string.h>

static const struct {
    const char *name;
    enum verb verb;
} verbs[] = {{"help", VERB_HELP},   {"run", VERB_RUN},   {"status", VERB_STATUS},     {"reload", VERB_RELOAD},
             {"flush", VERB_FLUSH}, {"stop", VERB_STOP}, {"env", VERB_ENV},           {"unit", VERB_UNIT},
             {"--help", VERB_HELP}, {"-h", VERB_HELP},   {"--version", VERB_VERSION}, {"-V", VERB_VERSION}};

static const char *find_verb(const char *word, struct options *options)
{
    for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
        if (strcmp(word, verbs[i].name) == 0) {
            options->verb = verbs[i].verb;
            return NULL;
        }
    }
    return "there is no such verb";
}

static const char *read_level(const char *value, struct options *options)
{
    static const char *const levels[] = {"error", "warn", "info", "debug", "trace"};
    for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++) {
        if (strcmp(value, levels[i]) == 0) {
            options->context.log_level = (enum mstr_level)i;
            return NULL;
        }
    }
    return "this is no level of a log: error, warn, info, debug or trace";
}

/* Where the value of an option goes; NULL for one that nobody knows. */
static const char **place_of(const char *name, size_t length, struct options *options)
{
    const struct {
        const char *name;
        const char **place;
    } known[] = {{"--socket", &options->given.socket},        {"--program", &options->program},
                 {"--listen", &options->given.listen},        {"--token-file", &options->given.token_file},
                 {"--config", &options->context.config_file}, {"--plugin-path", &options->context.plugin_path},
                 {"--ca-file", &options->context.ca_file},    {"--profile", &options->context.profile}};
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (strncmp(name, known[i].name, length) == 0 && known[i].name[length] == '\0') {
            return known[i].place;
        }
    }
    return NULL;
}

/* --NAME VALUE or --NAME=VALUE; `next` is the word after it, and is taken where it is the value. */
static const char *read_value(const char *word, const char *next, bool *taken, struct options *options)
{
    size_t length = strcspn(word, "=");
    const char *value = word[length] == '=' ? word + length + 1 : next;
    const char **place = place_of(word, length, options);
    bool level = strncmp(word, "--log", length) == 0 && length == strlen("--log");
    *taken = word[length] != '=';
    if (place == NULL && !level) {
        return "there is no such option";
    }
    if (value == NULL) {
        return "this option needs an argument";
    }
    if (level) {
        return read_level(value, options);
    }
    *place = value;
    return NULL;
}

static const char *read_unit(const char *word, struct options *options)
{
    if (strcmp(word, "--system") == 0 || strcmp(word, "--user") == 0) {
        options->system = strcmp(word, "--system") == 0;
    } else {
        options->part = strcmp(word, "--only=service") == 0 ? PART_SERVICE : PART_SOCKET;
    }
    return options->verb == VERB_UNIT ? NULL : "this option is for unit alone";
}

static bool is_unit_option(const char *word)
{
    static const char *const known[] = {"--system", "--user", "--only=service", "--only=socket"};
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (strcmp(word, known[i]) == 0) {
            return true;
        }
    }
    return false;
}

static const char *read_option(const char *word, const char *next, bool *taken, struct options *options)
{
    *taken = false;
    if (is_unit_option(word)) {
        return read_unit(word, options);
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        options->verb = VERB_HELP;
        return NULL;
    }
    return word[0] == '-' ? read_value(word, next, taken, options) : "there is nothing to be named here";
}

const char *options_read(int count, char *const *words, struct options *options, const char **wrong)
{
    static const mstr_context_options defaults = MSTR_CONTEXT_OPTIONS_INIT;
    *options = (struct options){.context = defaults};
    options->context.log = agent_log_line;
    options->context.log_level = MSTR_LEVEL_WARN;
    options->context.agent = "off"; /* it would ask itself */
    const char *problem = NULL;
    if (count > 1) {
        *wrong = words[1];
        problem = find_verb(words[1], options);
    }
    for (int i = 2; problem == NULL && i < count; i++) {
        bool taken = false;
        *wrong = words[i];
        problem = read_option(words[i], i + 1 < count ? words[i + 1] : NULL, &taken, options);
        i += taken;
    }
    return problem;
}
