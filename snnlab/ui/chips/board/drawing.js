// One board on one canvas: where everything lies, and what it looks like.

const SMALLEST = 4.6 // px a core; a narrower screen scrolls
const LARGEST = 16
const FINGER = 24 // px a core that a finger can hit
const ARCS = 3 // a chip, at most
const SHARE = 0.9 // of the spikes between chips that the arcs stand for

class Drawing {
  constructor(canvas) {
    this.canvas = canvas
    this.pen = canvas.getContext("2d")
  }

  // sizes in px, from the width that there is; for fingers, which need larger cores, either the
  // whole board in its place, wider than the screen, or one chip below the other
  measure(board, chip, room, finger = null) {
    this.board = board
    this.place = board.place
    ;[this.high, this.wide] = chip
    let [rows, columns] = board.grid
    this.pad = 4
    this.head = 17
    if (finger === "below") {
      const count = board.place.length
      ;[rows, columns] = [count, 1]
      this.place = board.place.map((_, index) => [index, 0])
      const most = Math.max(1, ...board.members.map((cores) => cores.length))
      this.wide = Math.max(1, Math.floor((room - 2 - 2 * this.pad) / FINGER))
      this.high = Math.ceil(most / this.wide)
    }
    this.gap = columns > 4 ? 8 : 14
    const free = room - 2 - columns * 2 * this.pad - (columns - 1) * this.gap
    const fitting = Math.min(LARGEST, Math.max(SMALLEST, free / (columns * this.wide)))
    this.core = finger ? Math.max(FINGER, fitting) : fitting
    this.chipWide = this.wide * this.core + 2 * this.pad
    this.chipHigh = this.high * this.core + 2 * this.pad + this.head
    this.width = Math.ceil(columns * this.chipWide + (columns - 1) * this.gap) + 2
    this.height = Math.ceil(rows * this.chipHigh + (rows - 1) * this.gap) + 2
    return this.core
  }

  corner(chip) {
    const [row, column] = this.place[chip]
    return [1 + column * (this.chipWide + this.gap), 1 + row * (this.chipHigh + this.gap)]
  }

  at(core) {
    const [x, y] = this.corner(this.board.chip[core])
    const slot = this.board.slot[core]
    return [
      x + this.pad + (slot % this.wide) * this.core,
      y + this.pad + this.head + Math.floor(slot / this.wide) * this.core,
    ]
  }

  middle(core) {
    const [x, y] = this.at(core)
    return [x + this.core / 2, y + this.core / 2]
  }

  // chip and core under a point; the core is null beside the cores in use
  under(x, y) {
    for (let chip = 0; chip < this.board.place.length; chip++) {
      const [left, top] = this.corner(chip)
      if (x < left || y < top || x >= left + this.chipWide || y >= top + this.chipHigh) continue
      const column = Math.floor((x - left - this.pad) / this.core)
      const row = Math.floor((y - top - this.pad - this.head) / this.core)
      const inside = column >= 0 && row >= 0 && column < this.wide && row < this.high
      return { chip, core: inside ? this.board.members[chip][row * this.wide + column] ?? null : null }
    }
    return { chip: null, core: null }
  }

  // the next core in a direction, across chips; itself if there is none
  beside(core, down, right) {
    const [x, y] = this.middle(core)
    let best = core
    let least = Infinity
    for (let other = 0; other < this.board.chip.length; other++) {
      const [u, v] = this.middle(other)
      const along = (u - x) * right + (v - y) * down
      const across = Math.abs((u - x) * down) + Math.abs((v - y) * right)
      if (along < this.core / 2) continue
      const far = along + 4 * across
      if (far < least) [least, best] = [far, other]
    }
    return best
  }

  paint(look) {
    const { canvas, pen } = this
    const ratio = window.devicePixelRatio || 1
    canvas.style.width = `${this.width}px`
    canvas.style.height = `${this.height}px`
    const [wide, high] = [Math.round(this.width * ratio), Math.round(this.height * ratio)]
    if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high]
    pen.setTransform(ratio, 0, 0, ratio, 0, 0)
    pen.clearRect(0, 0, this.width, this.height)
    this.chips(look)
    const size = Math.max(this.core - (this.core > 6 ? 1.2 : 0.7), 1)
    for (let core = 0; core < this.board.chip.length; core++) {
      const [x, y] = this.at(core)
      const { fill, alpha, mark, light, bright } = look.core(core)
      pen.globalAlpha = alpha
      pen.fillStyle = fill
      pen.fillRect(x, y, size, size)
      if (mark) this.mark(x, y, size, mark, look)
      if (light > 0) {
        pen.globalAlpha = 1
        pen.fillStyle = bright ? look.page : look.ink // what stands out from the colour below
        const dot = Math.max(1, size * 0.75 * Math.sqrt(light))
        pen.fillRect(x + (size - dot) / 2, y + (size - dot) / 2, dot, dot)
      }
    }
    pen.globalAlpha = 1
    if (look.arcs === "chips") this.between(look)
    if (look.chosen !== null) this.reach(look, size)
    this.names(look)
  }

  chips(look) {
    const { pen, board } = this
    board.place.forEach((_, chip) => {
      const [x, y] = this.corner(chip)
      pen.fillStyle = look.plate
      pen.beginPath()
      pen.roundRect(x, y, this.chipWide, this.chipHigh, 5)
      pen.fill()
      pen.strokeStyle = chip === look.hoveredChip ? look.ink : look.line
      pen.lineWidth = 1
      pen.stroke()
      pen.fillStyle = look.line
      for (let slot = board.members[chip].length; slot < this.wide * this.high; slot++) {
        const u = x + this.pad + ((slot % this.wide) + 0.5) * this.core
        const v = y + this.pad + this.head + (Math.floor(slot / this.wide) + 0.5) * this.core
        pen.fillRect(u - 1, v - 1, 2, 2) // a core that is not used
      }
    })
  }

  // last, so that no arc crosses a name
  names(look) {
    const { pen, board } = this
    pen.font = `${this.chipWide > 96 ? 12 : 11}px ${look.font}`
    pen.textBaseline = "middle"
    pen.lineJoin = "round"
    board.place.forEach((_, chip) => {
      const [x, y] = this.corner(chip)
      const count = board.members[chip].length
      const texts = count
        ? [`chip ${chip}: ${count} cores`, `chip ${chip}: ${count}`, `${chip}: ${count}`]
        : [`chip ${chip}: empty`, `${chip}: empty`]
      const text = texts.find((one) => pen.measureText(one).width < this.chipWide - 8)
      if (!text) return
      const place = [x + this.pad + 1, y + this.pad + this.head / 2 - 2]
      pen.strokeStyle = look.plate
      pen.lineWidth = 3
      pen.strokeText(text, ...place)
      pen.fillStyle = look.ink
      pen.fillText(text, ...place)
    })
  }

  // layers that share a colour differ by a hole, a bar, a cross
  mark(x, y, size, mark, look) {
    const { pen } = this
    pen.globalAlpha = 1
    pen.fillStyle = look.plate
    const third = Math.max(1, size / 3)
    const from = (size - third) / 2
    const kind = ((mark - 1) % 3) + 1
    if (kind === 1) pen.fillRect(x + from, y + from, third, third)
    if (kind === 2) pen.fillRect(x, y + from, size, third * 0.8)
    if (kind === 3) pen.fillRect(x + from, y, third * 0.8, size)
  }

  between(look) {
    const all = this.board.arcs
    const near = look.hoveredChip
    const shown = near === null ? this.shown() : all.filter((arc) => arc.from === near || arc.to === near)
    for (const arc of shown.slice().reverse()) {
      const [a, b] = [arc.from, arc.to].map((chip) => {
        const [x, y] = this.corner(chip)
        return [x + this.chipWide / 2, y + this.head + (this.chipHigh - this.head) / 2]
      })
      this.arc(a, b, 0.8 + 6 * (arc.spikes / look.mostBetween), look.away, look, true)
    }
  }

  // the largest arcs: so many that they stand for most of the traffic
  shown() {
    const all = this.board.arcs
    const most = Math.max(48, ARCS * this.board.place.length)
    const sum = all.reduce((total, arc) => total + arc.spikes, 0)
    let seen = 0
    const few = []
    for (const arc of all) {
      if (few.length >= most || (all.length > most && seen >= SHARE * sum)) break
      few.push(arc)
      seen += arc.spikes
    }
    few.share = sum ? seen / sum : 1
    return few
  }

  reach(look, size) {
    const { pen, board } = this
    const found = targets(board.cores, look.chosen)
    const most = found.reduce((top, [, spikes]) => Math.max(top, spikes), 1)
    if (look.arcs === "core") {
      for (const [core, spikes] of found) {
        const outside = board.chip[core] !== board.chip[look.chosen]
        const width = 0.8 + 2.2 * Math.sqrt(spikes / most)
        this.arc(this.middle(look.chosen), this.middle(core), width, outside ? look.away : look.ink, look, false)
      }
      pen.lineWidth = 1.5
      for (const [core] of found) {
        const [x, y] = this.at(core)
        pen.strokeStyle = board.chip[core] !== board.chip[look.chosen] ? look.away : look.ink
        pen.strokeRect(x - 0.5, y - 0.5, size + 1, size + 1)
      }
    }
    const [x, y] = this.at(look.chosen)
    pen.strokeStyle = look.page
    pen.lineWidth = 5
    pen.strokeRect(x - 1.5, y - 1.5, size + 3, size + 3)
    pen.strokeStyle = look.ink
    pen.lineWidth = 2.5
    pen.strokeRect(x - 1.5, y - 1.5, size + 3, size + 3)
  }

  // a curve that bends to its right, so that there and back are two
  arc([x, y], [u, v], width, colour, look, arrow) {
    const { pen } = this
    const far = Math.hypot(u - x, v - y) || 1
    const [du, dv] = [(u - x) / far, (v - y) / far]
    const bend = Math.min(0.16 * far, 40)
    const [cx, cy] = [(x + u) / 2 - dv * bend, (y + v) / 2 + du * bend]
    const curve = () => {
      pen.beginPath()
      pen.moveTo(x, y)
      pen.quadraticCurveTo(cx, cy, u, v)
      pen.stroke()
    }
    pen.lineCap = "round"
    if (arrow) {
      pen.globalAlpha = 0.75
      pen.strokeStyle = look.page
      pen.lineWidth = width + 2
      curve()
    }
    pen.globalAlpha = arrow ? 0.9 : 0.6
    pen.strokeStyle = colour
    pen.lineWidth = width
    curve()
    if (arrow) {
      // two thirds of the way, where arrows of neighbours do not meet
      const t = 0.66
      const at = (p, c, q) => (1 - t) * (1 - t) * p + 2 * t * (1 - t) * c + t * t * q
      const slope = (p, c, q) => 2 * (1 - t) * (c - p) + 2 * t * (q - c)
      const angle = Math.atan2(slope(y, cy, v), slope(x, cx, u))
      const side = 4 + 1.3 * width
      pen.save()
      pen.translate(at(x, cx, u), at(y, cy, v))
      pen.rotate(angle)
      pen.fillStyle = colour
      pen.beginPath()
      pen.moveTo(side * 0.7, 0)
      pen.lineTo(-side * 0.5, -side * 0.6)
      pen.lineTo(-side * 0.5, side * 0.6)
      pen.fill()
      pen.restore()
    }
    pen.globalAlpha = 1
  }
}

// from the page's colour to the strongest, ever darker (or lighter, on a dark page)
function ramp(share, dark) {
  const stops = dark
    ? [[32, 44, 41], [24, 122, 104], [70, 205, 176], [224, 255, 247]]
    : [[222, 232, 229], [124, 190, 177], [17, 122, 105], [4, 46, 40]]
  const place = Math.min(0.9999, Math.max(0, share)) * (stops.length - 1)
  const low = Math.floor(place)
  const mixed = stops[low].map((c, i) => Math.round(c + (stops[low + 1][i] - c) * (place - low)))
  return `rgb(${mixed.join(",")})`
}

// how light a colour is, 0..1
function light(colour) {
  const pen = document.createElement("canvas").getContext("2d")
  pen.fillStyle = colour || "#ffffff"
  const found = /^#(..)(..)(..)/.exec(pen.fillStyle)
  if (!found) return 1
  const [r, g, b] = found.slice(1).map((part) => parseInt(part, 16) / 255)
  return 0.3 * r + 0.6 * g + 0.1 * b
}
