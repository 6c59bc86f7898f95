// Reads the container that packing.py writes.

const KINDS = { u1: Uint8Array, u2: Uint16Array, i2: Int16Array, f4: Float32Array }

// bytes -> { header, arrays }: typed arrays by name, each with the shape that the header gives
export async function unpack(bytes) {
  const { header, rest } = headed(bytes)
  const stream = new Blob([rest]).stream().pipeThrough(new DecompressionStream("deflate"))
  const flat = await new Response(stream).arrayBuffer()
  const arrays = {}
  let at = 0
  for (const { name, type, shape } of header.parts) {
    const Kind = KINDS[type]
    const count = shape.reduce((product, side) => product * side, 1)
    const size = count * Kind.BYTES_PER_ELEMENT
    // a typed array has to begin at a multiple of its element's size
    const aligned = at % Kind.BYTES_PER_ELEMENT === 0
    const values = aligned ? new Kind(flat, at, count) : new Kind(flat.slice(at, at + size))
    if (header.deltas.includes(name)) accumulate(values, count / shape[0])
    arrays[name] = values
    at += size
  }
  return { header, arrays }
}

// a JSON header with its length before it, and what follows
export function headed(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true)
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)))
  return { header, rest: bytes.subarray(4 + length) }
}

// each plane came as its difference from the one before; typed arrays wrap as NumPy's do
function accumulate(values, plane) {
  for (let i = plane; i < values.length; i++) values[i] += values[i - plane]
}
