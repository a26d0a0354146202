/* SPDX-License-Identifier: Apache-2.0 */
/* Looks through /proc/self. */
#include "support/memory_search.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WINDOW = 64 * 1024, SHADOW = 1 << 30 /* mappings of a sanitizer are larger */ };

static size_t count_in(const unsigned char *octets, size_t size, const char *masked, size_t length, char mask)
{
    size_t found = 0;
    int first = (unsigned char)masked[0] ^ (unsigned char)mask;
    for (size_t at = 0; at + length <= size; at++) {
        const unsigned char *next = memchr(octets + at, first, size - length - at + 1);
        if (next == NULL) {
            break;
        }
        at = (size_t)(next - octets);
        size_t same = 0;
        while (same < length && (octets[at + same] ^ (unsigned char)mask) == (unsigned char)masked[same]) {
            same++;
        }
        found += same == length;
    }
    return found;
}

/* Windows overlap, so that a value on an edge is seen; it may be counted twice, which matters to nobody. */
static size_t search_range(int memory, uintptr_t from, uintptr_t to, const char *masked, size_t length, char mask)
{
    static unsigned char window[WINDOW];
    size_t found = 0;
    uintptr_t own = (uintptr_t)window;
    for (uintptr_t at = from; at < to; at += WINDOW - length) {
        size_t wanted = to - at < WINDOW ? (size_t)(to - at) : WINDOW;
        if (at < own + WINDOW && own < at + wanted) {
            continue; /* what it holds was copied from elsewhere */
        }
        ssize_t got = pread(memory, window, wanted, (off_t)at);
        found += got > 0 ? count_in(window, (size_t)got, masked, length, mask) : 0;
    }
    memset(window, 0, sizeof(window));
    return found;
}

/* A mapping of /proc/self/smaps, whose lines are read one by one. */
struct mapping {
    uintptr_t from;
    uintptr_t to;
    bool writable;
};

/* True for the first line of a mapping, which is then read. */
static bool read_mapping(const char *line, struct mapping *mapping)
{
    char access[8];
    uintptr_t from = 0; /* other lines may begin like a number too */
    uintptr_t to = 0;
    if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %7s", &from, &to, access) != 3) {
        return false;
    }
    *mapping = (struct mapping){from, to, access[1] == 'w'};
    return true;
}

static bool flag_in(const char *line, const char *flag)
{
    char wanted[8];
    snprintf(wanted, sizeof(wanted), " %s ", flag);
    return strstr(line, wanted) != NULL;
}

static size_t search(bool dumped_only, const char *masked, size_t length, char mask)
{
    size_t found = 0;
    char line[512];
    struct mapping mapping = {0, 0, false};
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    FILE *maps = fopen("/proc/self/smaps", "r");
    while (memory >= 0 && maps != NULL && fgets(line, sizeof(line), maps) != NULL) {
        if (read_mapping(line, &mapping) || strncmp(line, "VmFlags:", 8) != 0) {
            continue; /* the flags are the last line of a mapping */
        }
        bool wanted = mapping.writable && !(dumped_only && flag_in(line, "dd"));
        if (wanted && mapping.to - mapping.from < SHADOW) {
            found += search_range(memory, mapping.from, mapping.to, masked, length, mask);
        }
    }
    if (maps != NULL) {
        fclose(maps);
    }
    if (memory >= 0) {
        close(memory);
    }
    return found;
}

size_t memory_search_masked(const char *masked, size_t length, char mask)
{
    return search(false, masked, length, mask);
}

size_t memory_search_dumped(const char *masked, size_t length, char mask)
{
    return search(true, masked, length, mask);
}

bool memory_has_flag(const void *address, const char *flag)
{
    char line[512];
    bool found = false;
    struct mapping mapping = {0, 0, false};
    FILE *maps = fopen("/proc/self/smaps", "r");
    while (maps != NULL && fgets(line, sizeof(line), maps) != NULL) {
        if (!read_mapping(line, &mapping) && strncmp(line, "VmFlags:", 8) == 0 &&
            (uintptr_t)address >= mapping.from && (uintptr_t)address < mapping.to) {
            found = flag_in(line, flag);
        }
    }
    if (maps != NULL) {
        fclose(maps);
    }
    return found;
}

size_t memory_guarded(void)
{
    char line[512];
    size_t octets = 0;
    uintptr_t guarded = 0; /* where the latest mapping that cannot be touched ends */
    struct mapping mapping = {0, 0, false};
    FILE *maps = fopen("/proc/self/smaps", "r");
    while (maps != NULL && fgets(line, sizeof(line), maps) != NULL) {
        if (read_mapping(line, &mapping)) {
            guarded = strstr(line, " ---p ") != NULL ? mapping.to : guarded;
        } else if (strncmp(line, "VmFlags:", 8) == 0 && mapping.writable && mapping.from == guarded &&
                   flag_in(line, "dd") && mapping.to - mapping.from < SHADOW) {
            octets += mapping.to - mapping.from;
        }
    }
    if (maps != NULL) {
        fclose(maps);
    }
    return octets;
}
