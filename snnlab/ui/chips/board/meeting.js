// Where the board and the image viewer meet: a core's patch lights up there, a place chosen there
// leads to a core here. Both are in the same page, so no server is asked.

const DESK = Symbol.for("snnlab.viewer")

class Meeting {
  constructor(pick) {
    this.desk = globalThis[DESK] ??= {}
    this.pick = pick // called with shares of the tile's height and width
    this.placed = () => this.follow(this.seen)
    this.desk.placed = this.placed
  }

  light(picture, patch) {
    this.desk.core = { picture, ...patch }
    this.desk.light?.()
  }

  // a place in the tile that was not followed yet
  follow(seen) {
    this.seen = seen
    const { place } = this.desk
    if (!seen || !place || place.picture !== seen.picture || place === this.followed) return
    this.followed = place
    const [top, left, height, width] = seen.tile
    const shares = [(place.row + 0.5 - top) / height, (place.column + 0.5 - left) / width]
    if (shares.every((share) => share >= 0 && share < 1)) this.pick(...shares)
  }

  leave() {
    if (this.desk.placed !== this.placed) return
    this.desk.placed = this.desk.core = null
    this.desk.light?.()
  }
}
