// One section of a stack, and over it a segmentation or its cells; arrows, Home and End leaf.

const STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5 }

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".slices")
  if (!data || !root) return
  root.slices ??= new Slices(root)
  root.slices.ask = place => setTriggerValue("ask", place)
  root.slices.take(data)
}

class Slices {
  constructor(root) {
    this.root = root
    this.find = name => root.querySelector(name)
    this.known = new Map() // pictures of sections, by their numbers
    this.asked = new Set()
    this.index = 0
    this.shows = null
    this.wish = 0
    const at = this.find(".at")
    at.addEventListener("input", () => this.go(Number(at.value)))
    this.find(".back").addEventListener("click", () => this.go(this.index - 1))
    this.find(".on").addEventListener("click", () => this.go(this.index + 1))
    const opacity = this.find(".opacity")
    opacity.addEventListener("input", () => this.draw())
    // whoever clicks the picture wants to leaf
    this.find(".view").addEventListener("click", () => at.focus({ preventScroll: true }))
    root.addEventListener("keydown", event => {
      if (event.target === opacity || event.altKey || event.ctrlKey || event.metaKey) return
      const last = this.data.places.length - 1
      const to = { Home: 0, End: last }[event.key] ?? this.index + (STEPS[event.key] ?? NaN)
      if (Number.isNaN(to)) return
      event.preventDefault()
      this.go(to)
    })
  }

  take(data) {
    const place = this.data?.places[this.index]
    if (this.data?.run !== data.run) this.known = new Map()
    this.data = data
    this.asked = new Set() // whatever was asked for and did not come is asked for again
    for (const [number, pictures] of Object.entries(data.pictures))
      this.known.set(Number(number), pictures)
    if (!this.shows) this.choices()
    const still = data.places.indexOf(place)
    this.index = Math.max(still, 0)
    if (data.goto && data.goto[0] > this.wish) {
      this.wish = data.goto[0]
      const wished = data.places.indexOf(data.goto[1])
      if (wished >= 0) this.index = wished
    }
    this.root.style.setProperty("--ratio", data.ratio)
    this.draw()
    this.root.dataset.ready = "true"
  }

  choices() {
    const box = this.find(".choice")
    for (const [name, title] of Object.entries({ ...this.data.over, none: "Image alone" })) {
      const button = document.createElement("button")
      button.type = "button"
      button.textContent = title
      button.dataset.over = name
      button.onclick = () => {
        this.shows = name
        this.draw()
      }
      box.append(button)
    }
    this.shows = Object.keys(this.data.over)[0]
  }

  go(index) {
    const last = this.data.places.length - 1
    this.index = Math.min(Math.max(index, 0), last)
    this.draw()
  }

  draw() {
    const { places, says, over } = this.data
    const place = places[this.index]
    const pictures = this.known.get(place)
    const [em, top] = [this.find(".em"), this.find(".over")]
    this.find(".wait").hidden = Boolean(pictures)
    this.root.dataset.section = pictures ? place : ""
    if (pictures) {
      em.src = pictures.em
      em.alt = `Section ${place}`
      if (this.shows === "none") top.removeAttribute("src")
      else top.src = pictures[this.shows]
      top.alt = this.shows === "none" ? "" : `${over[this.shows]} over section ${place}`
    }
    if (pictures?.mark) this.find(".mark").src = pictures.mark
    else this.find(".mark").removeAttribute("src")
    top.style.opacity = this.find(".opacity").value
    const at = this.find(".at")
    at.max = places.length - 1
    at.value = this.index
    at.setAttribute("aria-valuetext", `section ${place}`)
    this.find(".back").disabled = this.index === 0
    this.find(".on").disabled = this.index === places.length - 1
    this.find(".says b").textContent = `Section ${place}`
    this.find(".says span").textContent = says[this.index]
    for (const button of this.root.querySelectorAll(".choice button"))
      button.setAttribute("aria-pressed", button.dataset.over === this.shows)
    this.missing()
  }

  // what will be seen next is asked for before it is
  missing() {
    const { places } = this.data
    for (const index of [this.index, this.index + 1, this.index - 1, this.index + 2]) {
      const place = places[index]
      if (place === undefined || this.known.has(place) || this.asked.has(place)) continue
      this.asked.add(place)
      this.ask(place)
      return
    }
  }
}
