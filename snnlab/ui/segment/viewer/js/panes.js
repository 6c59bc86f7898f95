// The panes: one, two or four views of the same part of the image, each with its own layers.

import { CLASS_COLOURS, CLASS_NAMES, LEARNED, SIDES, counts, css, differences, flicker, gradient, greys } from "./colours.js"
import { LAYERS, layer } from "./layers.js"
import { UNSTEADY } from "./unsteady.js"

export const DEFAULT = ["em", "ann", "snn", "difference"]
const OVER_EM = { outlines: 1, cells: 0.45, learnedOutlines: 1, unsteady: 1, annClasses: 0.6, classes: 0.6 } // what goes over the image, and how strong at first
const FAINT = 0.35 // of the image, where what is to be seen is still on its way
const TALL = 62 // most height, in hundredths of the window's: the curve and the slider fit below

// What a pane shows: every layer with its switch and contrast; the last one on is on top. The
// lowest one is there in full; how much of those above it is seen, one number says for all.
export function paneOf(id) {
  const layers = LAYERS.map((item) => [item.id, { on: item.id === id, contrast: 1 }])
  return { layers: Object.fromEntries(layers), opacity: 1 }
}

// a layer alone, or over the image if it goes there: a single picture begins with outlines of cells
export function showing(id) {
  const pane = paneOf("em")
  showOnly(pane, id)
  return pane
}

// layers that are on; the image where none of them is there any more
export function stackOf(pane, available) {
  const on = available.filter((item) => pane.layers[item.id].on)
  return on.length ? on : available.filter(({ id }) => id === "em")
}

export function topOf(pane, available) {
  return stackOf(pane, available).at(-1)?.id ?? null
}

export function showOnly(pane, id) {
  for (const [name, state] of Object.entries(pane.layers)) state.on = name === id
  // outlines and coloured cells alone are hardly anything to look at
  if (OVER_EM[id]) pane.layers.em.on = true
  pane.opacity = OVER_EM[id] ?? 1
}

// Ticks or unticks a layer. No picture is left empty, and one that covers all lets through what
// lies below it.
export function tick(pane, id, on, available) {
  pane.layers[id].on = on
  if (!available.some((item) => pane.layers[item.id].on)) pane.layers.em.on = true
  const [lowest, ...above] = stackOf(pane, available)
  if (on && lowest && above.some((item) => !item.over) && pane.opacity === 1) pane.opacity = 0.5
}

export class Panes {
  constructor(viewer, area) {
    this.viewer = viewer
    this.area = area
    this.all = [0, 1, 2, 3].map((index) => this.make(index))
    this.handle = this.makeHandle()
    this.swipeAt = 0.5
  }

  make(index) {
    const figure = document.createElement("figure")
    figure.innerHTML =
      `<figcaption><select aria-label="Layer in picture ${index + 1}"></select>` +
      `<span class="note"></span><span class="legend"></span></figcaption>` +
      `<div class="stage"><canvas class="image" data-pane="${index}"></canvas>` +
      `<canvas class="marks" tabindex="0" role="img" data-pane="${index}"></canvas></div>`
    const find = (selector) => figure.querySelector(selector)
    const select = find("select")
    select.onchange = () => this.viewer.showLayer(index, select.value)
    this.area.append(figure)
    return {
      index, figure, select, note: find(".note"), legend: find(".legend"), stage: find(".stage"),
      image: find(".image"), marks: find(".marks"),
    }
  }

  makeHandle() {
    const handle = document.createElement("button")
    handle.type = "button"
    handle.className = "divider"
    handle.setAttribute("aria-valuenow", 50)
    handle.setAttribute("role", "slider")
    handle.setAttribute("aria-label", "Divider between the two layers")
    handle.setAttribute("aria-valuemin", 0)
    handle.setAttribute("aria-valuemax", 100)
    const move = (share) => {
      this.swipeAt = Math.min(1, Math.max(0, share))
      this.viewer.refresh("pictures")
    }
    handle.onpointerdown = (event) => {
      event.stopPropagation()
      handle.setPointerCapture(event.pointerId)
      handle.onpointermove = (moved) => {
        const box = this.all[0].stage.getBoundingClientRect()
        move((moved.clientX - box.left) / box.width)
      }
    }
    handle.onpointerup = handle.onpointercancel = () => (handle.onpointermove = null)
    handle.onkeydown = (event) => {
      const by = { ArrowLeft: -0.02, ArrowRight: 0.02, Home: -1, End: 1 }[event.key]
      if (by === undefined) return
      event.preventDefault()
      event.stopPropagation()
      move(this.swipeAt + by)
    }
    this.all[0].stage.append(handle)
    return handle
  }

  // the panes on screen, left to right
  shown() {
    return this.all.slice(0, this.viewer.layout === "swipe" ? 1 : this.viewer.layout)
  }

  // after a new result, another layout or another choice of layers
  arrange() {
    const { viewer } = this
    const { seen, layout } = viewer
    this.area.dataset.layout = layout
    this.area.classList.toggle("large", viewer.large)
    this.handle.hidden = layout !== "swipe"
    const widest = `calc(${TALL}vh * ${seen.width / seen.height})`
    this.area.closest(".left").style.setProperty("--widest", widest)
    this.area.style.maxWidth = layout === "swipe" ? widest : ""
    const names = viewer.available()
    this.all.forEach((pane, index) => {
      const partner = layout === "swipe" && index === 1
      pane.figure.hidden = !partner && !this.shown().includes(pane)
      pane.figure.classList.toggle("partner", partner)
      pane.figure.classList.toggle("active", index === viewer.active && layout !== 1)
      const shape = `${seen.width} / ${seen.height}`
      pane.stage.style.aspectRatio = shape
      pane.figure.style.maxWidth = widest
      const state = viewer.panes[index]
      const top = topOf(state, names)
      pane.select.replaceChildren(
        ...names.map((item) => new Option(this.title(item.id), item.id, false, item.id === top))
      )
    })
    this.caption()
  }

  title(id) {
    const { chosen } = this.viewer
    if (id !== "population" || !chosen) return layer(id).name
    const which = chosen.channel === null ? "all channels" : `channel ${chosen.channel}`
    return `Spikes of ${chosen.layer}, ${which}`
  }

  caption() {
    const { viewer } = this
    const step = viewer.seen.steps[viewer.index]
    const names = viewer.available()
    this.all.forEach((pane, index) => {
      const state = viewer.panes[index]
      const stack = stackOf(state, names)
      const top = stack.at(-1)
      const notes = []
      // what goes over the image anyway need not say so where there is little room
      const usual = viewer.layout === 4 && OVER_EM[top?.id] && stack.length === 2 && stack[0].id === "em"
      if (stack.length > 1 && !usual) notes.push(`over ${stack.slice(0, -1).map((item) => item.chip).join(", ")}`)
      if (top?.moves) notes.push(`at step ${step}`)
      if (top?.asks && !viewer.maps[top.id]) notes.push(viewer.mapsFailed ?? "loading …")
      pane.note.textContent = notes.join(", ")
      const legend = top ? this.legend(top.id, state.layers[top.id].contrast) + this.hatch(top) : ""
      if (pane.legend.dataset.for !== legend) {
        pane.legend.innerHTML = legend
        pane.legend.dataset.for = legend
      }
      pane.marks.setAttribute("aria-label", this.describe(top?.id, step))
    })
  }

  hatch({ id, asks, over }) {
    // four pictures side by side have no room for it in each, and the first says it
    if (!this.viewer.seen.beside || asks || (over && this.viewer.layout === 4)) return ""
    return `<b class="hatched"></b>${id === "truth" ? "does not count" : "not tissue"} `
  }

  legend(id, contrast) {
    const { dark, mask, maps } = this.viewer
    const sides = SIDES[dark ? "dark" : "light"]
    const bar = (low, table, high) => `${low}<i style="background:${gradient(table)}"></i>${high}`
    const spot = (colour, text) => `<b style="background:${colour}"></b>${text} `
    if (id === "em") return bar("dark 0", greys(contrast), "1 light")
    if (id === "difference") {
      return mask
        ? spot(css(sides.ann), "cell for the ANN only") + spot(css(sides.snn), "for the SNN only")
        : bar("ANN higher −1", differences(dark, contrast), "+1 SNN higher")
    }
    if (id === "outlines") return spot(css(sides.snn), `cells of the SNN, above ${+this.viewer.seen.threshold.toFixed(2)}`)
    if (id === "learnedOutlines") return spot(css(LEARNED), `cells by your scribbles, above ${+this.viewer.seen.learned.at.toFixed(2)}`)
    if (id === "unsteady") return bar("steady 0", flicker(contrast), `${UNSTEADY} and more`)
    if (id === "cells") return `each piece above ${+this.viewer.seen.threshold.toFixed(2)} in a colour`
    if (id === "classes" || id === "annClasses") {
      return CLASS_NAMES.map((kind, i) => spot(css(CLASS_COLOURS[i]), kind)).join("")
    }
    if (id === "errors" || id === "annErrors") {
      return spot(css(sides.cell), "false cell") + spot(css(sides.membrane), "false membrane")
    }
    if (id === "spikes" || id === "population") {
      return maps[id] ? bar("0", counts(contrast), `${maps[id].largest} spikes`) : ""
    }
    if (id === "truth" || mask) return spot("#fff", "cell") + spot("#000", "membrane")
    return bar("membrane 0", greys(contrast), "1 cell")
  }

  describe(id, step) {
    const { seen } = this.viewer
    const says = {
      em: `${seen.name}, ${seen.width} by ${seen.height} pixels`,
      truth: "Labels, white is cell, black is membrane",
      ann: "Probability of cell by the U-Net, white is cell",
      snn: `Probability of cell by the spiking network after step ${step}, white is cell`,
      difference: `SNN minus ANN, in probability of cell, after step ${step}`,
      cells: `The spiking network's cells in colour after step ${step}`,
      outlines: `Outlines of the spiking network's cells after step ${step}`,
      annClasses: "Classes by the U-Net: membrane blue, cell yellow, mitochondria orange",
      classes: `Classes by the spiking network after step ${step}: membrane blue, cell yellow, mitochondria orange`,
      errors: `Where the spiking network is wrong after step ${step}`,
      annErrors: "Where the U-Net is wrong",
      learned: "Probability of cell by the network trained on your scribbles, white is cell",
      learnedOutlines: "Outlines of cells by the network trained on your scribbles",
      unsteady: "How much the spiking network's probability still changes in the second half of the steps",
      spikes: `Spikes of all layers up to step ${step}`,
      population: `${this.title("population")} up to step ${step}`,
    }
    return `${says[id] ?? "Nothing chosen"}. Arrow keys move a cursor, Enter looks at the pixel under it.`
  }

  // all: not only what changes with time
  paint(all) {
    const { viewer } = this
    const names = viewer.available()
    for (const pane of this.shown()) {
      const before = pane.image.width
      if (!this.fit(pane)) continue
      const stays = () => stackOf(viewer.panes[pane.index], names).every(({ moves }) => !moves)
      if (!all && before === pane.image.width && viewer.layout !== "swipe" && stays()) continue
      const pen = pane.image.getContext("2d")
      const { width, height } = pane.image
      pen.clearRect(0, 0, width, height)
      const frame = this.frame(pane)
      if (viewer.layout !== "swipe") {
        this.stack(pen, pane.index, frame)
        continue
      }
      const edge = Math.round(width * this.swipeAt)
      for (const [index, from, to] of [[0, 0, edge], [1, edge, width]]) {
        pen.save()
        pen.beginPath()
        pen.rect(from, 0, to - from, height)
        pen.clip()
        this.stack(pen, index, frame)
        pen.restore()
      }
      this.handle.style.left = `${100 * this.swipeAt}%`
      this.handle.setAttribute("aria-valuenow", Math.round(100 * this.swipeAt))
    }
  }

  // canvases as large as they are on the screen
  fit(pane) {
    const ratio = window.devicePixelRatio || 1
    const wide = Math.round(pane.stage.clientWidth * ratio)
    if (wide < 2) return false
    const tall = Math.max(1, Math.round((wide * this.viewer.seen.height) / this.viewer.seen.width))
    for (const canvas of [pane.image, pane.marks]) {
      if (canvas.width === wide && canvas.height === tall) continue
      canvas.width = wide
      canvas.height = tall
    }
    return true
  }

  // corner of what is seen, and device pixels a pixel of the image
  frame(pane) {
    const { view, seen } = this.viewer
    return { x: view.x, y: view.y, scale: (pane.image.width * view.scale) / seen.width }
  }

  stack(pen, index, frame) {
    const { viewer } = this
    const pane = viewer.panes[index]
    const stack = stackOf(pane, viewer.available())
    const draw = (id, opacity) =>
      viewer.sheets.draw(pen, viewer.scene(), id, { contrast: pane.layers[id].contrast, opacity }, frame)
    // maps are fetched when they are first shown
    if (stack.every(({ id, asks }) => asks && !viewer.maps[id])) draw("em", FAINT)
    stack.forEach(({ id }, place) => draw(id, place ? pane.opacity : 1))
  }

  // the layers under a point of a pane, for the magnifier
  stackAt(pane, x) {
    if (this.viewer.layout !== "swipe") return pane.index
    return x < pane.image.width * this.swipeAt ? 0 : 1
  }
}
