/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file arrow.h
 * @brief The structures of Arrow's C data and C stream interface, as its specification publishes them.
 * @defgroup mstr_arrow Arrow
 * @{
 *
 * For mstr_table_arrow(). The guards are those of the specification, so that this header and any other one with the
 * same structures stand beside each other. What the members mean, and who releases what, is told by
 * https://arrow.apache.org/docs/format/CDataInterface.html and CStreamInterface.html.
 */
#ifndef MSTR_ARROW_H
#define MSTR_ARROW_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE /**< the structures below are declared */

#define ARROW_FLAG_DICTIONARY_ORDERED 1 /**< the order of a dictionary means something */
#define ARROW_FLAG_NULLABLE           2 /**< there may be nulls */
#define ARROW_FLAG_MAP_KEYS_SORTED    4 /**< the keys of a map are in order */

/** The type of an array. */
struct ArrowSchema {
    const char *format;                          /**< "+s" structure, "u" and "U" text, "l" int64, "g" double */
    const char *name;                            /**< of the column */
    const char *metadata;                        /**< pairs, each length before its octets; NULL = none */
    int64_t flags;                               /**< ARROW_FLAG_… */
    int64_t n_children;                          /**< of children */
    struct ArrowSchema **children;               /**< of a structure, its columns */
    struct ArrowSchema *dictionary;              /**< NULL here */
    void (*release)(struct ArrowSchema *schema); /**< NULL once it is released */
    void *private_data;                          /**< the producer's own */
};

/** Values of that type. */
struct ArrowArray {
    int64_t length;                            /**< values */
    int64_t null_count;                        /**< of them */
    int64_t offset;                            /**< values to pass over */
    int64_t n_buffers;                         /**< of buffers */
    int64_t n_children;                        /**< of children */
    const void **buffers;                      /**< validity, offsets, octets, as the format says */
    struct ArrowArray **children;              /**< of a structure, its columns */
    struct ArrowArray *dictionary;             /**< NULL here */
    void (*release)(struct ArrowArray *array); /**< NULL once it is released */
    void *private_data;                        /**< the producer's own */
};

#endif

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE /**< the structure below is declared */

/** Arrays of one type, one after another. */
struct ArrowArrayStream {
    /** @return 0, or an errno value */
    int (*get_schema)(struct ArrowArrayStream *stream, struct ArrowSchema *out);
    /** The end of the stream is a released array. @return 0, or an errno value */
    int (*get_next)(struct ArrowArrayStream *stream, struct ArrowArray *out);
    /** @return why the latest call failed; lives until the next one */
    const char *(*get_last_error)(struct ArrowArrayStream *stream);
    void (*release)(struct ArrowArrayStream *stream); /**< NULL once it is released */
    void *private_data;                               /**< the producer's own */
};

#endif

#ifdef __cplusplus
}
#endif
/** @} */
#endif
