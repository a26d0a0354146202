/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The XML of AWS's query protocol, which STS speaks: the texts of a few elements are all that is wanted of it.
 */
#ifndef MSTR_PROVIDERS_AWS_WIRE_XML_H
#define MSTR_PROVIDERS_AWS_WIRE_XML_H

#include "base/buffer.h"

#include <stdbool.h>

/* Appends the text of the first element of that name, entities resolved; false when there is none. */
bool xml_element(const char *xml, const char *name, struct buffer *out);

#endif
