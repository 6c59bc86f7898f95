// Timesteps along an axis: linear in time, named at round numbers.

const ROUND = [
  1, 2, 4, 5, 8, 10, 16, 20, 25, 32, 40, 50, 64, 80, 100, 125, 128, 160, 200, 250, 320, 400, 500, 1000,
]

// 0, `last` and round steps between, `many` distances at most; such as divide `last` if some do
export function roundSteps(last, many) {
  const fitting = ROUND.filter((size) => last / size <= Math.max(1, many))
  const size = fitting.slice(0, 3).find((one) => last % one === 0) ?? fitting[0] ?? last
  const steps = []
  for (let step = 0; step <= last - 0.6 * size; step += size) steps.push(step)
  return [...steps, last]
}

// where in rising `steps` the one nearest to a moment is
export function nearestTo(steps, moment) {
  let found = 0
  steps.forEach((step, index) => {
    if (Math.abs(step - moment) < Math.abs(steps[found] - moment)) found = index
  })
  return found
}
