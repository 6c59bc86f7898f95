// Stands in for the server on a page that is a file: answers the viewer from what the page holds.
// It comes behind the viewer's modules, whose `component`, `meeting`, `headed` and `unpack` it uses.

const KIND_OF = new Map([[Uint8Array, "u1"], [Int16Array, "i2"], [Float32Array, "f4"]])

const bytesOf = (id) => Uint8Array.from(atob(document.getElementById(id).textContent), (c) => c.charCodeAt(0))

// as messages.headed: a JSON header with its length before it
function withHeader(header, rest = new Uint8Array()) {
  const text = new TextEncoder().encode(JSON.stringify(header))
  const whole = new Uint8Array(4 + text.length + rest.length)
  new DataView(whole.buffer).setUint32(0, text.length, true)
  whole.set(text, 4)
  whole.set(rest, 4 + text.length)
  return whole
}

// as packing.container
async function container(header, arrays) {
  const parts = Object.entries(arrays).map(([name, values]) => ({
    name, type: KIND_OF.get(values.constructor), shape: [values.length],
  }))
  const stream = new Blob(Object.values(arrays)).stream().pipeThrough(new CompressionStream("deflate"))
  const packed = new Uint8Array(await new Response(stream).arrayBuffer())
  return withHeader({ ...header, parts, deltas: [] }, packed)
}

// What the page holds of the last layer; `kept` is what travelling/__init__.py packed.
class Kept {
  constructor({ header, arrays }, steps) {
    Object.assign(this, header.window)
    this.origin = header.window?.first
    this.rand = header.rand
    this.arrays = arrays
    this.steps = steps
    this.extras = new Map()
    for (const one of this.extra ?? []) this.extras.set(one[0], [...(this.extras.get(one[0]) ?? []), one])
  }

  // the first neuron behind a pixel, or null if it is not in the window
  at([row, column]) {
    if (!this.layer) return null
    const [top, left, height, width] = this.box
    const inside = row >= top && row < top + height && column >= left && column < left + width
    if (!inside) return null
    const [rows, columns, channels] = this.shape
    const y = Math.floor(((row - top) * rows) / height)
    const x = Math.floor(((column - left) * columns) / width)
    return { y, x, first: (y * columns + x) * channels }
  }

  // as lab/viewing.column, of one layer: spikes and heights step by step, one channel beside the other
  column({ y, x, first }) {
    const { steps, sizes } = this
    const [rows, columns, channels] = this.shape
    const count = rows * columns * channels
    const bytes = Math.ceil(steps / 8)
    const worth = sizes.length ? sizes : [1]
    const spikes = new Uint8Array(steps * channels)
    const sent = new Float32Array(steps * channels)
    for (let c = 0; c < channels; c++) {
      for (let step = 0; step < steps; step++) {
        for (let size = 0; size < worth.length; size++) {
          const byte = this.arrays.bits[(size * bytes + (step >> 3)) * count + first + c]
          if (!((byte >> (step & 7)) & 1)) continue
          spikes[step * channels + c] += 1
          sent[step * channels + c] += worth[size]
        }
      }
      for (const [, step, more] of this.extras.get(first + c) ?? []) spikes[step * channels + c] += more
    }
    const rate = this.arrays.rate.slice(first, first + channels)
    const reached = rate.map((hz) => hz / this.unit)
    const layer = {
      name: this.layer, row: this.origin[0] + y, column: this.origin[1] + x, channels, followed: false, sizes,
      field: [this.down[y][0], this.along[x][0], this.down[y][1], this.along[x][1]],
    }
    const tallest = Math.max(...worth, ...sent)
    const heights = sizes.length ? Uint8Array.from(sent, (size) => Math.ceil((255 * size) / tallest)) : null
    return { layer, spikes, heights, rate, reached }
  }

  computed({ first }) {
    const { activation, arrays, shape } = this
    const values = new Float32Array(shape[2]).fill(NaN)
    if (activation === null) return values
    return values.map((_, c) => arrays.activation[first + c] * activation)
  }

  // arrays and header that answer a question
  answer({ want, places = [] }) {
    if (want === "places") return [{}, {}]
    if (want === "rand") return [{ rand: this.rand }, {}]
    const found = places.map((place) => this.at(place))
    if (!["column", "activation"].includes(want) || found.some((one) => one === null)) {
      return [{ error: this.elsewhere() }, {}]
    }
    if (want === "activation") {
      return [{}, Object.fromEntries(found.map((one, i) => [`activation${i}`, this.computed(one)]))]
    }
    const arrays = {}
    const columns = found.map((one, i) => {
      const { layer, spikes, heights, rate, reached } = this.column(one)
      Object.assign(arrays, {
        [`spikes${i}`]: spikes, [`potential${i}`]: new Int16Array(spikes.length),
        [`rate_hz${i}`]: rate, [`reached${i}`]: reached,
      })
      if (heights) arrays[`heights${i}`] = heights
      return { scale: 1, layers: [layer] }
    })
    return [{ columns }, arrays]
  }

  elsewhere() {
    if (!this.layer) return "This page holds no spikes."
    const [top, left, height, width] = this.box
    return `This page holds the spikes of rows ${top} to ${top + height - 1} and columns ${left} to ${left + width - 1}. Choose a pixel there, or open the image in SNN Lab.`
  }
}

async function open() {
  const place = document.getElementById("viewer")
  const root = place.attachShadow({ mode: "open" })
  root.innerHTML = document.getElementById("viewer-parts").innerHTML
  root.querySelector(".viewer").classList.add("travels")
  const pictures = bytesOf("pictures")
  const { header } = headed(pictures)
  let told = headed(bytesOf("told")).header
  const kept = new Kept(await unpack(bytesOf("kept")), header.timesteps)
  const desk = meeting()
  desk.told = withHeader(told)
  desk.ask = async (question) => {
    const { result, serial, want, places = [] } = question
    if (want === "places" || want === "column") told = { ...told, places }
    const [more, arrays] = kept.answer(question)
    const packed = await container({ result, serial, want, places, ...more }, arrays)
    desk.told = withHeader(told, packed)
    desk.hear?.(desk.told)
    desk.told = withHeader(told)
  }
  const draw = () => component({ data: pictures, parentElement: root })
  draw()
  // the viewer takes its colours from the page when it is drawn
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw)
}

open()
