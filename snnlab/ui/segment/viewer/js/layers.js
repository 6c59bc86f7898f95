// The layers of the picture: what each is, and how its values become pixels at a moment.

import { paintPieces } from "./cells.js"
import { classTable, counts, differences, flicker, greys, LEARNED, mistakes, solid } from "./colours.js"
import { halved } from "./reduce.js"
import { spreadOf } from "./unsteady.js"

export const LAYERS = [
  { id: "em", name: "EM image", chip: "EM" },
  { id: "truth", name: "Labels", chip: "Labels", needs: "truth" },
  { id: "ann", name: "ANN", chip: "ANN" },
  { id: "snn", name: "SNN", chip: "SNN", moves: true },
  { id: "difference", name: "SNN − ANN", chip: "SNN − ANN", moves: true, over: true },
  { id: "errors", name: "Errors of the SNN", chip: "Errors", needs: "truth", moves: true, over: true },
  { id: "annErrors", name: "Errors of the ANN", chip: "ANN errors", needs: "truth", over: true },
  { id: "cells", name: "Cells of the SNN, coloured", chip: "Cells", moves: true, over: true, flat: true },
  { id: "outlines", name: "Outlines of the SNN's cells", chip: "Outlines", moves: true, over: true, flat: true },
  { id: "annClasses", name: "Classes by the ANN", chip: "ANN classes", needs: "annClasses", over: true, flat: true, exact: true },
  { id: "classes", name: "Classes by the SNN", chip: "SNN classes", needs: "classFrames", moves: true, over: true, flat: true, exact: true },
  { id: "learned", name: "Trained on your scribbles", chip: "Trained", needs: "learned" },
  { id: "learnedOutlines", name: "Trained, outlines", chip: "Trained, outlines", needs: "learned", over: true, flat: true },
  { id: "unsteady", name: "Flicker of the SNN", chip: "Flicker", needs: "flickers", over: true,
    about: "How much the SNN’s probability still changes in the second half of the steps (its standard deviation). Where it flickers, the SNN is unsure, and more often wrong. How near the ANN’s probability is to its threshold warns of errors about as well (AUROC on sections 18 to 23, flicker and that: regularised 0.88 and 0.89, relu 0.90 and 0.87), and for loihi better (0.73 and 0.89)." },
  { id: "spikes", name: "Spikes, all layers", chip: "Spikes", needs: "maps", asks: true, moves: true, over: true },
  { id: "population", name: "Spikes of one layer", chip: "One layer", needs: "maps", asks: true, moves: true, over: true },
]
export const layer = (id) => LAYERS.find((item) => item.id === id)

// whether a pixel is not tissue, and whether the labels say that it does not count
export const besideTissue = (seen, i) => seen.beside?.[i] > 191
export const uncounted = (seen, i) => seen.beside?.[i] > 63
// each network has a threshold of its own; pictures come in 255ths
const CUTS = { ann: (seen) => seen.annThreshold, learned: (seen) => seen.learned.at, snn: (seen) => seen.threshold }
export const cutOf = (seen, who) => Math.floor(CUTS[who](seen) * 255)
const WHOSE = { ann: "ann", annErrors: "ann", learned: "learned", learnedOutlines: "learned" }
export const thresholds = ({ threshold, annThreshold }) =>
  threshold === annThreshold
    ? `${+threshold.toFixed(2)}`
    : `${+threshold.toFixed(2)} (SNN) and ${+annThreshold.toFixed(2)} (ANN)`
export const labelled = (seen, i) =>
  uncounted(seen, i) ? "does not count" : `labelled ${seen.truth[i] ? "cell" : "membrane"}`

// hatched, as snnlab/images/hatching.py does it, so that it is neither cell nor membrane
const HATCH = { apart: 10, wide: 3, line: 0xff5c5c5c, ground: 0xff8f8f8f }

const SMALL = 0.55 // device pixels a picture's pixel, below which a half-size copy is drawn
const SHEETS_KEPT = 14 // sheets; a picture of 4 panes needs about 8
const QUICK = 600_000 // pixels up to which a sheet is filled in a few milliseconds

// Offscreen pictures of layers, made again only when what they show has changed.
export class Sheets {
  constructor() {
    this.made = new Map()
    this.tables = new Map()
    this.drafts = new Map()
    this.scratch = []
  }

  // scene: { seen, maps, index, dark, mask }; a sheet is { canvas, levels, left, top, size }
  get(scene, id, contrast) {
    const key = `${id}/${contrast}`
    const source = this.source(scene, id)
    if (!source) return null
    const { width, height } = source
    let sheet = this.made.get(key)
    if (!sheet || sheet.canvas.width !== width || sheet.canvas.height !== height) {
      const canvas = Object.assign(document.createElement("canvas"), { width, height })
      const pen = canvas.getContext("2d")
      sheet = { canvas, pen, levels: [canvas], stamp: null }
    }
    this.made.delete(key) // the last used is the last to go
    this.made.set(key, sheet)
    if (this.made.size > SHEETS_KEPT) this.made.delete(this.made.keys().next().value)
    const stamp = [source.stamp, contrast, scene.dark, scene.mask, scene.seen.learned?.at].join("/")
    if (sheet.stamp !== stamp) {
      this.fill(this.pixels(sheet.pen, width, height), scene, id, contrast, source)
      sheet.pen.putImageData(this.scratch[0], 0, 0)
      sheet.levels.length = 1
      sheet.stamp = stamp
    }
    return Object.assign(sheet, { left: source.left, top: source.top, size: source.size })
  }

  // as words; one ImageData serves all sheets of its size
  pixels(pen, width, height) {
    const at = this.scratch.findIndex((one) => one.width === width && one.height === height)
    const data = at < 0 ? pen.createImageData(width, height) : this.scratch.splice(at, 1)[0]
    this.scratch = [data, ...this.scratch.slice(0, 2)]
    return new Uint32Array(data.data.buffer)
  }

  // While time runs, a large picture is drawn no finer than the screen shows it, and no more of
  // it than is seen: values are averaged in place of colours, so it is drawn anew once it stands.
  // part: { level, top, left, high, wide } of what is seen, in pixels of that level
  draft(scene, id, contrast, part) {
    const key = `${id}/${contrast}`
    const { level, top, left, high, wide } = part
    let draft = this.drafts.get(key)
    if (!draft || draft.canvas.width !== wide || draft.canvas.height !== high) {
      const canvas = Object.assign(document.createElement("canvas"), { width: wide, height: high })
      draft = { canvas, pen: canvas.getContext("2d"), stamp: null }
      if (this.drafts.size > SHEETS_KEPT) this.drafts.clear()
      this.drafts.set(key, draft)
    }
    const { seen, index, dark, mask } = scene
    const which = layer(id).needs === "learned" ? `${seen.learned.name}${seen.learned.at}` : ""
    const stamp = [seen.serial, layer(id).moves ? index : 0, dark, mask, level, top, left, which].join("/")
    if (draft.stamp === stamp) return draft.canvas
    const reduced = (values) => values && halved(values, seen.height, seen.width, level, part)
    const small = {
      ...seen, image: null, ann: reduced(seen.ann), truth: null, frames: { [index]: reduced(seen.frames[index]) },
      beside: reduced(seen.beside), width: wide, from: [top, left], scale: 2 ** level,
    }
    if (id === "em") small.image = reduced(seen.image)
    const last = seen.steps.length - 1
    if (id === "cells" && index !== last) small.frames[last] = reduced(seen.frames[last])
    if (layer(id).needs === "learned") small.learned = { ...seen.learned, values: reduced(seen.learned.values) }
    if (id === "unsteady") small.unsteady = reduced(spreadOf(seen.frames, seen.steps))
    if (["truth", "errors", "annErrors"].includes(id)) {
      small.truth = reduced(seen.truth)
      if (level && id !== "truth") small.truth = small.truth.map((value) => (value > 127 ? 255 : 0))
    }
    this.fill(this.pixels(draft.pen, wide, high), { ...scene, seen: small }, id, contrast, {})
    draft.pen.putImageData(this.scratch[0], 0, 0)
    draft.stamp = stamp
    return draft.canvas
  }

  // where a layer's values are; size is the side of one of them in pixels of the image
  source({ seen, maps, index }, id) {
    const plain = { width: seen.width, height: seen.height, left: 0, top: 0, size: 1 }
    const at = layer(id).moves ? index : 0
    const which = layer(id).needs === "learned" ? seen.learned.name : ""
    if (!layer(id).asks) return { ...plain, stamp: `${seen.serial}/${at}/${which}` }
    const map = maps[id]
    if (!map) return null
    const moment = momentOf(map.steps, seen.steps[index])
    const [, height, width] = map.shape
    const [top, left] = seen.region
    return { width, height, left, top, size: map.size, stamp: `${map.serial}/${moment}`, map, moment }
  }

  fill(out, scene, id, contrast, source) {
    const { seen, index, mask } = scene
    const cut = cutOf(seen, "snn")
    const annCut = cutOf(seen, "ann")
    const frame = seen.frames[index]
    const paint = (values, table) => {
      for (let i = 0; i < out.length; i++) out[i] = table[values[i]]
    }
    const wrong = (values, cut) => {
      const table = this.table(scene, id, contrast)
      const { truth } = seen
      for (let i = 0; i < out.length; i++) {
        out[i] = values[i] > cut === truth[i] > 0 ? 0 : table[values[i]]
      }
    }
    const table = this.table(scene, id, contrast)
    if (id === "em") paint(seen.image, table)
    else if (id === "truth") paint(seen.truth, table)
    else if (id === "ann") paint(seen.ann, table)
    else if (id === "snn") paint(frame, table)
    else if (id === "annClasses") paint(seen.annClasses, table)
    else if (id === "classes") paint(seen.classFrames[index], table)
    else if (id === "outlines") outline(out, frame, seen.width, cut, table[255])
    else if (id === "learned") paint(seen.learned.values, table)
    else if (id === "learnedOutlines") outline(out, seen.learned.values, seen.width, cutOf(seen, "learned"), solid(LEARNED))
    else if (id === "unsteady") paint(seen.unsteady ?? spreadOf(seen.frames, seen.steps), table)
    else if (id === "cells") paintPieces(out, frame, seen.frames[seen.steps.length - 1], seen.width, cut)
    else if (id === "errors") wrong(frame, cut)
    else if (id === "annErrors") wrong(seen.ann, annCut)
    else if (id === "difference") {
      const { ann } = seen
      // compared at one threshold: of two, the rim would tell how they were chosen
      if (mask) for (let i = 0; i < out.length; i++) out[i] = table[255 + 255 * ((frame[i] > cut) - (ann[i] > cut))]
      else for (let i = 0; i < out.length; i++) out[i] = table[255 + frame[i] - ann[i]]
    } else {
      const { map, moment } = source
      const plane = out.length
      const most = map.largest || 1
      const first = moment * plane
      // before the first moment nothing was sent
      if (moment < 0) out.fill(0)
      else {
        for (let i = 0; i < plane; i++) {
          const n = map.counts[first + i]
          out[i] = table[n ? Math.max(1, Math.round((255 * n) / most)) : 0]
        }
      }
    }
    if (seen.beside && !layer(id).asks) this.hatch(out, seen, id)
  }

  hatch(out, seen, id) {
    const { apart, wide, line, ground } = HATCH
    const [top, left] = seen.from ?? [0, 0]
    const scale = seen.scale ?? 1
    const least = ["truth", "errors", "annErrors"].includes(id) ? 63 : 191
    for (let i = 0; i < out.length; i++) {
      if (seen.beside[i] <= least) continue
      // what does not count is see-through in a layer above; what is not tissue is it in each layer
      if (layer(id).over && seen.beside[i] <= 191) out[i] = 0
      else {
        const column = i % seen.width
        const along = top + left + column + (i - column) / seen.width
        out[i] = (along * scale) % apart < wide ? line : ground
      }
    }
  }

  table({ seen, dark, mask }, id, contrast) {
    const cut = cutOf(seen, WHOSE[id] ?? "snn")
    const key = [id, contrast, dark, mask, cut].join("/")
    if (!this.tables.has(key)) {
      if (this.tables.size > 60) this.tables.clear()
      const kinds = {
        ann: () => greys(contrast, mask ? cut : null),
        snn: () => greys(contrast, mask ? cut : null),
        learned: () => greys(contrast, mask ? cut : null),
        unsteady: () => flicker(contrast),
        difference: () => differences(dark, contrast),
        errors: () => mistakes(dark, contrast, cut),
        annErrors: () => mistakes(dark, contrast, cut),
        outlines: () => differences(dark, 1).subarray(255),
        annClasses: () => classTable(),
        classes: () => classTable(),
        spikes: () => counts(contrast),
        population: () => counts(contrast),
      }
      this.tables.set(key, (kinds[id] ?? (() => greys(contrast)))())
    }
    return this.tables.get(key)
  }

  // draw a part of the image; (x, y) is its corner and `scale` device pixels a pixel of the image
  draw(pen, scene, id, { contrast, opacity }, { x, y, scale }) {
    const { seen } = scene
    // what is exact has numbers that no average makes sense of
    if (scene.running && !layer(id).asks && !layer(id).exact && seen.width * seen.height > QUICK) {
      return this.drawDraft(pen, scene, id, { contrast, opacity }, { x, y, scale })
    }
    const sheet = this.get(scene, id, contrast)
    if (!sheet) return
    const { canvas, left, top, size } = sheet
    const across = Math.min(canvas.width, (seen.width - left) / size)
    const down = Math.min(canvas.height, (seen.height - top) / size)
    let level = 0
    let each = scale * size
    while (each < SMALL && level < 5) {
      each *= 2
      level++
    }
    const source = this.level(sheet, level)
    const part = source.width / canvas.width
    const tall = source.height / canvas.height
    pen.globalAlpha = opacity
    pen.imageSmoothingEnabled = each < 2
    pen.drawImage(
      source, 0, 0, across * part, down * tall,
      (left - x) * scale, (top - y) * scale, across * size * scale, down * size * scale
    )
    pen.globalAlpha = 1
  }

  drawDraft(pen, scene, id, { contrast, opacity }, { x, y, scale }) {
    const { width, height } = scene.seen
    let level = 0
    while (scale * 2 ** level < SMALL && level < 5) level++
    const size = 2 ** level
    const most = { wide: Math.ceil(width / size), high: Math.ceil(height / size) }
    const left = Math.min(most.wide - 1, Math.max(0, Math.floor(x / size)))
    const top = Math.min(most.high - 1, Math.max(0, Math.floor(y / size)))
    const wide = Math.min(most.wide, Math.ceil((x + pen.canvas.width / scale) / size)) - left
    const high = Math.min(most.high, Math.ceil((y + pen.canvas.height / scale) / size)) - top
    if (wide < 1 || high < 1) return
    const canvas = this.draft(scene, id, contrast, { level, top, left, wide, high })
    pen.globalAlpha = opacity
    pen.imageSmoothingEnabled = scale * size < 2
    const each = scale * size
    pen.drawImage(canvas, left * each - x * scale, top * each - y * scale, wide * each, high * each)
    pen.globalAlpha = 1
  }

  // copies of half, quarter ... size, made when first wanted: a large picture drawn small is slow
  level(sheet, wanted) {
    while (sheet.levels.length <= wanted) {
      const before = sheet.levels.at(-1)
      const half = document.createElement("canvas")
      half.width = Math.max(1, Math.ceil(before.width / 2))
      half.height = Math.max(1, Math.ceil(before.height / 2))
      const pen = half.getContext("2d")
      pen.imageSmoothingQuality = "medium"
      pen.drawImage(before, 0, 0, half.width, half.height)
      sheet.levels.push(half)
    }
    return sheet.levels[wanted]
  }
}

// pixels of a cell that have membrane beside them
function outline(out, values, width, cut, colour) {
  for (let i = 0; i < out.length; i++) {
    const inside = values[i] > cut
    const column = i % width
    const edge =
      inside &&
      ((column > 0 && values[i - 1] <= cut) || (column < width - 1 && values[i + 1] <= cut) ||
        values[i - width] <= cut || values[i + width] <= cut)
    out[i] = edge ? colour : 0
  }
}

// the last moment that is not later than a step; -1 before the first
export function momentOf(steps, step) {
  let found = -1
  while (found + 1 < steps.length && steps[found + 1] <= step) found++
  return found
}
