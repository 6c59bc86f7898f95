// Maps of spikes, fetched when a picture first shows them.

import { momentOf } from "./layers.js"

const MAPS_KEPT = 6

export class Maps {
  constructor(viewer) {
    this.viewer = viewer
    this.known = new Map()
    this.asking = new Set()
  }

  clear() {
    this.known.clear()
    this.asking.clear()
    this.viewer.maps = {}
    this.viewer.mapsFailed = null
  }

  wanted(id) {
    const { layer, channel } = id === "spikes" ? { layer: null, channel: null } : this.viewer.chosen
    return { key: `${layer}/${channel}`, layer, channel }
  }

  fetch() {
    const { viewer } = this
    if (!viewer.seen || !viewer.chosen) return
    for (const id of ["spikes", "population"]) {
      const { key, layer, channel } = this.wanted(id)
      viewer.maps[id] = this.known.get(key) ?? null
      if (viewer.maps[id] || !this.viewer.shows(id) || this.asking.has(key)) continue
      this.asking.add(key)
      this.get(key, layer, channel)
    }
  }

  async get(key, layer, channel) {
    const { viewer } = this
    const { seen } = viewer
    const part = String(seen.region)
    const answer = await viewer.ask({ want: "map", layer, channel, places: [] })
    if (String(seen.region) !== part) return // another part is looked into by now
    this.asking.delete(key)
    if (!answer || viewer.seen !== seen) return
    const { header, arrays } = answer
    viewer.mapsFailed = header.error ?? null
    if (!header.error) {
      const { shape } = header.parts[0]
      // the first layer is as fine as the image
      const size = seen.layers[0].shape[1] / shape[2]
      const serial = `${seen.serial}/${part}/${key}`
      this.known.set(key, { steps: header.steps, largest: header.largest, counts: arrays.counts, shape, size, serial })
      if (this.known.size > MAPS_KEPT) this.known.delete(this.known.keys().next().value)
    }
    this.fetch()
    viewer.refresh("pictures", "captions")
  }

  // spikes at a pixel by now, or null if that is not known
  at(id, row, column) {
    const { viewer } = this
    const map = viewer.maps[id]
    if (!map || !viewer.shows(id)) return null
    const [, tall, wide] = map.shape
    const y = Math.floor((row - viewer.seen.region[0]) / map.size)
    const x = Math.floor((column - viewer.seen.region[1]) / map.size)
    if (y < 0 || x < 0 || y >= tall || x >= wide) return null
    const moment = momentOf(map.steps, viewer.seen.steps[viewer.index])
    return moment < 0 ? 0 : map.counts[(moment * tall + y) * wide + x]
  }
}
