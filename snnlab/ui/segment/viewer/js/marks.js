// What lies over the pictures: places, fields, boxes, the cursor, the magnifier, the scale bar.

const INK = ["#ffd21f", "#5ec8ff"] // of the first and the second place
const LETTERS = ["A", "B"]
const LENS = { radius: 62, times: 4 } // CSS pixels; enlargement over the picture around it

export class Marks {
  constructor(viewer) {
    this.viewer = viewer
  }

  paint() {
    const { viewer } = this
    const ratio = window.devicePixelRatio || 1
    for (const pane of viewer.area.shown()) {
      const pen = pane.marks.getContext("2d")
      const { width, height } = pane.marks
      pen.clearRect(0, 0, width, height)
      const { x, y, scale } = viewer.area.frame(pane)
      const at = (row, column) => [(column - x) * scale, (row - y) * scale]
      const tools = { pen, at, scale, ratio, width, height }
      viewer.brush.paint(tools, viewer.hover)
      for (const box of viewer.extras.boxes ?? []) this.box(tools, box)
      if (viewer.core()) this.core(tools, viewer.core())
      for (const [row, column] of viewer.extras.spots ?? []) this.spot(tools, row, column)
      this.recorded(tools)
      viewer.places.forEach((place, index) => this.place(tools, place, index))
      if (viewer.box) this.region(tools, viewer.box)
      if (viewer.hover) this.cursor(tools, viewer.hover, pane)
      if (viewer.lens && viewer.hover) this.magnify(tools, viewer.hover, pane)
      if (pane.index === 0) this.ruler(tools)
    }
  }

  // a line that is seen on light and on dark
  line(tools, colour, wide, dash = []) {
    const { pen, ratio } = tools
    pen.lineJoin = "round"
    pen.setLineDash([])
    pen.strokeStyle = "rgba(0,0,0,0.75)"
    pen.lineWidth = (wide + 2) * ratio
    pen.stroke()
    pen.setLineDash(dash.map((part) => part * ratio))
    pen.strokeStyle = colour
    pen.lineWidth = wide * ratio
    pen.stroke()
    pen.setLineDash([])
  }

  text(tools, words, x, y, colour = "#fff", align = "left") {
    const { pen, ratio } = tools
    pen.font = `600 ${12 * ratio}px ${this.viewer.font}`
    pen.textAlign = align
    pen.textBaseline = "alphabetic"
    pen.lineWidth = 3 * ratio
    pen.lineJoin = "round"
    pen.strokeStyle = "rgba(0,0,0,0.85)"
    pen.strokeText(words, x, y)
    pen.fillStyle = colour
    pen.fillText(words, x, y)
  }

  rectangle(tools, top, left, height, width) {
    const { pen, at, scale } = tools
    const [x, y] = at(top, left)
    pen.beginPath()
    pen.rect(x, y, width * scale, height * scale)
    return [x, y]
  }

  box(tools, { top, left, height, width, label, colour }) {
    const [x, y] = this.rectangle(tools, top, left, height, width)
    this.line(tools, colour || "#ffffff", 1.5)
    if (label) this.text(tools, label, x + 4 * tools.ratio, Math.max(y, 0) + 14 * tools.ratio)
  }

  // all else is dimmed: a small patch would be overlooked
  core(tools, { box, label, colour }) {
    const { pen, width, height } = tools
    const [x, y] = this.rectangle(tools, ...box)
    pen.rect(0, 0, width, height)
    pen.fillStyle = "rgba(0,0,0,0.4)"
    pen.fill("evenodd")
    this.rectangle(tools, ...box)
    this.line(tools, "#ffffff", 4)
    this.rectangle(tools, ...box)
    this.line(tools, colour, 2)
    const high = box[2] * tools.scale
    const below = y + high + 15 * tools.ratio
    this.text(tools, `core of ${label}`, Math.max(x, 2 * tools.ratio), below < height ? below : y - 5 * tools.ratio)
  }

  spot(tools, row, column) {
    const { pen, at, ratio } = tools
    const [x, y] = at(row + 0.5, column + 0.5)
    pen.beginPath()
    pen.arc(x, y, 2.5 * ratio, 0, 7)
    pen.fillStyle = INK[0]
    pen.strokeStyle = "rgba(0,0,0,0.8)"
    pen.lineWidth = ratio
    pen.fill()
    pen.stroke()
  }

  // of a large image, the part that is looked into
  recorded(tools) {
    const { seen } = this.viewer
    if (seen.whole || !seen.region) return
    const [top, left, height, width] = seen.region
    const [x, y] = this.rectangle(tools, top, left, height, width)
    this.line(tools, "#ffffff", 1, [5, 4])
    const { scale, ratio } = tools
    // on the side where there is more room
    const low = y + (height * scale) / 2 > tools.height / 2
    const line = low ? y - 6 * ratio : y + height * scale + 15 * ratio
    const middle = x + (width * scale) / 2 > tools.width / 2
    this.text(tools, "spikes of this part", middle ? x + width * scale : x, line, "#fff", middle ? "right" : "left")
  }

  place(tools, { row, column }, index) {
    const { pen, at, scale, ratio } = tools
    const field = this.viewer.inspector.fields(index)
    if (field?.whole) {
      this.rectangle(tools, ...field.whole)
      this.line(tools, INK[index], 1, [4, 4])
    }
    if (field?.layer) {
      this.rectangle(tools, ...field.layer)
      this.line(tools, INK[index], 1.5)
    }
    const [x, y] = at(row + 0.5, column + 0.5)
    const half = Math.max(scale / 2, 4 * ratio)
    pen.beginPath()
    if (index === 0) pen.arc(x, y, half, 0, 7)
    else pen.rect(x - half, y - half, 2 * half, 2 * half)
    this.line(tools, INK[index], 2)
    this.text(tools, LETTERS[index], x + half + 3 * ratio, y - half, INK[index])
  }

  region(tools, [top, left, height, width]) {
    this.rectangle(tools, top, left, height, width)
    tools.pen.fillStyle = "rgba(255,255,255,0.12)"
    tools.pen.fill()
    this.line(tools, "#ffffff", 1.5, [6, 3])
  }

  cursor(tools, { row, column, pane: from }, pane) {
    const { pen, at, ratio, width, height } = tools
    const [x, y] = at(row + 0.5, column + 0.5)
    if (this.viewer.lens || this.viewer.brush.on) return
    // where the mouse is, its own arrow is enough
    if (from === pane.index && !this.viewer.byKeys) return
    const gap = 4 * ratio
    const arm = 12 * ratio
    pen.beginPath()
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      pen.moveTo(x + dx * gap, y + dy * gap)
      pen.lineTo(x + dx * arm, y + dy * arm)
    }
    if (x >= 0 && y >= 0 && x <= width && y <= height) this.line(tools, "#ffffff", 1.5)
  }

  magnify(tools, { row, column }, pane) {
    const { pen, at, ratio, scale } = tools
    const [x, y] = at(row + 0.5, column + 0.5)
    const radius = LENS.radius * ratio
    const large = scale * LENS.times
    pen.save()
    pen.beginPath()
    pen.arc(x, y, radius, 0, 7)
    pen.fillStyle = this.viewer.page
    pen.fill()
    pen.clip()
    const index = this.viewer.area.stackAt(pane, x)
    pen.translate(x - radius, y - radius)
    const frame = { x: column + 0.5 - radius / large, y: row + 0.5 - radius / large, scale: large }
    this.viewer.area.stack(pen, index, frame)
    pen.restore()
    pen.beginPath()
    pen.arc(x, y, radius, 0, 7)
    this.line(tools, "#ffffff", 2)
    pen.beginPath()
    pen.rect(x - large / 2, y - large / 2, large, large)
    this.line(tools, INK[0], 1)
  }

  ruler(tools) {
    const { pen, scale, ratio, width, height } = tools
    const { nm } = this.viewer
    const wanted = (width * 0.28) / scale // pixels of the image
    const length = round(nm ? wanted * nm : wanted)
    const pixels = nm ? length / nm : length
    const long = pixels * scale
    const x = 10 * ratio
    const y = height - 10 * ratio
    if (height < 60 * ratio || long < 12 * ratio) return
    pen.beginPath()
    pen.rect(x, y - 3 * ratio, long, 3 * ratio)
    pen.fillStyle = "#fff"
    pen.strokeStyle = "rgba(0,0,0,0.85)"
    pen.lineWidth = 2 * ratio
    pen.stroke()
    pen.fill()
    this.text(tools, measure(length, nm), x, y - 8 * ratio)
  }
}

// 1, 2 or 5 times a power of ten, at most as large
export function round(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)))
  return [5, 2, 1].map((times) => times * power).find((size) => size <= value) ?? power
}

export function measure(length, nm) {
  if (!nm) return `${length} px`
  return length >= 1000 ? `${length / 1000} µm` : `${length} nm`
}
