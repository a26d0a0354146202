/* SPDX-License-Identifier: Apache-2.0 */
/* The file of a saved session. */
#include "session/saved/snapshot_file.h"

#include "base/clock.h"
#include "base/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_LIMIT = 1024 * 1024, NOTE_ROOM = 4096, NOTE_HEAD = 2 /* its length */, LOCK_POLL = 10 /* ms */ };
enum { HELD_POLL = 50, HELD_MAX = 2 * 60 * 1000 /* ms */ };

static enum mstr_code is_none(const char *path, mstr_error *error)
{
    return error_set(error, MSTR_E_CONFIG, "%s is not a file of a saved session", path);
}

enum mstr_code snapshot_file_write(const char *path, const void *octets, size_t length, mstr_error *error)
{
    struct whole_file file;
    struct stat old;
    if (lstat(path, &old) == 0 && !S_ISREG(old.st_mode)) {
        return is_none(path, error); /* a device or a link, which rename() would replace */
    }
    int failure = whole_file_begin(&file, path);
    failure = failure == 0 ? whole_file_write(&file, octets, length) : failure;
    int later = whole_file_end(&file, path, failure == 0 ? WHOLE_FILE_REPLACE : WHOLE_FILE_DROP);
    failure = failure != 0 ? failure : later;
    if (failure == ENOMEM) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    return failure == 0 ? MSTR_OK : error_set(error, MSTR_E_CONFIG, "cannot write %s: %s", path, strerror(failure));
}

enum mstr_code snapshot_file_remove(const char *path, mstr_error *error)
{
    bool gone = unlink(path) == 0 || errno == ENOENT;
    return gone ? MSTR_OK : error_set(error, MSTR_E_CONFIG, "cannot remove %s: %s", path, strerror(errno));
}

static enum mstr_code check(int file, const char *path, mstr_error *error)
{
    struct stat facts;
    if (fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_size > FILE_LIMIT) {
        return is_none(path, error);
    }
    if (facts.st_uid != geteuid() || (facts.st_mode & 077) != 0) {
        error_set(error, MSTR_E_DENIED, "%s belongs to somebody else or is open to others", path);
        error_set_hint(error, "a saved session must be readable by its owner alone: chmod 600");
        return MSTR_E_DENIED;
    }
    return MSTR_OK;
}

enum mstr_code snapshot_file_read(const char *path, struct buffer *out, mstr_error *error)
{
    char block[4096];
    ssize_t size = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0) {
        enum mstr_code code = errno == ENOENT ? MSTR_E_NOT_FOUND : MSTR_E_CONFIG;
        return error_set(error, code, "cannot read %s: %s", path, strerror(errno));
    }
    enum mstr_code code = check(file, path, error);
    out->limit = FILE_LIMIT;
    while (code == MSTR_OK && !out->failed &&
           ((size = read(file, block, sizeof(block))) > 0 || (size < 0 && errno == EINTR))) {
        buffer_append(out, block, size > 0 ? (size_t)size : 0);
    }
    if (code == MSTR_OK && (size < 0 || out->failed)) {
        bool memory = size >= 0 && out->length + (size_t)size <= FILE_LIMIT;
        const char *why = size < 0 ? strerror(errno) : memory ? "out of memory" : "it is too large";
        code = error_set(error, memory ? MSTR_E_MEMORY : MSTR_E_CONFIG, "cannot read %s: %s", path, why);
    }
    close(file);
    return code;
}

/* Opens a file of the user's own, if there is one to be had. For writing where that is allowed, as a lock over NFS
 * needs it. */
static void open_own(const char *path, struct snapshot_lock *lock)
{
    const int flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    struct stat facts;
    lock->file = open(path, O_RDWR | O_CREAT | flags, 0600);
    lock->fault = lock->file < 0 ? errno : 0;
    if (lock->file < 0) {
        lock->file = open(path, O_RDONLY | flags);
    }
    if (lock->file >= 0 && (fstat(lock->file, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_uid != geteuid())) {
        snapshot_file_unlock(lock);
        lock->fault = lock->fault != 0 ? lock->fault : EPERM;
    }
}

/* Whether the path still leads to the opened file. */
static bool stands_at(int file, const char *path)
{
    struct stat opened;
    struct stat there;
    return fstat(file, &opened) == 0 && lstat(path, &there) == 0 && opened.st_dev == there.st_dev &&
           opened.st_ino == there.st_ino;
}

/* Whether a file is older than anybody holds a lock. */
static bool is_left_behind(const char *path)
{
    struct stat facts;
    int64_t now = clock_now() / 1000;
    return lstat(path, &facts) == 0 && llabs((long long)(now - facts.st_mtime)) > HELD_MAX / 1000;
}

/* The lock where the file system has none: a file that only one can make. One that a killed process has left behind
 * is taken away in time. */
static enum mstr_code hold(const char *path, const struct limits *limits, struct snapshot_lock *lock)
{
    struct buffer held = BUFFER_INIT;
    enum mstr_code code = buffer_printf(&held, "%s.held", path) ? MSTR_OK : MSTR_E_MEMORY;
    while (code == MSTR_OK && lock->held == NULL) {
        int file = open(held.data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (file >= 0) {
            close(file);
            lock->held = buffer_take(&held);
        } else if (errno != EEXIST) {
            break; /* there is no way to lock anything */
        } else if (!is_left_behind(held.data) || unlink(held.data) != 0) {
            code = limits_sleep(limits, HELD_POLL);
        }
    }
    buffer_release(&held);
    return code;
}

/* Waits for the lock of the file that stands at this path, whoever replaces it meanwhile. */
static enum mstr_code wait_for(const char *path, const struct limits *limits, struct snapshot_lock *lock)
{
    enum mstr_code code = MSTR_OK;
    open_own(path, lock);
    while (code == MSTR_OK && lock->file >= 0) {
        bool locked = flock(lock->file, LOCK_EX | LOCK_NB) == 0;
        if (locked && stands_at(lock->file, path)) {
            return MSTR_OK;
        }
        if (locked) { /* somebody has removed it */
            close(lock->file);
            open_own(path, lock);
        } else if (errno == EWOULDBLOCK) {
            code = limits_sleep(limits, LOCK_POLL);
        } else if (errno != EINTR) {
            return hold(path, limits, lock);
        }
    }
    return code;
}

/* Writes a note over the one before, in the room that the file has: a disk that is full by then does not matter. */
static bool write_note(int file, const void *octets, size_t length)
{
    char note[NOTE_ROOM] = {(char)(length >> 8), (char)length};
    memcpy(note + NOTE_HEAD, octets, length);
    for (size_t at = 0; at < sizeof(note);) {
        ssize_t written = pwrite(file, note + at, sizeof(note) - at, (off_t)at);
        if (written < 0 && errno != EINTR) {
            return false;
        }
        at += written > 0 ? (size_t)written : 0;
    }
    return true;
}

static void make_room(struct snapshot_lock *lock)
{
    struct stat facts;
    if (lock->fault == 0 && fstat(lock->file, &facts) == 0 && facts.st_size < NOTE_ROOM &&
        !write_note(lock->file, "", 0)) {
        lock->fault = errno;
    }
}

enum mstr_code snapshot_file_lock(const char *path, const struct limits *limits, struct snapshot_lock *lock,
                                  mstr_error *error)
{
    struct buffer beside = BUFFER_INIT;
    *lock = (struct snapshot_lock){.file = -1};
    if (!buffer_printf(&beside, "%s.lock", path)) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    enum mstr_code code = wait_for(buffer_text(&beside), limits, lock);
    buffer_release(&beside);
    if (code == MSTR_OK) {
        make_room(lock);
    } else {
        snapshot_file_unlock(lock);
        error_set(error, code, "%s while another process renews the session in %s", mstr_code_text(code), path);
    }
    return code;
}

enum mstr_code snapshot_lock_check(const struct snapshot_lock *lock, const char *path, mstr_error *error)
{
    return lock->fault == 0
               ? MSTR_OK
               : error_set(error, MSTR_E_CONFIG, "cannot write %s.lock: %s", path, strerror(lock->fault));
}

bool snapshot_lock_read(const struct snapshot_lock *lock, struct buffer *out)
{
    unsigned char note[NOTE_ROOM] = {0};
    ssize_t size = lock->file >= 0 ? pread(lock->file, note, sizeof(note), 0) : 0;
    size_t length = (size_t)note[0] << 8 | note[1];
    return (ssize_t)length > size - NOTE_HEAD || buffer_append(out, note + NOTE_HEAD, length);
}

bool snapshot_lock_write(const struct snapshot_lock *lock, const void *octets, size_t length)
{
    errno = lock->fault != 0 ? lock->fault : EBADF;
    return lock->fault == 0 && lock->file >= 0 && length <= NOTE_ROOM - NOTE_HEAD &&
           write_note(lock->file, octets, length);
}

void snapshot_file_unlock(struct snapshot_lock *lock)
{
    if (lock->held != NULL) {
        unlink(lock->held);
        free(lock->held);
        lock->held = NULL;
    }
    if (lock->file >= 0) {
        close(lock->file);
        lock->file = -1;
    }
}
