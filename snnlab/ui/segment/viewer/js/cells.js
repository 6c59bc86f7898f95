// Pieces of a mask, each in a colour of its own.

// twelve colours that are told apart without red-green vision, as snnlab/figures/cells.py has them
export const FILLS = [
  [68, 119, 170], [238, 153, 51], [17, 136, 119], [204, 102, 170], [136, 204, 238], [170, 119, 34],
  [102, 68, 153], [153, 204, 68], [187, 68, 68], [68, 187, 187], [221, 204, 119], [119, 119, 187],
]
const WORDS = Uint32Array.from(FILLS, ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0)
const latest = { values: null, cut: null, pieces: null } // of the end of the run, which is asked for again and again

// values above cut that touch at a side; numbers: of each pixel 1, 2, ... as they are met, 0 for none
export function pieces(values, width, cut) {
  const numbers = new Int32Array(values.length)
  const parent = [0]
  const root = (n) => {
    while (parent[n] !== n) n = parent[n] = parent[parent[n]]
    return n
  }
  for (let i = 0; i < values.length; i++) {
    if (values[i] <= cut) continue
    const left = i % width ? numbers[i - 1] : 0
    const up = i >= width ? numbers[i - width] : 0
    if (left && up) {
      const [a, b] = [root(left), root(up)]
      numbers[i] = Math.min(a, b)
      parent[Math.max(a, b)] = numbers[i]
    } else if (left || up) numbers[i] = left || up
    else {
      numbers[i] = parent.length
      parent.push(parent.length)
    }
  }
  const last = new Int32Array(parent.length)
  let count = 0
  for (let n = 1; n < parent.length; n++) last[n] = root(n) === n ? ++count : last[root(n)]
  for (let i = 0; i < numbers.length; i++) numbers[i] = last[numbers[i]]
  return { numbers, count }
}

// Paints the pieces of a moment as words of ImageData. A piece takes the colour of the piece of
// the run's end that most of it lies in, so that colours stay while time runs.
export function paintPieces(out, values, end, width, cut) {
  const { numbers, count } = pieces(values, width, cut)
  if (latest.values !== end || latest.cut !== cut) Object.assign(latest, { values: end, cut, pieces: pieces(end, width, cut) })
  const ends = latest.pieces.numbers
  // the majority of each piece, in one pass (Boyer and Moore 1981)
  const taken = Int32Array.from({ length: count + 1 }, (_, n) => n)
  const votes = new Int32Array(count + 1)
  for (let i = 0; i < numbers.length; i++) {
    const [piece, goes] = [numbers[i], ends[i]]
    if (!piece || !goes) continue
    if (!votes[piece]) taken[piece] = goes
    votes[piece] += taken[piece] === goes ? 1 : -1
  }
  // neighbours are met one after the other, and are to differ
  for (let i = 0; i < out.length; i++) out[i] = numbers[i] ? WORDS[(taken[numbers[i]] * 5) % WORDS.length] : 0
}
