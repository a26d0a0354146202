/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRC-32C (Castagnoli; RFC 3720, appendix B.4), which Google's stores give with every payload. Computed by the CPU's
 * own instruction where there is one. Pure; any number of threads.
 */
#ifndef MSTR_PROVIDERS_GCP_WIRE_CRC32C_H
#define MSTR_PROVIDERS_GCP_WIRE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32c(const void *octets, size_t length);
/* The same without the instruction: what other CPUs use, and what tests compare with. */
uint32_t crc32c_portable(const void *octets, size_t length);

#endif
