// What is behind one or two pixels, and in a box: the neurons that see them, asked of the server.

import { besideTissue, cutOf, labelled, thresholds, uncounted } from "./layers.js"
import { bandAt, pairs, potentials, raster, stepAt, timeAt } from "./plots.js"

const LETTER = ["A", "B"]
const COLUMNS_KEPT = 12 // columns of neurons remembered

// whether a pixel is wrong, and whether the ANN or its conversion made it so
const verdict = (seen, i) => {
  if (besideTissue(seen, i)) return " It is not tissue: neither segmented nor scored."
  const ann = seen.ann[i] > cutOf(seen, "ann")
  const snn = seen.frames.at(-1)[i] > cutOf(seen, "snn")
  const same = seen.ann[i] > cutOf(seen, "snn") === snn
  if (!seen.truth || uncounted(seen, i)) return same ? "" : " They disagree: the conversion's doing."
  const right = (says) => says === Boolean(seen.truth[i])
  const at = ` At the threshold of ${thresholds(seen)}`
  if (right(ann)) return right(snn) ? `${at} both are right.` : `${at} only the SNN is wrong: the conversion's error.`
  return right(snn) ? `${at} only the ANN is wrong.` : `${at} both are wrong: the ANN's own error, which the spikes repeat.`
}

export class Inspector {
  constructor(viewer, find) {
    this.viewer = viewer
    this.box = find(".inspector")
    this.columnsArea = find(".columns")
    this.regionArea = find(".region")
    this.layerChoice = find(".inspected")
    this.compare = find(".compare")
    this.below = find(".below")
    this.known = new Map()
    this.layerName = viewer.prefs.inspected ?? null
    this.layerChoice.onchange = () => this.setLayer(this.layerChoice.value)
    this.compare.onclick = () => viewer.setComparing(!viewer.comparing)
    find(".forget").onclick = () => viewer.forget()
  }

  setLayer(name) {
    this.layerName = this.viewer.prefs.inspected = name
    this.layerChoice.value = name
    this.draw()
    this.viewer.refresh("marks")
  }

  // another result: other spikes
  clear() {
    this.known.clear()
    this.region = null
    this.trouble = null
  }

  column({ row, column }) {
    return this.known.get(`${row},${column}`)
  }

  // receptive fields of a place: of its last layer, and of the layer looked at
  fields(index) {
    const place = this.viewer.places[index]
    const column = place && this.column(place)
    if (!column || this.viewer.compact) return null
    const of = (layer) => layer && [layer.field[0], layer.field[1], layer.field[2], layer.field[3]]
    const looked = column.layers.find(({ name }) => name === this.layerName)
    const last = column.layers.at(-1)
    return { whole: of(last), layer: looked === last ? null : of(looked) }
  }

  async look() {
    const { viewer } = this
    const places = [...viewer.places]
    this.trouble = null
    this.show()
    if (!places.length) return void viewer.ask({ want: "places", places: [] })
    const wanted = places.map(({ row, column }) => [row, column])
    // asked even if it is known: the page hears of the place by it
    const known = places.every((place) => this.column(place))
    const answer = await viewer.ask({ want: known || viewer.compact ? "places" : "column", places: wanted })
    if (!answer || viewer.compact) return
    if (answer.header.error) {
      this.trouble = answer.header.error
      viewer.say(this.trouble)
      return this.show()
    }
    if (!known) this.take(answer, places)
    this.show()
    viewer.refresh("marks")
    this.sayPlaces()
    if (places.every((place) => this.column(place)?.activation)) return
    const more = await viewer.ask({ want: "activation", places: wanted })
    if (!more || more.header.error) return
    places.forEach((place, i) => {
      const column = this.column(place)
      if (column) column.activation = more.arrays[`activation${i}`]
    })
    this.draw()
  }

  take({ header, arrays }, places) {
    const colours = Object.fromEntries(this.viewer.seen.layers.map(({ name, colour }) => [name, colour]))
    header.columns.forEach(({ scale, layers }, i) => {
      let first = 0
      for (const layer of layers) {
        layer.first = first
        layer.colour = colours[layer.name]
        first += layer.channels
      }
      const spikes = arrays[`spikes${i}`]
      const { row, column } = places[i]
      this.known.set(`${row},${column}`, {
        layers, scale, spikes, neurons: first, steps: spikes.length / first, heights: arrays[`heights${i}`],
        potential: arrays[`potential${i}`], rate: arrays[`rate_hz${i}`], reached: arrays[`reached${i}`],
        activation: null,
      })
      if (this.known.size > COLUMNS_KEPT) this.known.delete(this.known.keys().next().value)
    })
  }

  // build what is to be drawn in
  show() {
    const { viewer } = this
    const { places } = viewer
    this.box.hidden = viewer.compact || (!places.length && !this.region && !this.trouble)
    // beside one large picture there is room; below four small ones there is
    const beside = !this.box.hidden && (viewer.layout === 1 || viewer.layout === "swipe")
    if (this.box.parentElement.classList.toggle("beside", beside) !== this.wasBeside) viewer.refresh("pictures", "time")
    this.wasBeside = beside
    this.below.hidden = this.box.hidden
    if (this.box.hidden) return
    this.below.textContent = `${places.length ? `Spikes behind ${LETTER.slice(0, places.length).join(" and ")}` : "Rates in the box"} ↓`
    const names = viewer.seen.layers.map(({ name }) => name)
    if (!names.includes(this.layerName)) this.layerName = names.at(-1)
    this.layerChoice.replaceChildren(...names.map((name) => new Option(name, name)))
    this.layerChoice.value = this.layerName
    this.layerChoice.parentElement.hidden = this.compare.hidden = !places.length
    this.box.classList.toggle("two", places.length > 1)
    this.columnsArea.replaceChildren(...places.map((place, i) => this.article(place, i)))
    if (this.trouble) {
      const text = Object.assign(document.createElement("p"), { className: "trouble", textContent: this.trouble })
      this.columnsArea.replaceChildren(text)
    }
    this.showRegion()
    this.draw()
  }

  // the panel is below the pictures, where a small screen ends before it
  comeToSight() {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches
    this.box.focus({ preventScroll: true })
    this.box.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "start" })
  }

  article(place, index) {
    const article = document.createElement("article")
    article.innerHTML =
      `<h4><b class="letter l${index}">${LETTER[index]}</b> <span class="title"></span></h4><p class="says"></p><p class="rule"></p>` +
      `<div class="plots"><figure class="raster"><figcaption><b>Spikes of the neurons that see this pixel</b>` +
      ` <span>one band a layer, one row in it a channel, one mark a spike<span class="graded"></span></span></figcaption>` +
      `<div class="plot timed"><canvas role="img"></canvas><i class="now"></i></div></figure>` +
      `<div><figure class="potential"><figcaption><b>Membrane potential</b> <span class="which"></span></figcaption>` +
      `<div class="plot timed"><canvas role="img"></canvas><i class="now"></i></div>` +
      `<div class="channels"></div></figure>` +
      `<figure class="pairs"><figcaption><b>ANN activation and rate reached</b>` +
      ` <span class="key"><i class="ring"></i>ANN <i class="dot"></i>SNN at the end</span> <span class="which"></span></figcaption>` +
      `<div class="plot"><canvas role="img"></canvas></div></figure></div></div>`
    const canvas = article.querySelector(".raster canvas")
    canvas.onclick = (event) => this.pressRaster(event, canvas, place)
    return article
  }

  // a layer's band chooses it, and the moment
  pressRaster(event, canvas, place) {
    const column = this.column(place)
    if (!column) return
    const box = canvas.getBoundingClientRect()
    const layer = column.layers[bandAt(box.height, event.clientY - box.top, column.layers.length)]
    const step = stepAt(box.width, event.clientX - box.left, column.steps)
    if (step >= 1 && step <= column.steps) this.viewer.goToStep(step)
    if (layer) this.setLayer(layer.name)
  }

  draw() {
    if (this.box.hidden || this.trouble) return
    const { viewer } = this
    ;[...this.columnsArea.children].forEach((article, index) => {
      const place = viewer.places[index]
      if (!place) return
      const find = (selector) => article.querySelector(selector)
      const column = this.column(place)
      find(".title").textContent = `row ${place.row}, column ${place.column}`
      find(".plots").hidden = !column
      find(".says").textContent = column ? this.sentence(place, column) : "Asking for its neurons …"
      if (!column) return
      find(".rule").textContent = this.rule(column)
      const layer = column.layers.find(({ name }) => name === this.layerName)
      raster(viewer, find(".raster canvas"), column)
      find(".graded").textContent = column.heights ? ": the stronger, the larger it is" : ""
      const { told, lines } = potentials(viewer, find(".potential canvas"), column, layer)
      find(".potential .which").textContent = `of ${layer.name}, ${told}`
      find(".channels").innerHTML = lines.length
        ? `channel ${lines.map(({ channel, colour }) => `<i style="border-color:${colour}"></i>${channel}`).join("")}`
        : ""
      const off = pairs(viewer, find(".pairs canvas"), column, layer)
      find(".pairs .which").textContent = `in ${layer.name}: ${off}`
      find(".raster canvas").setAttribute("aria-label", this.sentence(place, column))
      find(".potential canvas").setAttribute("aria-label", `Membrane potentials in ${layer.name}`)
      find(".pairs canvas").setAttribute("aria-label", `ANN and SNN in ${layer.name}: ${off}`)
    })
    this.cursor()
  }

  sentence({ row, column: at }, column) {
    const { viewer } = this
    const { seen } = viewer
    const i = row * seen.width + at
    const layer = column.layers.find(({ name }) => name === this.layerName) ?? column.layers.at(-1)
    let spikes = 0
    for (let step = 0; step < column.steps; step++) {
      for (let c = 0; c < layer.channels; c++) spikes += column.spikes[step * column.neurons + layer.first + c]
    }
    const [, , tall, wide] = layer.field
    const last = column.layers.at(-1)
    const box = layer === last ? ", those in the dashed box" : `, those in the solid box (the dashed one is what ${last.name} sees)`
    return (
      `ANN ${(seen.ann[i] / 255).toFixed(2)}, SNN ${this.readout(column).told} at the end` +
      (seen.truth ? `, ${labelled(seen, i)}` : "") +
      `.${verdict(seen, i)} In ${layer.name}: ${layer.channels} neurons at row ${layer.row}, column ${layer.column}` +
      ` sent ${spikes} spikes and see ${wide} × ${tall} pixels${box}.`
    )
  }

  // The probability of cell at the end, from the spikes: the pictures have it rounded to 255ths, which
  // may end in another digit. told: as it is written wherever it is.
  readout(column) {
    const { weights, bias, shares } = this.viewer.seen.readout
    const last = column.layers.at(-1)
    const reached = (c) => column.reached[last.first + c]
    const weighed = (row, start) => row.reduce((total, weight, c) => total + weight * reached(c), start)
    let sum = null
    let value
    if (shares) {
      const [cell, all] = [weighed(weights, 0), weights.reduce((total, _, c) => total + reached(c), 0)]
      value = all > 0 ? cell / all : 0.5
    } else {
      // of several classes, cell is what is not membrane, the first: log of the sum of the others, less it
      const several = Array.isArray(bias) && weights.map((row, kind) => weighed(row, bias[kind]))
      const high = several && Math.max(...several.slice(1))
      sum = several
        ? high + Math.log(several.slice(1).reduce((total, one) => total + Math.exp(one - high), 0)) - several[0]
        : weighed(weights, bias)
      value = 1 / (1 + Math.exp(-sum))
    }
    return { sum, told: value.toFixed(2) }
  }

  // how the last layer's spikes become what the picture shows there
  rule(column) {
    const { weights, bias, after, shares } = this.viewer.seen.readout
    const last = column.layers.at(-1)
    const { sum, told } = this.readout(column)
    if (shares) {
      const [whose, all] = weights.length > 2 ? ["all classes but membrane", "all"] : ["the class cell", "both"]
      return (
        `From spikes to the probability of cell: the share that ${whose} got of the spikes of ${last.name}` +
        ` over steps ${after + 1} to ${column.steps}, ${told}. One draw a step is shared by ${all} classes.`
      )
    }
    if (Array.isArray(bias)) {
      return (
        `From spikes to the probability of cell: 1 − softmax of membrane among ${bias.length} classes = ${told}.` +
        ` Each class has b + Σ w·r, with r the rate of each channel of ${last.name} over steps ${after + 1} to` +
        ` ${column.steps}, in units of the ANN's activation, and w, b the trained net's last weights and bias.`
      )
    }
    return (
      `From spikes to the probability of cell: σ(b + Σ w·r) = σ(${sum.toFixed(2).replace("-", "−")}) = ${told}.` +
      ` r: rate of each channel of ${last.name} over steps ${after + 1} to ${column.steps}, in units of the ANN's` +
      ` activation; w, b: the trained net's last weights and bias; σ(x) = 1 / (1 + e⁻ˣ).`
    )
  }

  // the cursor of time, on every plot over time
  cursor() {
    if (this.box.hidden) return
    const { seen, index } = this.viewer
    for (const plot of this.columnsArea.querySelectorAll(".plot.timed")) {
      const x = timeAt(plot.clientWidth, seen.steps[index], seen.timesteps)
      plot.querySelector(".now").style.left = `${x}px`
    }
    if (this.region) this.tellRegion()
  }

  async lookRegion(box) {
    const answer = await this.viewer.ask({ want: "region", box, places: [] })
    if (!answer) return
    this.region = answer.header.error ? null : answer.header
    this.trouble = answer.header.error ?? null
    this.show()
  }

  showRegion() {
    this.regionArea.hidden = !this.region
    if (!this.region) return
    const { box, rows } = this.region
    const most = Math.max(...rows.flatMap((row) => [row.mean_hz, row.everywhere_hz]), 1e-9)
    const colours = Object.fromEntries(this.viewer.seen.layers.map(({ name, colour }) => [name, colour]))
    const bar = (hz, colour) => `<i style="width:${(100 * hz) / most}%;background:${colour}"></i>`
    const body = rows.map((row) =>
      `<tr><th scope="row">${row.name}</th><td class="bars">${bar(row.mean_hz, colours[row.name])}` +
      `${bar(row.everywhere_hz, "var(--faint)")}</td><td>${row.mean_hz.toFixed(1)}</td>` +
      `<td>${row.everywhere_hz.toFixed(1)}</td><td>${row.largest_hz.toFixed(0)}</td>` +
      `<td>${row.spikes.toLocaleString("en")}</td></tr>`)
    this.regionArea.innerHTML =
      `<h4>Box: ${box[3]} × ${box[2]} pixels from row ${box[0]}, column ${box[1]}</h4><p class="says"></p>` +
      `<div class="scroll" tabindex="0" role="region" aria-label="Rates in the box"><table><thead><tr><th>Layer</th><th class="bars">mean rate: colour here, grey everywhere</th><th>mean here (Hz)</th>` +
      `<th>mean everywhere (Hz)</th><th>busiest here (Hz)</th><th>spikes here</th></tr></thead>` +
      `<tbody>${body.join("")}</tbody></table></div>`
    this.tellRegion()
  }

  // agreement in the box at this moment needs no server
  tellRegion() {
    const { seen, index } = this.viewer
    const [top, left, height, width] = this.region.box
    const cut = cutOf(seen, "snn")
    const frame = seen.frames[index]
    let same = 0
    let right = 0
    let tissue = 0
    let counted = 0
    for (let row = top; row < top + height; row++) {
      for (let i = row * seen.width + left; i < row * seen.width + left + width; i++) {
        if (besideTissue(seen, i)) continue
        const cell = frame[i] > cut
        tissue++
        same += cell === seen.ann[i] > cut
        if (!seen.truth || uncounted(seen, i)) continue
        counted++
        right += cell === seen.truth[i] > 0
      }
    }
    const share = (n, of) => `${((100 * n) / of).toFixed(1)} %`
    const part = tissue < height * width ? `${share(tissue, height * width)} of it is tissue, and of that ` : ""
    this.regionArea.querySelector(".says").textContent = tissue
      ? `At step ${seen.steps[index]}: ${part}SNN and ANN agree on ${share(same, tissue)} of the pixels` +
        (counted ? `, and the SNN is right on ${share(right, counted)}.` : ".")
      : "None of it is tissue."
  }

  sayPlaces() {
    const { places } = this.viewer
    const told = places.map((place, i) => {
      const column = this.column(place)
      return column ? `Place ${LETTER[i]}, row ${place.row}, column ${place.column}: ${this.sentence(place, column)}` : ""
    })
    this.viewer.say(told.join(" "))
  }
}
