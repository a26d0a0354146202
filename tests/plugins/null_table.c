/* Refuses the host. */
#include "double.h"

DOUBLE_ENTRY(NULL)
