// What is known of one core: its block, the limits used, its place in the image, where spikes go.

class Chosen {
  constructor(find, pick) {
    this.find = find
    this.pick = pick // called with a core of the shown layout
    const canvas = find(".patch canvas")
    canvas.onclick = (event) => {
      const box = canvas.getBoundingClientRect()
      this.point((event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width)
    }
  }

  // a click on the image: the block of the same layer and channels that lies there
  point(down, right) {
    const { seen, cores, core } = this
    const [rows, columns] = seen.layers[cores.layer[core]].shape
    const [row, column] = [Math.floor(down * rows), Math.floor(right * columns)]
    const first = cores.box[6 * core + 2]
    let found = null
    for (let c = 0; c < cores.cores; c++) {
      if (cores.layer[c] !== cores.layer[core]) continue
      const [top, left, low, bottom, end, high] = cores.box.subarray(6 * c, 6 * c + 6)
      if (row < top || row >= bottom || column < left || column >= end) continue
      if (found === null || (first >= low && first < high)) found = c
    }
    if (found !== null) this.pick(found)
  }

  // where the core's neurons are in the whole image, and what to write beside it
  patchInImage() {
    const { seen, cores, core } = this
    const layer = seen.layers[cores.layer[core]]
    const [top, left, , bottom, right] = cores.box.subarray(6 * core, 6 * core + 6)
    const [down, across, height, width] = seen.tile
    const [tall, wide] = [height / layer.shape[0], width / layer.shape[1]]
    return {
      box: [down + top * tall, across + left * wide, (bottom - top) * tall, (right - left) * wide],
      label: layer.name,
      colour: layer.colour,
    }
  }

  show(seen, boards, chosen, colours) {
    const board = boards.find((_, b) => chosen[b] !== null)
    if (!board) return
    const b = boards.indexOf(board)
    Object.assign(this, { seen, cores: board.cores, core: chosen[b] })
    const { cores, core } = this
    const layer = seen.layers[cores.layer[core]]
    const [top, left, low, bottom, right, high] = cores.box.subarray(6 * core, 6 * core + 6)
    const span = (from, to) => (to - from === 1 ? `${from}` : `${from}–${to - 1}`)
    const places = boards
      .map((one, i) => (chosen[i] === null ? null : `chip ${one.chip[chosen[i]]} (${one.name})`))
      .filter(Boolean)
    this.find(".who").textContent = `A core of ${layer.name}, on ${places.join(" and ")}`
    this.find(".block").textContent =
      `Its block: rows ${span(top, bottom)}, columns ${span(left, right)}, channels ${span(low, high)} ` +
      `of ${layer.shape.join(" × ")}.`
    this.bars()
    this.patch([top, left, bottom, right], layer, colours)
    this.goes(boards, chosen, b)
  }

  bars() {
    const { seen, cores, core } = this
    const rows = seen.limits.map(([label, limit, unit], i) => {
      const used = cores.used[seen.limits.length * core + i]
      const share = used / limit
      const row = made("div", "limit")
      row.append(made("span", "", label), made("span", "amount", `${number(used)} of ${number(limit)}${unit ? " " + unit : ""}`))
      const track = made("span", "gauge")
      const bar = made("i")
      bar.style.width = `${100 * Math.min(1, share)}%`
      track.append(bar)
      row.append(track, made("span", "share", `${(100 * share).toFixed(0)} %`))
      return row
    })
    this.find(".limits").replaceChildren(...rows)
  }

  patch([top, left, bottom, right], layer, colours) {
    const { image, tile } = this.seen
    const canvas = this.find(".patch canvas")
    const [, , height, width] = tile
    const scale = Math.max(2, Math.round(512 / Math.max(height, width)))
    canvas.width = width * scale
    canvas.height = height * scale
    const pen = canvas.getContext("2d")
    const sheet = document.createElement("canvas")
    sheet.width = width
    sheet.height = height
    const pixels = sheet.getContext("2d").createImageData(width, height)
    const out = new Uint32Array(pixels.data.buffer)
    for (let i = 0; i < image.length; i++) out[i] = 0xff000000 | (image[i] * 0x010101)
    sheet.getContext("2d").putImageData(pixels, 0, 0)
    pen.imageSmoothingEnabled = true
    pen.drawImage(sheet, 0, 0, canvas.width, canvas.height)
    const [y, x] = [canvas.height / layer.shape[0], canvas.width / layer.shape[1]]
    const box = [left * x, top * y, (right - left) * x, (bottom - top) * y]
    pen.fillStyle = "rgba(0, 0, 0, 0.45)"
    pen.beginPath()
    pen.rect(0, 0, canvas.width, canvas.height)
    pen.rect(...box)
    pen.fill("evenodd")
    for (const [colour, wide] of [["#ffffff", 9], [layer.colour, 5]]) {
      pen.strokeStyle = colour
      pen.lineWidth = wide
      const inset = wide / 2
      const [u, v, w, h] = box
      pen.strokeRect(Math.max(u, 5), Math.max(v, 5), Math.min(w, canvas.width - Math.max(u, 5) - 5), Math.min(h, canvas.height - Math.max(v, 5) - 5))
    }
    canvas.setAttribute(
      "aria-label",
      `The tile of the image, ${width} by ${height} pixels; the core's patch is outlined`
    )
  }

  goes(boards, chosen, b) {
    const { seen, cores, core } = this
    const sent = cores.spiked.total[core]
    const found = targets(cores, core)
    const deliveries = found.reduce((sum, [, spikes]) => sum + spikes, 0)
    const hertz = (1000 * sent) / cores.used[seen.limits.length * core] / seen.timesteps
    const [first, count] = [cores.fromhost[core], cores.tohost[core]]
    const parts = [
      `Its neurons spike ${many(sent, "time")} in ${many(seen.timesteps, "step")} (${hertz.toFixed(0)} Hz on average).`,
      found.length
        ? `Other cores get ${many(deliveries, "spike")}, ${many(found.length, "core")} in all.`
        : "No other core listens.",
    ]
    const leave = boards.flatMap((board, i) =>
      chosen[i] === null ? [] : [`${number(board.away[chosen[i]])} with ${board.name}`]
    )
    if (found.length) parts.push(`To other chips, once per chip: ${leave.join(", ")}.`)
    if (first) parts.push(`${number(first)} arrive from the host, where the image becomes spikes.`)
    if (count) parts.push(`The host reads ${number(count)} for the segmentation.`)
    this.find(".sums").textContent = parts.join(" ")
    const rows = new Map()
    for (const [target, spikes] of found) {
      const name = cores.layer[target]
      const row = rows.get(name) ?? { cores: 0, spikes: 0, outside: boards.map(() => 0) }
      row.cores += 1
      row.spikes += spikes
      boards.forEach((board, i) => {
        if (board.cores === cores && board.chip[target] !== board.chip[core]) row.outside[i] += spikes
      })
      rows.set(name, row)
    }
    const same = boards.filter((board) => board.cores === cores)
    const body = [...rows].sort((p, q) => p[0] - q[0]).map(([name, row]) => {
      const line = made("tr")
      const head = made("th")
      head.scope = "row"
      head.append(swatch(seen.layers[name]), seen.layers[name].name)
      line.append(head, made("td", "", number(row.cores)), made("td", "", number(row.spikes)))
      boards.forEach((board, i) => {
        if (same.includes(board)) line.append(made("td", "", row.spikes ? `${((100 * row.outside[i]) / row.spikes).toFixed(0)} %` : "–"))
      })
      return line
    })
    const titles = ["to layer", "cores", "spikes", ...same.map((board) => `off chip, ${board.name}`)]
    const top = made("tr")
    for (const title of titles) {
      const cell = made("th", "", title)
      cell.scope = "col"
      top.append(cell)
    }
    this.find(".goes").hidden = body.length === 0
    this.find(".goes thead").replaceChildren(top)
    this.find(".goes tbody").replaceChildren(...body)
  }
}

function made(kind, name = "", text = "") {
  return Object.assign(document.createElement(kind), { className: name, textContent: text })
}

// a layer's colour, with the mark that tells it from another of the same colour
function swatch(layer) {
  const found = made("i", `swatch mark${layer.mark ? ((layer.mark - 1) % 3) + 1 : 0}`)
  found.style.setProperty("--colour", layer.colour)
  return found
}
