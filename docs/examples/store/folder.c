/* SPDX-License-Identifier: Apache-2.0 */
/* A fleet's store in a folder that all workers have mounted, for a few dozen of them: a file for each record with its
 * lease, one for each set of members and one for each channel, all under one lock. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <mstr/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, POLL_MS = 5, CHANNEL_MAX = 1024 * 1024 };

static const struct mstr_host *host;
static const struct mstr_option options[] = {
    {"path", MSTR_OPTION_PATH, MSTR_OPTION_REQUIRED, NULL, "the folder, which is there"},
    {NULL, MSTR_OPTION_STRING, 0, NULL, NULL},
};

/* A record with its lease, as its file has them: a line of numbers, then the octets. */
struct entry {
    int64_t fence, ends, highest, lease_ends; /* ends 0 = there is no record */
    char token[40];                           /* "-" = nobody has the lease */
    size_t length;
    unsigned char octets[MSTR_STORE_RECORD_MAX];
};

/* One call: the folder is locked while it lasts. */
struct work {
    const char *folder;
    int lock;
    int64_t now;
    struct entry *entry;
};

static enum mstr_code fail(struct mstr_error *error, const char *what)
{
    enum mstr_code code = errno == EACCES || errno == EPERM ? MSTR_E_DENIED : MSTR_E_UNAVAILABLE;
    return host->error_set(error, code, "%s: %s", what, strerror(errno));
}

static void path_of(const struct work *work, const struct mstr_store_key *key, const char *kind, char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, "%s/%s=%s.%s", work->folder, key->group, key->name, kind);
}

static void end(struct work *work)
{
    if (work->lock >= 0) {
        close(work->lock);
    }
    free(work->entry);
}

/* Waits for the lock, and asks whoever keeps the folder for the time: a worker's own clock decides nothing. */
static enum mstr_code begin(void *self, const struct mstr_call *call, struct work *work, struct mstr_error *error)
{
    char path[PATH_SIZE];
    struct stat status;
    *work = (struct work){.folder = self, .entry = calloc(1, sizeof *work->entry)};
    snprintf(path, sizeof path, "%s/lock", work->folder);
    work->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (work->lock < 0 || work->entry == NULL) {
        enum mstr_code code = fail(error, path);
        end(work);
        return code;
    }
    while (host->cancelled(call) || flock(work->lock, LOCK_EX | LOCK_NB) != 0) {
        enum mstr_code code = host->cancelled(call) ? MSTR_E_CANCELLED : host->sleep(call, POLL_MS);
        if (code != MSTR_OK) {
            end(work);
            return host->error_set(error, code, "the folder is busy");
        }
    }
    futimens(work->lock, NULL);
    fstat(work->lock, &status);
    work->now = (int64_t)status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1000000;
    return MSTR_OK;
}

/* The entry of a key, blank where there is none. What has ended is gone. */
static struct entry *load(const struct work *work, const struct mstr_store_key *key)
{
    char path[PATH_SIZE];
    struct entry *entry = work->entry;
    path_of(work, key, "r", path);
    FILE *file = fopen(path, "re");
    int read = file != NULL ? fscanf(file, "%" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %32s", &entry->fence,
                                     &entry->ends, &entry->highest, &entry->lease_ends, entry->token)
                            : 0;
    if (read != 5 || fgetc(file) != '\n') {
        *entry = (struct entry){.token = "-"};
    } else {
        entry->length = fread(entry->octets, 1, sizeof entry->octets, file);
    }
    if (file != NULL) {
        fclose(file);
    }
    entry->ends = entry->ends > work->now ? entry->ends : 0;
    if (entry->lease_ends <= work->now) {
        strcpy(entry->token, "-");
    }
    return entry;
}

/* Whole or not at all. */
static enum mstr_code save(const struct work *work, const struct mstr_store_key *key, struct mstr_error *error)
{
    char path[PATH_SIZE], fresh[PATH_SIZE];
    const struct entry *entry = work->entry;
    path_of(work, key, "r", path);
    path_of(work, key, "new", fresh);
    FILE *file = fopen(fresh, "we");
    if (file == NULL) {
        return fail(error, fresh);
    }
    fprintf(file, "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %s\n", entry->fence, entry->ends, entry->highest,
            entry->lease_ends, entry->token);
    fwrite(entry->octets, 1, entry->ends != 0 ? entry->length : 0, file);
    int written = ferror(file) == 0;
    return fclose(file) == 0 && written && rename(fresh, path) == 0 ? MSTR_OK : fail(error, path);
}

static int64_t fence_of(const struct entry *entry)
{
    return entry->ends != 0 ? entry->fence : 0;
}

static enum mstr_code get(void *self, struct mstr_store_get *get, const struct mstr_call *call,
                          struct mstr_error *error)
{
    struct work work;
    enum mstr_code code = begin(self, call, &work, error);
    if (code == MSTR_OK) {
        const struct entry *entry = load(&work, &get->key);
        get->outcome = entry->ends != 0 ? MSTR_STORE_DONE : MSTR_STORE_ABSENT;
        get->fence = fence_of(entry);
        get->left = entry->ends != 0 ? entry->ends - work.now : 0;
        get->length = entry->ends != 0 ? entry->length : 0;
        get->now = work.now;
        memcpy(get->octets, entry->octets, get->length);
        end(&work);
    }
    return code;
}

static void append(const struct work *work, const struct mstr_store_key *channel, const char *text)
{
    char path[PATH_SIZE];
    path_of(work, channel, "c", path);
    FILE *file = fopen(path, "ae");
    if (file != NULL) {
        if (ftell(file) > CHANNEL_MAX && ftruncate(fileno(file), 0) != 0) {
            text = ""; /* a message may get lost */
        }
        fprintf(file, "%s\n", text);
        fclose(file);
    }
}

/* The write and what it depends on are one step, since the folder is locked. */
static enum mstr_code put(void *self, struct mstr_store_put *put, const struct mstr_call *call,
                          struct mstr_error *error)
{
    struct work work;
    const struct mstr_store_key lease = {put->key.group, put->lease};
    enum mstr_code code = begin(self, call, &work, error);
    if (code != MSTR_OK) {
        return code;
    }
    int held = strcmp(load(&work, &lease)->token, put->token) == 0;
    struct entry *entry = load(&work, &put->key);
    put->outcome = held && put->fence >= entry->highest ? MSTR_STORE_DONE : MSTR_STORE_LOST;
    if (put->outcome == MSTR_STORE_DONE) {
        entry->fence = entry->highest = put->fence;
        entry->ends = work.now + put->keep;
        entry->length = put->length;
        memcpy(entry->octets, put->octets, put->length);
        code = save(&work, &put->key, error);
        if (code == MSTR_OK && (put->flags & MSTR_STORE_RELEASE) != 0) {
            strcpy(load(&work, &lease)->token, "-");
            code = save(&work, &lease, error);
        }
        if (code == MSTR_OK && put->channel != NULL) {
            append(&work, &(struct mstr_store_key){put->key.group, put->channel}, put->message);
        }
    }
    end(&work);
    return code;
}

/* Has a record end so many ms from now, 0 = at once. */
static enum mstr_code set_end(void *self, const struct mstr_store_key *key, int64_t fence, int64_t keep,
                              enum mstr_store_outcome *outcome, const struct mstr_call *call,
                              struct mstr_error *error)
{
    struct work work;
    enum mstr_code code = begin(self, call, &work, error);
    if (code != MSTR_OK) {
        return code;
    }
    struct entry *entry = load(&work, key);
    *outcome = entry->ends == 0                      ? MSTR_STORE_ABSENT
               : fence != 0 && entry->fence != fence ? MSTR_STORE_CHANGED
                                                     : MSTR_STORE_DONE;
    if (*outcome == MSTR_STORE_DONE) {
        entry->ends = keep > 0 ? work.now + keep : 0;
        code = save(&work, key, error);
    }
    end(&work);
    return code;
}

static enum mstr_code take_away(void *self, const struct mstr_store_key *key, int64_t fence,
                                enum mstr_store_outcome *outcome, const struct mstr_call *call,
                                struct mstr_error *error)
{
    return set_end(self, key, fence, 0, outcome, call, error);
}

static enum mstr_code acquire(void *self, struct mstr_store_lease *lease, const struct mstr_call *call,
                              struct mstr_error *error)
{
    struct work work;
    enum mstr_code code = begin(self, call, &work, error);
    if (code != MSTR_OK) {
        return code;
    }
    struct entry *entry = load(&work, &lease->key);
    int held = strcmp(entry->token, "-") != 0;
    lease->now = work.now;
    lease->fence = fence_of(entry);
    lease->left = held ? entry->lease_ends - work.now : 0;
    lease->outcome = lease->fence != lease->known ? MSTR_STORE_CHANGED : held ? MSTR_STORE_HELD : MSTR_STORE_DONE;
    if (lease->outcome == MSTR_STORE_DONE) {
        lease->fence = entry->highest + 1 > work.now ? entry->highest + 1 : work.now;
        entry->highest = lease->fence;
        entry->lease_ends = work.now + lease->duration;
        snprintf(entry->token, sizeof entry->token, "%s", lease->token);
        code = save(&work, &lease->key, error);
    }
    end(&work);
    return code;
}

/* Renews a lease, or with 0 gives it back. */
static enum mstr_code renew(void *self, const struct mstr_store_key *key, const char *token, int64_t duration,
                            enum mstr_store_outcome *outcome, const struct mstr_call *call, struct mstr_error *error)
{
    struct work work;
    enum mstr_code code = begin(self, call, &work, error);
    if (code != MSTR_OK) {
        return code;
    }
    struct entry *entry = load(&work, key);
    *outcome = strcmp(entry->token, token) == 0 ? MSTR_STORE_DONE : MSTR_STORE_LOST;
    if (*outcome == MSTR_STORE_DONE) {
        entry->lease_ends = work.now + duration;
        code = save(&work, key, error);
    }
    end(&work);
    return code;
}

static enum mstr_code release(void *self, const struct mstr_store_key *key, const char *token,
                              enum mstr_store_outcome *outcome, const struct mstr_call *call,
                              struct mstr_error *error)
{
    return renew(self, key, token, 0, outcome, call, error);
}

/* Rewrites a set, a line for each member, without those that have not beaten for long, and without `gone`. */
static enum mstr_code update(void *self, struct mstr_store_beat *beat, int leaves, const struct mstr_call *call,
                             struct mstr_error *error)
{
    struct work work;
    char path[PATH_SIZE], fresh[PATH_SIZE], member[65];
    int64_t last = 0;
    enum mstr_code code = begin(self, call, &work, error);
    if (code != MSTR_OK) {
        return code;
    }
    path_of(&work, &beat->key, "m", path);
    path_of(&work, &beat->key, "new", fresh);
    FILE *from = fopen(path, "re");
    FILE *to = fopen(fresh, "we");
    beat->members = 0;
    while (to != NULL && from != NULL && fscanf(from, "%64s %" SCNd64, member, &last) == 2) {
        if (last + beat->keep > work.now && (beat->member == NULL || strcmp(member, beat->member) != 0)) {
            fprintf(to, "%s %" PRId64 "\n", member, last);
            beat->members++;
        }
    }
    if (to != NULL && beat->member != NULL && !leaves) {
        fprintf(to, "%s %" PRId64 "\n", beat->member, work.now);
        beat->members++;
    }
    if (from != NULL) {
        fclose(from);
    }
    if (to == NULL || fclose(to) != 0 || rename(fresh, path) != 0) {
        code = fail(error, path);
    }
    beat->now = work.now;
    beat->fence =
        beat->watched != NULL ? fence_of(load(&work, &(struct mstr_store_key){beat->key.group, beat->watched})) : 0;
    end(&work);
    return code;
}

static enum mstr_code beat(void *self, struct mstr_store_beat *beat, const struct mstr_call *call,
                           struct mstr_error *error)
{
    return update(self, beat, 0, call, error);
}

static enum mstr_code leave(void *self, struct mstr_store_beat *beat, const struct mstr_call *call,
                            struct mstr_error *error)
{
    return update(self, beat, 1, call, error);
}

static enum mstr_code publish(void *self, const struct mstr_store_key *channel, const char *message,
                              const struct mstr_call *call, struct mstr_error *error)
{
    struct work work;
    enum mstr_code code = begin(self, call, &work, error);
    if (code == MSTR_OK) {
        append(&work, channel, message);
        end(&work);
    }
    return code;
}

/* Who listens has read a channel's file up to here. */
struct subscription {
    char path[PATH_SIZE];
    long read;
};

static enum mstr_code subscribe(void *self, const struct mstr_store_key *channel, void **subscription,
                                const struct mstr_call *call, struct mstr_error *error)
{
    struct work work;
    struct stat status;
    enum mstr_code code = begin(self, call, &work, error);
    if (code != MSTR_OK) {
        return code;
    }
    struct subscription *fresh = calloc(1, sizeof *fresh);
    if (fresh != NULL) {
        path_of(&work, channel, "c", fresh->path);
        fresh->read = stat(fresh->path, &status) == 0 ? (long)status.st_size : 0;
    } else {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    *subscription = fresh;
    end(&work);
    return code;
}

/* Whether there was a message. */
static int take(struct subscription *subscription, struct mstr_store_message *message)
{
    char line[1024] = "";
    FILE *file = fopen(subscription->path, "re");
    if (file != NULL && fseek(file, 0, SEEK_END) == 0 && ftell(file) < subscription->read) {
        subscription->read = 0; /* the file has begun anew */
    }
    int found = file != NULL && fseek(file, subscription->read, SEEK_SET) == 0 &&
                fgets(line, sizeof line, file) != NULL && strchr(line, '\n') != NULL;
    if (found) {
        subscription->read += (long)strlen(line);
        line[strcspn(line, "\n")] = '\0';
        snprintf(message->text, message->capacity, "%s", line);
    }
    if (file != NULL) {
        fclose(file);
    }
    return found;
}

static enum mstr_code next(void *self, void *subscription, struct mstr_store_message *message,
                           const struct mstr_call *call, struct mstr_error *error)
{
    (void)self;
    while (!take(subscription, message)) {
        enum mstr_code code = host->sleep(call, POLL_MS);
        if (code != MSTR_OK) {
            return host->error_set(error, code, "no message came");
        }
    }
    return MSTR_OK;
}

static void unsubscribe(void *self, void *subscription)
{
    (void)self;
    free(subscription);
}

static enum mstr_code tell_time(void *self, int64_t *now, const struct mstr_call *call, struct mstr_error *error)
{
    struct work work;
    enum mstr_code code = begin(self, call, &work, error);
    if (code == MSTR_OK) {
        *now = work.now;
        end(&work);
    }
    return code;
}

static enum mstr_code explain(void *self, struct mstr_report *report, const struct mstr_call *call,
                              struct mstr_error *error)
{
    int64_t now = 0;
    enum mstr_code code = tell_time(self, &now, call, error);
    host->report_step(report, code == MSTR_OK ? MSTR_STEP_USED : MSTR_STEP_FAILED, "folder",
                      code == MSTR_OK ? self : host->error_message(error), NULL, 0);
    return code;
}

static enum mstr_code create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    *self = strdup(host->option(instance, "path"));
    return *self != NULL ? MSTR_OK : host->error_set(error, MSTR_E_MEMORY, "out of memory");
}

const struct mstr_store *mstr_store_entry(const struct mstr_host *table)
{
    static const struct mstr_store store = {.abi_major = MSTR_STORE_ABI_MAJOR,
                                            .size = sizeof store,
                                            .option_size = sizeof(struct mstr_option),
                                            .name = "folder",
                                            .version = "1.0",
                                            .summary = "a folder that all workers have mounted",
                                            .options = options,
                                            .create = create,
                                            .destroy = free,
                                            .get = get,
                                            .put = put,
                                            .extend = set_end,
                                            .remove = take_away,
                                            .acquire = acquire,
                                            .renew = renew,
                                            .release = release,
                                            .beat = beat,
                                            .leave = leave,
                                            .publish = publish,
                                            .subscribe = subscribe,
                                            .next = next,
                                            .unsubscribe = unsubscribe,
                                            .time = tell_time,
                                            .explain = explain};
    host = table;
    return &store;
}
