/* file:/PATH gives a file's content, one trailing newline cut unless ?raw=1; at most 1 MiB. */
#include "builtin/builtin.h"
#include "sdk/host.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 1024 * 1024, UNKNOWN_SIZE = 4096 };

static enum mstr_code create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    (void)instance;
    (void)error;
    *self = NULL;
    return MSTR_OK;
}

static void tell_errno(struct mstr_request *request, int failure)
{
    static const struct {
        int failure;
        enum mstr_code code;
    } classes[] = {{ENOENT, MSTR_E_NOT_FOUND}, {ENOTDIR, MSTR_E_NOT_FOUND}, {EACCES, MSTR_E_DENIED},
                   {EPERM, MSTR_E_DENIED},     {ETIMEDOUT, MSTR_E_TIMEOUT}, {ECANCELED, MSTR_E_CANCELLED},
                   {EFBIG, MSTR_E_CONFIG},     {ENOMEM, MSTR_E_MEMORY}};
    enum mstr_code code = MSTR_E_UNEXPECTED;
    for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
        code = classes[i].failure == failure ? classes[i].code : code;
    }
    host->set_error(request, code, "file %s: %s", request->reference->body,
                    failure == EFBIG ? "larger than 1 MiB" : strerror(failure));
}

/* Whether the file's octets are wanted as they are. False if the query is not understood, which is then told. */
static int read_query(struct mstr_request *request, int *raw)
{
    const struct mstr_reference *reference = request->reference;
    *raw = 0;
    for (uint32_t i = 0; i < reference->query_count; i++) {
        const char *value = reference->query[i].value;
        if (strcmp(reference->query[i].key, "raw") != 0 || (strcmp(value, "0") != 0 && strcmp(value, "1") != 0)) {
            host->set_error(request, MSTR_E_CONFIG, "file: takes the query raw=1 alone, found %s=%s",
                            reference->query[i].key, value);
            return 0;
        }
        *raw = value[0] == '1';
    }
    return 1;
}

/* Waits until a pipe has something to read; a regular file always has. 0, or an errno. */
static int wait_readable(int fd, const struct mstr_call *call)
{
    struct pollfd waited = {fd, POLLIN, 0};
    for (;;) {
        int64_t left = host->remaining(call);
        if (left == 0 || host->cancelled(call)) {
            return left == 0 ? ETIMEDOUT : ECANCELED;
        }
        int ready = poll(&waited, 1, left < 25 ? (int)left : 25);
        if (ready > 0) {
            return 0;
        }
        if (ready < 0 && errno != EINTR) {
            return errno;
        }
    }
}

/* What was read so far, in secret memory. */
struct content {
    char *octets;
    size_t length;
    size_t capacity;
};

/* Room for more, one octet past the most included, by which a file that is too large shows. 0, or an errno. */
static int make_room(struct content *content, size_t capacity)
{
    if (content->capacity > FILE_MAX) {
        return EFBIG;
    }
    capacity = capacity <= FILE_MAX ? capacity : FILE_MAX + 1;
    char *larger = host->secret_alloc(capacity);
    if (larger == NULL) {
        return ENOMEM;
    }
    if (content->length > 0) {
        memcpy(larger, content->octets, content->length);
    }
    host->secret_free(content->octets);
    content->octets = larger;
    content->capacity = capacity;
    return 0;
}

/* Reads to the end, which is where it is found: procfs tells no size, and a file may grow. 0, or an errno. */
static int read_all(int fd, struct content *content, const struct mstr_call *call)
{
    for (;;) {
        int failure = wait_readable(fd, call);
        if (failure == 0 && content->length == content->capacity) {
            failure = make_room(content, content->capacity * 2);
        }
        if (failure != 0) {
            return failure;
        }
        ssize_t got = read(fd, content->octets + content->length, content->capacity - content->length);
        if (got == 0) {
            return 0;
        }
        if (got < 0 && errno != EINTR && errno != EAGAIN) {
            return errno;
        }
        content->length += got > 0 ? (size_t)got : 0;
    }
}

static void answer_from(struct mstr_request *request, int fd, int raw, const struct mstr_call *call)
{
    static const struct mstr_meta meta = {.size = sizeof(meta), .flags = MSTR_META_NO_CACHE};
    struct stat status;
    if (fstat(fd, &status) != 0) {
        tell_errno(request, errno);
        return;
    }
    if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode)) {
        host->set_error(request, MSTR_E_CONFIG, "file %s is neither a regular file nor a pipe",
                        request->reference->body);
        return;
    }
    struct content content = {NULL, 0, 0};
    int failure = make_room(&content, status.st_size > 0 ? (size_t)status.st_size + 1 : UNKNOWN_SIZE);
    if (failure == 0) {
        failure = read_all(fd, &content, call);
    }
    if (failure != 0) {
        tell_errno(request, failure);
    } else {
        int cut = !raw && content.length > 0 && content.octets[content.length - 1] == '\n';
        host->set_value(request, content.octets, content.length - (size_t)cut, &meta);
    }
    host->secret_free(content.octets);
}

static void answer(struct mstr_request *request, const struct mstr_call *call)
{
    int raw = 0;
    const char *path = request->reference->body;
    if (!read_query(request, &raw)) {
        return;
    }
    if (path[0] != '/') {
        host->set_error(request, MSTR_E_CONFIG, "file: needs an absolute path, found \"%s\"", path);
        return;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        tell_errno(request, errno);
        return;
    }
    answer_from(request, fd, raw, call);
    close(fd);
}

static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    (void)self;
    for (size_t i = 0; i < count; i++) {
        answer(requests[i], call);
    }
}

const struct mstr_provider *file_provider_entry(const struct mstr_host *table)
{
    static const struct mstr_provider provider = {
        .abi_major = MSTR_ABI_MAJOR,
        .size = sizeof(provider),
        .flags = MSTR_PROVIDER_THREAD_SAFE | MSTR_PROVIDER_BATCH,
        .option_size = sizeof(struct mstr_option),
        .name = "file",
        .version = "1",
        .summary = "files, such as mounted secrets",
        .create = create,
        .resolve = resolve,
    };
    host = table;
    return &provider;
}
