/* SPDX-License-Identifier: Apache-2.0 */
/* Entries by key and by use. */
#include "resolve/cache_entries.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a: whoever chooses keys to collide, as clients of an agent might, has no more than all entries in one
 * bucket. */
static size_t bucket_of(const char *key)
{
    uint32_t hash = 2166136261u;
    for (; *key != '\0'; key++) {
        hash = (hash ^ (unsigned char)*key) * 16777619u;
    }
    return hash % CACHE_BUCKETS;
}

struct cache_entry *cache_entries_find(const struct cache_entries *entries, const char *key)
{
    struct cache_entry *entry = entries->buckets[bucket_of(key)];
    while (entry != NULL && strcmp(entry->key, key) != 0) {
        entry = entry->next;
    }
    return entry;
}

static void unlink_use(struct cache_entries *entries, struct cache_entry *entry)
{
    struct cache_use_list *list = &entries->lists[entry->use];
    *(entry->newer != NULL ? &entry->newer->older : &list->newest) = entry->older;
    *(entry->older != NULL ? &entry->older->newer : &list->oldest) = entry->newer;
    entry->newer = entry->older = NULL;
    list->count--;
}

static void link_newest(struct cache_entries *entries, struct cache_entry *entry)
{
    entry->use = entry->fetch != NULL    ? CACHE_USE_FETCHED
                 : entry->secret != NULL ? CACHE_USE_SECRET
                                         : CACHE_USE_MISSING;
    struct cache_use_list *list = &entries->lists[entry->use];
    entry->older = list->newest;
    *(list->newest != NULL ? &list->newest->newer : &list->oldest) = entry;
    list->newest = entry;
    list->count++;
}

void cache_entries_touch(struct cache_entries *entries, struct cache_entry *entry)
{
    unlink_use(entries, entry);
    link_newest(entries, entry);
}

struct cache_entry *cache_entries_add(struct cache_entries *entries, const char *key)
{
    struct cache_entry *entry = cache_entries_find(entries, key);
    if (entry != NULL) {
        cache_entries_touch(entries, entry);
        return entry;
    }
    entry = calloc(1, sizeof(*entry));
    if (entry == NULL || (entry->key = text_copy(key)) == NULL) {
        free(entry);
        return NULL;
    }
    struct cache_entry **bucket = &entries->buckets[bucket_of(key)];
    entry->next = *bucket;
    *bucket = entry;
    link_newest(entries, entry);
    return entry;
}

void cache_entries_drop(struct cache_entries *entries, struct cache_entry *entry)
{
    struct cache_entry **link = &entries->buckets[bucket_of(entry->key)];
    while (*link != entry) {
        link = &(*link)->next;
    }
    *link = entry->next;
    unlink_use(entries, entry);
    mstr_error_free(entry->missing);
    free(entry->key);
    free(entry);
}

struct cache_entry *cache_entries_excess(const struct cache_entries *entries, size_t most)
{
    for (int use = 0; use < CACHE_USE_FETCHED; use++) {
        if (entries->lists[use].count > most) {
            return entries->lists[use].oldest;
        }
    }
    return NULL;
}

struct cache_entry *cache_entries_next(const struct cache_entries *entries, const struct cache_entry *entry)
{
    struct cache_entry *next = entry != NULL ? entry->newer : NULL;
    for (int use = entry != NULL ? (int)entry->use + 1 : 0; next == NULL && use < CACHE_USES; use++) {
        next = entries->lists[use].oldest;
    }
    return next;
}
