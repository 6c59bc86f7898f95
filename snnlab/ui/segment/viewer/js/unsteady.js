// How much the SNN's answer flickers late in a run: the standard deviation of its probability of
// cell over the moments of the second half, as snnlab/results/unsteady.py has it.

export const UNSTEADY = 0.25 // what the darkest colour stands for; no value can be above 0.5
const spreads = new WeakMap() // by the moments that it was made of

// places of the moments in the second half of a run, its middle included
export function lateOf(steps) {
  return steps.flatMap((step, place) => (2 * step >= steps.at(-1) ? [place] : []))
}

// 0..255, of which 255 stands for UNSTEADY; frames: probabilities in 255ths, one array a moment
export function spreadOf(frames, steps) {
  if (spreads.has(frames)) return spreads.get(frames)
  const late = lateOf(steps)
  const { length } = frames[late[0]]
  const sums = new Float64Array(length)
  const squares = new Float64Array(length)
  for (const place of late) {
    const values = frames[place]
    for (let i = 0; i < length; i++) {
      sums[i] += values[i]
      squares[i] += values[i] * values[i]
    }
  }
  const out = new Uint8Array(length)
  for (let i = 0; i < length; i++) {
    const variance = squares[i] / late.length - (sums[i] / late.length) ** 2
    out[i] = Math.min(255, Math.round(Math.sqrt(Math.max(0, variance)) / UNSTEADY))
  }
  spreads.set(frames, out)
  return out
}
