/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/trusted_file.c, each sentence of the rule with real files: owners are given away, so most of it needs
 * root. Each look happens in a process of its own, as the user and with the MSTR_TRUSTED_FOLDERS of the case. */
#define _GNU_SOURCE /* unshare(), pipe2() */
#include "support/entries.h"
#include "support/unit.h"

#include "base/trusted_file.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROOT = 0, ANN = 12345, STRANGER = 777, GROUP = 100 };

static char top[] = "/tmp/mstr-trusted-XXXXXX"; /* in a sticky folder */

/* What a look found, in memory that the looking process shares. */
static struct told {
    enum trusted_verdict verdict;
    int failure;
    bool skipped;
    bool inherited; /* the descriptor, by programs that are started */
    bool blocks;    /* whoever reads from it */
    bool terminal;  /* of the process, which it might become */
    int left_open;  /* descriptors, afterwards */
    char path[512];
    char problem[512];
    char remedy[512];
    char content[64];
} * told;

struct look {
    uid_t user;
    gid_t group;
    enum trusted_kind kind;
    const char *trusted;   /* MSTR_TRUSTED_FOLDERS */
    bool (*prepare)(void); /* in the looking process; false = the system does not let it */
};

/* What takes the place of a file between the check of it and its opening; NULL = nothing. */
static const char *exchanged;

int openat(int folder, const char *name, int flags, ...)
{
    if (exchanged != NULL && (flags & O_PATH) == 0) {
        renameat(folder, exchanged, folder, name);
    }
    told->terminal = told->terminal || (flags & (O_PATH | O_NOCTTY)) == 0;
    return (int)syscall(SYS_openat, folder, name, flags, 0);
}

/* What the C library's headers make of openat() where a build is hardened. */
int __openat_2(int folder, const char *name, int flags);
int __openat_2(int folder, const char *name, int flags)
{
    return openat(folder, name, flags);
}

static void see(const char *path, const struct look *look)
{
    struct trusted_file file;
    if (look->trusted != NULL) {
        setenv("MSTR_TRUSTED_FOLDERS", look->trusted, 1);
    }
    if (look->user != ROOT && (setgroups(0, NULL) != 0 || setgid(look->group) != 0 || setuid(look->user) != 0)) {
        abort();
    }
    if (look->prepare != NULL && !look->prepare()) {
        told->skipped = true;
        return;
    }
    int before = count_descriptors();
    told->verdict = trusted_file_open(path, look->kind, &file);
    told->inherited = file.fd >= 0 && (fcntl(file.fd, F_GETFD) & FD_CLOEXEC) == 0;
    told->blocks = file.fd >= 0 && look->kind != TRUSTED_PROGRAM && (fcntl(file.fd, F_GETFL) & O_NONBLOCK) == 0;
    told->failure = file.failure;
    snprintf(told->path, sizeof(told->path), "%s", buffer_text(&file.path));
    snprintf(told->problem, sizeof(told->problem), "%s", buffer_text(&file.problem));
    snprintf(told->remedy, sizeof(told->remedy), "%s", buffer_text(&file.remedy));
    if (file.fd >= 0 && look->kind != TRUSTED_PROGRAM &&
        read(file.fd, told->content, sizeof(told->content) - 1) < 0) {
        abort();
    }
    trusted_file_close(&file);
    told->left_open = count_descriptors() - before;
}

static enum trusted_verdict look_at(const char *path, struct look look)
{
    int status = 0;
    memset(told, 0, sizeof(*told));
    pid_t child = fork();
    if (child == 0) {
        see(path, &look);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    if (told->skipped) {
        print_message("the system does not let this be tried\n");
        skip();
    }
    assert_false(told->inherited);
    assert_false(told->blocks);
    assert_false(told->terminal);
    assert_int_equal(told->left_open, 0);
    return told->verdict;
}

static void need_root(void)
{
    if (geteuid() != 0) {
        print_message("only root can give files away\n");
        skip();
    }
}

/* A path below `top`, of which several can be held at once. */
static const char *at(const char *name)
{
    static char paths[8][512];
    static unsigned next;
    char *path = paths[next++ % COUNT_OF(paths)];
    snprintf(path, sizeof(paths[0]), "%s/%s", top, name);
    return path;
}

static void own(const char *path, uid_t owner, gid_t group, mode_t mode)
{
    assert_int_equal(lchown(path, owner, group), 0);
    assert_int_equal(chmod(path, mode), 0); /* which a change of the owner may take away */
}

static void put_folder(const char *name, uid_t owner, gid_t group, mode_t mode)
{
    assert_true(mkdir(at(name), 0755) == 0 || errno == EEXIST);
    own(at(name), owner, group, mode);
}

static void put_file(const char *name, uid_t owner, gid_t group, mode_t mode)
{
    FILE *file = fopen(at(name), "w");
    assert_non_null(file);
    fputs("content", file);
    fclose(file);
    own(at(name), owner, group, mode);
}

static void put_link(const char *target, const char *name, uid_t owner)
{
    assert_int_equal(symlink(target, at(name)), 0);
    assert_int_equal(lchown(at(name), owner, owner), 0);
}

static void assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("\"%s\" does not tell \"%s\"", text, part);
    }
}

/* The file, and each folder above it, belongs to root or to the effective user, and nobody else may write it. */
static void only_root_and_the_user_may_own_and_write(void **state)
{
    (void)state;
    need_root();
    static const struct {
        uid_t user;
        struct {
            uid_t owner;
            gid_t group;
            mode_t mode;
        } folder, file;
        const char *problem; /* NULL = trusted; after "top/" */
        const char *remedy;
    } cases[] = {
        {ROOT, {ROOT, ROOT, 0755}, {ROOT, ROOT, 0644}, NULL, NULL},
        {ANN, {ROOT, ROOT, 0755}, {ROOT, ROOT, 0644}, NULL, NULL},
        {ANN, {ANN, ANN, 0700}, {ANN, ANN, 0600}, NULL, NULL},
        {ROOT,
         {ROOT, ROOT, 0755},
         {ANN, ANN, 0644},
         "folder/file belongs to neither root nor this user (owner 12345, group 12345, mode 0644)",
         "as root: chown 0 "},
        {ANN, {ANN, ANN, 0755}, {STRANGER, ANN, 0644}, "folder/file belongs to neither", "as root: chown 12345 "},
        {ANN, {STRANGER, ANN, 0755}, {ANN, ANN, 0644}, "folder belongs to neither", "as root: chown 12345 "},
        {ANN,
         {ANN, ANN, 0755},
         {ANN, ANN, 0646},
         "folder/file is writable by others (owner 12345, group 12345, mode 0646)",
         "as its owner or root: chmod o-w "},
        {ANN, {ANN, ANN, 0757}, {ANN, ANN, 0644}, "folder is writable by others", "chmod o-w "},
        /* a group may write where its number is 0 or the user's own */
        {ANN, {ROOT, ROOT, 0775}, {ROOT, ROOT, 0664}, NULL, NULL},
        {ANN, {ANN, ANN, 0775}, {ANN, ANN, 0664}, NULL, NULL},
        {ANN, {ANN, ANN, 0755}, {ANN, GROUP, 0664}, "folder/file is writable by a group of others", "chmod g-w "},
        {ANN, {ANN, GROUP, 0775}, {ANN, ANN, 0644}, "folder is writable by a group of others", "chmod g-w "},
        {ROOT, {ROOT, ROOT, 0755}, {ROOT, ANN, 0664}, "folder/file is writable by a group of others", "chmod g-w "},
    };
    static const enum trusted_kind kinds[] = {TRUSTED_CONFIGURATION, TRUSTED_PLUGIN, TRUSTED_PROGRAM};
    for (size_t i = 0; i < COUNT_OF(cases) * COUNT_OF(kinds); i++) {
        const size_t c = i / COUNT_OF(kinds);
        put_folder("folder", ROOT, ROOT, 0755);
        put_file("folder/file", cases[c].file.owner, cases[c].file.group, cases[c].file.mode);
        put_folder("folder", cases[c].folder.owner, cases[c].folder.group, cases[c].folder.mode);
        /* the user's group is that of others: what counts is the number of the user, not the present group */
        enum trusted_verdict verdict =
            look_at(at("folder/file"),
                    (struct look){.user = cases[c].user, .group = GROUP, .kind = kinds[i % COUNT_OF(kinds)]});
        if (cases[c].problem == NULL) {
            assert_string_equal(told->problem, "");
            assert_int_equal(verdict, TRUSTED_GOOD);
            assert_string_equal(told->path, at("folder/file"));
        } else {
            assert_int_equal(verdict, TRUSTED_REFUSED);
            assert_has(told->problem, at(cases[c].problem));
            assert_has(told->remedy, cases[c].remedy);
            assert_has(told->remedy, at("folder"));
        }
    }
}

static void sticky_folders_will_do_above_and_for_own_configuration(void **state)
{
    (void)state;
    need_root();
    put_folder("sticky", ROOT, ROOT, 01777);
    put_folder("sticky/below", ANN, ANN, 0755);
    put_file("sticky/file", ANN, ANN, 0644);
    put_file("sticky/foreign", STRANGER, STRANGER, 0644);
    put_file("sticky/below/file", ANN, ANN, 0755);
    for (enum trusted_kind kind = TRUSTED_CONFIGURATION; kind <= TRUSTED_PROGRAM; kind++) {
        assert_int_equal(look_at(at("sticky/below/file"), (struct look){.user = ANN, .kind = kind}), TRUSTED_GOOD);
    }
    assert_int_equal(look_at(at("sticky/file"), (struct look){.user = ANN}), TRUSTED_GOOD);
    assert_int_equal(look_at(at("sticky/foreign"), (struct look){.user = ANN}), TRUSTED_REFUSED);
    assert_has(told->problem, "sticky/foreign belongs to neither");
    for (enum trusted_kind kind = TRUSTED_PLUGIN; kind <= TRUSTED_PROGRAM; kind++) {
        assert_int_equal(look_at(at("sticky/file"), (struct look){.user = ANN, .kind = kind}), TRUSTED_REFUSED);
        assert_has(told->problem, "sticky is writable by others (owner 0, group 0, mode 1777)");
        assert_null(strstr(told->remedy, "MSTR_TRUSTED_FOLDERS")); /* which would not accept it */
    }
    put_folder("sticky", STRANGER, ROOT, 01777);
    assert_int_equal(look_at(at("sticky/file"), (struct look){.user = ANN}), TRUSTED_REFUSED); /* its owner is free */
}

static bool mount_read_only(void)
{
    static const char none[] = "none"; /* where the kernel looks at no source or type, but valgrind does */
    const char *folder = at("mount");
    return unshare(CLONE_NEWNS) == 0 && mount(none, "/", none, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount(folder, folder, none, MS_BIND, NULL) == 0 &&
           mount(none, folder, none, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0;
}

static void on_read_only_mounts_nobody_asks_for_owners(void **state)
{
    (void)state;
    need_root();
    put_folder("mount", STRANGER, STRANGER, 0777);
    put_file("mount/file", STRANGER, STRANGER, 0666);
    for (enum trusted_kind kind = TRUSTED_CONFIGURATION; kind <= TRUSTED_PROGRAM; kind++) {
        assert_int_equal(look_at(at("mount/file"), (struct look){.kind = kind, .prepare = mount_read_only}),
                         TRUSTED_GOOD);
        assert_int_equal(look_at(at("mount/file"), (struct look){.kind = kind}), TRUSTED_REFUSED);
    }
}

static void links_count_by_their_own_owner(void **state)
{
    (void)state;
    need_root();
    put_folder("way", ROOT, ROOT, 0755);
    put_folder("way/deep", ROOT, ROOT, 0755);
    put_folder("open", ROOT, ROOT, 0777);
    put_file("way/file", ROOT, ROOT, 0644);
    put_file("open/file", ROOT, ROOT, 0644);
    put_link("../deep/.././/file", "way/deep/relative", ANN);
    put_link(at("way"), "folder-link", ROOT);
    put_link("way/file", "foreign-link", STRANGER);
    put_link("open/file", "open-link", ROOT);

    assert_int_equal(look_at(at("folder-link/deep/relative"), (struct look){.user = ANN}), TRUSTED_GOOD);
    assert_string_equal(told->path, at("way/file"));
    assert_string_equal(told->content, "content");

    assert_int_equal(look_at(at("foreign-link"), (struct look){.user = ANN}), TRUSTED_REFUSED);
    assert_has(told->problem, "foreign-link belongs to neither root nor this user (owner 777");
    assert_has(told->remedy, "chown -h 12345 ");
    assert_int_equal(look_at(at("open-link"), (struct look){.user = ANN}), TRUSTED_REFUSED);
    assert_has(told->problem, "open is writable by others");
}

static void at_most_forty_links_are_followed(void **state)
{
    (void)state;
    char name[16];
    char target[16] = "linked";
    put_file("linked", geteuid(), getegid(), 0644);
    for (int i = 1; i <= 41; i++) {
        snprintf(name, sizeof(name), "l%d", i);
        put_link(target, name, geteuid());
        memcpy(target, name, sizeof(target));
    }
    put_link("loop", "loop", geteuid());

    assert_int_equal(look_at(at("l40"), (struct look){0}), TRUSTED_GOOD);
    assert_int_equal(look_at(at("l41"), (struct look){0}), TRUSTED_UNREADABLE);
    assert_int_equal(told->failure, ELOOP);
    assert_int_equal(look_at(at("loop"), (struct look){0}), TRUSTED_UNREADABLE);
    assert_int_equal(told->failure, ELOOP);
}

static bool exchange_after_the_check(void)
{
    struct trusted_file file;
    bool read_on = trusted_file_open(at("checked"), TRUSTED_CONFIGURATION, &file) == TRUSTED_GOOD &&
                   rename(at("other"), at("checked")) == 0 && read(file.fd, told->content, 7) == 7;
    told->content[read_on ? 7 : 0] = '\0';
    trusted_file_close(&file);
    return true;
}

static void what_is_read_is_what_was_checked(void **state)
{
    (void)state;
    put_file("checked", geteuid(), getegid(), 0644);
    put_file("other", geteuid(), getegid(), 0644);
    assert_int_equal(truncate(at("other"), 0), 0);
    look_at("/dev/null", (struct look){.prepare = exchange_after_the_check});
    assert_string_equal(told->content, "content");
}

static bool exchange_within_the_check(void)
{
    exchanged = "other";
    return true;
}

/* Only root or the user could do that, and what was not looked at is not read for all that. */
static void what_was_exchanged_within_the_check_is_not_read(void **state)
{
    (void)state;
    put_file("checked", geteuid(), getegid(), 0644);
    put_file("other", geteuid(), getegid(), 0644);
    assert_int_equal(look_at(at("checked"), (struct look){.prepare = exchange_within_the_check}), TRUSTED_UNREADABLE);
    assert_int_equal(told->failure, ESTALE);
    assert_string_equal(told->content, "");
}

static bool close_standard_input(void)
{
    return close(STDIN_FILENO) == 0;
}

static void the_first_descriptor_is_as_good_as_any(void **state)
{
    (void)state;
    put_file("plain", geteuid(), getegid(), 0644);
    put_link("plain", "link", geteuid());
    assert_int_equal(look_at(at("link"), (struct look){.prepare = close_standard_input}), TRUSTED_GOOD);
    assert_string_equal(told->content, "content");
    assert_int_equal(look_at(at("nothing"), (struct look){.prepare = close_standard_input}), TRUSTED_ABSENT);
    put_folder("first", geteuid(), getegid(), 0755);
    put_file("first/plain", geteuid(), getegid(), 0644);
    put_link("first", "first-link", geteuid());
    assert_int_equal(look_at(at("first-link/plain"), (struct look){.prepare = close_standard_input}), TRUSTED_GOOD);
}

static void names_are_as_long_and_as_odd_as_the_system_has_them(void **state)
{
    (void)state;
    char path[600];
    char longest[NAME_MAX + 1];
    memset(longest, 'n', NAME_MAX);
    longest[NAME_MAX] = '\0';
    snprintf(path, sizeof(path), "%s/%s", top, longest);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(look_at(path, (struct look){0}), TRUSTED_GOOD);
    snprintf(path, sizeof(path), "%s/%sn", top, longest);
    assert_int_equal(look_at(path, (struct look){0}), TRUSTED_UNREADABLE);
    assert_int_equal(told->failure, ENAMETOOLONG);
    longest[0] = 'm';
    snprintf(path, sizeof(path), "%s/file", longest);
    put_folder(longest, geteuid(), getegid(), 0755);
    put_file(path, geteuid(), getegid(), 0644);
    assert_int_equal(look_at(at(path), (struct look){0}), TRUSTED_GOOD);
    assert_string_equal(told->path, at(path));

    put_file("odd:[name]", geteuid(), getegid(), 0644); /* as /proc names a pipe */
    put_link("odd:[name]", "odd", geteuid());
    snprintf(path, sizeof(path), "/../..%s", at("odd"));
    assert_int_equal(look_at(path, (struct look){0}), TRUSTED_GOOD);
    assert_string_equal(told->path, at("odd:[name]"));
}

static void what_failed_for_want_of_memory_is_told_as_that(void **state)
{
    (void)state;
    const struct trusted_file hungry = {.fd = -1, .failure = ENOMEM};
    const struct trusted_file absent = {.fd = -1, .failure = ENOENT};
    assert_int_equal(trusted_file_class(&hungry, MSTR_E_CONFIG), MSTR_E_MEMORY);
    assert_int_equal(trusted_file_class(&absent, MSTR_E_CONFIG), MSTR_E_CONFIG);
}

static void the_null_device_and_own_pipes_are_trusted(void **state)
{
    (void)state;
    int ends[2];
    int sockets[2];
    char path[64];
    assert_int_equal(look_at("/dev/null", (struct look){0}), TRUSTED_GOOD);
    assert_int_equal(look_at("/dev/null", (struct look){.kind = TRUSTED_PROGRAM}), TRUSTED_REFUSED);
    assert_int_equal(look_at("/dev/zero", (struct look){0}), TRUSTED_REFUSED);
    assert_has(told->problem, "is neither a regular file nor a pipe of this user");

    assert_int_equal(pipe2(ends, 0), 0);
    assert_int_equal(write(ends[1], "piped", 5), 5);
    snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
    assert_int_equal(look_at(path, (struct look){.kind = TRUSTED_PLUGIN}), TRUSTED_REFUSED);
    assert_int_equal(look_at(path, (struct look){0}), TRUSTED_GOOD);
    assert_string_equal(told->content, "piped");
    char below[80];
    snprintf(below, sizeof(below), "%s/x", path);
    assert_int_equal(look_at(below, (struct look){0}), TRUSTED_ABSENT);
    assert_int_equal(told->failure, ENOTDIR);
    if (geteuid() == 0) {
        assert_int_equal(fchown(ends[0], STRANGER, STRANGER), 0);
        assert_int_equal(look_at(path, (struct look){0}), TRUSTED_REFUSED);
    }
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
    snprintf(path, sizeof(path), "/dev/fd/%d", sockets[0]);
    assert_int_equal(look_at(path, (struct look){0}), TRUSTED_REFUSED);

    assert_int_equal(mkfifo(at("fifo"), 0600), 0);
    assert_int_equal(look_at(at("fifo"), (struct look){0}),
                     TRUSTED_GOOD); /* nobody writes, and it is not waited for */
    assert_string_equal(told->content, "");
    int writer = open(at("fifo"), O_RDWR | O_CLOEXEC);
    assert_int_equal(write(writer, "named", 5), 5);
    assert_int_equal(look_at(at("fifo"), (struct look){0}), TRUSTED_GOOD);
    assert_string_equal(told->content, "named");
    close(writer);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(pipe2(ends, 0), 0);
    close(ends[1]); /* nobody writes here either */
    snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
    assert_int_equal(look_at(path, (struct look){0}), TRUSTED_GOOD);
    assert_string_equal(told->content, "");
    close(ends[0]);
    close(sockets[0]);
    close(sockets[1]);
}

static void what_is_absent_is_told_from_what_cannot_be_read(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        uid_t user;
        enum trusted_verdict verdict;
        int failure;
    } cases[] = {
        {"absent", ROOT, TRUSTED_ABSENT, ENOENT},       {"absent/file", ROOT, TRUSTED_ABSENT, ENOENT},
        {"secret/file", ROOT, TRUSTED_ABSENT, ENOTDIR}, {"secret/", ROOT, TRUSTED_ABSENT, ENOTDIR},
        {"private", ROOT, TRUSTED_UNREADABLE, EISDIR},  {"dangling", ROOT, TRUSTED_ABSENT, ENOENT},
        {"secret", ANN, TRUSTED_UNREADABLE, EACCES},    {"private/file", ANN, TRUSTED_UNREADABLE, EACCES},
    };
    char name[NAME_MAX + 8];
    put_file("secret", geteuid(), getegid(), 0600);
    put_folder("private", geteuid(), getegid(), 0700);
    put_link("nowhere", "dangling", geteuid());
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (cases[i].user == ROOT || geteuid() == 0) {
            assert_int_equal(look_at(at(cases[i].path), (struct look){.user = cases[i].user}), cases[i].verdict);
            assert_int_equal(told->failure, cases[i].failure);
            assert_string_equal(told->problem, strerror(cases[i].failure));
        }
    }
    memset(name, 'n', sizeof(name) - 1);
    name[0] = '/';
    name[sizeof(name) - 1] = '\0';
    assert_int_equal(look_at(name, (struct look){0}), TRUSTED_UNREADABLE);
    assert_int_equal(told->failure, ENAMETOOLONG);
}

static void programs_need_not_be_readable(void **state)
{
    (void)state;
    need_root();
    put_file("hidden-program", ROOT, ROOT, 0711);
    assert_int_equal(look_at(at("hidden-program"), (struct look){.user = ANN, .kind = TRUSTED_PROGRAM}),
                     TRUSTED_GOOD);
}

static bool stand_in_top(void)
{
    return chdir(top) == 0;
}

static void relative_paths_begin_in_the_working_directory(void **state)
{
    (void)state;
    put_file("near", geteuid(), getegid(), 0644);
    assert_int_equal(look_at("./near", (struct look){.prepare = stand_in_top}), TRUSTED_GOOD);
    assert_string_equal(told->path, at("near"));
}

static void trusted_folders_excuse_owners_and_writers_below(void **state)
{
    (void)state;
    need_root();
    char line[600];
    put_folder("shared", STRANGER, GROUP, 0777);
    put_folder("shared/below", STRANGER, GROUP, 01777);
    put_file("shared/below/file", STRANGER, GROUP, 0666);
    put_folder("shared-not", ROOT, ROOT, 0777);
    put_file("shared-not/file", ROOT, ROOT, 0644);
    put_link("shared", "shared-link", ROOT);
    const char *file = at("shared/below/file");
    const char *trusted = at("shared-link");

    assert_int_equal(look_at(file, (struct look){.user = ANN}), TRUSTED_REFUSED);
    snprintf(line, sizeof(line), "; or, to trust all who may write there: MSTR_TRUSTED_FOLDERS=%s", at("shared"));
    assert_has(told->remedy, line);
    assert_int_equal(look_at(file, (struct look){.user = ANN, .trusted = "/nowhere"}), TRUSTED_REFUSED);
    snprintf(line, sizeof(line), "MSTR_TRUSTED_FOLDERS=/nowhere:%s", at("shared"));
    assert_has(told->remedy, line);

    for (enum trusted_kind kind = TRUSTED_CONFIGURATION; kind <= TRUSTED_PROGRAM; kind++) {
        assert_int_equal(look_at(file, (struct look){.user = ANN, .kind = kind, .trusted = trusted}), TRUSTED_GOOD);
    }
    snprintf(line, sizeof(line), "/nowhere:%s", at("shared"));
    assert_int_equal(look_at(file, (struct look){.trusted = line}), TRUSTED_GOOD);
    for (enum trusted_kind kind = TRUSTED_PLUGIN; kind <= TRUSTED_PROGRAM; kind++) { /* for root it ends here */
        assert_int_equal(look_at(file, (struct look){.kind = kind, .trusted = trusted}), TRUSTED_REFUSED);
        assert_null(strstr(told->remedy, "MSTR_TRUSTED_FOLDERS"));
    }
    assert_int_equal(look_at(at("shared-not/file"), (struct look){.user = ANN, .trusted = trusted}), TRUSTED_REFUSED);
    put_folder("shared-not/below", ROOT, ROOT, 0755);
    put_file("shared-not/below/file", ROOT, ROOT, 0644);
    assert_int_equal(
        look_at(at("shared-not/below/file"), (struct look){.user = ANN, .trusted = at("shared-not/below")}),
        TRUSTED_REFUSED); /* what is above them has to stand by itself */
}

/* Some containers have none. */
static bool take_proc_away(void)
{
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           umount2("/proc", MNT_DETACH) == 0;
}

/* And some have something else there. */
static bool put_another_proc(void)
{
    static const char kind[] = "tmpfs";
    bool put = unshare(CLONE_NEWNS) == 0 && mount(kind, "/", kind, MS_REC | MS_PRIVATE, NULL) == 0 &&
               mount(kind, "/proc", kind, 0, NULL) == 0;
    int file = put ? open("/proc/self", O_WRONLY | O_CREAT | O_CLOEXEC, 0644) : -1;
    return file >= 0 && close(file) == 0;
}

static void without_proc_groups_count_as_with_it(void **state)
{
    (void)state;
    need_root();
    not_under_valgrind("needs /proc itself");
    static bool (*const ways[])(void) = {take_proc_away, put_another_proc};
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        const struct look look = {.kind = TRUSTED_PLUGIN, .prepare = ways[i]};
        put_folder("procless", ROOT, ROOT, 0775);
        put_file("procless/file", ROOT, ROOT, 0664);
        assert_int_equal(look_at(at("procless/file"), look), TRUSTED_GOOD);
        put_file("procless/file", ROOT, STRANGER, 0664);
        assert_int_equal(look_at(at("procless/file"), look), TRUSTED_REFUSED);
        assert_has(told->problem, "is writable by a group of others");
    }
}

static bool leave_root_behind(void)
{
    return unshare(CLONE_NEWUSER) == 0;
}

static bool map_this_user_alone(void)
{
    static const char map[] = "12345 12345 1";
    if (!leave_root_behind() || prctl(PR_SET_DUMPABLE, 1) != 0) {
        return false;
    }
    int fd = open("/proc/self/uid_map", O_WRONLY | O_CLOEXEC);
    return fd >= 0 && write(fd, map, sizeof(map) - 1) == (ssize_t)sizeof(map) - 1;
}

static void root_that_is_not_mapped_is_told_as_such(void **state)
{
    (void)state;
    need_root();
    static bool (*const ways[])(void) = {leave_root_behind, map_this_user_alone};
    put_file("unmapped", ROOT, ROOT, 0644);
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        assert_int_equal(look_at(at("unmapped"), (struct look){.user = ANN, .prepare = ways[i]}), TRUSTED_REFUSED);
        assert_has(told->problem, "root is not mapped into this user namespace");
        assert_has(told->remedy, "PrivateUsers=");
    }
}

static int make_top(void **state)
{
    (void)state;
    told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return told == MAP_FAILED || mkdtemp(top) == NULL || chmod(top, 0755) != 0;
}

static int remove_top(void **state)
{
    char command[64];
    (void)state;
    snprintf(command, sizeof(command), "rm -r %s", top);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_root_and_the_user_may_own_and_write),
        cmocka_unit_test(sticky_folders_will_do_above_and_for_own_configuration),
        cmocka_unit_test(on_read_only_mounts_nobody_asks_for_owners),
        cmocka_unit_test(links_count_by_their_own_owner),
        cmocka_unit_test(at_most_forty_links_are_followed),
        cmocka_unit_test(what_is_read_is_what_was_checked),
        cmocka_unit_test(what_was_exchanged_within_the_check_is_not_read),
        cmocka_unit_test(the_first_descriptor_is_as_good_as_any),
        cmocka_unit_test(names_are_as_long_and_as_odd_as_the_system_has_them),
        cmocka_unit_test(what_failed_for_want_of_memory_is_told_as_that),
        cmocka_unit_test(the_null_device_and_own_pipes_are_trusted),
        cmocka_unit_test(what_is_absent_is_told_from_what_cannot_be_read),
        cmocka_unit_test(programs_need_not_be_readable),
        cmocka_unit_test(relative_paths_begin_in_the_working_directory),
        cmocka_unit_test(trusted_folders_excuse_owners_and_writers_below),
        cmocka_unit_test(without_proc_groups_count_as_with_it),
        cmocka_unit_test(root_that_is_not_mapped_is_told_as_such),
    };
    unsetenv("MSTR_TRUSTED_FOLDERS");
    return cmocka_run_group_tests_name("base/trusted_file", tests, make_top, remove_top);
}
