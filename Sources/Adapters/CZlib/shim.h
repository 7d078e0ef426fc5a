#ifndef MERIDIAN_CZLIB_SHIM_H
#define MERIDIAN_CZLIB_SHIM_H

#include <zlib.h>

// inflateInit2 and deflateInit2 are macros that pass the header's version along, which Swift does
// not see.

static inline int meridian_inflate_start(z_stream *stream, int windowBits) {
    return inflateInit2(stream, windowBits);
}

static inline int meridian_deflate_start(z_stream *stream, int level, int windowBits) {
    return deflateInit2(stream, level, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY);
}

#endif
