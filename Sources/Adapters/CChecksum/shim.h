#ifndef MERIDIAN_CCHECKSUM_SHIM_H
#define MERIDIAN_CCHECKSUM_SHIM_H

#include <stddef.h>
#include <stdint.h>

// The CRC-32 of IEEE 802.3 with carry-less multiplication, which Swift has no name for: four blocks
// of sixteen bytes are folded onto the next four, so that it keeps up with memory. After V. Gopal et
// al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009, whose
// constants for the reflected polynomial these are.

#if defined(__x86_64__)

#include <cpuid.h>
#include <smmintrin.h>
#include <wmmintrin.h>

#define MERIDIAN_FOLDS __attribute__((target("sse4.1,pclmul")))

// Whether this processor has the instructions: bits 1 and 19 of ECX.
static inline int meridian_crc32_folds(void) {
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid(1, &a, &b, &c, &d) && (c & 1u << 1) && (c & 1u << 19);
}

MERIDIAN_FOLDS static inline __m128i meridian_crc32_fold(__m128i block, __m128i by, __m128i next) {
    __m128i low = _mm_clmulepi64_si128(block, by, 0x00);
    __m128i high = _mm_clmulepi64_si128(block, by, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

MERIDIAN_FOLDS static inline __m128i meridian_crc32_block(const uint8_t *bytes) {
    return _mm_loadu_si128((const __m128i *)(const void *)bytes);
}

// The remainder of 128 bits, by way of 96 and 64 bits and Barrett's reduction.
MERIDIAN_FOLDS static inline uint32_t meridian_crc32_reduce(__m128i block, __m128i by128) {
    const __m128i low32 = _mm_setr_epi32(-1, 0, -1, 0);
    const __m128i by64 = _mm_set_epi64x(0, 0x163cd6124);
    const __m128i polynomial = _mm_set_epi64x(0x1f7011641, 0x1db710641);
    __m128i rest = _mm_xor_si128(
        _mm_srli_si128(block, 8), _mm_clmulepi64_si128(block, by128, 0x10));
    rest = _mm_xor_si128(
        _mm_srli_si128(rest, 4), _mm_clmulepi64_si128(_mm_and_si128(rest, low32), by64, 0x00));
    __m128i quotient = _mm_clmulepi64_si128(_mm_and_si128(rest, low32), polynomial, 0x10);
    quotient = _mm_clmulepi64_si128(_mm_and_si128(quotient, low32), polynomial, 0x00);
    return (uint32_t)_mm_extract_epi32(_mm_xor_si128(rest, quotient), 1);
}

// The checksum of `count` bytes, a multiple of 16 and at least 64.
MERIDIAN_FOLDS static inline uint32_t meridian_crc32(const uint8_t *bytes, size_t count) {
    const __m128i by512 = _mm_set_epi64x(0x1c6e41596, 0x154442bd4);
    const __m128i by128 = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);
    const uint8_t *end = bytes + count;
    __m128i first = _mm_xor_si128(meridian_crc32_block(bytes), _mm_cvtsi32_si128(-1));
    __m128i second = meridian_crc32_block(bytes + 16);
    __m128i third = meridian_crc32_block(bytes + 32);
    __m128i fourth = meridian_crc32_block(bytes + 48);
    for (bytes += 64; end - bytes >= 64; bytes += 64) {
        first = meridian_crc32_fold(first, by512, meridian_crc32_block(bytes));
        second = meridian_crc32_fold(second, by512, meridian_crc32_block(bytes + 16));
        third = meridian_crc32_fold(third, by512, meridian_crc32_block(bytes + 32));
        fourth = meridian_crc32_fold(fourth, by512, meridian_crc32_block(bytes + 48));
    }
    first = meridian_crc32_fold(first, by128, second);
    first = meridian_crc32_fold(first, by128, third);
    first = meridian_crc32_fold(first, by128, fourth);
    for (; end - bytes >= 16; bytes += 16) {
        first = meridian_crc32_fold(first, by128, meridian_crc32_block(bytes));
    }
    return ~meridian_crc32_reduce(first, by128);
}

#undef MERIDIAN_FOLDS

#else

static inline int meridian_crc32_folds(void) { return 0; }

static inline uint32_t meridian_crc32(const uint8_t *bytes, size_t count) {
    (void)bytes;
    (void)count;
    return 0;
}

#endif
#endif
