// Boxes over the image: the ANN's dashed, the SNN's as they stand after a step, one's own.
// Arrows on the slider scrub, space plays; + and - zoom, 0 shows all, Shift and arrows move what is enlarged.

const NAMES = { ann: "ANN", snn: "SNN", own: "" } // own ones: whose
const SVG = "http://www.w3.org/2000/svg"
const LARGEST = 12
const PAUSE = 450 // milliseconds per step that is played
const MOVES = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".objects")
  if (!data || !root) return
  root.objects ??= new Objects(root)
  root.objects.tell = setTriggerValue
  root.objects.take(data)
}

class Objects {
  constructor(root) {
    this.root = root
    this.find = name => root.querySelector(name)
    this.hidden = new Set()
    this.index = 0
    this.scale = 1
    this.x = this.y = 0 // of the stage's corner, as shares of the view
    this.chosen = null
    this.timer = null
    const at = this.find(".at")
    at.addEventListener("input", () => {
      const wanted = Number(at.value) // before anything is drawn
      this.stop()
      this.go(wanted)
      this.scrubbed()
    })
    this.find(".play").addEventListener("click", () => (this.timer ? this.stop() : this.play()))
    this.find(".in").addEventListener("click", () => this.zoom(1.5))
    this.find(".out").addEventListener("click", () => this.zoom(1 / 1.5))
    this.find(".fit").addEventListener("click", () => this.whole())
    root.addEventListener("keydown", event => this.key(event))
    this.drag(this.find(".view"))
  }

  take(data) {
    const before = this.data
    this.data = data
    const [width, height] = data.size
    this.root.style.setProperty("--ratio", (width / height).toFixed(4))
    this.find("svg").setAttribute("viewBox", `0 0 ${width} ${height}`)
    const em = this.find(".em")
    if (before?.image !== data.image) {
      em.src = data.image
      em.alt = `The image ${data.called}`
      this.whole()
    }
    if (before?.run !== data.run || before?.image !== data.image) {
      this.stop()
      this.chosen = null
      const asked = before?.run ? -1 : data.steps.indexOf(data.step) // of an address
      this.index = asked >= 0 ? asked : Math.max(data.steps.length - 1, 0)
    }
    if (before?.goto && !data.goto) this.chosen = null
    if (JSON.stringify(before?.goto) !== JSON.stringify(data.goto) && data.goto) this.visit(data.goto)
    this.choices()
    this.draw()
    this.root.dataset.ready = "true"
  }

  choices() {
    const box = this.find(".choice")
    const wanted = Object.keys(NAMES).filter(name => name !== "own" || this.data.own)
    const key = `${wanted} ${this.data.whose}`
    if (box.dataset.of === key) return
    box.dataset.of = key
    box.replaceChildren()
    for (const name of wanted) {
      const button = document.createElement("button")
      button.type = "button"
      button.className = name
      button.style.setProperty("--colour", this.data.colours[name])
      button.append(document.createElement("i"), this.name(name))
      button.addEventListener("click", () => {
        if (!this.hidden.delete(name)) this.hidden.add(name)
        this.draw()
      })
      box.append(button)
    }
  }

  name(network) {
    return network === "own" ? this.data.whose : NAMES[network]
  }

  // ---- time ----

  scrubbed() {
    clearTimeout(this.later)
    this.later = setTimeout(() => this.tell("scrubbed", this.data.steps[this.index]), 600)
  }

  go(index) {
    this.index = Math.min(Math.max(index, 0), Math.max(this.data.steps.length - 1, 0))
    this.draw()
  }

  play() {
    const last = this.data.steps.length - 1
    if (last < 1) return
    if (this.index >= last) this.go(0)
    this.timer = setInterval(() => {
      if (!this.root.isConnected) return this.stop()
      this.go(this.index + 1)
      if (this.index < this.data.steps.length - 1) return
      this.stop()
      this.scrubbed()
    }, PAUSE)
    this.draw()
  }

  stop() {
    clearInterval(this.timer)
    this.timer = null
    if (this.data) this.draw()
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const move = event.shiftKey && MOVES[event.key]
    const onButton = event.target.closest?.("button")
    if (move && this.scale > 1) this.pan(move[0] * 0.1, move[1] * 0.1)
    else if (event.key === "+" || event.key === "=") this.zoom(1.5)
    else if (event.key === "-") this.zoom(1 / 1.5)
    else if (event.key === "0") this.whole()
    else if (event.key === " " && !onButton) this.timer ? this.stop() : this.play()
    else return
    event.preventDefault()
  }

  // ---- place ----

  place() {
    const least = 1 - this.scale
    this.x = Math.min(0, Math.max(least, this.x))
    this.y = Math.min(0, Math.max(least, this.y))
    this.find(".stage").style.transform =
      `translate(${100 * this.x}%, ${100 * this.y}%) scale(${this.scale})`
    this.find(".stage").style.setProperty("--scale", this.scale)
    this.find(".view").classList.toggle("near", this.scale > 1)
    this.find(".out").disabled = this.find(".fit").disabled = this.scale <= 1
    this.find(".in").disabled = this.scale >= LARGEST
    this.root.dataset.scale = this.scale.toFixed(2)
  }

  zoom(by, cx = 0.5, cy = 0.5) {
    const to = Math.min(LARGEST, Math.max(1, this.scale * by))
    this.x = cx - ((cx - this.x) * to) / this.scale
    this.y = cy - ((cy - this.y) * to) / this.scale
    this.scale = to
    this.place()
  }

  whole() {
    this.scale = 1
    this.x = this.y = 0
    this.place()
  }

  pan(dx, dy) {
    this.x += dx
    this.y += dy
    this.place()
  }

  visit([network, ...box]) {
    if (this.clicked === `${network} ${box[5]}`) { // it is in sight already
      this.chosen = { network, box }
      return
    }
    const [width, height] = this.data.size
    const [x0, y0, x1, y1] = [box[0] / width, box[1] / height, box[2] / width, box[3] / height]
    this.scale = Math.min(LARGEST, Math.max(1, 0.35 / Math.max(x1 - x0, y1 - y0)))
    this.x = 0.5 - (this.scale * (x0 + x1)) / 2
    this.y = 0.5 - (this.scale * (y0 + y1)) / 2
    this.place()
    this.chosen = { network, box }
    this.hidden.delete(network)
    this.stop()
    this.index = Math.max(this.data.steps.length - 1, 0)
    this.root.scrollIntoView({ block: "nearest" })
  }

  drag(view) {
    let from = null
    view.addEventListener("wheel", event => {
      if (!event.ctrlKey && !event.metaKey) return // the page is scrolled
      event.preventDefault()
      const box = view.getBoundingClientRect()
      const at = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
      this.zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, ...at)
    }, { passive: false })
    view.addEventListener("pointerdown", event => {
      if (this.scale > 1) from = [event.clientX, event.clientY]
    })
    view.addEventListener("pointermove", event => {
      if (!from || !event.buttons) return
      const box = view.getBoundingClientRect()
      this.pan((event.clientX - from[0]) / box.width, (event.clientY - from[1]) / box.height)
      from = [event.clientX, event.clientY]
    })
    for (const end of ["pointerup", "pointerleave", "pointercancel"])
      view.addEventListener(end, () => (from = null))
  }

  // ---- what is drawn ----

  draw() {
    const { data } = this
    const svg = this.find("svg")
    const now = data.snn[this.index] ?? []
    svg.replaceChildren()
    const parts = { own: data.own ?? [], snn: now, ann: data.ann }
    for (const kind of ["halo", "line"]) // so that no halo lies on another network's line
      for (const [network, boxes] of Object.entries(parts))
        if (!this.hidden.has(network))
          for (const box of boxes) svg.append(this.rect(network, box, kind))
    const steps = data.steps.length
    const at = this.find(".at")
    at.max = Math.max(steps - 1, 0)
    at.value = this.index
    at.disabled = this.find(".play").disabled = steps < 2
    at.setAttribute("aria-valuetext", steps ? `step ${data.steps[this.index]}` : "")
    this.find(".step").textContent = steps ? `Step ${data.steps[this.index]} of ${data.steps[steps - 1]}` : ""
    const play = this.find(".play")
    play.textContent = this.timer ? "❚❚" : "▶"
    play.setAttribute("aria-label", this.timer ? "Pause" : "Play the steps")
    this.root.dataset.step = steps ? data.steps[this.index] : ""
    for (const button of this.root.querySelectorAll(".choice button"))
      button.setAttribute("aria-pressed", String(!this.hidden.has(button.className)))
    this.say(now)
  }

  rect(network, box, kind) {
    const rect = document.createElementNS(SVG, "rect")
    const faint = network === "snn" && box[4] < this.data.score
    const same = this.chosen?.network === network && this.near(this.chosen.box, box)
    const classes = [kind, network, faint ? "faint" : "", same ? "chosen" : ""]
    rect.setAttribute("class", classes.filter(Boolean).join(" "))
    rect.setAttribute("x", box[0])
    rect.setAttribute("y", box[1])
    rect.setAttribute("width", box[2] - box[0])
    rect.setAttribute("height", box[3] - box[1])
    if (kind === "halo") return rect
    rect.setAttribute("stroke", this.data.colours[network])
    rect.addEventListener("click", () => {
      this.chosen = same ? null : { network, box }
      this.draw()
      if (network === "own") return
      const number = same ? -1 : box[5]
      this.clicked = `${network} ${number}`
      this.tell("chosen", [network, number])
    })
    return rect
  }

  near(one, other) {
    return one.slice(0, 4).every((value, at) => Math.abs(value - other[at]) < 0.06)
  }

  say(now) {
    const { data } = this
    const says = this.find(".says")
    if (!data.steps.length) {
      says.textContent = "Nothing has been looked for in this image yet."
      return
    }
    const sure = now.filter(box => box[4] >= data.score).length
    let text = `SNN after step ${data.steps[this.index]}: ${this.many(sure)}, and ${now.length - sure} not sure enough. ANN: ${this.many(data.ann.length)}.`
    if (this.chosen) text += ` ${this.told(this.chosen)}`
    says.textContent = text
  }

  many(count) {
    return `${count} ${count === 1 ? "box" : "boxes"}`
  }

  told({ network, box }) {
    const [across, down] = this.data.nm ?? [1, 1]
    const unit = this.data.nm ? "nm" : "px"
    const size = `${Math.round((box[2] - box[0]) * across)} × ${Math.round((box[3] - box[1]) * down)} ${unit}`
    const score = box[4] === undefined ? "" : `, score ${box[4].toFixed(2)}`
    const settled = box[6] === undefined ? "" : `, settled at step ${box[6]}`
    return `Chosen, ${this.name(network)}: ${size}${score}${settled}.`
  }
}
