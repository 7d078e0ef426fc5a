#ifndef MERIDIAN_CFUZZER_SHIM_H
#define MERIDIAN_CFUZZER_SHIM_H

#include <stddef.h>
#include <stdint.h>

// libFuzzer has no header of its own; its documentation gives this.
int LLVMFuzzerRunDriver(
    int *argc, char ***argv, int (*test)(const uint8_t *data, size_t size));

#endif
