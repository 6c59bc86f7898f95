// Four pictures with one zoom, and time under the hand: everything that moves is computed here,
// from data that arrives once. See __init__.py for the format.

const known = new WeakMap()

export default function (component) {
  const { data, parentElement } = component
  let scrubber = known.get(parentElement)
  if (!scrubber) {
    scrubber = new Scrubber(parentElement)
    known.set(parentElement, scrubber)
  }
  scrubber.take(data)
  return () => {
    scrubber.leave()
    known.delete(parentElement)
  }
}

async function unpack(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = view.getUint32(0, true)
  const about = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)))
  const stream = new Blob([bytes.subarray(4 + length)]).stream()
  const inflated = stream.pipeThrough(new DecompressionStream("deflate"))
  const planes = new Uint8Array(await new Response(inflated).arrayBuffer())
  const size = about.height * about.width
  let at = 0
  const plane = () => planes.subarray(at, (at += size))
  const image = plane()
  const ann = plane()
  const truth = about.truth ? plane() : null
  const frames = about.steps.map(() => plane())
  // each frame came as its difference from the one before
  for (let f = 1; f < frames.length; f++) {
    const before = frames[f - 1]
    const here = frames[f]
    for (let i = 0; i < size; i++) here[i] += before[i]
  }
  return { ...about, image, ann, truth, frames }
}

// purple where the ANN is surer of a cell, green where the SNN is, page colour where they agree
function shades(dark) {
  const table = new Uint8ClampedArray(511 * 4)
  const middle = dark ? [22, 28, 27] : [247, 249, 248]
  for (let d = -255; d <= 255; d++) {
    const end = dark
      ? d < 0 ? [202, 158, 220] : [78, 206, 130]
      : d < 0 ? [134, 84, 156] : [22, 134, 74]
    // the root shows small differences; a tenth is a third of the way
    const share = Math.sqrt(Math.abs(d) / 255)
    for (let c = 0; c < 3; c++) table[(d + 255) * 4 + c] = middle[c] + (end[c] - middle[c]) * share
    table[(d + 255) * 4 + 3] = 255
  }
  return table
}

class Scrubber {
  constructor(root) {
    this.root = root.querySelector(".scrubber")
    this.host = root.host ?? root
    this.find = (selector) => this.root.querySelector(selector)
    this.canvases = [...this.root.querySelectorAll("canvas")]
    this.slider = this.find("input")
    this.place = { scale: 1, x: 0, y: 0 } // in shares of the image
    this.view = "probability"
    this.base = "image"
    this.pointers = new Map()
    this.listen()
    this.observer = new ResizeObserver(() => this.paint())
    this.observer.observe(this.find(".panels"))
  }

  async take(bytes) {
    if (!bytes?.byteLength) return
    if (bytes === this.bytes) return this.draw()
    this.bytes = bytes
    const seen = await unpack(bytes)
    if (bytes !== this.bytes) return // something newer arrived meanwhile
    const same = this.seen && this.seen.picture === seen.picture
    const atEnd = !this.seen || this.index === this.seen.steps.length - 1
    const step = this.seen ? this.seen.steps[this.index] : 0
    this.seen = seen
    if (!same) this.place = { scale: 1, x: 0, y: 0 }
    // stay at the moment that was looked at, or at the end
    const near = seen.steps.findIndex((value) => value >= step)
    this.index = atEnd || near < 0 ? seen.steps.length - 1 : near
    this.slider.max = seen.steps.length - 1
    this.find(".truth").hidden = !seen.truth
    if (!seen.truth) this.choose("base", "image")
    for (const canvas of this.canvases) {
      canvas.style.aspectRatio = `${seen.width} / ${seen.height}`
    }
    this.sheets = Object.fromEntries(
      this.canvases.map((canvas) => {
        const sheet = document.createElement("canvas")
        sheet.width = seen.width
        sheet.height = seen.height
        const pen = sheet.getContext("2d")
        return [canvas.dataset.panel, { sheet, pen, pixels: pen.createImageData(seen.width, seen.height) }]
      })
    )
    this.curve()
    this.draw()
    this.root.dataset.ready = "true"
    this.root.dataset.steps = seen.steps.at(-1)
  }

  // ---- what is drawn -----------------------------------------------------------------------

  curve() {
    const { agreement, steps } = this.seen
    const low = Math.min(...agreement)
    const span = Math.max(1e-9, 1 - low)
    const last = Math.max(1, steps.length - 1)
    const points = agreement.map((a, i) => `${(1000 * i) / last},${96 - (92 * (a - low)) / span}`)
    this.find(".line").setAttribute("d", "M" + points.join("L"))
    this.find(".area").setAttribute("d", `M0,100L${points.join("L")}L1000,100Z`)
  }

  draw() {
    if (!this.seen) return
    const seen = this.seen
    const page = getComputedStyle(this.host).getPropertyValue("--st-background-color").trim()
    this.dark = light(page) < 0.5
    this.root.classList.toggle("dark", this.dark)
    if (this.shadesFor !== this.dark) {
      this.table = shades(this.dark)
      this.shadesFor = this.dark
    }
    const frame = seen.frames[this.index]
    const cut = this.view === "mask" ? Math.floor(seen.threshold * 255) : null
    this.grey("base", this.base === "truth" ? seen.truth : seen.image, null)
    this.grey("ann", seen.ann, cut)
    this.grey("snn", frame, cut)
    this.difference(seen.ann, frame, cut)
    const step = seen.steps[this.index]
    const agrees = (100 * seen.agreement[this.index]).toFixed(2)
    this.find(".now").textContent = `after ${step} ${step === 1 ? "step" : "steps"}`
    this.find(".note").textContent = this.base === "truth" ? "white = cell" : seen.name
    this.find(".base-title").textContent = this.base === "truth" ? "Labels" : "Image"
    const says = this.find(".says")
    says.replaceChildren(
      Object.assign(document.createElement("b"), { textContent: `Step ${step} of ${seen.steps.at(-1)}` }),
      ` (${(step * seen.dt * 1000).toFixed(0)} ms): SNN and ANN agree on ${agrees} % of the pixels. ` +
        "The curve is this agreement over time."
    )
    this.slider.value = this.index
    this.slider.setAttribute("aria-valuetext", `step ${step}, ${agrees} % of pixels agree`)
    const x = (1000 * this.index) / Math.max(1, seen.steps.length - 1)
    this.find(".cursor").setAttribute("x1", x)
    this.find(".cursor").setAttribute("x2", x)
    this.root.dataset.step = step
    this.paint()
    this.tell()
  }

  grey(panel, values, cut) {
    const { pixels, pen } = this.sheets[panel]
    const out = new Uint32Array(pixels.data.buffer)
    for (let i = 0; i < values.length; i++) {
      const v = cut === null ? values[i] : values[i] > cut ? 255 : 0
      out[i] = 0xff000000 | (v << 16) | (v << 8) | v
    }
    pen.putImageData(pixels, 0, 0)
  }

  difference(ann, snn, cut) {
    const { pixels, pen } = this.sheets.difference
    const out = new Uint32Array(pixels.data.buffer)
    const table = new Uint32Array(this.table.buffer)
    for (let i = 0; i < ann.length; i++) {
      const d = cut === null ? snn[i] - ann[i] : 255 * ((snn[i] > cut) - (ann[i] > cut))
      out[i] = table[d + 255]
    }
    pen.putImageData(pixels, 0, 0)
  }

  paint() {
    if (!this.sheets) return
    const { width, height } = this.seen
    for (const canvas of this.canvases) {
      const ratio = window.devicePixelRatio || 1
      const wide = Math.max(1, Math.round(canvas.clientWidth * ratio))
      const tall = Math.max(1, Math.round((wide * height) / width))
      if (canvas.width !== wide || canvas.height !== tall) {
        canvas.width = wide
        canvas.height = tall
      }
      const pen = canvas.getContext("2d")
      const { scale, x, y } = this.place
      const enlarged = (wide * scale) / width
      pen.imageSmoothingEnabled = enlarged < 2
      pen.imageSmoothingQuality = "high"
      pen.setTransform(1, 0, 0, 1, 0, 0)
      pen.clearRect(0, 0, wide, tall)
      pen.drawImage(
        this.sheets[canvas.dataset.panel].sheet,
        -x * wide * scale, -y * tall * scale, wide * scale, tall * scale
      )
      canvas.setAttribute("role", "img")
      canvas.setAttribute("aria-label", this.describe(canvas.dataset.panel))
    }
    this.find(".whole").hidden = this.place.scale <= 1
  }

  describe(panel) {
    const step = this.seen.steps[this.index]
    return {
      base: `${this.seen.name}, ${this.seen.width} by ${this.seen.height} pixels`,
      ann: "Cell probability by the U-Net, white is cell",
      snn: `Cell probability by the spiking network after ${step} steps, white is cell`,
      difference: `SNN minus ANN: they agree on ${(100 * this.seen.agreement[this.index]).toFixed(1)} % of the pixels`,
    }[panel]
  }

  tell(at) {
    this.under = at === undefined ? this.under : at
    const line = this.find(".values")
    if (!this.under) return void (line.textContent = "")
    const { row, column } = this.under
    const i = row * this.seen.width + column
    const share = (v) => (v / 255).toFixed(2)
    const { image, ann, truth, frames } = this.seen
    line.textContent =
      `row ${row}, column ${column}: grey ${share(image[i])}, ANN ${share(ann[i])}, ` +
      `SNN ${share(frames[this.index][i])}` + (truth ? `, labelled ${truth[i] ? "cell" : "membrane"}` : "")
  }

  // ---- what can be done --------------------------------------------------------------------

  choose(kind, value) {
    this[kind] = value
    for (const button of this.root.querySelectorAll(`button[data-${kind}]`)) {
      button.setAttribute("aria-pressed", String(button.dataset[kind] === value))
    }
  }

  listen() {
    this.slider.oninput = () => {
      this.stop()
      this.index = Number(this.slider.value)
      this.soon()
    }
    this.find(".play").onclick = () => (this.timer ? this.stop() : this.play())
    const larger = this.find(".larger")
    larger.onclick = () => {
      const on = this.root.classList.toggle("large")
      larger.setAttribute("aria-pressed", String(on))
    }
    this.find(".whole").onclick = () => this.go({ scale: 1, x: 0, y: 0 })
    for (const kind of ["view", "base"]) {
      for (const button of this.root.querySelectorAll(`button[data-${kind}]`)) {
        button.onclick = () => {
          this.choose(kind, button.dataset[kind])
          this.draw()
        }
      }
    }
    for (const canvas of this.canvases) {
      canvas.onpointerdown = (event) => {
        canvas.setPointerCapture(event.pointerId)
        this.pointers.set(event.pointerId, this.spot(canvas, event))
        canvas.classList.add("moving")
      }
      canvas.onpointerup = canvas.onpointercancel = (event) => {
        this.pointers.delete(event.pointerId)
        canvas.classList.remove("moving")
      }
      canvas.onpointermove = (event) => this.move(canvas, event)
      canvas.onpointerleave = () => this.tell(null)
      canvas.ondblclick = () => this.go({ scale: 1, x: 0, y: 0 })
      canvas.addEventListener(
        "wheel",
        (event) => {
          if (!event.ctrlKey && !event.metaKey) return // the page scrolls
          event.preventDefault()
          this.zoom(this.spot(canvas, event), Math.exp(-event.deltaY / 300))
        },
        { passive: false }
      )
    }
  }

  spot(canvas, event) {
    const box = canvas.getBoundingClientRect()
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height }
  }

  move(canvas, event) {
    if (!this.seen) return
    const now = this.spot(canvas, event)
    const { scale, x, y } = this.place
    const before = this.pointers.get(event.pointerId)
    if (before && this.pointers.size === 1) {
      this.go({ scale, x: x - (now.x - before.x) / scale, y: y - (now.y - before.y) / scale })
    } else if (before && this.pointers.size === 2) {
      const [other] = [...this.pointers].filter(([id]) => id !== event.pointerId).map(([, p]) => p)
      const far = (p) => Math.max(0.02, Math.hypot(p.x - other.x, p.y - other.y))
      this.zoom({ x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 }, far(now) / far(before))
    }
    if (before) this.pointers.set(event.pointerId, now)
    const { width, height } = this.seen
    const column = Math.floor((this.place.x + now.x / this.place.scale) * width)
    const row = Math.floor((this.place.y + now.y / this.place.scale) * height)
    const inside = row >= 0 && column >= 0 && row < height && column < width
    this.tell(inside ? { row, column } : null)
  }

  zoom(at, factor) {
    const { scale, x, y } = this.place
    const next = Math.min(32, Math.max(1, scale * factor))
    this.go({ scale: next, x: x + at.x / scale - at.x / next, y: y + at.y / scale - at.y / next })
  }

  go({ scale, x, y }) {
    const most = 1 - 1 / scale
    this.place = { scale, x: Math.min(most, Math.max(0, x)), y: Math.min(most, Math.max(0, y)) }
    for (const canvas of this.canvases) canvas.style.touchAction = scale > 1 ? "none" : "pan-y"
    cancelAnimationFrame(this.painting)
    this.painting = requestAnimationFrame(() => this.paint())
  }

  soon() {
    cancelAnimationFrame(this.drawing)
    this.drawing = requestAnimationFrame(() => this.draw())
  }

  play() {
    if (!this.seen) return
    const last = this.seen.steps.length - 1
    if (this.index === last) this.index = 0
    const button = this.find(".play")
    button.classList.add("playing")
    button.setAttribute("aria-label", "Pause")
    const pause = Math.max(40, Math.min(160, 4000 / (last + 1)))
    this.timer = setInterval(() => {
      this.index = Math.min(last, this.index + 1)
      this.draw()
      if (this.index === last) this.stop()
    }, pause)
    this.draw()
  }

  stop() {
    clearInterval(this.timer)
    this.timer = null
    const button = this.find(".play")
    button.classList.remove("playing")
    button.setAttribute("aria-label", "Play")
  }

  leave() {
    this.stop()
    this.observer.disconnect()
  }
}

function light(colour) {
  const pen = document.createElement("canvas").getContext("2d")
  pen.fillStyle = colour || "#ffffff"
  const found = /^#(..)(..)(..)/.exec(pen.fillStyle)
  if (!found) return 1
  const [r, g, b] = found.slice(1).map((part) => parseInt(part, 16) / 255)
  return 0.3 * r + 0.6 * g + 0.1 * b
}
