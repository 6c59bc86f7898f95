/* What the processor can do at most: products of 8-bit numbers and bytes of memory a second; and
 * what the event-driven simulator does in their place, rows of 16-bit numbers that are added.
 *
 *     cc -O3 -march=native -fopenmp ceiling.c -o ceiling && OMP_NUM_THREADS=2 ./ceiling [TRIES MB]
 *
 * Prints a JSON object: products a second of processor time, all threads, with operands in
 * registers; bytes a second that are read, and that are read and written in a copy past the
 * caches, of 512 MB; nanoseconds of one thread for a row of three columns of 8, 16, 32 and 64
 * channels, with a quarter of the steps busy. Each is the best of 15 tries.
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

/* Rows are drawn from a table of 256, and added where the simulator adds them: step after step of
 * a source pixel, then those of the next one, a column further on. */
enum { STEPS = 64, ROWS = 256, COLUMNS = 50, TABLE = ROWS * 192, FIELD = 64 * 4096 };
typedef struct { uint32_t place, row; } event;

#define ADDING(CHANNELS)                                                                      \
    static void add_##CHANNELS(int16_t *restrict currents, const int16_t *restrict table,     \
                               const event *events, int many) {                               \
        for (int i = 0; i < many; i++) {                                                      \
            int16_t *restrict to = currents + events[i].place;                                \
            const int16_t *restrict from = table + events[i].row;                             \
            for (int lane = 0; lane < 3 * CHANNELS; lane++) to[lane] += from[lane];           \
        }                                                                                     \
    }
ADDING(8)
ADDING(16)
ADDING(32)
ADDING(64)

static double added(int channels, int16_t *currents, int16_t *table) {
    static event events[STEPS * COLUMNS];
    void (*add)(int16_t *restrict, const int16_t *restrict, const event *, int) =
        channels == 8 ? add_8 : channels == 16 ? add_16 : channels == 32 ? add_32 : add_64;
    /* as in the simulator, a tile is as wide as its currents fit the second cache */
    int columns = COLUMNS * 8 / channels, pitch = 32 * ((columns + 4) * channels / 32 | 1);
    int many = 0;
    srand(1);
    for (int column = 0; column < columns; column++)
        for (int step = 0; step < STEPS; step++)
            if (rand() % 4 == 0)
                events[many++] = (event){step * pitch + column * channels,
                                         rand() % ROWS * 3 * channels};
    double begun = used();
    const int times = 2000 / columns;
    for (int round = 0; round < times; round++) {
        add(currents, table, events, many);
        __asm__ volatile("" ::: "memory");
    }
    return 1e9 * (used() - begun) / times / many;
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
    printf("{\"kind\": \"%s\", \"products\": %.4g, \"read\": %.4g, \"copied\": %.4g", KIND, best[0],
           best[1], best[2]);
    int16_t *currents = aligned_alloc(64, FIELD * sizeof(int16_t));
    int16_t *table = aligned_alloc(64, TABLE * sizeof(int16_t));
    if (!currents || !table) return 1;
    memset(currents, 0, FIELD * sizeof(int16_t)), memset(table, 1, TABLE * sizeof(int16_t));
    for (int channels = 8; channels <= 64; channels *= 2) {
        double least = 1e9;
        for (int round = 0; round < tries; round++) {
            double now = added(channels, currents, table);
            least = now < least ? now : least;
        }
        printf("%s\"%d\": %.3f", channels == 8 ? ", \"rows\": {" : ", ", channels, least);
    }
    printf("}}\n");
    return 0;
}
