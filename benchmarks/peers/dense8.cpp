// What the dense rival in 8 bits needs beside a library: its neurons, and oneDNN from Python.
//
//     c++ -O3 -march=native -fno-trapping-math -fopenmp -shared -fPIC dense8.cpp -o libdense8.so [-DONEDNN -ldnnl]
//
// Arrays are (steps, neurons), the neurons of a layer by rows, columns, channels. Spikes are
// bytes, 0 or 1.
#include <algorithm>
#include <cstdint>
#include <vector>

namespace {

constexpr long BLOCK = 4096;  // neurons whose potentials stay in the first cache over the steps

// v <- v + current; where v reaches 1 a spike, and v <- v - 1
template <typename Real, typename Current>
inline void walk(long size, Real *__restrict v, uint8_t *__restrict spikes, Current current) {
#pragma omp simd
    for (long i = 0; i < size; i++) {
        const Real reached = v[i] + current(i);
        const int spike = reached >= 1;
        v[i] = reached - (Real)spike;
        spikes[i] = (uint8_t)spike;
    }
}

void update(long size, const float *current, float *v, uint8_t *spikes) {
    walk(size, v, spikes, [=](long i) { return current[i]; });
}

// Sixteen at a time: a length that the compiler knows is one vector.
inline void update_both(long size, const float *one, const float *other, float *v,
                        uint8_t *spikes) {
    long first = 0;
    for (; first + 16 <= size; first += 16)
        walk(16, v + first, spikes + first,
             [=](long i) { return one[first + i] + other[first + i]; });
    walk(size - first, v + first, spikes + first,
         [=](long i) { return one[first + i] + other[first + i]; });
}

template <typename Real>
void sums(int steps, long planes, long plane, const int32_t *sum, Real scale,
          const int32_t *other, Real other_scale, const double *bias, Real *v, uint8_t *spikes) {
#pragma omp parallel for schedule(static)
    for (long one = 0; one < planes; one++)
        for (long step = 0; step < steps; step++) {
            const long at = (step * planes + one) * plane;
            const int32_t *const here = sum + at, *const there = other ? other + at : nullptr;
            const Real always = bias[one];
            if (other)
                walk(plane, v + one * plane, spikes + at, [=](long i) {
                    return always + (Real)here[i] * scale + (Real)there[i] * other_scale;
                });
            else
                walk(plane, v + one * plane, spikes + at,
                     [=](long i) { return always + (Real)here[i] * scale; });
        }
}

}  // namespace

extern "C" {

// Currents in thresholds, of each step.
void fire(int steps, long neurons, const float *current, float *v, uint8_t *spikes) {
#pragma omp parallel for schedule(static)
    for (long first = 0; first < neurons; first += BLOCK)
        for (long step = 0; step < steps; step++) {
            const long at = step * neurons + first;
            update(std::min(BLOCK, neurons - first), current + at, v + first, spikes + at);
        }
}

// The same currents in all steps; potentials are 0.5 at first.
void fire_constant(int steps, long neurons, const double *current, uint8_t *spikes) {
#pragma omp parallel for schedule(static)
    for (long first = 0; first < neurons; first += BLOCK) {
        const long size = std::min(BLOCK, neurons - first);
        std::vector<double> v(size, 0.5);
        for (long step = 0; step < steps; step++)
            walk(size, v.data(), spikes + step * neurons + first,
                 [=](long i) { return current[first + i]; });
    }
}

// Sums of levels from one source or two (`other` may be null), each with its scale; a bias a
// plane of neurons.
#define FIRE_SUMS(NAME, REAL)                                                                \
    void NAME(int steps, long planes, long plane, const int32_t *sum, double scale,          \
              const int32_t *other, double other_scale, const double *bias, REAL *v,         \
              uint8_t *spikes) {                                                             \
        sums<REAL>(steps, planes, plane, sum, scale, other, other_scale, bias, v, spikes);   \
    }
FIRE_SUMS(fire_sums, float)
FIRE_SUMS(fire_sums_double, double)

// Spikes of each neuron over the steps.
void count(int steps, long neurons, const uint8_t *spikes, uint16_t *counts) {
#pragma omp parallel for schedule(static)
    for (long first = 0; first < neurons; first += BLOCK) {
        const long last = std::min(first + BLOCK, neurons);
        std::fill(counts + first, counts + last, 0);
        for (long step = 0; step < steps; step++)
            for (long i = first; i < last; i++) counts[i] += spikes[step * neurons + i];
    }
}

}  // extern "C"

#ifdef ONEDNN
#include <dnnl.hpp>
#include <memory>
#include <unordered_map>

namespace {

using dnnl::memory;
using type = memory::data_type;

dnnl::engine &engine() {
    static dnnl::engine one(dnnl::engine::kind::cpu, 0);
    return one;
}

dnnl::stream &stream() {
    thread_local dnnl::stream one(engine());
    return one;
}

memory kept(const memory::desc &about, const void *numbers) {
    memory made(about, engine());
    std::copy_n((const char *)numbers, about.get_size(), (char *)made.get_data_handle());
    return made;
}

// One band of rows of a convolution of bytes, in one step.
struct Band {
    memory::desc from, to, scratch;
    dnnl::convolution_forward primitive;
    memory weights, scale, bias;
    int above;  // rows that it reads above its first one
    const char *name;
};

// What a source sends to a layer, by bands of rows: the first, those between, the last.
struct Source {
    std::vector<Band> bands;
    long width, channels;
    int stride, rows;

    const Band &of(long band, long all) const {
        return bands[band == 0 ? 0 : band == all - 1 ? 2 : 1];
    }
};

Band band_of(bool first, bool last, int rows, int wide, int in, int out, int size, int stride,
             const int8_t *levels, float scale, const float *bias) {
    // size 3: a pixel beyond the first row and column, and beyond the last if the stride is 1;
    // size 2 (see `phases`): beyond the last only
    const int above = size == 3, below = stride == 1;
    const int top = first ? above : 0, bottom = last ? below : 0;
    const int tall = stride * rows - (stride - 1) + size - 1 - top - bottom;
    const memory::dims shape{out, in, size, size};
    const memory::desc from({1, in, tall, wide * stride}, type::u8, memory::format_tag::nhwc);
    const memory::desc to({1, out, rows, wide}, type::f32, memory::format_tag::nhwc);
    const memory::desc about({out}, type::f32, memory::format_tag::x);
    const memory::desc one({1}, type::f32, memory::format_tag::x);
    dnnl::primitive_attr attributes;
    attributes.set_scales_mask(DNNL_ARG_WEIGHTS, 0);
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    dnnl::convolution_forward::primitive_desc plan(
        engine(), dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, from,
        memory::desc(shape, type::s8, memory::format_tag::any), bias ? about : memory::desc(), to,
        {stride, stride}, {top, above}, {bottom, below}, attributes);
    memory weights(plan.weights_desc(), engine());
    memory plain = kept(memory::desc(shape, type::s8, memory::format_tag::oihw), levels);
    dnnl::reorder(plain, weights).execute(stream(), plain, weights);
    return {from, to, plan.scratchpad_desc(), dnnl::convolution_forward(plan), weights,
            kept(one, &scale), bias ? kept(about, bias) : memory(), above - top,
            plan.impl_info_str()};
}

// A band in one thread: the memory that it is called with.
struct Call {
    const Band &band;
    memory from, to, scratch;
    std::unordered_map<int, memory> arguments;

    Call(const Band &band, float *current)
        : band(band), from(band.from, engine(), nullptr), to(band.to, engine(), current),
          scratch(band.scratch, engine()) {
        arguments = {{DNNL_ARG_SRC, from},
                     {DNNL_ARG_DST, to},
                     {DNNL_ARG_WEIGHTS, band.weights},
                     {DNNL_ARG_SCRATCHPAD, scratch},
                     {DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS, band.scale}};
        if (band.bias) arguments[DNNL_ARG_BIAS] = band.bias;
    }

    void operator()(const uint8_t *rows) {
        from.set_data_handle((void *)rows);
        band.primitive.execute(stream(), arguments);
    }
};

}  // namespace

extern "C" {

// The products of a source, float32 currents in thresholds.
//
// rows, wide, out: of a band of the result. levels: (out, in, size, size). bias: may be null.
// The source has `stride` times as many rows and columns.
void *source_new(int rows, int wide, int in, int out, int size, int stride,
                 const int8_t *levels, float scale, const float *bias) {
    try {
        auto made = std::make_unique<Source>();
        made->width = (long)wide * stride, made->channels = in;
        made->stride = stride, made->rows = rows;
        for (int place = 0; place < 3; place++)
            made->bands.push_back(band_of(place == 0, place == 2, rows, wide, in, out, size,
                                          stride, levels, scale, bias));
        return made.release();
    } catch (const dnnl::error &) {
        return nullptr;
    }
}

const char *source_name(void *source) { return ((Source *)source)->bands[1].name; }

// All steps of a layer: a band of rows after the other, each in one thread.
//
// plain: products of (height, width, channels). phases: null, or products of half as many rows
// and columns with four times the channels, which are for two rows and two columns each. from,
// from_phases: spikes of the sources, (steps, their rows, columns, channels). spikes: of the
// layer.
void layer_run(int steps, long height, long width, long channels, void *plain,
               const uint8_t *from, void *phases, const uint8_t *from_phases,
               uint8_t *spikes) {
    const Source &one = *(Source *)plain, *const other = (Source *)phases;
    const long bands = height / one.rows, line = width * channels, size = one.rows * line;
#pragma omp parallel
    {
        std::vector<float> current(size), below(other ? size : 0), potential(size);
#pragma omp for schedule(dynamic)
        for (long number = 0; number < bands; number++) {
            Call call(one.of(number, bands), current.data());
            std::unique_ptr<Call> more;
            if (other) more = std::make_unique<Call>(other->of(number, bands), below.data());
            std::fill(potential.begin(), potential.end(), 0.5f);
            auto place = [=](const Source &source, const Band &band, long step) {
                const long row = number * source.rows * source.stride - band.above;
                const long all = bands * source.rows * source.stride;
                return (step * all + row) * source.width * source.channels;
            };
            for (long step = 0; step < steps; step++) {
                call(from + place(one, call.band, step));
                if (more) (*more)(from_phases + place(*other, more->band, step));
                uint8_t *const out = spikes + (step * height + number * one.rows) * line;
                if (!more) {
                    update(size, current.data(), potential.data(), out);
                    continue;
                }
                for (long row = 0; row < one.rows; row++)
                    for (long pair = 0; pair < width / 2; pair++) {
                        const long at = row * line + 2 * pair * channels;
                        const long of = (row / 2 * (width / 2) + pair) * 4 * channels;
                        update_both(2 * channels, current.data() + at,
                                    below.data() + of + row % 2 * 2 * channels,
                                    potential.data() + at, out + at);
                    }
            }
        }
    }
}

}  // extern "C"
#endif
