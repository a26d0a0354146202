/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An arena for secrets. Small blocks come in powers of two out of chunks that stay mapped; each size keeps its free
 * blocks in a list, so that both calls take constant time. Large ones are mappings of their own. Every mapping lies
 * between two pages that cannot be touched. Threads are spread over a few arenas, so that two seldom wait for one
 * lock.
 */
#include "secret/memory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    ARENAS = 4,
    CHUNK = 64 * 1024,
    SMALLEST_SHIFT = 6, /* 64 octets, header included */
    LARGEST_SHIFT = 13, /* beyond 8 KiB a block is mapped by itself */
    SIZES = LARGEST_SHIFT - SMALLEST_SHIFT + 1,
    MAPPED = SIZES
};

/* What stands before each block. */
struct header {
    _Alignas(max_align_t) size_t capacity; /* octets that follow; those in use of a large block */
    unsigned size;                         /* index of its size, or MAPPED */
    unsigned arena;
};

struct free_block {
    struct header header;
    struct free_block *next;
};

static struct arena {
    pthread_mutex_t lock;
    struct free_block *free[SIZES];
    unsigned char *fresh; /* the unused rest of the latest chunk */
    size_t fresh_left;
} arenas[ARENAS] = {
    {.lock = PTHREAD_MUTEX_INITIALIZER},
    {.lock = PTHREAD_MUTEX_INITIALIZER},
    {.lock = PTHREAD_MUTEX_INITIALIZER},
    {.lock = PTHREAD_MUTEX_INITIALIZER},
};

static atomic_bool unlocked_page;

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static size_t whole_pages(size_t length)
{
    size_t page = page_size();
    return (length + page - 1) / page * page;
}

/* Maps `length` octets, whole pages, between two guards. NULL without memory. */
static void *map(size_t length)
{
    size_t page = page_size();
    unsigned char *base = mmap(NULL, length + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED) {
        return NULL;
    }
    unsigned char *memory = base + page;
    if (mprotect(memory, length, PROT_READ | PROT_WRITE) != 0) {
        munmap(base, length + 2 * page);
        return NULL;
    }
    madvise(memory, length, MADV_DONTDUMP);
    if (mlock(memory, length) != 0) {
        atomic_store(&unlocked_page, true);
    }
    return memory;
}

static void unmap(void *memory, size_t length)
{
    size_t page = page_size();
    munmap((unsigned char *)memory - page, length + 2 * page);
}

static struct arena *own_arena(void)
{
    static atomic_uint threads;
    static _Thread_local struct arena *own;
    if (own == NULL) {
        own = &arenas[atomic_fetch_add(&threads, 1) % ARENAS];
    }
    return own;
}

/* A block of that size out of the latest chunk, or out of a new one: what is left of the old one, at most 8 KiB,
 * stays unused. */
static struct free_block *carve(struct arena *arena, unsigned size)
{
    size_t length = (size_t)1 << (size + SMALLEST_SHIFT);
    if (arena->fresh_left < length) {
        unsigned char *chunk = map(CHUNK);
        if (chunk == NULL) {
            return NULL;
        }
        arena->fresh = chunk;
        arena->fresh_left = CHUNK;
    }
    struct free_block *block = (struct free_block *)(void *)arena->fresh;
    arena->fresh += length;
    arena->fresh_left -= length;
    return block;
}

static void *alloc_small(unsigned size)
{
    struct arena *arena = own_arena();
    pthread_mutex_lock(&arena->lock);
    struct free_block *block = arena->free[size];
    if (block != NULL) {
        arena->free[size] = block->next;
    } else {
        block = carve(arena, size);
    }
    pthread_mutex_unlock(&arena->lock);
    if (block == NULL) {
        return NULL;
    }
    block->next = NULL;
    block->header = (struct header){
        .capacity = ((size_t)1 << (size + SMALLEST_SHIFT)) - sizeof(struct header),
        .size = size,
        .arena = (unsigned)(arena - arenas),
    };
    return &block->header + 1;
}

static void *alloc_mapped(size_t length)
{
    struct header *header = map(whole_pages(length + sizeof(struct header)));
    if (header == NULL) {
        return NULL;
    }
    *header = (struct header){.capacity = length, .size = MAPPED};
    return header + 1;
}

void *secure_alloc(size_t length)
{
    if (length > SIZE_MAX / 2) {
        return NULL;
    }
    for (unsigned size = 0; size < SIZES; size++) {
        if (length + sizeof(struct header) <= (size_t)1 << (size + SMALLEST_SHIFT)) {
            return alloc_small(size);
        }
    }
    return alloc_mapped(length);
}

void secure_free(void *memory)
{
    if (memory == NULL) {
        return;
    }
    struct header *header = (struct header *)memory - 1;
    explicit_bzero(memory, header->capacity);
    if (header->size == MAPPED) {
        unmap(header, whole_pages(header->capacity + sizeof(struct header)));
        return;
    }
    struct arena *arena = &arenas[header->arena];
    struct free_block *block = (struct free_block *)header;
    pthread_mutex_lock(&arena->lock);
    block->next = arena->free[header->size];
    arena->free[header->size] = block;
    pthread_mutex_unlock(&arena->lock);
}

bool secure_locked(void)
{
    return !atomic_load(&unlocked_page);
}
