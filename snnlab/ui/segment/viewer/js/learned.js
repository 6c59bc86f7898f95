// What a network that was trained on the visitor's scribbles says: a layer of the pictures, fetched
// when it is new, and shown at once, so that one sees where to paint next.

import { layer } from "./layers.js"
import { showOnly } from "./panes.js"

const SHOWS = "learnedOutlines"

export class Learned {
  constructor(viewer) {
    this.viewer = viewer
    this.asked = null
  }

  // another run: its picture may be another one
  clear() {
    this.asked = null
  }

  // told: { name, at } of what there is, or nothing
  hear(told) {
    const { viewer } = this
    const { seen } = viewer
    const now = seen.learned
    if (!told) {
      this.asked = null
      if (!now) return
      seen.learned = null
      return viewer.arrange()
    }
    if (now?.name === told.name) {
      if (now.at === told.at) return
      now.at = told.at
      return viewer.refresh("pictures", "captions")
    }
    if (this.asked !== told.name) this.fetch(told)
  }

  async fetch({ name, at }) {
    const { viewer } = this
    const { seen } = viewer
    this.asked = name
    const answer = await viewer.ask({ want: "learned" })
    if (viewer.seen !== seen || this.asked !== name) return
    this.asked = null // if it failed, or is another one by now, the next draw asks again
    const values = answer?.arrays.learned
    if (answer?.header.name !== name || values?.length !== seen.width * seen.height) return
    seen.learned = { name, at, values }
    this.show(name)
    viewer.root.dataset.learned = name
  }

  // once for each, in the last picture, if none shows it already
  show(name) {
    const { viewer } = this
    const { prefs, layout } = viewer
    const count = layout === "swipe" ? 2 : layout
    const there = viewer.panes.slice(0, count).some(({ layers }) => layers.learned.on || layers[SHOWS].on)
    const fresh = prefs.learned !== name
    if (fresh && !there) {
      viewer.active = count - 1
      showOnly(viewer.panes[viewer.active], SHOWS)
    }
    prefs.learned = name
    viewer.arrange()
    if (!fresh) return
    viewer.say(`New: ${layer(SHOWS).name}`)
    // the button that trained it is below
    viewer.area.area.scrollIntoView({ block: "nearest" })
  }
}
