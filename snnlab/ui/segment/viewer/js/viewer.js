// The linked viewer: holds what is seen and how, and tells its parts when something changes.
// Data arrives once (packing.py); scrubbing, playing, zooming and panning need no server.

import { Actions } from "./actions.js"
import { Brush } from "./brush.js"
import { CLASS_NAMES, css, lightness, SIDES } from "./colours.js"
import { Curve } from "./curve.js"
import { unpack } from "./decode.js"
import { Inspector } from "./inspector.js"
import { Keys } from "./keys.js"
import { besideTissue, labelled, LAYERS, Sheets } from "./layers.js"
import { Learned } from "./learned.js"
import { Link, meeting } from "./link.js"
import { Marks } from "./marks.js"
import { Maps } from "./maps.js"
import { DEFAULT, Panes, paneOf } from "./panes.js"
import { Panel } from "./panel.js"
import { Pointer } from "./pointer.js"
import { Player } from "./time.js"
import { lateOf, spreadOf, UNSTEADY } from "./unsteady.js"

const HINT = {
  mouse: "Click a pixel for the neurons behind it, Shift + click to compare. Drag to move, Ctrl + wheel to zoom. ? lists all keys.",
  touch: "Tap a pixel for the neurons behind it. Pinch with two fingers to zoom, then drag to move.",
}
const PAINTING = {
  mouse: "Drag to paint labels; Shift + drag moves the image. X: next colour, < and >: width, U: undo, S: put the brush down.",
  touch: "Drag with one finger to paint labels, with two to move and zoom.",
}
const viewers = new WeakMap()

export default function ({ data, parentElement }) {
  let viewer = viewers.get(parentElement)
  if (!parentElement.contains(viewer?.root)) {
    viewer = new Viewer(parentElement)
    viewers.set(parentElement, viewer)
  }
  // Streamlit may end a call only when the next one has begun, on the same element
  const turn = (viewer.turn = {})
  viewer.enter()
  viewer.take(data)
  return () => viewer.turn === turn && viewer.leave()
}

class Viewer extends Actions {
  constructor(parent) {
    super()
    this.root = parent.querySelector(".viewer")
    this.host = parent.host ?? parent
    this.find = (selector) => this.root.querySelector(selector)
    // what the visitor has set outlives the page that shows it, in this tab
    const desk = meeting()
    this.prefs = desk.prefs ??= {}
    this.panes = DEFAULT.map(paneOf)
    Object.assign(this, { places: [], extras: {}, maps: {}, box: null, hover: null, active: 0, index: 0 })
    this.mask = this.prefs.mask ?? false
    this.large = this.prefs.large ?? false
    this.view = { scale: 1, x: 0, y: 0 }
    this.dirty = new Set()
    this.sheets = new Sheets()
    this.area = new Panes(this, this.find(".panes"))
    this.marks = new Marks(this)
    this.curve = new Curve(this, this.find(".curve"), this.find(".time .key"))
    this.player = new Player(this, this.find)
    this.inspector = new Inspector(this, this.find)
    this.panel = new Panel(this, this.find)
    this.mapper = new Maps(this)
    this.brush = new Brush(this, this.find)
    this.learned = new Learned(this)
    this.pointer = new Pointer(this)
    this.keys = new Keys(this, this.root, this.find("dialog"))
    this.buttons()
    this.lit = () => this.refresh("marks")
    this.observer = new ResizeObserver(() => this.resized())
    this.gone = true
  }

  enter() {
    if (!this.gone) return
    this.gone = false
    this.link = new Link((told) => this.hear(told), () => this.say("The server did not answer; try again."))
    meeting().light = this.lit
    this.observer.observe(this.root)
    this.brush.enter()
    this.refresh("pictures", "time", "captions")
  }

  // ---- what comes in -----------------------------------------------------------------------

  async take(bytes) {
    if (!bytes?.byteLength) return
    if (bytes === this.bytes) return this.restyle()
    this.bytes = bytes
    const { header, arrays } = await unpack(bytes)
    if (bytes !== this.bytes) return // something newer arrived meanwhile
    const { frames, image, ann, truth = null, beside = null, annClasses = null, classFrames: kinds = null } = arrays
    const plane = header.height * header.width
    const planes = (values) => values && header.steps.map((_, i) => values.subarray(i * plane, (i + 1) * plane))
    const seen = {
      ...header, image, ann, truth, beside, serial: (meeting().results = (meeting().results ?? 0) + 1),
      frames: planes(frames), annClasses, classFrames: planes(kinds),
      learned: null, flickers: lateOf(header.steps).length > 1,
    }
    const before = this.seen
    // another run is seen as it ends; the same one, come back to, at the moment that was looked at
    const step = this.prefs.run === seen.id ? (this.prefs.step ?? Infinity) : Infinity
    this.prefs.run = seen.id
    const same = before?.picture === seen.picture
    this.seen = seen
    if (!same) {
      this.view = { scale: 1, x: 0, y: 0 }
      this.places = []
      this.box = null
    }
    this.brush.renew(`${seen.picture}/${seen.width}x${seen.height}`)
    if (!same || this.nm === undefined) this.nm = this.prefs.nm?.[seen.picture] ?? seen.nm
    this.inspector.clear()
    this.mapper.clear()
    this.learned.clear()
    this.link.drop()
    const near = seen.steps.findIndex((value) => value >= step)
    this.index = near < 0 ? seen.steps.length - 1 : near
    this.restyle()
    this.layoutByWidth()
    this.curve.begin()
    if (this.told) this.hear(this.told, true)
    this.root.dataset.ready = "true"
    this.root.dataset.steps = seen.steps.at(-1)
  }

  // what the page knows: places, boxes, whether there is little room
  hear(told, again = false) {
    this.told = told
    if (!this.seen || told.result !== this.seen.id) return
    this.extras = told
    if (String(this.seen.region) !== String(told.region)) {
      this.seen.region = told.region // of a large image, the part that is looked into
      this.mapper.clear()
      this.refresh("pictures", "captions")
    }
    if (this.compact !== told.compact) {
      this.compact = told.compact
      this.root.classList.toggle("compact", told.compact)
      this.layoutByWidth()
    }
    const same = JSON.stringify(told.places) === JSON.stringify(this.places.map((p) => [p.row, p.column]))
    if (!this.link.open && (!same || again)) {
      this.places = told.places.map(([row, column]) => ({ row, column }))
      if (this.places.length && !this.compact) this.inspector.look()
    }
    this.tellPlace()
    this.brush.hear(told.brush)
    this.learned.hear(told.learned)
    this.curve.score()
    if (again && this.box) this.askRegion()
    this.mapper.fetch()
    this.refresh("marks")
  }

  // the first place is told to whoever shows the same image otherwise, such as the chips
  tellPlace() {
    const desk = meeting()
    const [place] = this.places
    const same = desk.place?.picture === this.seen.picture
    if (same && desk.place.row === place?.row && desk.place.column === place?.column) return
    desk.place = place ? { picture: this.seen.picture, ...place } : null
    desk.placed?.()
  }

  // the patch of a core that is looked at beside the image
  core() {
    const { core } = meeting()
    return core?.picture === this.seen.picture ? core : null
  }

  ask(question) {
    return this.link.ask(this.seen.id, question)
  }

  // ---- drawing -----------------------------------------------------------------------------

  // what: "time" (another moment), "pictures", "captions", "marks"; drawn with the next frame
  refresh(...what) {
    for (const part of what) this.dirty.add(part)
    this.drawing ??= requestAnimationFrame(() => {
      this.drawing = null
      const now = this.dirty
      this.dirty = new Set()
      if (!this.seen || this.gone) return
      if (now.has("time") || now.has("pictures")) this.area.paint(now.has("pictures"))
      if (now.has("time")) this.showTime()
      if (now.has("time") || now.has("captions")) this.area.caption()
      this.marks.paint()
      this.root.dataset.places = this.places.map(({ row, column }) => `${row},${column}`).join(" ")
      this.root.dataset.core = this.core()?.box.join(",") ?? ""
      this.root.dataset.spots = this.extras.spots?.length ?? 0
      this.showValues()
    })
  }

  scene() {
    const { seen, maps, index, dark, mask, running } = this
    return { seen, maps, index, dark, mask, running }
  }

  available() {
    return LAYERS.filter(({ needs }) => !needs || this.seen[needs])
  }

  // whether one of the pictures on screen has a layer
  shows(id) {
    return this.panes.slice(0, this.layout === "swipe" ? 2 : this.layout).some((pane) => pane.layers[id].on)
  }

  sides() {
    const { ann, snn } = SIDES[this.dark ? "dark" : "light"]
    return { ann: css(ann), snn: css(snn) }
  }

  restyle() {
    if (!this.seen) return
    const style = getComputedStyle(this.host)
    this.page = style.getPropertyValue("--st-background-color").trim()
    this.font = style.getPropertyValue("--st-font").trim() || "sans-serif"
    this.dark = lightness(this.page) < 0.5
    this.root.classList.toggle("dark", this.dark)
    this.refresh("pictures", "time", "captions")
    this.inspector.draw()
  }

  resized() {
    if (!this.seen) return
    this.layoutByWidth()
    this.curve.draw()
    this.inspector.draw()
  }

  showTime() {
    const { seen, index } = this
    const step = seen.steps[index]
    this.prefs.step = index === seen.steps.length - 1 ? Infinity : step
    this.root.dataset.step = step
    this.player.show(this.timeSays())
    const says = this.find(".controls .says")
    says.textContent = `step ${step} of ${seen.steps.at(-1)} (${(step * seen.dt * 1000).toFixed(0)} ms)`
    this.curve.move()
    this.inspector.cursor()
  }

  timeSays() {
    const { seen, index } = this
    if (seen.agreement[index] === null) return `step ${seen.steps[index]}: nothing of it is segmented`
    const agree = `${(100 * seen.agreement[index]).toFixed(1)} % of the pixels agree with the ANN`
    const right = (seen.accuracy[index] ?? null) !== null ? `, ${(100 * seen.accuracy[index]).toFixed(1)} % with the labels` : ""
    return `step ${seen.steps[index]}: ${agree}${right}`
  }

  showValues() {
    const line = this.find(".values")
    const hints = this.brush.on ? PAINTING : HINT
    const hint = this.compact ? "" : hints[matchMedia("(pointer: coarse)").matches ? "touch" : "mouse"]
    line.textContent = this.hover ? this.valuesAt(this.hover) : hint
  }

  valuesAt({ row, column }) {
    const { seen } = this
    const i = row * seen.width + column
    const share = (v) => (v / 255).toFixed(2)
    const snn = seen.frames[this.index][i]
    // where its spikes are known it says what the panel says, to the last digit
    const known = this.index === seen.frames.length - 1 && !this.compact && this.inspector.column({ row, column })
    const [one, other] = [share(seen.ann[i]), known ? this.inspector.readout(known).told : share(snn)]
    if (besideTissue(seen, i)) return `row ${row}, column ${column} · not tissue: neither segmented nor scored`
    const parts = [
      `row ${row}, column ${column}`, `grey ${share(seen.image[i])}`, `ANN ${one}`, `SNN ${other}`,
      `difference ${signed(other - one)}`, // of what is written, which a reader may subtract
    ]
    if (seen.annClasses) parts.push(`ANN: ${CLASS_NAMES[seen.annClasses[i]]}, SNN: ${CLASS_NAMES[seen.classFrames[this.index][i]]}`)
    if (this.shows("unsteady")) parts.push(`flicker ±${((spreadOf(seen.frames, seen.steps)[i] * UNSTEADY) / 255).toFixed(2)}`)
    if (seen.learned) parts.push(`trained ${share(seen.learned.values[i])}`)
    if (seen.truth) parts.push(labelled(seen, i))
    for (const id of ["spikes", "population"]) {
      const count = this.mapper.at(id, row, column)
      if (count !== null) parts.push(`${count} spikes (${id === "spikes" ? "all layers" : this.chosen.layer})`)
    }
    return parts.join(" · ")
  }

  say(words) {
    this.find(".live").textContent = words
  }

  sayTime() {
    this.say(this.timeSays())
  }

  buttons() {
    const press = (selector, run) => (this.find(selector).onclick = () => this.seen && run())
    press(".lens", () => this.setLens(!this.lens))
    press(".boxing", () => this.setBoxing(!this.boxing))
    press(".help", () => this.keys.open())
    press(".below", () => this.inspector.comeToSight())
    press(".zoom .in", () => this.pointer.zoom({ x: 0.5, y: 0.5 }, 1.5))
    press(".zoom .out", () => this.pointer.zoom({ x: 0.5, y: 0.5 }, 1 / 1.5))
    press(".zoom .whole", () => this.whole())
    press(".larger", () => {
      this.large = this.prefs.large = !this.large
      this.arrange()
    })
    for (const button of this.root.querySelectorAll("[data-layout]")) {
      const { layout } = button.dataset
      if (button.tagName === "BUTTON") {
        button.onclick = () => this.seen && this.setLayout(layout === "swipe" ? layout : Number(layout))
      }
    }
    for (const button of this.root.querySelectorAll("button[data-mask]")) {
      button.onclick = () => this.seen && this.setMask(button.dataset.mask === "true")
    }
  }

  leave() {
    this.gone = true
    this.brush.leave()
    this.player.pause()
    this.link.leave()
    if (meeting().light === this.lit) meeting().light = null
    this.observer.disconnect()
  }
}

const signed = (value) => value.toFixed(2).replace(/^-(?=0\.00$)/, "").replace("-", "−")
