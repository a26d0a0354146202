/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the configuration: which files, in which order, and the environment over them. */
#include "config/config.h"

#include "base/buffer.h"
#include "base/environment.h"
#include "base/home.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/trusted_file.h"
#include "config/content.h"
#include "config/schema.h"

#include <mstr/provider.h>

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_LIMIT = 1024 * 1024, DROP_IN_LIMIT = 1000 };

/* The whole file, which may be a pipe. False with errno set, or with the reading ended. */
static bool slurp(struct reading *reading, int fd, struct buffer *content)
{
    char piece[4096];
    ssize_t length = 1;
    content->limit = FILE_LIMIT;
    while (length != 0 && (reading->ended = limits_await(fd, reading->limits)) == MSTR_OK) {
        length = read(fd, piece, sizeof(piece));
        if (length < 0 && errno != EINTR && errno != EAGAIN) {
            break;
        }
        if (length > 0 && !buffer_append(content, piece, (size_t)length)) {
            errno = EFBIG;
            reading->out_of_memory |= content->length + (size_t)length <= FILE_LIMIT;
            break;
        }
    }
    explicit_bzero(piece, sizeof(piece));
    return length == 0;
}

/* A further file, or folder, that is looked into; what follows is told of it. NULL without memory. */
static struct config_file *begin_file(struct reading *reading, const char *path)
{
    struct config *config = reading->config;
    size_t count = config->file_count;
    char *copy = text_copy(path);
    struct config_file *files = copy != NULL ? store_grow(config->files, &config->file_count, sizeof(*files)) : NULL;
    if (files == NULL) {
        free(copy);
        reading->out_of_memory = true;
        return NULL;
    }
    config->files = files;
    files[count].path = copy;
    reading->file = copy;
    return &files[count];
}

/* Why is told by errno, or by a text; NULL where memory ran out. */
static void tell_unreadable(struct reading *reading, struct config_file *file, const char *why)
{
    if (file != NULL) {
        file->problem = text_copy(why);
        content_problem(reading, 0, NULL, why);
    }
}

static void tell_failure(struct reading *reading, struct config_file *file, int number)
{
    tell_unreadable(reading, file, number != ENOMEM ? strerror(number) : NULL);
}

/* The file is told beside the problem, which therefore need not begin with it. */
static void tell_untrusted(struct reading *reading, struct config_file *file, const struct trusted_file *checked)
{
    struct buffer why = BUFFER_INIT;
    const char *told = buffer_text(&checked->problem);
    size_t length = strlen(reading->file);
    told += strncmp(told, reading->file, length) == 0 && told[length] == ' ' ? length + 1 : 0;
    buffer_printf(&why, "%s%s%s", told, checked->remedy.length > 0 ? "; " : "", buffer_text(&checked->remedy));
    bool memory = !why.failed && trusted_file_class(checked, MSTR_OK) == MSTR_OK;
    tell_unreadable(reading, file, memory ? buffer_text(&why) : NULL);
    buffer_release(&why);
}

/* Whether others may read it: all of them, or a group that is neither root's nor the user's own. */
static bool is_open(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
           ((status.st_mode & S_IROTH) != 0 ||
            ((status.st_mode & S_IRGRP) != 0 && status.st_gid != 0 && status.st_gid != geteuid()));
}

static void read_checked(struct reading *reading, struct config_file *file, const struct trusted_file *checked)
{
    struct buffer content = BUFFER_INIT;
    file->open = is_open(checked->fd);
    if (slurp(reading, checked->fd, &content)) {
        content_read(reading, buffer_text(&content), content.length);
    } else if (reading->ended == MSTR_OK) {
        tell_failure(reading, file, errno);
    }
    buffer_release(&content);
}

/* A link that leads nowhere is there, and what it should lead to is missed. */
static bool is_link(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
}

/* Reads one file. Absence is a problem only where the user named it, or a link to it. */
static void read_file(struct reading *reading, const char *path, bool required)
{
    struct trusted_file checked;
    struct config_file *file = reading->ended == MSTR_OK ? begin_file(reading, path) : NULL;
    if (file == NULL) {
        return;
    }
    enum trusted_verdict verdict = trusted_file_open(path, TRUSTED_CONFIGURATION, &checked);
    if (verdict == TRUSTED_GOOD) {
        read_checked(reading, file, &checked);
    } else if (!required && ((verdict == TRUSTED_ABSENT && !is_link(path)) ||
                             (checked.failure == EACCES && home_hides(environment_get("HOME"), path)))) {
        file->problem = text_copy("absent");
        reading->out_of_memory |= file->problem == NULL;
    } else {
        tell_untrusted(reading, file, &checked);
    }
    trusted_file_close(&checked);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_drop_in(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && text_ends_with(entry->d_name, ".conf");
}

static void read_drop_in(struct reading *reading, const char *folder, const char *name)
{
    struct buffer path = BUFFER_INIT;
    if (buffer_printf(&path, "%s/%s", folder, name)) {
        read_file(reading, buffer_text(&path), true);
    }
    reading->out_of_memory |= path.failed;
    buffer_release(&path);
}

static bool is_absent(const char *path)
{
    struct stat status;
    return stat(path, &status) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

/* In byte order. A folder that is there must be readable. */
static void read_drop_ins(struct reading *reading, const char *folder)
{
    struct dirent **entries = NULL;
    int count = is_absent(folder) ? 0 : scandir(folder, &entries, is_drop_in, by_name);
    if (count > DROP_IN_LIMIT || count < 0) {
        int failure = errno;
        struct config_file *file = begin_file(reading, folder);
        if (count > 0) {
            tell_unreadable(reading, file, "holds more files than are read");
        } else {
            tell_failure(reading, file, failure);
        }
    }
    for (int i = 0; i < count; i++) {
        if (i < DROP_IN_LIMIT) {
            read_drop_in(reading, folder, entries[i]->d_name);
        }
        free(entries[i]);
    }
    free(entries);
}

/* The system's, then the user's. */
static void read_usual_files(struct reading *reading, const char *folder)
{
    const char *base = environment_get("XDG_CONFIG_HOME");
    const char *home = environment_get("HOME");
    struct buffer path = BUFFER_INIT;
    if (buffer_printf(&path, "%s/config", folder)) {
        read_file(reading, buffer_text(&path), false);
    }
    if (buffer_puts(&path, ".d")) {
        read_drop_ins(reading, buffer_text(&path));
    }
    reading->out_of_memory |= path.failed;
    buffer_clear(&path);
    if (base != NULL && base[0] == '/') {
        buffer_printf(&path, "%s/mstr/config", base);
    } else if (home != NULL && home[0] == '/') {
        buffer_printf(&path, "%s/.config/mstr/config", home);
    }
    if (path.length > 0) {
        read_file(reading, buffer_text(&path), false);
    }
    reading->out_of_memory |= path.failed;
    buffer_release(&path);
}

/* MSTR_… variables stand over the selected profile; an empty one is unset. */
static void read_environment(struct reading *reading, const char *profile)
{
    reading->file = "environment";
    reading->section = NAME_INDEX_NOWHERE;
    for (const struct schema_variable *variable = schema_variables; variable->variable != NULL; variable++) {
        const char *value = environment_get(variable->variable);
        if (text_empty(value)) {
            continue;
        }
        if (reading->section == NAME_INDEX_NOWHERE && !content_open_section(reading, "profile", profile)) {
            return;
        }
        struct buffer wrong = BUFFER_INIT;
        if (!schema_check_setting("profile", variable->key, value, &wrong)) {
            buffer_printf(&wrong, " (from %s)", variable->variable);
            content_problem_of(reading, 0, reading->config->sections[reading->section].name, &wrong);
        } else {
            content_store(reading, variable->key, &(struct config_value){value, reading->file, 0, false, false});
        }
        buffer_release(&wrong);
    }
}

static enum mstr_code tell_first(const struct config *config, mstr_error *error)
{
    const struct config_problem *first = config_problem_at(config, 0);
    if (first == NULL) {
        return MSTR_OK;
    }
    if (first->line != 0) {
        error_set(error, MSTR_E_CONFIG, "%s:%u: %s", first->file, first->line, first->text);
    } else {
        error_set(error, MSTR_E_CONFIG, "%s: %s", first->file, first->text);
    }
    if (config->problem_count > 1) {
        error_set_hint(error, "there are %zu more problems; \"mstr config check\" shows all",
                       config->problem_count - 1);
    }
    return MSTR_E_CONFIG;
}

enum mstr_code config_read(const mstr_context_options *options, struct config **out, mstr_error *error)
{
    return config_read_below("/etc/mstr", options, out, error);
}

/* What is given, whose structure may be shorter than ours. */
static mstr_context_options complete(const mstr_context_options *given)
{
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    if (given != NULL) {
        memcpy(&options, given, given->size < sizeof(options) ? given->size : sizeof(options));
    }
    return options;
}

struct limits config_limits(const mstr_context_options *given)
{
    const mstr_context_options options = complete(given);
    return limits_of(&(mstr_call_options){sizeof(mstr_call_options), 0, options.timeout, options.cancel});
}

static void read_sources(struct reading *reading, const char *folder, const mstr_context_options *options)
{
    struct config *config = reading->config;
    bool environment = (options->flags & MSTR_CONTEXT_NO_ENVIRONMENT) == 0;
    const char *named =
        options->config_file == NULL && environment ? environment_get("MSTR_CONFIG") : options->config_file;
    const char *profile =
        options->profile == NULL && environment ? environment_get("MSTR_PROFILE") : options->profile;
    if (!text_empty(named)) {
        read_file(reading, named, true);
    } else if ((options->flags & MSTR_CONTEXT_NO_CONFIG) == 0) {
        read_usual_files(reading, folder);
    }
    if (!text_empty(profile) && (config->profile = text_copy(profile)) == NULL) {
        reading->out_of_memory = true;
    }
    if (environment) {
        read_environment(reading, config_default_profile(config));
    }
}

enum mstr_code config_read_below(const char *folder, const mstr_context_options *given, struct config **out,
                                 mstr_error *error)
{
    const mstr_context_options options = complete(given);
    const struct limits limits = config_limits(given);
    struct config *config = calloc(1, sizeof(*config));
    struct reading reading = {.config = config, .section = NAME_INDEX_NOWHERE, .limits = &limits};
    *out = NULL;
    if (config == NULL) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    read_sources(&reading, folder, &options);
    if (reading.out_of_memory) {
        error_set(error, MSTR_E_MEMORY, "out of memory");
    } else if (reading.ended != MSTR_OK) {
        const char *how = reading.ended == MSTR_E_TIMEOUT ? "was not read in time" : "was not read: cancelled";
        error_set(error, reading.ended, "configuration %s %s", config->files[config->file_count - 1].path, how);
    } else {
        *out = config;
        return tell_first(config, error);
    }
    config_free(config);
    return reading.out_of_memory ? MSTR_E_MEMORY : reading.ended;
}
