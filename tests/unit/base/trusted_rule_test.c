/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/trusted_rule.c, on owners and modes that are made up and descriptors that are real. MSTR_TRUSTED_FOLDERS
 * names one folder for the whole program. */
#define _GNU_SOURCE /* O_PATH, unshare() */
#include "support/unit.h"

#include "base/trusted_rule.h"
#include "support/folder.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>

enum { STRANGER = 777, GROUP = 100, ALONE = 4242, NOBODY = 65534 };

static struct folder trusted; /* in MSTR_TRUSTED_FOLDERS */
static struct folder other;
static int file = -1; /* a regular file in `other`, without an ACL */

/* What the system seems to say of the mount; 0 = what it says. */
static unsigned pretended_type;

int fstatfs(int fd, struct statfs *mount)
{
    long failed = syscall(SYS_fstatfs, fd, mount);
    if (failed == 0 && pretended_type != 0) {
        mount->f_type = (__typeof__(mount->f_type))pretended_type;
        mount->f_flags |= ST_RDONLY;
    }
    return failed == 0 ? 0 : -1;
}

static struct trusted_component component(mode_t mode, uid_t owner, gid_t group)
{
    return (struct trusted_component){
        .fd = file, .status = {.st_mode = mode, .st_uid = owner, .st_gid = group}, .path = "/nowhere/file"};
}

static void only_root_and_the_user_may_own_and_write(void **state)
{
    (void)state;
    const uid_t user = geteuid();
    const struct {
        mode_t mode;
        uid_t owner;
        gid_t group;
        enum trusted_fault fault;
    } cases[] = {
        {S_IFREG | 0644, user, GROUP, TRUSTED_NO_FAULT},
        {S_IFREG | 0644, 0, GROUP, TRUSTED_NO_FAULT},
        {S_IFREG | 0644, STRANGER, GROUP, TRUSTED_FOREIGN},
        {S_IFREG | 0666, STRANGER, GROUP, TRUSTED_FOREIGN}, /* the worst is told */
        {S_IFREG | 0646, user, GROUP, TRUSTED_OPEN_TO_ALL},
        {S_IFREG | 0666, 0, 0, TRUSTED_OPEN_TO_ALL},
        {S_IFREG | 0664, 0, 0, TRUSTED_NO_FAULT},              /* root's group, in images for any user */
        {S_IFREG | 0664, user, (gid_t)user, TRUSTED_NO_FAULT}, /* the user's private group */
        {S_IFREG | 0664, user, GROUP, TRUSTED_OPEN_TO_GROUP},
        {S_IFDIR | 0755, user, GROUP, TRUSTED_NO_FAULT},
        {S_IFDIR | 0775, user, GROUP, TRUSTED_OPEN_TO_GROUP},
        {S_IFDIR | 01777, 0, 0, TRUSTED_OPEN_TO_ALL}, /* which the caller may excuse */
        {S_IFLNK | 0777, user, GROUP, TRUSTED_NO_FAULT},
        {S_IFLNK | 0777, STRANGER, GROUP, TRUSTED_FOREIGN},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (enum trusted_kind kind = TRUSTED_CONFIGURATION; kind <= TRUSTED_PROGRAM; kind++) {
            struct trusted_component one = component(cases[i].mode, cases[i].owner, cases[i].group);
            one.kind = kind;
            assert_int_equal(trusted_rule_fault(&one), cases[i].fault);
        }
    }
}

/* user::rw-, group::rw-, one named user with rw-, the mask, other::r-- */
static bool put_acl(const char *path, uint16_t mask)
{
    const struct {
        uint32_t version;
        struct {
            uint16_t tag, permissions;
            uint32_t id;
        } entries[5];
    } acl = {2,
             {{0x01, 6, UINT32_MAX},
              {0x02, 6, STRANGER},
              {0x04, 6, UINT32_MAX},
              {0x10, mask, UINT32_MAX},
              {0x20, 4, UINT32_MAX}}};
    return setxattr(path, "system.posix_acl_access", &acl, sizeof(acl), 0) == 0;
}

static void where_an_acl_is_present_no_group_may_write(void **state)
{
    (void)state;
    char path[256];
    struct trusted_component one = component(0, 0, 0);
    folder_write(&other, "acl", "");
    one.fd = open(folder_path(&other, "acl", path), O_PATH | O_CLOEXEC);
    if (!put_acl(path, 6)) {
        close(one.fd);
        print_message("the file system has no ACLs\n");
        skip();
    }
    one.status = (struct stat){.st_mode = S_IFREG | 0664};
    assert_int_equal(trusted_rule_fault(&one), TRUSTED_OPEN_BY_ACL);
    one.status.st_mode = S_IFREG | 0644; /* the mask lets nobody write */
    assert_int_equal(trusted_rule_fault(&one), TRUSTED_NO_FAULT);
    close(one.fd);
    unlink(path);
}

static void an_acl_that_cannot_be_read_counts_as_one(void **state)
{
    (void)state;
    struct trusted_component one = component(S_IFREG | 0664, 0, 0);
    one.fd = -1;
    assert_int_equal(trusted_rule_fault(&one), TRUSTED_OPEN_BY_ACL);
}

/* Nobody here can change what is on them, but on some somebody elsewhere can. */
static void on_read_only_mounts_of_this_machine_nobody_asks_for_owners(void **state)
{
    (void)state;
    static const struct {
        unsigned type;
        bool excused;
    } cases[] = {
        {EXT4_SUPER_MAGIC, true},  {TMPFS_MAGIC, true},       {OVERLAYFS_SUPER_MAGIC, true}, {NFS_SUPER_MAGIC, false},
        {FUSE_SUPER_MAGIC, false}, {CIFS_SUPER_MAGIC, false}, {SMB2_SUPER_MAGIC, false},     {V9FS_MAGIC, false},
        {CEPH_SUPER_MAGIC, false}, {0x0bd00bd0, false},       {0x786f4256, false},
    };
    const struct trusted_component foreign = component(S_IFREG | 0666, STRANGER, GROUP);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        pretended_type = cases[i].type;
        assert_int_equal(trusted_rule_fault(&foreign), cases[i].excused ? TRUSTED_NO_FAULT : TRUSTED_FOREIGN);
    }
    pretended_type = 0;
    assert_int_equal(trusted_rule_fault(&foreign), TRUSTED_FOREIGN);
}

static void the_null_device_says_nothing_whoever_may_write_it(void **state)
{
    (void)state;
    struct trusted_component device = component(S_IFCHR | 0666, STRANGER, GROUP);
    device.status.st_rdev = makedev(1, 3);
    assert_true(trusted_rule_is_null_device(&device.status));
    assert_int_equal(trusted_rule_fault(&device), TRUSTED_NO_FAULT);
    device.status.st_rdev = makedev(1, 5); /* /dev/zero */
    assert_false(trusted_rule_is_null_device(&device.status));
    assert_int_equal(trusted_rule_fault(&device), TRUSTED_FOREIGN);
    device.status.st_rdev = makedev(1, 3);
    device.status.st_mode = S_IFBLK | 0666;
    assert_false(trusted_rule_is_null_device(&device.status));
}

/* Whoever is root has more to lose, and trusts them with configuration alone. */
static void trusted_folders_excuse_everything_below_them(void **state)
{
    (void)state;
    char path[256];
    struct trusted_component one = component(S_IFREG | 0666, STRANGER, GROUP);
    one.path = folder_path(&trusted, "file", path);
    for (enum trusted_kind kind = TRUSTED_CONFIGURATION; kind <= TRUSTED_PROGRAM; kind++) {
        bool excused = kind == TRUSTED_CONFIGURATION || geteuid() != 0;
        one.kind = kind;
        assert_int_equal(trusted_rule_fault(&one), excused ? TRUSTED_NO_FAULT : TRUSTED_FOREIGN);
    }
    one.kind = TRUSTED_CONFIGURATION;
    one.path = folder_path(&other, "file", path);
    assert_int_equal(trusted_rule_fault(&one), TRUSTED_FOREIGN);
}

static void each_fault_is_told_with_the_command_that_mends_it(void **state)
{
    (void)state;
    static const struct {
        enum trusted_fault fault;
        mode_t mode;
        const char *problem;
        const char *command; /* without the path */
        bool user;           /* whose number stands between */
    } cases[] = {
        {TRUSTED_FOREIGN, S_IFREG | 0644,
         "/nowhere/file belongs to neither root nor this user (owner 777, group 100, mode 0644)", "as root: chown ",
         true},
        {TRUSTED_FOREIGN, S_IFLNK | 0777,
         "/nowhere/file belongs to neither root nor this user (owner 777, group 100, mode 0777)",
         "as root: chown -h ", true},
        {TRUSTED_OPEN_TO_ALL, S_IFDIR | 01777,
         "/nowhere/file is writable by others (owner 777, group 100, mode 1777)", "as its owner or root: chmod o-w ",
         false},
        {TRUSTED_OPEN_TO_GROUP, S_IFREG | 0664,
         "/nowhere/file is writable by a group of others (owner 777, group 100, mode 0664)",
         "as its owner or root: chmod g-w ", false},
        {TRUSTED_OPEN_BY_ACL, S_IFREG | 0664,
         "/nowhere/file is writable by those whom its ACL names (owner 777, group 100, mode 0664)",
         "as its owner or root: chmod g-w ", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct trusted_component one = component(cases[i].mode, STRANGER, GROUP);
        struct buffer problem = BUFFER_INIT;
        struct buffer remedy = BUFFER_INIT;
        char expected[256];
        char user[16] = "";
        if (cases[i].user) {
            snprintf(user, sizeof(user), "%u ", (unsigned)geteuid());
        }
        snprintf(expected, sizeof(expected), "%s%s/nowhere/file", cases[i].command, user);

        trusted_rule_tell(&one, cases[i].fault, &problem, &remedy);

        assert_string_equal(buffer_text(&problem), cases[i].problem);
        assert_string_equal(buffer_text(&remedy), expected);
        buffer_release(&problem);
        buffer_release(&remedy);
    }
}

/* The remedy's end, which trusts the folder of the file, or the folder itself; NULL = there is none. */
static void assert_line(const struct trusted_component *one, const char *folder)
{
    struct buffer problem = BUFFER_INIT;
    struct buffer remedy = BUFFER_INIT;
    char expected[256];
    trusted_rule_tell(one, TRUSTED_OPEN_TO_ALL, &problem, &remedy);
    const char *line = strstr(buffer_text(&remedy), "; or, ");
    if (folder != NULL) {
        snprintf(expected, sizeof(expected), "; or, to trust all who may write there: MSTR_TRUSTED_FOLDERS=%s:%s",
                 trusted.path, folder);
        assert_non_null(line);
        assert_string_equal(line, expected);
    } else {
        assert_null(line);
    }
    buffer_release(&problem);
    buffer_release(&remedy);
}

static void the_line_that_would_trust_the_folder_is_told_where_it_would_count(void **state)
{
    (void)state;
    char path[256];
    struct trusted_component one = component(S_IFREG | 0666, 0, 0);
    one.path = folder_path(&other, "file", path);
    assert_line(&one, other.path);
    one.kind = TRUSTED_PLUGIN;
    assert_line(&one, geteuid() != 0 ? other.path : NULL);
    one.kind = TRUSTED_CONFIGURATION;
    one.path = other.path;
    assert_line(&one, NULL); /* it would be the sticky /tmp */
    one.status.st_mode = S_IFDIR | 0777;
    assert_line(&one, other.path);
}

static bool write_file(const char *path, const char *text)
{
    FILE *out = fopen(path, "we");
    bool good = out != NULL && fputs(text, out) >= 0;
    return out != NULL && fclose(out) == 0 && good;
}

/* Goes on as a user of a namespace that knows nobody else. */
static bool be_alone(const char *map)
{
    return (geteuid() != 0 || (setgid(ALONE) == 0 && setuid(ALONE) == 0)) && prctl(PR_SET_DUMPABLE, 1) == 0 &&
           unshare(CLONE_NEWUSER) == 0 && write_file("/proc/self/uid_map", map);
}

/* What `judge` says, to the user `inside` of such a namespace, of a plain file of that owner and a fault; -1 = there
 * is none here. */
static int judge_alone(int (*judge)(const struct trusted_component *one, enum trusted_fault fault), uid_t inside,
                       uid_t owner, enum trusted_fault fault)
{
    char map[64];
    int status = 0;
    snprintf(map, sizeof(map), "%u %u 1", (unsigned)inside, (unsigned)(geteuid() == 0 ? ALONE : geteuid()));
    pid_t child = fork();
    if (child == 0) {
        const struct trusted_component one = component(S_IFREG | 0644, owner, GROUP);
        _exit(be_alone(map) ? judge(&one, fault) : 99);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status) == 99 ? -1 : WEXITSTATUS(status);
}

static int find_fault(const struct trusted_component *one, enum trusted_fault fault)
{
    (void)fault;
    return (int)trusted_rule_fault(one);
}

static int fault_alone(uid_t inside, uid_t owner)
{
    return judge_alone(find_fault, inside, owner, TRUSTED_NO_FAULT);
}

/* All whom it does not know look alike there, so that such an owner may be anybody. */
static void where_root_is_not_mapped_the_owner_shown_for_all_others_is_a_stranger(void **state)
{
    (void)state;
    if (fault_alone(ALONE, ALONE) < 0) {
        print_message("the system lets nobody make user namespaces\n");
        skip();
    }
    assert_int_equal(fault_alone(ALONE, ALONE), TRUSTED_NO_FAULT);
    assert_int_equal(fault_alone(NOBODY, NOBODY), TRUSTED_FOREIGN);
    assert_int_equal(fault_alone(ALONE, NOBODY), TRUSTED_FOREIGN);
}

static int tells_of_root(const struct trusted_component *one, enum trusted_fault fault)
{
    struct buffer problem = BUFFER_INIT;
    struct buffer remedy = BUFFER_INIT;
    trusted_rule_tell(one, fault, &problem, &remedy);
    return strstr(buffer_text(&problem), "root is not mapped") != NULL;
}

/* Whether root's absence is told as what is wrong with that owner's file. */
static int told_alone(enum trusted_fault fault, uid_t owner)
{
    return judge_alone(tells_of_root, ALONE, owner, fault);
}

static void that_root_is_not_mapped_is_told_of_owners_who_may_be_root(void **state)
{
    (void)state;
    if (told_alone(TRUSTED_FOREIGN, NOBODY) < 0) {
        print_message("the system lets nobody make user namespaces\n");
        skip();
    }
    assert_int_equal(told_alone(TRUSTED_FOREIGN, NOBODY), true);
    assert_int_equal(told_alone(TRUSTED_FOREIGN, STRANGER), false);
    assert_int_equal(told_alone(TRUSTED_OPEN_TO_ALL, NOBODY), false);
}

static void where_root_is_mapped_it_is_not_said_that_it_is_not(void **state)
{
    (void)state;
    unsigned long outside = 1;
    FILE *map = fopen("/proc/self/uid_map", "re");
    assert_non_null(map);
    assert_int_equal(fscanf(map, "%*u %lu", &outside), 1);
    fclose(map);
    if (outside != 0) {
        skip();
    }
    for (uid_t owner = NOBODY - 1; owner <= NOBODY; owner++) {
        struct trusted_component one = component(S_IFREG | 0644, owner, GROUP);
        struct buffer problem = BUFFER_INIT;
        struct buffer remedy = BUFFER_INIT;
        trusted_rule_tell(&one, TRUSTED_FOREIGN, &problem, &remedy);
        assert_null(strstr(buffer_text(&problem), "mapped"));
        assert_non_null(strstr(buffer_text(&remedy), "chown"));
        buffer_release(&problem);
        buffer_release(&remedy);
    }
}

static int make_folders(void **state)
{
    char path[256];
    (void)state;
    folder_make(&trusted);
    folder_make(&other);
    folder_write(&other, "plain", "");
    file = open(folder_path(&other, "plain", path), O_PATH | O_CLOEXEC);
    return file < 0 || setenv("MSTR_TRUSTED_FOLDERS", trusted.path, 1) != 0;
}

static int remove_folders(void **state)
{
    (void)state;
    close(file);
    folder_remove(&trusted);
    folder_remove(&other);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_root_and_the_user_may_own_and_write),
        cmocka_unit_test(where_an_acl_is_present_no_group_may_write),
        cmocka_unit_test(an_acl_that_cannot_be_read_counts_as_one),
        cmocka_unit_test(on_read_only_mounts_of_this_machine_nobody_asks_for_owners),
        cmocka_unit_test(the_null_device_says_nothing_whoever_may_write_it),
        cmocka_unit_test(trusted_folders_excuse_everything_below_them),
        cmocka_unit_test(each_fault_is_told_with_the_command_that_mends_it),
        cmocka_unit_test(the_line_that_would_trust_the_folder_is_told_where_it_would_count),
        cmocka_unit_test(where_root_is_not_mapped_the_owner_shown_for_all_others_is_a_stranger),
        cmocka_unit_test(that_root_is_not_mapped_is_told_of_owners_who_may_be_root),
        cmocka_unit_test(where_root_is_mapped_it_is_not_said_that_it_is_not),
    };
    return cmocka_run_group_tests_name("base/trusted_rule", tests, make_folders, remove_folders);
}
