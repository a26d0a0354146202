/* The providers that are linked into the library. */
#include "common/common.h"
typedef int builtin_placeholder;
