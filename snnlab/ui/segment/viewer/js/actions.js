// What a visitor can do: to time, to the layers, to the part seen, to places and boxes. Everything
// ends in fields of the viewer and a call of `refresh`.

import { nearestTo } from "./axis.js"
import { DEFAULT, paneOf, showing, showOnly, topOf } from "./panes.js"
import { boxOf } from "./pointer.js"

const NARROW = 640 // CSS pixels
const STANDS = 160 // ms after the last step, when a large picture is drawn at its best
// what pictures show at first; of a pair the first two, side by side or beside the divider
const PLAIN = {
  single: ["outlines", ...DEFAULT.slice(1)], pair: ["ann", "snn", "em", "difference"], panes: DEFAULT,
}
const BY_CLASS = {
  single: ["classes", ...DEFAULT.slice(1)], pair: ["annClasses", "classes", "em", "difference"],
  panes: ["em", "annClasses", "classes", "difference"],
}

export class Actions {
  // ---- time ---------------------------------------------------------------------------------

  setIndex(index) {
    if (!this.seen) return
    const next = Math.min(this.seen.steps.length - 1, Math.max(0, index))
    if (next === this.index) return
    this.index = next
    this.running = true
    clearTimeout(this.standing)
    this.standing = setTimeout(() => {
      this.running = false
      this.refresh("pictures")
    }, STANDS)
    this.refresh("time")
  }

  goToStep(step) {
    this.player.go(nearestTo(this.seen.steps, step))
  }

  // ---- layers and layout --------------------------------------------------------------------

  layoutByWidth() {
    const narrow = this.compact || this.root.clientWidth < NARROW
    const wanted = (narrow ? this.prefs.narrowLayout : this.prefs.layout) ?? (narrow ? 1 : 4)
    this.narrow = narrow
    this.layout = this.compact ? 1 : wanted
    this.arrange()
  }

  setLayout(layout) {
    this.prefs[this.narrow ? "narrowLayout" : "layout"] = layout
    this.layoutByWidth()
    this.say(layout === "swipe" ? "Two layers with a divider" : `${layout} ${layout === 1 ? "picture" : "pictures"}`)
  }

  arrange() {
    if (!this.seen) return
    // a single picture and a pair have layers of their own
    const { prefs, layout } = this
    if (this.compact) this.panes = prefs.small ??= DEFAULT.map(paneOf)
    else {
      // and so has a net that tells classes apart, which other nets' pictures do not have
      const [kept, first] = this.seen.annClasses ? [(prefs.classes ??= {}), BY_CLASS] : [prefs, PLAIN]
      if (layout === 1) this.panes = kept.single ??= first.single.map(showing)
      else if (layout === 2 || layout === "swipe") this.panes = kept.pair ??= first.pair.map(showing)
      else this.panes = kept.panes ??= first.panes.map(showing)
    }
    if (this.active >= (this.layout === "swipe" ? 2 : this.layout)) this.active = 0
    this.chosen ??= this.prefs.chosen ?? { layer: this.seen.layers.at(-1).name, channel: null }
    const population = this.seen.layers.find(({ name }) => name === this.chosen.layer)
    if (!population || this.chosen.channel >= population.shape[2]) {
      this.chosen = { layer: this.seen.layers.at(-1).name, channel: null }
    }
    this.area.arrange()
    this.writeChips()
    this.pressed("layout", this.layout)
    this.pressed("mask", this.mask)
    this.find(".larger").hidden = this.layout !== 4 || this.narrow
    this.find(".larger").setAttribute("aria-pressed", String(this.large))
    this.panel.write()
    this.panel.writeOverlay()
    this.inspector.show()
    this.mapper.fetch()
    this.refresh("pictures", "time")
  }

  pressed(kind, value) {
    for (const button of this.root.querySelectorAll(`button[data-${kind}]`)) {
      button.setAttribute("aria-pressed", String(button.dataset[kind] === String(value)))
    }
  }

  writeChips() {
    const chips = this.find(".chips")
    chips.hidden = this.layout !== 1 || this.compact
    const top = topOf(this.panes[0], this.available())
    chips.replaceChildren(...this.available().map(({ id, chip }) => {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: chip })
      button.dataset.chip = id
      button.setAttribute("aria-pressed", String(id === top))
      button.onclick = () => this.showLayer(0, id)
      return button
    }))
  }

  showLayer(index, id) {
    showOnly(this.panes[index], id)
    this.active = index
    this.arrange()
  }

  nextLayer(by) {
    const names = this.available()
    const at = names.findIndex(({ id }) => id === topOf(this.panes[this.active], names))
    const next = names[(at + by + names.length) % names.length]
    this.showLayer(this.active, next.id)
    this.say(next.name)
  }

  choosePopulation(layer, channel) {
    this.chosen = this.prefs.chosen = { layer, channel }
    // chosen to be looked at
    if (!this.panes.some((pane) => pane.layers.population.on)) showOnly(this.panes[this.active], "population")
    this.arrange()
  }

  activate(index) {
    if (this.active === index || this.layout === 1) return
    this.active = index
    this.area.arrange()
    this.panel.write()
    this.panel.writeOverlay()
  }

  setMask(mask) {
    this.mask = this.prefs.mask = mask
    this.pressed("mask", mask)
    this.refresh("pictures", "captions")
  }

  setLens(on) {
    this.lens = on
    this.find(".lens").setAttribute("aria-pressed", String(on))
    this.go(this.view)
  }

  setBoxing(on) {
    this.boxing = on
    this.find(".boxing").setAttribute("aria-pressed", String(on))
    this.root.classList.toggle("boxing", on)
    this.go(this.view)
  }

  setComparing(on) {
    this.comparing = on
    const button = this.find(".compare")
    button.setAttribute("aria-pressed", String(on))
    button.textContent = on ? "Now choose the other pixel" : "Compare with another pixel"
  }

  setNm(nm) {
    this.nm = nm
    ;(this.prefs.nm ??= {})[this.seen.picture] = nm
    this.refresh("marks")
  }

  // ---- the part seen ------------------------------------------------------------------------

  go({ scale, x, y }) {
    const { width, height } = this.seen
    const most = { x: width * (1 - 1 / scale), y: height * (1 - 1 / scale) }
    this.view = { scale, x: Math.min(most.x, Math.max(0, x)), y: Math.min(most.y, Math.max(0, y)) }
    const held = scale > 1 || this.boxing || this.lens || this.brush.on
    for (const { marks } of this.area.all) marks.style.touchAction = held ? "none" : "pan-y"
    this.find(".zoom .whole").disabled = this.find(".zoom .out").disabled = scale <= 1
    this.root.dataset.zoom = scale.toFixed(2)
    this.refresh("pictures")
  }

  whole() {
    this.go({ scale: 1, x: 0, y: 0 })
  }

  pan(rows, columns) {
    const { scale, x, y } = this.view
    const step = 0.15 / scale
    this.go({ scale, x: x + columns * step * this.seen.width, y: y + rows * step * this.seen.height })
  }

  // ---- the cursor, places and boxes ---------------------------------------------------------

  setHover(hover) {
    this.byKeys = false
    this.hover = hover
    this.refresh("marks")
  }

  moveCursor(rows, columns) {
    const { seen, view } = this
    const step = Math.max(1, Math.round(seen.width / view.scale / 64))
    const inside = (value, size) => Math.min(size - 1, Math.max(0, value))
    const middle = { row: view.y + seen.height / view.scale / 2, column: view.x + seen.width / view.scale / 2 }
    const from = this.hover ?? { row: Math.floor(middle.row), column: Math.floor(middle.column) }
    this.hover = {
      row: inside(from.row + rows * step, seen.height),
      column: inside(from.column + columns * step, seen.width),
      pane: this.active,
    }
    this.byKeys = true
    clearTimeout(this.saying)
    this.saying = setTimeout(() => this.hover && this.say(this.valuesAt(this.hover)), 400)
    this.refresh("marks")
  }

  focusSpot() {
    if (!this.hover) return null
    const { seen, view } = this
    return {
      x: ((this.hover.column + 0.5 - view.x) * view.scale) / seen.width,
      y: ((this.hover.row + 0.5 - view.y) * view.scale) / seen.height,
    }
  }

  chooseCursor(compare) {
    if (!this.hover) this.moveCursor(0, 0)
    if (this.brush.on) return this.brush.dot(this.hover.row, this.hover.column)
    this.choose(this.hover.row, this.hover.column, compare)
  }

  choose(row, column, compare) {
    const { width, height } = this.seen
    if (row < 0 || column < 0 || row >= height || column >= width) return
    const place = { row, column }
    this.places = compare && this.places.length ? [this.places[0], place] : [place]
    if (this.comparing) this.setComparing(false)
    this.tellPlace()
    this.inspector.look()
    this.refresh("marks")
  }

  setBox(box) {
    this.box = box
    this.refresh("marks")
  }

  cornerHere() {
    if (!this.hover) this.moveCursor(0, 0)
    const { row, column } = this.hover
    if (!this.corner) {
      this.corner = { row, column }
      return this.say(`Corner at row ${row}, column ${column}; move the cursor and press B again.`)
    }
    this.setBox(boxOf(this.corner, { row, column }, this.seen))
    this.corner = null
    this.askRegion()
  }

  askRegion() {
    if (this.boxing) this.setBoxing(false)
    this.inspector.lookRegion(this.box)
  }

  forget() {
    this.box = this.corner = this.inspector.region = this.inspector.trouble = null
    if (this.comparing) this.setComparing(false)
    if (this.boxing) this.setBoxing(false)
    const had = this.places.length
    this.places = []
    if (had) this.inspector.look()
    else this.inspector.show()
    this.refresh("marks")
  }
}
