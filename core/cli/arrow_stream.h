/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Arrow's C stream gives as the octets of Arrow's streaming format, for readers in other processes:
 * https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format
 *
 * It knows the types that mstr_table_arrow() promises, int64, double and text with large offsets, and arrays that
 * begin at their first value.
 */
#ifndef MSTR_CLI_ARROW_STREAM_H
#define MSTR_CLI_ARROW_STREAM_H

#include <mstr/arrow.h>
#include <stdbool.h>

/* To standard output, in this order: the schema, each of the batches, the end. False without memory. */
bool arrow_stream_schema(const struct ArrowSchema *schema);
bool arrow_stream_batch(const struct ArrowSchema *schema, const struct ArrowArray *batch);
void arrow_stream_end(void);

#endif
