// Agreement and score over time, with the cursor on them; a click goes to that moment.

import { nearestTo, roundSteps } from "./axis.js"
import { thresholds } from "./layers.js"

const SPACE = { left: 58, right: 12, top: 10, bottom: 38 } // viewer.css puts the slider below by it
const HIGH = 154
const REST = 1200 // ms without a press, after which segments are scored

export class Curve {
  constructor(viewer, svg, key) {
    this.viewer = viewer
    this.svg = svg
    this.key = key
    const go = (event) => {
      const box = svg.getBoundingClientRect()
      const share = (event.clientX - box.left - SPACE.left) / (box.width - SPACE.left - SPACE.right)
      const { steps } = viewer.seen
      viewer.player.go(nearestTo(steps, share * steps.at(-1)))
    }
    svg.onpointerdown = (event) => {
      if (!viewer.seen) return
      svg.setPointerCapture(event.pointerId)
      svg.onpointermove = go
      go(event)
    }
    svg.onpointerup = svg.onpointercancel = () => (svg.onpointermove = null)
  }

  // another result
  begin() {
    this.rand = new Map()
    this.scoring = null
    this.draw()
  }

  draw() {
    const { seen } = this.viewer
    const wide = Math.max(160, this.svg.clientWidth)
    this.wide = wide
    const lines = [{ values: seen.agreement, kind: "agreement", name: "SNN agrees with the ANN" }]
    if (seen.accuracy.length) {
      lines.push({ values: seen.accuracy, kind: "accuracy", name: "SNN agrees with the labels" })
    }
    // segments are scored at a few moments only, one after the other
    if (this.rand.size) {
      lines.push({ values: seen.steps.map((step) => this.rand.get(step)), kind: "rand", name: "V_Rand of the SNN" })
    }
    // without a pixel that counts there is nothing to draw
    this.lines = lines.filter(({ values }) => values.some(isKnown))
    const known = this.lines.flatMap((line) => line.values).filter(isKnown)
    const least = !known.length ? 0 : Math.min(...known, seen.annAccuracy ?? 1, (this.rand.size && seen.annRand) || 1)
    this.ticks = scale(least)
    this.low = this.ticks[0]
    const parts = []
    for (const tick of this.ticks) {
      const y = this.y(tick)
      parts.push(`<line class="grid" x1="${SPACE.left}" x2="${wide - SPACE.right}" y1="${y}" y2="${y}"/>`)
      parts.push(`<text x="${SPACE.left - 6}" y="${y + 4}" text-anchor="end">${percent(tick)}</text>`)
    }
    const many = Math.min(8, Math.floor((wide - 60) / 60))
    for (const step of roundSteps(seen.steps.at(-1), many)) {
      const x = this.at(step)
      parts.push(`<line class="grid" x1="${x}" x2="${x}" y1="${HIGH - SPACE.bottom}" y2="${HIGH - SPACE.bottom + 4}"/>`)
      parts.push(`<text x="${x}" y="${HIGH - 22}" text-anchor="middle">${step}</text>`)
    }
    const middle = (SPACE.left + wide - SPACE.right) / 2
    const ms = seen.dt * 1000
    parts.push(`<text x="${middle}" y="${HIGH - 5}" text-anchor="middle">timestep (${ms} ms each)</text>`)
    const centre = (SPACE.top + HIGH - SPACE.bottom) / 2
    parts.push(`<text transform="translate(13 ${centre}) rotate(-90)" text-anchor="middle">score (%)</text>`)
    const level = (value, kind) => {
      const y = this.y(value)
      parts.push(`<line class="ann ${kind}" x1="${SPACE.left}" x2="${wide - SPACE.right}" y1="${y}" y2="${y}"/>`)
    }
    if (seen.annAccuracy !== null) level(seen.annAccuracy, "")
    if (this.rand.size && seen.annRand !== null) level(seen.annRand, "rand")
    for (const { values, kind } of this.lines) {
      const points = values.flatMap((value, i) =>
        isKnown(value) ? [[this.x(i).toFixed(1), this.y(value).toFixed(1)]] : [])
      parts.push(`<path class="${kind}" d="${this.path(values)}"/>`)
      if (values.length === seen.steps.at(-1) && points.length === values.length) continue // known throughout
      for (const [x, y] of points) parts.push(`<circle class="${kind} dot" cx="${x}" cy="${y}" r="2"/>`)
    }
    parts.push(`<line class="cursor" y1="${SPACE.top}" y2="${HIGH - SPACE.bottom}"/>`)
    for (const { kind } of this.lines) parts.push(`<circle class="${kind}" r="4"/>`)
    this.svg.setAttribute("viewBox", `0 0 ${wide} ${HIGH}`)
    this.svg.innerHTML = parts.join("")
    this.cursorLine = this.svg.querySelector(".cursor")
    this.dots = [...this.svg.querySelectorAll("circle:not(.dot)")]
    this.move()
  }

  // the cursor and the numbers beside the lines' names
  move() {
    const { seen, index } = this.viewer
    if (!this.lines) return
    const x = this.x(index)
    this.cursorLine.setAttribute("x1", x)
    this.cursorLine.setAttribute("x2", x)
    const at = this.lines.map(({ values }) => lastKnown(values, index))
    this.lines.forEach(({ values }, i) => {
      this.dots[i].setAttribute("cx", this.x(at[i]))
      this.dots[i].setAttribute("cy", this.y(values[at[i]]))
    })
    const entries = this.lines.map(({ values, kind, name }, i) =>
      entry(at[i] === index ? kind : `${kind} past`, name, values[at[i]],
        kind === "rand" ? ` at step ${seen.steps[at[i]]}` : ""))
    if (seen.annAccuracy !== null) entries.push(entry("ann", "ANN agrees with the labels", seen.annAccuracy))
    if (this.rand.size && seen.annRand !== null) entries.push(entry("ann rand", "V_Rand of the ANN", seen.annRand))
    if (this.svg.querySelector(".dot")) entries.push("<span>Dots: moments computed; lines join them</span>")
    if (!this.lines.length) entries.push("<span>Nothing is segmented, so nothing is scored.</span>")
    if (seen.annAccuracy !== null && seen.annThreshold !== seen.threshold) entries.push(`<span class="which">${whichMask(seen)}</span>`)
    if (this.rand.size) entries.push(`<span class="which">${whichRand(seen)}</span>`)
    this.key.innerHTML =
      `<span>Pixels (%)${this.rand.size ? ", and V_Rand at the threshold (× 100)" : ""}:</span> ${entries.join(" ")}`
  }

  // scores of segments: asked for once the visitor's hands rest, so that nobody waits for them
  async score() {
    const { viewer } = this
    const { seen } = viewer
    if (viewer.compact || this.scoring === seen) return
    this.scoring = seen
    viewer.root.dataset.scored = "false"
    while (this.rand.size < seen.rand) {
      await this.rest()
      if (viewer.seen !== seen || viewer.gone) return
      const answer = await viewer.ask({ want: "rand", places: [] })
      if (viewer.seen !== seen || viewer.gone) return
      const found = new Map(answer?.header.rand ?? [])
      if (found.size <= this.rand.size) break
      this.rand = found
      if (found.size > 1) this.draw() // one alone is no curve
    }
    viewer.root.dataset.scored = "true"
  }

  // until nothing was pressed for a while
  async rest() {
    let last = performance.now()
    const busy = () => (last = performance.now())
    const kinds = ["pointerdown", "pointerup", "keydown", "wheel"]
    for (const kind of kinds) addEventListener(kind, busy, { capture: true, passive: true })
    while (performance.now() - last < REST) await new Promise((done) => setTimeout(done, 100))
    for (const kind of kinds) removeEventListener(kind, busy, { capture: true })
  }

  // joined over moments that were not computed (undefined), broken at those without a value (null)
  path(values) {
    let pen = "M"
    return values.map((value, i) => {
      if (value === undefined) return ""
      if (value === null) {
        pen = "M"
        return ""
      }
      const part = `${pen}${this.x(i).toFixed(1)},${this.y(value).toFixed(1)}`
      pen = "L"
      return part
    }).join("")
  }

  // linear in time, as the slider below
  at(step) {
    return SPACE.left + ((this.wide - SPACE.left - SPACE.right) * step) / this.viewer.seen.steps.at(-1)
  }

  x(index) {
    return this.at(this.viewer.seen.steps[index])
  }

  y(value) {
    const tall = HIGH - SPACE.top - SPACE.bottom
    return SPACE.top + tall * (1 - (value - this.low) / Math.max(1 - this.low, 1e-9))
  }
}

const entry = (kind, name, value, note = "") =>
  `<span class="${kind}"><i></i>${name} <b>${(100 * value).toFixed(2)}</b>${note}</span>`
// neither not computed (undefined) nor without a pixel that counts (null)
const isKnown = (value) => value !== undefined && value !== null
const percent = (share) => `${+(100 * share).toFixed(2)}`

// the masks of two thresholds differ, however well the one net follows the other
const whichMask = (seen) =>
  `Against the labels each network has its own threshold, ${thresholds(seen)};` +
  ` against each other both have ${+seen.threshold.toFixed(2)}.`

// two V_Rands may order ANN and SNN differently
const whichRand = (seen) =>
  "V_Rand: do pixels of one cell stay together, and pixels of two cells apart? One gap in a membrane costs a lot." +
  ` V_Rand here is at the threshold in use, ${thresholds(seen)}. ISBI ranks by the best over all thresholds, which` +
  " tables of scores, Methods and Sweep show."

// where the last value known by then is; before the first, where that one is
function lastKnown(values, index) {
  for (let place = index; place >= 0; place--) if (isKnown(values[place])) return place
  const first = values.findIndex(isKnown)
  return first < 0 ? index : first
}

// round shares from one not above the least value up to 1
function scale(least) {
  const span = Math.max(1 - least, 0.0005)
  const power = 10 ** Math.floor(Math.log10(span / 3))
  const step = [1, 2, 5, 10].map((times) => times * power).find((size) => span / size <= 4)
  const count = Math.min(6, Math.ceil(span / step - 1e-9))
  return Array.from({ length: count + 1 }, (_, i) => 1 - (count - i) * step)
}
