// Mouse, pen and fingers on the pictures: move, zoom, choose, drag a box.

const STILL = 5 // CSS pixels a pointer may stray in a click
const CLOSEST = 64 // times the whole picture

export class Pointer {
  constructor(viewer) {
    this.viewer = viewer
    this.down = new Map()
    for (const pane of viewer.area.all) this.listen(pane)
  }

  listen(pane) {
    const canvas = pane.marks
    canvas.onpointerdown = (event) => this.press(pane, event)
    canvas.onpointermove = (event) => this.move(pane, event)
    canvas.onpointerup = (event) => this.release(pane, event)
    canvas.onpointercancel = (event) => this.end(canvas, event)
    canvas.onpointerleave = () => {
      if (!this.down.size) this.viewer.setHover(null)
    }
    canvas.onfocus = () => this.viewer.activate(pane.index)
    canvas.ondblclick = () => this.viewer.brush.on || this.viewer.whole()
    const wheel = (event) => {
      if (!event.ctrlKey && !event.metaKey) return // the page scrolls
      event.preventDefault()
      this.zoom(this.spot(pane, event), Math.exp(-event.deltaY / 300))
    }
    canvas.addEventListener("wheel", wheel, { passive: false })
  }

  // in shares of the pane
  spot(pane, event) {
    const box = pane.marks.getBoundingClientRect()
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height, box }
  }

  // the pixel of the image there; may lie outside
  pixel(spot) {
    const { view, seen } = this.viewer
    return {
      row: Math.floor(view.y + (spot.y * seen.height) / view.scale),
      column: Math.floor(view.x + (spot.x * seen.width) / view.scale),
    }
  }

  // the same, with parts of a pixel
  point(spot) {
    const { view, seen } = this.viewer
    return { x: view.x + (spot.x * seen.width) / view.scale, y: view.y + (spot.y * seen.height) / view.scale }
  }

  press(pane, event) {
    if (!this.viewer.seen || event.button > 0) return
    pane.marks.setPointerCapture(event.pointerId)
    const spot = this.spot(pane, event)
    this.down.set(event.pointerId, spot)
    this.viewer.activate(pane.index)
    const { brush } = this.viewer
    if (this.down.size > 1) brush.drop()
    else if (brush.on && !event.shiftKey) brush.begin(this.point(spot))
    if (this.down.size === 1) {
      this.begun = { x: event.clientX, y: event.clientY, moved: false }
      const boxing = this.viewer.boxing || (event.altKey && !brush.on)
      this.corner = boxing ? this.pixel(spot) : null
    } else {
      this.begun.moved = true // two fingers choose nothing
      this.corner = null
    }
  }

  move(pane, event) {
    const { viewer } = this
    if (!viewer.seen) return
    const now = this.spot(pane, event)
    const before = this.down.get(event.pointerId)
    if (before) {
      const far = Math.hypot(event.clientX - this.begun.x, event.clientY - this.begun.y)
      if (far > STILL) this.begun.moved = true
      if (viewer.brush.line) for (const one of between(event)) viewer.brush.go(this.point(this.spot(pane, one)))
      else if (this.corner && this.begun.moved) viewer.setBox(this.boxTo(this.pixel(now)))
      else if (this.down.size === 1 && this.begun.moved && !this.looking(event)) this.drag(pane, before, now)
      else if (this.down.size === 2) this.pinch(event.pointerId, before, now)
      this.down.set(event.pointerId, now)
    }
    const { row, column } = this.pixel(now)
    const inside = row >= 0 && column >= 0 && row < viewer.seen.height && column < viewer.seen.width
    viewer.setHover(inside ? { row, column, ...this.point(now), pane: pane.index } : null)
  }

  // a finger has no hover: with the magnifier on it moves that, and not the picture
  looking(event) {
    return this.viewer.lens && event.pointerType === "touch"
  }

  drag(pane, before, now) {
    const { view, seen } = this.viewer
    pane.marks.classList.add("moving")
    this.viewer.go({
      scale: view.scale,
      x: view.x - ((now.x - before.x) * seen.width) / view.scale,
      y: view.y - ((now.y - before.y) * seen.height) / view.scale,
    })
  }

  pinch(id, before, now) {
    const [other] = [...this.down].filter(([key]) => key !== id).map(([, spot]) => spot)
    const far = (spot) => Math.max(0.02, Math.hypot(spot.x - other.x, spot.y - other.y))
    const middle = (spot) => ({ x: (spot.x + other.x) / 2, y: (spot.y + other.y) / 2 })
    const { view, seen } = this.viewer
    const from = middle(before)
    const to = middle(now)
    this.viewer.go({
      scale: view.scale,
      x: view.x - ((to.x - from.x) * seen.width) / view.scale,
      y: view.y - ((to.y - from.y) * seen.height) / view.scale,
    })
    this.zoom(to, far(now) / far(before))
  }

  release(pane, event) {
    if (!this.down.has(event.pointerId)) return
    const spot = this.spot(pane, event)
    const alone = this.down.size === 1
    const { corner } = this
    const painted = this.viewer.brush.line
    this.end(pane.marks, event)
    if (!alone || painted) return
    if (corner && this.begun.moved) return this.viewer.askRegion()
    if (this.begun.moved || this.viewer.brush.on) return
    const { row, column } = this.pixel(spot)
    this.viewer.choose(row, column, event.shiftKey || this.viewer.comparing)
  }

  end(canvas, event) {
    this.viewer.brush.end()
    this.down.delete(event.pointerId)
    canvas.classList.remove("moving")
    if (!this.down.size) this.corner = null
    if (event.pointerType === "touch") this.viewer.setHover(null)
  }

  boxTo({ row, column }) {
    return boxOf(this.corner, { row, column }, this.viewer.seen)
  }

  zoom(at, factor) {
    const { view, seen } = this.viewer
    const scale = Math.min(CLOSEST, Math.max(1, view.scale * factor))
    this.viewer.go({
      scale,
      x: view.x + at.x * seen.width * (1 / view.scale - 1 / scale),
      y: view.y + at.y * seen.height * (1 / view.scale - 1 / scale),
    })
  }
}

// where a quick hand was since the last frame
const between = (event) => {
  const all = event.getCoalescedEvents?.() ?? []
  return all.length ? all : [event]
}

// [top, left, height, width] between two pixels, both inside
export function boxOf(one, other, { height, width }) {
  const inside = (value, size) => Math.min(size - 1, Math.max(0, value))
  const rows = [inside(one.row, height), inside(other.row, height)].sort((a, b) => a - b)
  const columns = [inside(one.column, width), inside(other.column, width)].sort((a, b) => a - b)
  return [rows[0], columns[0], rows[1] - rows[0] + 1, columns[1] - columns[0] + 1]
}
