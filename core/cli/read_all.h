/* Reading a descriptor to its end, for bodies and imports that are given on standard input. */
#ifndef MSTR_CLI_READ_ALL_H
#define MSTR_CLI_READ_ALL_H

#include <stddef.h>

/* The whole content, at most 64 MiB, for free(), with its length; NULL with errno set. */
char *read_all(int descriptor, size_t *length);

#endif
