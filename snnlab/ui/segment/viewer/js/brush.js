// The brush: labels painted over the pictures. A stroke is on screen at once; the server is told
// all strokes of the section once the hand has rested, and again until it has answered.

import { meeting } from "./link.js"

const RESTS = 500 // ms after a stroke, when the server is told
const AGAIN = 1500 // ms after a message that was not heard
const INKS = ["membrane", "cell", "erase"]
const ROOM = { strokes: 2000, points: 40_000 } // as in snnlab/images/scribbles.py
const WIDTHS = { least: 1, most: 40, first: 5 } // pixels
const VEIL = 0.6 // how strong strokes are over the picture
// told apart without red-green vision, on light and dark tissue
export const PAINTS = ["#ff8c00", "#1e90ff"]

const unpainted = () => ({ strokes: [], shared: [], revision: "" }) // shared: what the server has, too

export class Brush {
  constructor(viewer, find) {
    this.viewer = viewer
    this.desk = meeting()
    this.bar = find(".brush")
    this.button = find(".brushing")
    this.says = this.bar.querySelector(".painted")
    this.slider = this.bar.querySelector(".width")
    Object.assign(this, { on: false, ink: 0, width: WIDTHS.first, line: null, late: 0, ...unpainted() })
    this.bar.querySelector(".undo").onclick = () => this.undo()
    this.slider.oninput = () => this.setWidth(Number(this.slider.value))
    for (const one of this.bar.querySelectorAll("[data-ink]")) {
      one.onclick = () => this.setInk(INKS.indexOf(one.dataset.ink))
    }
    this.button.onclick = () => viewer.seen && this.toggle()
  }

  // ---- what the page knows -------------------------------------------------------------------

  // another section, or other pixels of it: what was painted on it is asked for
  renew(size) {
    if (this.size === size) return
    this.size = size
    clearTimeout(this.timer)
    Object.assign(this, { line: null, late: 0, sheet: null, ...unpainted() })
    const { left } = this.desk
    this.desk.left = null
    if (left?.size !== size) return this.tell()
    Object.assign(this, left)
    this.redraw()
    this.later(0)
  }

  // another page is opened: what was not heard yet is told when this picture is seen again
  leave() {
    this.end()
    clearTimeout(this.timer)
    const { size, strokes, shared, revision } = this
    if (this.late) this.desk.left = { size, strokes, shared, revision }
  }

  enter() {
    if (!this.late) return
    this.desk.left = null
    this.later(0)
  }

  hear(told) {
    this.offered = Boolean(told) && !this.viewer.compact
    this.button.hidden = !this.offered
    if (!this.offered) return this.on && this.put(false)
    // forgotten by the page, or by this half
    if (told.held !== this.on && !this.late && !this.asking) this.later(0)
    if (told.revision !== this.revision && !this.late && !this.line) this.fetch()
  }

  async fetch() {
    if (this.asking) return
    this.asking = true
    const { size } = this
    const answer = await this.viewer.ask({ want: "painted" })
    this.asking = false
    if (!answer || size !== this.size || this.late || this.line) return
    this.share(answer.header)
  }

  // what the server holds, and above it what it has not got yet
  share({ strokes, revision }) {
    const mine = this.strokes.filter((one) => !this.shared.includes(one))
    this.shared = strokes.map(([ink, width, points]) => ({ ink, width, points }))
    this.strokes = [...this.shared, ...mine]
    this.revision = revision
    this.redraw()
    return mine.length
  }

  later(wait = RESTS) {
    this.late++
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.send(), wait)
  }

  async send() {
    if (this.line) return this.later() // a stroke is under way
    const { late, size, revision: base } = this
    const sent = [...this.strokes]
    const strokes = sent.map(({ ink, width, points }) => [ink, width, points])
    const answer = await this.viewer.ask({ want: "paint", base, strokes, held: this.on })
    if (size !== this.size) return
    if (!answer) {
      if (late === this.late && !this.viewer.gone) this.timer = setTimeout(() => this.send(), AGAIN)
      return
    }
    const { header } = answer
    // something else was painted or cleared meanwhile, or before a reload
    if (header.strokes && this.share(header)) return this.later(0)
    if (!header.error && !header.strokes) Object.assign(this, { shared: sent, revision: header.revision })
    if (late !== this.late) return // something newer is on its way
    this.late = 0
    if (header.error) {
      this.viewer.say(header.error)
      this.says.textContent = header.error
      return
    }
    this.viewer.root.dataset.painted = this.revision
  }

  // ---- tools -----------------------------------------------------------------------------------

  toggle() {
    this.put(!this.on)
    // what is painted on is in sight, on a phone too
    if (this.on) (this.viewer.narrow ? this.bar : this.viewer.area.area).scrollIntoView({ block: this.viewer.narrow ? "start" : "nearest" })
    this.later(0)
    this.viewer.say(this.on ? "Brush: drag to paint labels" : "Brush put down")
  }

  put(on) {
    this.on = on
    this.bar.hidden = !on
    this.button.setAttribute("aria-pressed", String(on))
    this.viewer.root.classList.toggle("painting", on)
    if (on && this.viewer.boxing) this.viewer.setBoxing(false)
    if (on && this.viewer.lens) this.viewer.setLens(false)
    this.setInk(this.ink)
    this.setWidth(this.width)
    this.viewer.go(this.viewer.view)
    this.tell()
  }

  setInk(ink) {
    this.ink = (ink + INKS.length) % INKS.length
    for (const one of this.bar.querySelectorAll("[data-ink]")) {
      one.setAttribute("aria-pressed", String(one.dataset.ink === INKS[this.ink]))
    }
    this.viewer.refresh("marks")
  }

  nextInk() {
    if (!this.on) return
    this.setInk(this.ink + 1)
    this.viewer.say(this.bar.querySelector(`[data-ink="${INKS[this.ink]}"]`).textContent)
  }

  setWidth(width) {
    this.width = Math.min(WIDTHS.most, Math.max(WIDTHS.least, width))
    this.slider.value = this.width
    this.bar.querySelector("output").textContent = `${this.width} px`
    this.viewer.refresh("marks")
  }

  undo() {
    if (!this.on || !this.strokes.length) return
    this.strokes.pop()
    this.redraw()
    this.later()
    this.viewer.say(`Undone; ${this.count()}`)
  }

  count() {
    const { length } = this.strokes
    return length ? `${length} ${length === 1 ? "stroke" : "strokes"}` : "nothing painted yet"
  }

  tell() {
    this.says.textContent = this.count()
    this.bar.querySelector(".undo").disabled = !this.strokes.length
  }

  full() {
    const points = this.strokes.reduce((sum, one) => sum + one.points.length / 2, 0)
    return this.strokes.length >= ROOM.strokes || points >= ROOM.points
  }

  // ---- strokes ---------------------------------------------------------------------------------

  // x, y: in pixels of the image, with parts of them
  begin({ x, y }) {
    if (this.full()) {
      this.says.textContent = "no room for more strokes on this section"
      return
    }
    this.line = { ink: this.ink, width: this.width, points: [round2(x), round2(y)] }
    this.draw(this.line, 0)
    this.viewer.refresh("marks")
  }

  go({ x, y }) {
    const { points, width } = this.line
    const [before, beside] = points.slice(-2)
    if (Math.hypot(x - before, y - beside) < Math.max(0.5, width / 4)) return
    points.push(round2(x), round2(y))
    this.draw(this.line, points.length - 4)
    this.viewer.refresh("marks")
  }

  end() {
    if (!this.line) return
    this.strokes.push(this.line)
    this.line = null
    this.tell()
    this.later()
  }

  // a second finger has come: it is no stroke
  drop() {
    if (!this.line) return
    this.line = null
    this.redraw()
  }

  dot(row, column) {
    this.begin({ x: column + 0.5, y: row + 0.5 })
    this.end()
  }

  canvas() {
    const { width, height } = this.viewer.seen
    if (!this.sheet) {
      const canvas = Object.assign(document.createElement("canvas"), { width, height })
      this.sheet = { canvas, pen: canvas.getContext("2d") }
    }
    return this.sheet
  }

  redraw() {
    if (this.sheet) this.sheet.pen.clearRect(0, 0, this.sheet.canvas.width, this.sheet.canvas.height)
    for (const one of this.strokes) this.draw(one, 0)
    this.tell()
    this.viewer.refresh("marks")
  }

  draw({ ink, width, points }, from) {
    const { pen } = this.canvas()
    pen.globalCompositeOperation = ink === 2 ? "destination-out" : "source-over"
    pen.strokeStyle = PAINTS[ink] ?? "#000"
    pen.lineWidth = width
    pen.lineCap = pen.lineJoin = "round"
    pen.beginPath()
    pen.moveTo(points[from], points[from + 1])
    pen.lineTo(points[from], points[from + 1]) // of one point, a dot
    for (let i = from + 2; i < points.length; i += 2) pen.lineTo(points[i], points[i + 1])
    pen.stroke()
  }

  // over a picture, with the ring of the brush
  paint({ pen, at, scale, ratio }, hover) {
    if (!this.on) return
    if (this.sheet) {
      const { canvas } = this.sheet
      const [left, top] = at(0, 0)
      pen.globalAlpha = VEIL
      pen.imageSmoothingEnabled = scale < 2
      pen.drawImage(canvas, left, top, canvas.width * scale, canvas.height * scale)
      pen.globalAlpha = 1
    }
    if (!hover) return
    const [x, y] = at(hover.y ?? hover.row + 0.5, hover.x ?? hover.column + 0.5)
    for (const [colour, wide] of [["rgba(0,0,0,0.8)", 3], [PAINTS[this.ink] ?? "#ffffff", 1.5]]) {
      pen.beginPath()
      pen.arc(x, y, Math.max((this.width * scale) / 2, 1.5 * ratio), 0, 7)
      pen.strokeStyle = colour
      pen.lineWidth = wide * ratio
      pen.stroke()
    }
  }
}

const round2 = (value) => Math.round(value * 100) / 100
