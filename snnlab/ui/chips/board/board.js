// Everything together: what is shown, and what can be done. The server is not asked.

const known = new WeakMap()
const kept = { colour: "layer", arcs: "chips", larger: false } // over changes of the page
const FEW = 4 // chips that a narrow screen shows one below the other, large enough for fingers
const PER_CORE = 6.5 // px a core below which boards lie under one another

export default function (component) {
  const { data, parentElement } = component
  let chips = known.get(parentElement)
  if (!parentElement.contains(chips?.root)) {
    chips = new Chips(parentElement)
    known.set(parentElement, chips)
  }
  // Streamlit may end a call only when the next one has begun, on the same element
  const turn = (chips.turn = {})
  chips.enter()
  chips.take(data)
  return () => chips.turn === turn && chips.leave()
}

class Chips {
  constructor(root) {
    this.root = root.querySelector(".chips")
    this.host = root.host ?? root
    this.find = (selector) => this.root.querySelector(selector)
    this.slider = this.find("input")
    this.details = new Chosen(this.find, (core) => this.choose(this.details.cores, core))
    this.isolated = null
    this.hovered = { board: null, chip: null, core: null }
    this.frame = 0 // 0 is the whole run
    this.calm = matchMedia("(prefers-reduced-motion: reduce)")
    this.listen()
    this.observer = new ResizeObserver(() => this.arrange())
    this.gone = true
  }

  enter() {
    if (!this.gone) return
    this.gone = false
    this.meeting = new Meeting((down, right) => this.details.point(down, right))
    this.meeting.follow(this.seen)
    this.observer.observe(this.root)
  }

  async take(bytes) {
    if (!bytes?.byteLength) return
    if (bytes === this.bytes) return this.draw()
    this.bytes = bytes
    const seen = await unpack(bytes)
    if (bytes !== this.bytes) return // something newer arrived meanwhile
    const before = this.seen
    const core = before && this.chosen.find((one) => one !== null)
    this.stop()
    this.seen = seen
    if (before?.frames.length !== seen.frames.length) this.frame = 0
    this.slider.max = seen.frames.length
    if (before && !seen.layers.some((layer) => layer.name === this.isolated)) this.isolated = null
    this.furnish()
    this.curve()
    const first = seen.boards[0].cores
    const still = before && before.layouts[0].name === seen.layouts[0].name && before.layouts[0].cores === first.cores
    this.choose(first, still && core !== undefined ? core : busiest(first), false)
    this.arrange()
    this.meeting.follow(seen) // what was chosen in the image is drawn at once
    this.root.dataset.ready = "true"
    this.root.dataset.cores = first.cores
    this.root.dataset.frames = seen.frames.length
    this.root.dataset.boards = seen.boards.map((board) => board.name).join(" ")
  }

  // ---- what stands there -------------------------------------------------------------------

  furnish() {
    const { seen } = this
    const options = [["layer", "layer"], ...seen.limits.map(([label], i) => [`limit${i}`, `${label.toLowerCase()} used`]), ["sent", "spikes sent"], ["received", "spikes received"]]
    const select = this.find(".colour")
    select.replaceChildren(...options.map(([value, text]) => Object.assign(document.createElement("option"), { value, textContent: text })))
    if (!options.some(([value]) => value === kept.colour)) kept.colour = "layer"
    select.value = kept.colour
    const most = Math.max(1, ...seen.boards.map((board) => board.interchip))
    this.drawings = seen.boards.map((board, b) => {
      const canvas = document.createElement("canvas")
      canvas.tabIndex = 0
      canvas.setAttribute("role", "application")
      canvas.dataset.board = b
      this.handle(canvas, b)
      return new Drawing(canvas)
    })
    this.find(".boards").replaceChildren(
      ...seen.boards.map((board, b) => {
        const figure = made("figure", "board")
        const title = made("figcaption")
        const less = board.interchip < most ? `, ${(100 * (1 - board.interchip / most)).toFixed(0)} % fewer than the other` : ""
        title.append(made("b", "", board.name), made("span", "", `${many(board.interchip, "spike")} between ${chipsUsed(board)} chips${less}`))
        const scroll = made("div", "scroll")
        scroll.append(this.drawings[b].canvas)
        figure.append(title, scroll)
        return figure
      })
    )
  }

  curve() {
    const sums = this.seen.boards[0].cores.spiked.frames.map((frame) => frame.reduce((a, b) => a + b, 0))
    this.sums = sums
    const top = Math.max(1, ...sums)
    const points = [0, ...sums].map((sum, i) => `${(1000 * i) / sums.length},${98 - (94 * sum) / top}`)
    this.find(".line").setAttribute("d", "M" + points.join("L"))
    this.find(".area").setAttribute("d", `M${points.join("L")}L1000,100L0,100Z`)
  }

  arrange() {
    if (!this.chosen) return
    const { boards, chip } = this.seen
    const room = this.root.clientWidth
    const half = (room - 16) / 2
    const narrow = boards.map((board, b) => this.drawings[b].measure(board, chip, half))
    const beside = boards.length > 1 && room > 760 && !kept.larger && Math.min(...narrow) >= PER_CORE
    this.find(".boards").classList.toggle("beside", beside)
    const touched = room <= 760 && matchMedia("(pointer: coarse)").matches
    const few = boards.every((board) => board.place.length <= FEW)
    const finger = !touched ? null : few ? "below" : kept.larger ? "whole" : null
    this.find(".larger").hidden = touched
      ? few
      : room <= 760 || boards.length < 2 || Math.min(...narrow) < PER_CORE
    boards.forEach((board, b) => this.drawings[b].measure(board, chip, beside ? half : room, finger))
    this.draw()
  }

  draw() {
    if (!this.seen || !this.chosen) return
    const style = getComputedStyle(this.host)
    const colour = (name, other) => style.getPropertyValue(name).trim() || other
    const page = colour("--st-background-color", "#ffffff")
    this.dark = light(page) < 0.5
    this.root.classList.toggle("dark", this.dark)
    const most = Math.max(1, ...this.seen.boards.flatMap((board) => board.arcs.slice(0, 1).map((arc) => arc.spikes)))
    this.scale = this.scaled()
    this.seen.boards.forEach((board, b) => {
      this.drawings[b].paint({
        page,
        plate: colour("--st-secondary-background-color", "#f1f5f4"),
        line: colour("--st-border-color", "#d5dddb"),
        ink: colour("--st-text-color", "#18211f"),
        font: colour("--st-font", "sans-serif"),
        away: this.dark ? "#ff8cc6" : "#b01c6b",
        arcs: kept.arcs,
        mostBetween: most,
        chosen: this.chosen[b],
        hoveredChip: this.hovered.board === b ? this.hovered.chip : null,
        core: this.appearance(board),
      })
      const named = `${board.name}: ${many(board.cores.cores, "core")} on ${chipsUsed(board)} chips, ${many(board.interchip, "spike")} between chips. Arrow keys choose a core.`
      this.drawings[b].canvas.setAttribute("aria-label", named)
    })
    this.legend()
    this.tell()
  }

  // numbers that colours stand for: a function of a layout and a core, and the largest
  scaled() {
    const { colour } = kept
    const { seen, frame } = this
    if (colour === "layer") return null
    if (colour.startsWith("limit")) {
      const i = Number(colour.slice(5))
      const n = seen.limits.length
      const [label, limit] = seen.limits[i]
      return { fixed: true, most: limit, of: (cores, core) => cores.used[n * core + i], ends: ["0 %", `100 % of ${number(limit)} (${label.toLowerCase()})`] }
    }
    const most = Math.max(1, ...seen.layouts.map((layout) => (frame ? layout[colour].peak : layout[colour].most)))
    const during = frame ? "per step" : "over the run"
    const of = (cores, core) => (frame ? cores[colour].frames[frame - 1][core] : cores[colour].total[core])
    return { fixed: false, most, of, ends: ["0", `${short(most)} spikes ${colour} ${frame && this.each() > 1 ? "in these steps" : during}, by the busiest core`] }
  }

  each() {
    const [first, last] = this.seen.frames[0]
    return last - first + 1
  }

  // 0..1: how much a core spikes at this moment; a glow that fades while it plays
  activity(cores, core) {
    const { frame, seen } = this
    if (!frame) return 0
    const share = (at) => cores.spiked.frames[at][core] / cores.used[seen.limits.length * core]
    const ceiling = this.ceiling(cores)
    let value = share(frame - 1)
    if (this.timer) for (let back = 1; back < 4 && frame - 1 - back >= 0; back++) value = Math.max(value, share(frame - 1 - back) * 0.6 ** back)
    return Math.min(1, value / ceiling)
  }

  ceiling(cores) {
    if (!cores.ceiling) {
      const n = this.seen.limits.length
      const values = cores.spiked.frames.flatMap((frame) => Array.from(frame, (s, c) => s / cores.used[n * c]))
      values.sort((a, b) => a - b)
      cores.ceiling = Math.max(1e-6, values[Math.floor(0.99 * (values.length - 1))])
    }
    return cores.ceiling
  }

  appearance(board) {
    const { seen, scale, frame, dark } = this
    const { cores } = board
    return (core) => {
      const layer = seen.layers[cores.layer[core]]
      const apart = this.isolated !== null && layer.name !== this.isolated
      const active = frame ? this.activity(cores, core) : 0
      if (!scale) {
        const lit = frame ? 0.16 + 0.84 * Math.sqrt(active) : 1
        return { fill: layer.colour, alpha: apart ? 0.1 * lit + 0.03 : lit, mark: apart ? 0 : layer.mark, light: 0 }
      }
      const share = scale.of(cores, core) / scale.most
      // the root shows the quiet ones; a limit is shown as it is
      const fill = ramp(scale.fixed ? share : Math.sqrt(share), dark)
      return { fill, alpha: apart ? 0.12 : 1, mark: 0, light: scale.fixed && frame ? active : 0, bright: share > 0.5 }
    }
  }

  legend() {
    const { seen, scale, dark } = this
    const box = this.find(".legend")
    const wanted = JSON.stringify([kept.colour, scale?.ends, dark, this.isolated, seen.layers])
    if (this.legendFor === wanted) return
    this.legendFor = wanted
    if (scale) {
      const bar = made("span", "scale")
      const stops = Array.from({ length: 9 }, (_, i) => ramp(scale.fixed ? i / 8 : Math.sqrt(i / 8), dark))
      bar.style.background = `linear-gradient(to right, ${stops.join(",")})`
      box.replaceChildren(made("span", "end", scale.ends[0]), bar, made("span", "end", scale.ends[1]))
      return
    }
    box.replaceChildren(
      ...seen.layers.map((layer) => {
        const button = Object.assign(made("button"), { type: "button", title: "Show this layer alone" })
        button.append(swatch(layer), layer.name)
        button.setAttribute("aria-pressed", String(this.isolated === layer.name))
        button.onclick = () => {
          this.isolated = this.isolated === layer.name ? null : layer.name
          this.draw()
        }
        return button
      })
    )
  }

  tell() {
    const { seen, frame } = this
    const says = this.find(".says")
    const total = this.sums.reduce((a, b) => a + b, 0)
    let bold = "Whole run"
    let text = `: ${many(seen.timesteps, "step")} of 1 ms, ${many(total, "spike")} sent by the cores. Play to see them step by step; the curve shows the spikes in each step.`
    if (frame) {
      const [first, last] = seen.frames[frame - 1]
      const active = seen.boards[0].cores.spiked.frames[frame - 1].reduce((sum, s) => sum + (s > 0), 0)
      bold = first === last ? `Step ${first} of ${seen.timesteps}` : `Steps ${first}–${last} of ${seen.timesteps}`
      text = `: ${many(this.sums[frame - 1], "spike")} in ${number(active)} of ${many(seen.boards[0].cores.cores, "core")}.`
    }
    says.replaceChildren(made("b", "", bold), text)
    this.slider.value = frame
    this.slider.setAttribute("aria-valuetext", bold)
    const x = (1000 * frame) / seen.frames.length
    this.find(".cursor").setAttribute("x1", x)
    this.find(".cursor").setAttribute("x2", x)
    this.root.dataset.frame = frame
    for (const button of this.root.querySelectorAll("button[data-arcs]")) {
      button.setAttribute("aria-pressed", String(button.dataset.arcs === kept.arcs))
    }
    this.find(".larger").setAttribute("aria-pressed", String(kept.larger))
    this.find(".under").textContent = this.hint()
  }

  hint() {
    const { seen, hovered } = this
    if (hovered.board === null || hovered.chip === null) {
      const touch = matchMedia("(pointer: coarse)").matches
      const how = touch ? "Tap a core." : "Click a core, or use the arrow keys."
      if (kept.arcs !== "chips") return how
      const shown = this.drawings.map((drawing) => drawing.shown())
      if (shown.every((few) => few.share > 0.999)) return `${how} Arcs: spikes between chips, thicker for more.`
      const parts = shown.map((few, b) => `${seen.boards[b].name} ${few.length} with ${Math.round(100 * few.share)} %`)
      return `${how} Arcs: only the largest (${parts.join(", ")} of its spikes between chips)${touch ? "" : "; point at a chip to see all of its spikes"}.`
    }
    const board = seen.boards[hovered.board]
    const { chip, core } = hovered
    const chips = board.place.length
    if (core === null) {
      let [out, into] = [0, 0]
      for (let other = 0; other < chips; other++) {
        out += board.between[chip * chips + other]
        into += board.between[other * chips + chip]
      }
      return `Chip ${chip}: ${many(board.members[chip].length, "core")}, ${many(out, "spike")} to other chips, ${number(into)} from them.`
    }
    const { cores } = board
    const value = this.scale ? `, ${number(this.scale.of(cores, core))}` : ""
    return `Chip ${chip}: a core of ${seen.layers[cores.layer[core]].name}${value}; ${many(board.away[core], "spike")} to other chips.`
  }

  // ---- what can be done --------------------------------------------------------------------

  choose(cores, core, byHand = true) {
    this.chosen = this.seen.boards.map((board) => counterpart(cores, core, board.cores))
    if (byHand && kept.arcs === "chips") kept.arcs = "core"
    this.root.dataset.core = core
    this.details.show(this.seen, this.seen.boards, this.chosen)
    this.meeting.light(this.seen.picture, this.details.patchInImage())
    if (byHand) this.draw()
  }

  handle(canvas, b) {
    const spot = (event) => {
      const box = canvas.getBoundingClientRect()
      return this.drawings[b].under(event.clientX - box.left, event.clientY - box.top)
    }
    canvas.onclick = (event) => {
      const { core } = spot(event)
      if (core !== null) this.choose(this.seen.boards[b].cores, core)
    }
    canvas.onpointermove = (event) => {
      const { chip, core } = spot(event)
      if (this.hovered.board === b && this.hovered.chip === chip && this.hovered.core === core) return
      this.hovered = { board: b, chip, core }
      this.soon()
    }
    canvas.onpointerleave = () => {
      this.hovered = { board: null, chip: null, core: null }
      this.soon()
    }
    canvas.onkeydown = (event) => {
      const way = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key]
      if (!way) return
      event.preventDefault()
      const core = this.chosen[b] ?? 0
      this.choose(this.seen.boards[b].cores, this.drawings[b].beside(core, ...way))
      const [x] = this.drawings[b].middle(this.chosen[b])
      const frame = canvas.parentElement
      if (x < frame.scrollLeft || x > frame.scrollLeft + frame.clientWidth) frame.scrollLeft = x - frame.clientWidth / 2
    }
  }

  listen() {
    this.slider.oninput = () => {
      this.stop()
      this.frame = Number(this.slider.value)
      this.soon()
    }
    this.find(".play").onclick = () => (this.timer ? this.stop() : this.play())
    this.find(".colour").onchange = (event) => {
      kept.colour = event.target.value
      this.isolated = null
      this.draw()
    }
    for (const button of this.root.querySelectorAll("button[data-arcs]")) {
      button.onclick = () => {
        kept.arcs = button.dataset.arcs
        this.after = null
        this.draw()
      }
    }
    this.find(".larger").onclick = () => {
      kept.larger = !kept.larger
      this.arrange()
    }
  }

  soon() {
    cancelAnimationFrame(this.drawing)
    this.drawing = requestAnimationFrame(() => this.draw())
  }

  play() {
    if (!this.seen) return
    const last = this.seen.frames.length
    if (this.frame === last) this.frame = 0
    const button = this.find(".play")
    button.classList.add("playing")
    button.setAttribute("aria-label", "Pause")
    // who asked for little motion gets few, slow pictures and no glow
    const stride = this.calm.matches ? Math.ceil(last / 12) : 1
    const pause = this.calm.matches ? 900 : Math.max(60, Math.min(160, 8000 / last))
    const kept_ = kept.arcs
    this.timer = setInterval(() => {
      this.frame = Math.min(last, this.frame + stride)
      if (this.frame === last) this.stop()
      else this.draw()
    }, pause)
    kept.arcs = kept_ === "chips" ? "none" : kept_ // arcs would hide what lights up
    this.after = kept_
    this.draw()
  }

  stop() {
    if (!this.timer) return
    clearInterval(this.timer)
    this.timer = null
    if (kept.arcs === "none" && this.after) kept.arcs = this.after
    this.after = null
    const button = this.find(".play")
    button.classList.remove("playing")
    button.setAttribute("aria-label", "Play")
    this.draw()
  }

  leave() {
    this.gone = true
    this.stop()
    this.meeting.leave()
    this.observer.disconnect()
  }
}
