// Pictures of half, quarter ... size by averaging values, each made when first wanted and kept.

const known = new WeakMap()

// part: { top, left, high, wide } of the reduced picture; level 0 is the picture itself
export function halved(values, height, width, level, { top, left, high, wide }) {
  if (!known.has(values)) known.set(values, [{ values, height, width }])
  const levels = known.get(values)
  while (levels.length <= level) levels.push(half(levels.at(-1)))
  const from = levels[level]
  if (!top && !left && high === from.height && wide === from.width) return from.values
  const out = new Uint8Array(high * wide)
  for (let row = 0; row < high; row++) {
    const at = (top + row) * from.width + left
    out.set(from.values.subarray(at, at + wide), row * wide)
  }
  return out
}

// the mean of each 2 x 2 pixels; at an odd edge, of those that there are
function half({ values, height, width }) {
  const high = Math.ceil(height / 2)
  const wide = Math.ceil(width / 2)
  const out = new Uint8Array(high * wide)
  for (let row = 0; row < high; row++) {
    const upper = 2 * row * width
    const lower = Math.min(2 * row + 1, height - 1) * width
    for (let column = 0; column < wide; column++) {
      const left = 2 * column
      const right = Math.min(left + 1, width - 1)
      const sum = values[upper + left] + values[upper + right] + values[lower + left] + values[lower + right]
      out[row * wide + column] = (sum + 2) >> 2
    }
  }
  return { values: out, height: high, width: wide }
}
