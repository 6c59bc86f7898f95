// What the server packed (see __init__.py), as typed arrays, and sums over the run.

const KINDS = { uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, float64: Float64Array }

async function unpack(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = view.getUint32(0, true)
  const about = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)))
  const stream = new Blob([bytes.subarray(4 + length)]).stream()
  const inflated = stream.pipeThrough(new DecompressionStream("deflate"))
  const buffer = await new Response(inflated).arrayBuffer()
  const arrays = {}
  let at = 0
  for (const [name, kind, shape] of about.arrays) {
    const size = shape.reduce((a, b) => a * b, 1) * KINDS[kind].BYTES_PER_ELEMENT
    arrays[name] = new KINDS[kind](buffer.slice(at, at + size))
    at += size
  }
  const pick = (index, names) => Object.fromEntries(names.map((name) => [name, arrays[name + index]]))
  about.image = arrays.image
  about.layouts.forEach((layout, l) => {
    Object.assign(layout, pick(l, ["layer", "box", "used", "first", "target", "sends", "fromhost", "tohost"]))
    for (const name of ["spiked", "sent", "received"]) layout[name] = counted(arrays[name + l], layout.cores)
  })
  about.boards.forEach((board, b) => {
    Object.assign(board, pick(b, ["chip", "between", "away"]))
    board.cores = about.layouts[board.layout]
    settle(board)
  })
  return about
}

// a count by frame and core: the frames, their sum, and the largest of each
function counted(values, cores) {
  const frames = []
  const total = new Float64Array(cores)
  let peak = 0
  for (let at = 0; at < values.length; at += cores) {
    const frame = values.subarray(at, at + cores)
    frames.push(frame)
    for (let c = 0; c < cores; c++) {
      total[c] += frame[c]
      if (frame[c] > peak) peak = frame[c]
    }
  }
  return { frames, total, peak, most: total.reduce((a, b) => Math.max(a, b), 0) }
}

// cores of a chip are drawn in the order of their blocks: which, and the place of each
function settle(board) {
  board.members = board.place.map(() => [])
  board.slot = new Uint16Array(board.chip.length)
  board.chip.forEach((chip, core) => {
    board.slot[core] = board.members[chip].length
    board.members[chip].push(core)
  })
  const chips = board.place.length
  const arcs = []
  for (let from = 0; from < chips; from++) {
    for (let to = 0; to < chips; to++) {
      const spikes = board.between[from * chips + to]
      if (spikes) arcs.push({ from, to, spikes })
    }
  }
  board.arcs = arcs.sort((a, b) => b.spikes - a.spikes)
}

// where a core's spikes go: [core, spikes]
function targets(cores, core) {
  const found = []
  for (let i = cores.first[core]; i < cores.first[core + 1]; i++) {
    if (cores.target[i] !== core) found.push([cores.target[i], cores.sends[i]])
  }
  return found
}

// the block of another layout that holds the middle of this one
function counterpart(from, core, to) {
  if (from === to || core === null) return core
  const [top, left, first, bottom, right, last] = from.box.subarray(6 * core, 6 * core + 6)
  const middle = [(top + bottom) >> 1, (left + right) >> 1, (first + last) >> 1]
  for (let c = 0; c < to.cores; c++) {
    if (to.layer[c] !== from.layer[core]) continue
    if (middle.every((m, i) => m >= to.box[6 * c + i] && m < to.box[6 * c + 3 + i])) return c
  }
  return null
}

function number(value) {
  return Math.round(value).toLocaleString("en-US")
}

// so many things, one of them without the s
function many(value, thing) {
  return `${number(value)} ${thing}${Math.round(value) === 1 ? "" : "s"}`
}

function short(value) {
  for (const [size, word] of [[1e9, " G"], [1e6, " M"], [1e3, " k"]]) {
    if (value >= size) return Number((value / size).toPrecision(3)) + word
  }
  return String(Math.round(value))
}

// how many chips hold cores, of how many there are
function chipsUsed(board) {
  const [used, all] = [board.members.filter((cores) => cores.length).length, board.place.length]
  return used === all ? `${all}` : `${used} of ${all}`
}

function busiest(cores) {
  return cores.sent.total.reduce((best, value, core) => (value > cores.sent.total[best] ? core : best), 0)
}
