// Layers of the picture in use: on and off, contrast, how strong those above are; which
// population; pixel size.

import { stackOf, tick } from "./panes.js"

export class Panel {
  constructor(viewer, find) {
    this.viewer = viewer
    this.box = find(".panel")
    this.button = find(".layers")
    this.rows = find(".rows")
    this.which = find(".which")
    this.layerChoice = find(".population")
    this.channelChoice = find(".channel")
    this.size = find(".nm")
    this.overlay = find(".overlay")
    this.opacity = find(".overlay input")
    this.button.onclick = () => this.toggle()
    this.opacity.oninput = () => {
      viewer.panes[viewer.active].opacity = Number(this.opacity.value)
      viewer.refresh("pictures")
    }
    this.layerChoice.onchange = () => viewer.choosePopulation(this.layerChoice.value, null)
    this.channelChoice.onchange = () => {
      const { value } = this.channelChoice
      viewer.choosePopulation(this.layerChoice.value, value === "" ? null : Number(value))
    }
    this.size.onchange = () => {
      const nm = Number(this.size.value)
      viewer.setNm(nm > 0 && nm < 1e6 ? nm : null)
    }
  }

  toggle() {
    this.box.hidden = !this.box.hidden
    this.button.setAttribute("aria-expanded", String(!this.box.hidden))
    if (!this.box.hidden) this.write()
  }

  write() {
    if (this.box.hidden || !this.viewer.seen) return
    const { viewer } = this
    const places = viewer.layout === "swipe" ? ["left of the divider", "right of the divider"] : null
    this.which.textContent =
      viewer.layout === 1 ? "Layers, bottom to top" : `Layers of ${places ? places[viewer.active] ?? places[0] : `picture ${viewer.active + 1}`}, bottom to top`
    const pane = viewer.panes[viewer.active]
    this.rows.replaceChildren(...viewer.available().map((item) => this.row(item, pane.layers[item.id])))
    this.layerChoice.replaceChildren(
      ...viewer.seen.layers.map(({ name, shape }) => new Option(`${name} (${shape.join(" × ")})`, name))
    )
    this.layerChoice.value = viewer.chosen.layer
    const { shape } = viewer.seen.layers.find(({ name }) => name === viewer.chosen.layer)
    this.channelChoice.replaceChildren(
      new Option("all channels", ""),
      ...Array.from({ length: shape[2] }, (_, i) => new Option(`channel ${i}`, i))
    )
    this.channelChoice.value = viewer.chosen.channel ?? ""
    this.size.value = viewer.nm ?? ""
  }

  // one slider, in sight wherever something lies over something
  writeOverlay() {
    const { viewer } = this
    const pane = viewer.panes[viewer.active]
    const [lowest, ...above] = stackOf(pane, viewer.available())
    this.overlay.hidden = !above.length || viewer.compact
    if (this.overlay.hidden) return
    const of = viewer.layout === 1 ? "" : `Picture ${viewer.active + 1}: `
    const names = above.map(({ chip }) => chip).join(", ")
    this.overlay.querySelector("span").textContent = `${of}${names} over ${lowest.chip}`
    this.opacity.value = pane.opacity
  }

  row(item, state) {
    const row = document.createElement("div")
    row.className = "row"
    row.innerHTML =
      `<label class="name"><input type="checkbox" data-layer="${item.id}"><span></span></label>` +
      `<label>contrast <input type="range" min="-2" max="3" step="0.25" data-set="contrast"></label>`
    row.querySelector("span").textContent = this.viewer.area.title(item.id)
    const box = row.querySelector("[type=checkbox]")
    if (item.flat) row.lastElementChild.remove() // its colours are given
    if (item.about) {
      row.append(Object.assign(document.createElement("small"), { textContent: item.about, hidden: !state.on }))
      row.title = item.about
    }
    const contrast = row.querySelector("[type=range]")
    box.checked = state.on
    box.onchange = () => {
      const { viewer } = this
      tick(viewer.panes[viewer.active], item.id, box.checked, viewer.available())
      viewer.arrange()
      // the rows were written anew
      this.rows.querySelector(`[data-layer="${item.id}"]`).focus()
    }
    if (!contrast) return row
    contrast.value = Math.log2(state.contrast)
    contrast.setAttribute("aria-label", `contrast of ${item.name}`)
    contrast.oninput = () => {
      state.contrast = 2 ** Number(contrast.value)
      this.viewer.refresh("pictures", "captions")
    }
    return row
  }
}
