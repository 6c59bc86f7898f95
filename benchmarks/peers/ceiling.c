/* What the processor can do at most: products of 8-bit numbers and bytes of memory a second.
 *
 *     cc -O3 -march=native -fopenmp ceiling.c -o ceiling && OMP_NUM_THREADS=2 ./ceiling [TRIES MB]
 *
 * Prints a JSON object: products a second of processor time, all threads, with operands in
 * registers; bytes a second that are read, and that are read and written in a copy past the
 * caches, of 512 MB. Each is the best of 15 tries.
 */
#define _POSIX_C_SOURCE 200809L
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__AVX512VNNI__)
#include <immintrin.h>
#define LANES 64
#define KIND "vpdpbusd, 512 bits"
typedef __m512i vector;
#define SET(x) _mm512_set1_epi8(x)
#define DOT(sum, a, b) sum = _mm512_dpbusd_epi32(sum, a, b)
#elif defined(__AVX2__)
#include <immintrin.h>
#define LANES 32
#define KIND "vpmaddubsw and vpmaddwd, 256 bits"
typedef __m256i vector;
#define SET(x) _mm256_set1_epi8(x)
#define DOT(sum, a, b) \
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(a, b), _mm256_set1_epi16(1)))
#else
#error "no dot product of 8-bit numbers is known for this processor"
#endif

enum { ACCUMULATORS = 8 };
static int tries = 15;
static size_t bytes = (size_t)512 << 20;

/* Of this thread on a processor, so that others who work do not count. */
static double used(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec + 1e-9 * now.tv_nsec;
}

static double products(void) {
    const long rounds = 20 * 1000 * 1000;
    double all = 0;
#pragma omp parallel reduction(+ : all)
    {
        double begun = used();
        vector sum[ACCUMULATORS], left = SET(1), right = SET(3);
        for (int i = 0; i < ACCUMULATORS; i++) sum[i] = SET(0);
        for (long round = 0; round < rounds; round++) {
            for (int i = 0; i < ACCUMULATORS; i++) DOT(sum[i], left, right);
            /* the compiler may not know that the operands stay the same */
            __asm__ volatile("" : "+v"(left), "+v"(right));
        }
        for (int i = 0; i < ACCUMULATORS; i++) __asm__ volatile("" ::"v"(sum[i]));
        all += (double)rounds * ACCUMULATORS * LANES / (used() - begun);
    }
    return all;
}

static double reads(const uint64_t *from) {
    uint64_t total = 0;
    double begun = omp_get_wtime();
#pragma omp parallel for simd reduction(+ : total) schedule(static)
    for (size_t i = 0; i < bytes / 8; i++) total += from[i];
    double seconds = omp_get_wtime() - begun;
    __asm__ volatile("" ::"r"(total));
    return bytes / seconds;
}

static double copies(char *to, const char *from) {
    double begun = omp_get_wtime();
#pragma omp parallel
    {
        size_t part = bytes / omp_get_num_threads(), first = part * omp_get_thread_num();
        memcpy(to + first, from + first, part); /* this long, past the caches */
    }
    return 2 * bytes / (omp_get_wtime() - begun);
}

int main(int count, char **words) {
    if (count > 1) tries = atoi(words[1]);
    if (count > 2) bytes = (size_t)atoi(words[2]) << 20;
    char *from = aligned_alloc(64, bytes), *to = aligned_alloc(64, bytes);
    if (!from || !to) return 1;
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < bytes; i++) from[i] = (char)i, to[i] = 0;
    double best[3] = {0, 0, 0};
    for (int round = 0; round < tries; round++) {
        double now[3] = {products(), reads((uint64_t *)from), copies(to, from)};
        for (int i = 0; i < 3; i++) best[i] = now[i] > best[i] ? now[i] : best[i];
    }
    printf("{\"kind\": \"%s\", \"products\": %.4g, \"read\": %.4g, \"copied\": %.4g}\n", KIND,
           best[0], best[1], best[2]);
    return 0;
}
