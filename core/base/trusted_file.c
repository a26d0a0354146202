/* SPDX-License-Identifier: Apache-2.0 */
/* The way to a trusted file, component by component. */
#define _GNU_SOURCE /* O_PATH */
#include "base/trusted_file.h"

#include "base/trusted_rule.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { LINKS_MAX = 40 }; /* as the kernel's own */

struct walk {
    enum trusted_kind kind;
    struct trusted_file *file;
    int folder;                 /* where the walk is; O_PATH */
    enum trusted_fault excused; /* of that folder, for its sticky bit */
    unsigned links;
    struct buffer names; /* still to be walked from `at` on */
    size_t at;
};

static enum trusted_verdict fail(struct walk *walk, int number)
{
    walk->file->failure = number;
    buffer_puts(&walk->file->problem, strerror(number));
    return number == ENOENT || number == ENOTDIR ? TRUSTED_ABSENT : TRUSTED_UNREADABLE;
}

static enum trusted_verdict refuse_kind(struct walk *walk)
{
    buffer_printf(&walk->file->problem, "%s %s", buffer_text(&walk->file->path),
                  walk->kind == TRUSTED_CONFIGURATION ? "is neither a regular file nor a pipe of this user"
                                                      : "is not a regular file");
    return TRUSTED_REFUSED;
}

/* Where the walk has come to, as it is told and compared: "" is "/". */
static const char *present_path(const struct walk *walk)
{
    return walk->file->path.length > 0 ? buffer_text(&walk->file->path) : "/";
}

static bool has_more(const struct walk *walk)
{
    return walk->at < walk->names.length;
}

/* The next name, "." passed over. One that is too long keeps one octet too many, so that the kernel refuses it. */
static bool next_name(struct walk *walk, char name[NAME_MAX + 2])
{
    const char *names = buffer_text(&walk->names);
    do {
        walk->at += strspn(names + walk->at, "/");
        size_t length = strcspn(names + walk->at, "/");
        size_t kept = length <= NAME_MAX ? length : NAME_MAX + 1;
        memcpy(name, names + walk->at, kept);
        name[kept] = '\0';
        walk->at += length;
    } while (strcmp(name, ".") == 0);
    return name[0] != '\0';
}

/* False without memory for the path, which is what is opened by libraries that know nothing of descriptors. */
static bool go(struct walk *walk, const char *name)
{
    struct buffer *path = &walk->file->path;
    if (strcmp(name, "..") != 0) {
        buffer_printf(path, "/%s", name);
    } else if (path->length > 0) {
        buffer_truncate(path, (size_t)(strrchr(path->data, '/') - path->data));
    }
    return !path->failed;
}

/* A folder becomes where the walk is. In one with the sticky bit nobody can exchange another's entries, which is
 * enough on the way; whether it is for the last folder shows at the end. */
static enum trusted_verdict enter(struct walk *walk, const struct trusted_component *folder)
{
    enum trusted_fault fault = trusted_rule_fault(folder);
    bool sticky = (folder->status.st_mode & S_ISVTX) != 0;
    if (fault != TRUSTED_NO_FAULT && (fault == TRUSTED_FOREIGN || !sticky)) {
        trusted_rule_tell(folder, fault, &walk->file->problem, &walk->file->remedy);
        return TRUSTED_REFUSED;
    }
    int fd = fcntl(folder->fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0) {
        return fail(walk, errno);
    }
    if (walk->folder >= 0) {
        close(walk->folder);
    }
    walk->folder = fd;
    walk->excused = fault;
    return TRUSTED_GOOD;
}

static enum trusted_verdict enter_root(struct walk *walk)
{
    struct trusted_component root = {.path = "/", .kind = walk->kind};
    enum trusted_verdict verdict = TRUSTED_GOOD;
    buffer_truncate(&walk->file->path, 0);
    root.fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root.fd < 0 || fstat(root.fd, &root.status) != 0) {
        verdict = fail(walk, errno);
    } else {
        verdict = enter(walk, &root);
    }
    if (root.fd >= 0) {
        close(root.fd);
    }
    return verdict;
}

/* Opens for reading what was checked. Only root or the user could have exchanged it since. A pipe is not waited
 * for. */
static enum trusted_verdict open_checked(struct walk *walk, const char *name, const struct trusted_component *checked)
{
    struct stat status;
    int flags = walk->kind == TRUSTED_PROGRAM ? O_PATH : O_RDONLY | O_NOCTTY | O_NONBLOCK;
    int fd = openat(walk->folder, name, flags | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) != 0) {
        int number = errno;
        if (fd >= 0) {
            close(fd);
        }
        return fail(walk, number);
    }
    if (status.st_dev != checked->status.st_dev || status.st_ino != checked->status.st_ino) {
        close(fd);
        return fail(walk, ESTALE);
    }
    walk->file->fd = fd;
    return TRUSTED_GOOD;
}

/* The folder that holds a plugin or a program gets no allowance for its sticky bit. */
static enum trusted_verdict refuse_folder(struct walk *walk)
{
    struct trusted_component folder = {.fd = walk->folder, .kind = walk->kind};
    go(walk, "..");
    folder.path = present_path(walk);
    if (fstat(folder.fd, &folder.status) != 0) {
        return fail(walk, errno);
    }
    trusted_rule_tell(&folder, walk->excused, &walk->file->problem, &walk->file->remedy);
    return TRUSTED_REFUSED;
}

/* At something that is neither folder nor link. */
static enum trusted_verdict arrive(struct walk *walk, const char *name, const struct trusted_component *file)
{
    enum trusted_fault fault = trusted_rule_fault(file);
    mode_t mode = file->status.st_mode;
    bool readable = S_ISREG(mode) || (walk->kind == TRUSTED_CONFIGURATION &&
                                      (S_ISFIFO(mode) || trusted_rule_is_null_device(&file->status)));
    if (has_more(walk)) {
        return fail(walk, ENOTDIR);
    }
    if (!readable) {
        return refuse_kind(walk);
    }
    if (fault != TRUSTED_NO_FAULT) {
        trusted_rule_tell(file, fault, &walk->file->problem, &walk->file->remedy);
        return TRUSTED_REFUSED;
    }
    if (walk->excused != TRUSTED_NO_FAULT && walk->kind != TRUSTED_CONFIGURATION) {
        return refuse_folder(walk);
    }
    return open_checked(walk, name, file);
}

/* What /proc shows of a descriptor without a path, such as a shell's <(…), in the place of a link's target. */
static bool is_descriptor(int link, const char *target)
{
    struct statfs mount;
    return strchr(target, '/') == NULL && strstr(target, ":[") != NULL && fstatfs(link, &mount) == 0 &&
           mount.f_type == PROC_SUPER_MAGIC;
}

static enum trusted_verdict arrive_at_descriptor(struct walk *walk, const char *name)
{
    struct stat status;
    if (has_more(walk)) {
        return fail(walk, ENOTDIR);
    }
    int fd = openat(walk->folder, name, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) != 0 || walk->kind != TRUSTED_CONFIGURATION || !S_ISFIFO(status.st_mode) ||
        status.st_uid != geteuid()) {
        if (fd >= 0) {
            close(fd);
        }
        return refuse_kind(walk);
    }
    walk->file->fd = fd;
    return TRUSTED_GOOD;
}

/* The link's target stands before what is still to be walked. */
static enum trusted_verdict follow(struct walk *walk, const char *name, const struct trusted_component *link)
{
    char target[PATH_MAX];
    struct buffer names = BUFFER_INIT;
    enum trusted_fault fault = trusted_rule_fault(link);
    if (fault != TRUSTED_NO_FAULT) {
        trusted_rule_tell(link, fault, &walk->file->problem, &walk->file->remedy);
        return TRUSTED_REFUSED;
    }
    ssize_t length = ++walk->links > LINKS_MAX ? -1 : readlinkat(link->fd, "", target, sizeof(target) - 1);
    if (length < 0) {
        return fail(walk, walk->links > LINKS_MAX ? ELOOP : errno);
    }
    target[length] = '\0';
    if (is_descriptor(link->fd, target)) {
        return arrive_at_descriptor(walk, name);
    }
    buffer_printf(&names, "%s%s", target, buffer_text(&walk->names) + walk->at);
    buffer_release(&walk->names);
    walk->names = names;
    walk->at = 0;
    go(walk, ".."); /* a relative target begins in the link's folder */
    return target[0] == '/' ? enter_root(walk) : TRUSTED_GOOD;
}

/* On the way a folder is expected: O_PATH alone would not have it mounted where that happens on demand. */
static int open_component(const struct walk *walk, const char *name)
{
    const int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
    int fd = has_more(walk) ? openat(walk->folder, name, flags | O_DIRECTORY) : -1;
    return fd < 0 && (!has_more(walk) || errno == ENOTDIR) ? openat(walk->folder, name, flags) : fd;
}

static enum trusted_verdict step(struct walk *walk, const char *name)
{
    struct trusted_component component = {.fd = open_component(walk, name), .kind = walk->kind};
    enum trusted_verdict verdict = TRUSTED_GOOD;
    if (component.fd < 0 || fstat(component.fd, &component.status) != 0) {
        verdict = fail(walk, errno);
    } else if (!go(walk, name)) {
        verdict = fail(walk, ENOMEM);
    } else {
        component.path = present_path(walk);
        verdict = S_ISDIR(component.status.st_mode)   ? enter(walk, &component)
                  : S_ISLNK(component.status.st_mode) ? follow(walk, name, &component)
                                                      : arrive(walk, name, &component);
    }
    if (component.fd >= 0) {
        close(component.fd);
    }
    return verdict;
}

/* A relative path begins in the working directory, whose own way is checked too. */
static bool begin(struct walk *walk, const char *path)
{
    char *here = path[0] != '/' ? getcwd(NULL, 0) : NULL;
    bool good = path[0] == '/' || here != NULL;
    buffer_printf(&walk->names, "%s/%s", here != NULL ? here : "", path);
    free(here);
    return good;
}

enum trusted_verdict trusted_file_open(const char *path, enum trusted_kind kind, struct trusted_file *file)
{
    struct walk walk = {.kind = kind, .file = file, .folder = -1, .names = BUFFER_INIT};
    char name[NAME_MAX + 2];
    *file = (struct trusted_file){.fd = -1};
    enum trusted_verdict verdict = begin(&walk, path) ? enter_root(&walk) : fail(&walk, errno);
    while (verdict == TRUSTED_GOOD && file->fd < 0) {
        if (walk.names.failed) {
            verdict = fail(&walk, ENOMEM);
        } else if (next_name(&walk, name)) {
            verdict = step(&walk, name);
        } else {
            verdict = fail(&walk, EISDIR);
        }
    }
    if (walk.folder >= 0) {
        close(walk.folder);
    }
    buffer_release(&walk.names);
    return verdict;
}

enum mstr_code trusted_file_class(const struct trusted_file *file, enum mstr_code otherwise)
{
    return file->failure == ENOMEM ? MSTR_E_MEMORY : otherwise;
}

void trusted_file_close(struct trusted_file *file)
{
    if (file->fd >= 0) {
        close(file->fd);
        file->fd = -1;
    }
    buffer_release(&file->path);
    buffer_release(&file->problem);
    buffer_release(&file->remedy);
}
