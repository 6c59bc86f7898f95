// Small plots on canvas: raster, potentials, ANN beside SNN. They return what is said beside them.

import { roundSteps } from "./axis.js"

const FONT = 12
const EDGE = { left: 78, right: 10, bottom: 34, top: 8 }

// a canvas as large as it is on screen, in CSS pixels
function surface(canvas, tall) {
  const ratio = window.devicePixelRatio || 1
  const wide = Math.max(120, canvas.parentElement.clientWidth)
  canvas.style.height = `${tall}px`
  canvas.width = Math.round(wide * ratio)
  canvas.height = Math.round(tall * ratio)
  const pen = canvas.getContext("2d")
  pen.setTransform(ratio, 0, 0, ratio, 0, 0)
  pen.clearRect(0, 0, wide, tall)
  return { pen, wide, tall }
}

function inks(viewer) {
  const style = getComputedStyle(viewer.host)
  return {
    text: style.getPropertyValue("--st-text-color").trim() || "#18211f",
    grid: style.getPropertyValue("--st-border-color").trim() || "#d5dddb",
    font: viewer.font,
  }
}

function label(pen, words, x, y, { text, font }, align = "right", most = undefined) {
  pen.font = `${FONT}px ${font}`
  pen.fillStyle = text
  pen.textAlign = align
  pen.textBaseline = "middle"
  pen.fillText(words, x, y, most)
}

// x of the end of step `step`, 0..steps
export function timeAt(wide, step, steps) {
  return EDGE.left + ((wide - EDGE.left - EDGE.right) * step) / Math.max(1, steps)
}

export function stepAt(wide, x, steps) {
  return Math.round((steps * (x - EDGE.left)) / (wide - EDGE.left - EDGE.right))
}

// the band of a raster at a height; outside the bands there is none
export function bandAt(tall, y, bands) {
  return Math.floor(((y - EDGE.top) * bands) / (tall - EDGE.top - EDGE.bottom))
}

function timeAxis(pen, wide, tall, { steps, ms }, ink) {
  for (const step of roundSteps(steps, Math.min(8, Math.floor((wide - 70) / 60)))) {
    label(pen, String(step), timeAt(wide, step, steps), tall - 24, ink, step === steps ? "right" : "center")
  }
  label(pen, `timestep (${ms} ms each)`, (EDGE.left + wide - EDGE.right) / 2, tall - 8, ink, "center")
}

// the name of the upright axis, along it
function upright(pen, words, tall, ink) {
  pen.save()
  pen.translate(8, (EDGE.top + tall - EDGE.bottom) / 2)
  pen.rotate(-Math.PI / 2)
  label(pen, words, 0, 0, ink, "center")
  pen.restore()
}

const MARK = 6 // pixels that a spike is wide at most

// one band a layer, one row a neuron, one mark a spike, which comes at the end of its step
export function raster(viewer, canvas, column) {
  const band = Math.max(15, Math.min(24, 300 / column.layers.length))
  const { pen, wide, tall } = surface(canvas, band * column.layers.length + EDGE.top + EDGE.bottom)
  const ink = inks(viewer)
  const across = Math.max(1, Math.min(MARK, (0.75 * (wide - EDGE.left - EDGE.right)) / column.steps))
  column.layers.forEach((layer, index) => {
    const y = EDGE.top + index * band
    const inner = band - 3
    const row = inner / layer.channels
    if (layer.name === viewer.inspector.layerName) {
      pen.fillStyle = ink.grid
      pen.globalAlpha = 0.5
      pen.fillRect(0, y - 1, wide, band - 1)
      pen.globalAlpha = 1
    }
    label(pen, layer.name.replace("-to-", "→"), EDGE.left - 6, y + inner / 2, ink, "right", EDGE.left - 22)
    pen.fillStyle = layer.colour
    for (let step = 0; step < column.steps; step++) {
      for (let c = 0; c < layer.channels; c++) {
        const at = step * column.neurons + layer.first + c
        if (!column.spikes[at]) continue
        // rows are low: of graded spikes the strong ones are opaque too
        const size = column.heights ? column.heights[at] / 255 : 1
        const tall = Math.max(1, row * 0.8 * size)
        pen.globalAlpha = 0.5 + 0.5 * size
        pen.fillRect(timeAt(wide, step + 1, column.steps) - across / 2, y + c * row + Math.max(0, row * 0.8 - tall) / 2, across, tall)
        pen.globalAlpha = 1
      }
    }
  })
  upright(pen, "layer", tall, ink)
  timeAxis(pen, wide, tall, lasting(viewer, column), ink)
}

const lasting = ({ seen }, { steps }) => ({ steps, ms: seen.dt * 1000 })

const COLOURS = ["#3d7ec0", "#cc7525", "#2a9d5c", "#9970ab", "#c98a00", "#7f8b88", "#c0577f", "#4aa3a3"]

const LEAST = -3 // thresholds; lines beyond run along the edge
const MOST = 4

// membrane potentials of the busiest neurons of a layer: what they are, and each one's colour
export function potentials(viewer, canvas, column, layer) {
  const { pen, wide, tall } = surface(canvas, 170)
  const ink = inks(viewer)
  if (!layer.followed) return { told: "whose neurons have none of their own", lines: [] }
  const order = Array.from({ length: layer.channels }, (_, i) => i)
    .sort((a, b) => column.rate[layer.first + b] - column.rate[layer.first + a])
    .slice(0, COLOURS.length)
    .sort((a, b) => a - b)
  const thresholds = layer.sizes.length ? layer.sizes : [1]
  const value = (step, c) => column.potential[step * column.neurons + layer.first + c] * column.scale
  let low = 0
  let high = thresholds[0]
  for (let step = 0; step < column.steps; step++) {
    for (const c of order) {
      low = Math.min(low, value(step, c))
      high = Math.max(high, value(step, c))
    }
  }
  const [least, most] = [low, high]
  low = Math.max(low, LEAST)
  high = Math.min(high, MOST)
  const span = high - low
  const y = (v) => EDGE.top + (tall - EDGE.top - EDGE.bottom) * (1 - (Math.min(high, Math.max(low, v)) - low) / span)
  const labelled = []
  const ticks = [...thresholds, 0, Math.floor(high), Math.ceil(low)]
  for (const tick of ticks.filter((v, i, all) => v <= high && all.indexOf(v) === i)) {
    const beyond = tick === LEAST && least < low ? "≤ " : tick === MOST && most > high ? "≥ " : ""
    // thresholds of graded spikes may lie too close to one another for numbers
    if (!labelled.some((other) => Math.abs(other - y(tick)) < FONT)) {
      label(pen, beyond + String(Number(tick.toFixed(2))).replace("-", "−"), EDGE.left - 6, y(tick), ink)
      labelled.push(y(tick))
    }
    const threshold = thresholds.includes(tick)
    pen.strokeStyle = threshold ? ink.text : ink.grid
    pen.setLineDash(threshold ? [5, 4] : [])
    pen.beginPath()
    pen.moveTo(EDGE.left, y(tick))
    pen.lineTo(wide - EDGE.right, y(tick))
    pen.stroke()
  }
  pen.setLineDash([])
  order.forEach((c, index) => {
    pen.strokeStyle = COLOURS[index]
    pen.lineWidth = 1.5
    pen.beginPath()
    for (let step = 0; step < column.steps; step++) {
      const x = timeAt(wide, step + 1, column.steps)
      pen[step ? "lineTo" : "moveTo"](x, y(value(step, c)))
    }
    pen.stroke()
  })
  upright(pen, "in thresholds", tall, ink)
  timeAxis(pen, wide, tall, lasting(viewer, column), ink)
  const some = layer.channels > order.length ? `the ${order.length} busiest of` : "all"
  return {
    told:
      `${some} ${layer.channels} channels; ` +
      (layer.sizes.length ? "each dashed line is the threshold of spikes of that size" : "at the dashed line a neuron spikes"),
    lines: order.map((channel, index) => ({ channel, colour: COLOURS[index] })),
  }
}

// for each channel the ANN's activation (ring) and what the rate reached (dot)
export function pairs(viewer, canvas, column, layer) {
  const { pen, wide, tall } = surface(canvas, 170)
  const ink = inks(viewer)
  const at = (values, c) => values[layer.first + c]
  const known = column.activation && !Number.isNaN(at(column.activation, 0))
  const all = Array.from({ length: layer.channels }, (_, c) => [
    at(column.reached, c), known ? at(column.activation, c) : null,
  ])
  const most = Math.max(0.05, ...all.flat().filter((v) => v !== null))
  const foot = 8 // dots at 0 stay clear of the numbers
  const y = (v) => EDGE.top + 4 + (tall - EDGE.top - EDGE.bottom - foot - 4) * (1 - v / most)
  const x = (c) => EDGE.left + ((wide - EDGE.left - EDGE.right) * (c + 0.5)) / layer.channels
  for (const tick of [0, most / 2, most]) {
    label(pen, tick ? tick.toFixed(2) : "0", EDGE.left - 6, y(tick), ink)
    pen.strokeStyle = ink.grid
    pen.beginPath()
    pen.moveTo(EDGE.left, y(tick))
    pen.lineTo(wide - EDGE.right, y(tick))
    pen.stroke()
  }
  const { ann, snn } = viewer.sides()
  all.forEach(([reached, activation], c) => {
    if (activation !== null) {
      pen.strokeStyle = ann
      pen.lineWidth = 1
      pen.beginPath()
      pen.moveTo(x(c), y(reached))
      pen.lineTo(x(c), y(activation))
      pen.stroke()
      pen.lineWidth = 2
      pen.beginPath()
      pen.arc(x(c), y(activation), 4.5, 0, 7)
      pen.stroke()
    }
    pen.fillStyle = snn
    pen.beginPath()
    pen.arc(x(c), y(reached), 2.5, 0, 7)
    pen.fill()
  })
  const every = Math.ceil(layer.channels / Math.max(1, Math.floor((wide - 70) / 26)))
  for (let c = 0; c < layer.channels; c += every) label(pen, String(c), x(c), tall - 24, ink, "center")
  label(pen, "channel", (EDGE.left + wide - EDGE.right) / 2, tall - 8, ink, "center")
  upright(pen, "activation", tall, ink)
  if (!column.activation) return "the ANN is being asked …"
  if (!known) return "the ANN has no such neurons"
  const off = all.map(([reached, activation]) => Math.abs(reached - activation))
  return `mean difference ${(off.reduce((a, b) => a + b, 0) / off.length).toFixed(3)}`
}
