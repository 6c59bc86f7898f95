// Layers of the picture in use: on and off, opacity, contrast; which population; pixel size.

import { topOf } from "./panes.js"

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
    this.button.onclick = () => this.toggle()
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

  row(item, state) {
    const row = document.createElement("div")
    row.className = "row"
    row.innerHTML =
      `<label class="name"><input type="checkbox" data-layer="${item.id}"><span></span></label>` +
      `<label>opacity <input type="range" min="0" max="1" step="0.05" data-set="opacity"></label>` +
      `<label>contrast <input type="range" min="-2" max="3" step="0.25" data-set="contrast"></label>`
    row.querySelector("span").textContent = this.viewer.area.title(item.id)
    const box = row.querySelector("[type=checkbox]")
    const [opacity, contrast] = row.querySelectorAll("[type=range]")
    box.checked = state.on
    opacity.value = state.opacity
    contrast.value = Math.log2(state.contrast)
    for (const [slider, name] of [[opacity, "opacity"], [contrast, "contrast"]]) {
      slider.setAttribute("aria-label", `${name} of ${item.name}`)
    }
    box.onchange = () => {
      const pane = this.viewer.panes[this.viewer.active]
      const names = this.viewer.available()
      const below = topOf(pane, names)
      state.on = box.checked
      // whichever of the two is above, a layer that covers all lets the one below through
      const top = names.find(({ id }) => id === topOf(pane, names))
      if (box.checked && below && !top.over && pane.layers[top.id].opacity === 1) {
        pane.layers[top.id].opacity = 0.5
      }
      this.viewer.arrange()
    }
    opacity.oninput = () => {
      state.opacity = Number(opacity.value)
      this.viewer.refresh("pictures")
    }
    contrast.oninput = () => {
      state.contrast = 2 ** Number(contrast.value)
      this.viewer.refresh("pictures", "captions")
    }
    return row
  }
}
