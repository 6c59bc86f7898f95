// Time under the hand: play, pause, step, scrub, speed and loop.

import { nearestTo } from "./axis.js"

export const SPEEDS = [2, 5, 10, 20, 30, 60] // pictures a second
const CALM = 2 // where the visitor asks for less motion

export class Player {
  constructor(viewer, find) {
    this.viewer = viewer
    this.button = find(".play")
    this.slider = find(".scrub")
    this.speedChoice = find(".speed")
    this.loopChoice = find(".loop")
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches
    this.speed = viewer.prefs.speed ?? (calm ? CALM : 10)
    this.loop = viewer.prefs.loop ?? false
    this.speedChoice.replaceChildren(...SPEEDS.map((speed) => new Option(`${speed} a second`, speed)))
    this.speedChoice.value = this.speed
    this.speedChoice.onchange = () => this.setSpeed(Number(this.speedChoice.value))
    this.loopChoice.onclick = () => this.setLoop(!this.loop)
    this.button.onclick = () => this.toggle()
    find(".back").onclick = () => this.step(-1)
    find(".on").onclick = () => this.step(1)
    for (const kind of ["pointerdown", "pointerup", "pointercancel", "keydown"]) {
      this.slider.addEventListener(kind, () => (this.held = kind === "pointerdown"))
    }
    this.slider.oninput = () => {
      this.pause()
      viewer.setIndex(this.wanted(Number(this.slider.value)))
      this.follow() // nothing was computed between two moments, so it does not stand there
    }
    this.setLoop(this.loop)
  }

  get last() {
    return this.viewer.seen.steps.length - 1
  }

  setSpeed(speed) {
    this.speed = this.viewer.prefs.speed = speed
    this.speedChoice.value = speed
    this.began = null
  }

  faster(by) {
    const at = Math.max(0, SPEEDS.indexOf(this.speed))
    this.setSpeed(SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, at + by))])
    this.viewer.say(`${this.speed} pictures a second`)
  }

  setLoop(on) {
    this.loop = this.viewer.prefs.loop = on
    this.loopChoice.setAttribute("aria-pressed", String(on))
  }

  toggle() {
    if (this.playing) this.pause()
    else this.play()
  }

  step(by) {
    this.pause()
    this.viewer.setIndex(this.viewer.index + by)
  }

  go(index) {
    this.pause()
    this.viewer.setIndex(index)
  }

  play() {
    if (!this.viewer.seen) return
    if (this.viewer.index >= this.last) this.viewer.setIndex(0)
    this.playing = true
    this.began = null
    this.tell()
    const tick = (now) => {
      if (!this.playing) return
      if (this.began === null) {
        this.began = now
        this.from = this.viewer.index
      }
      let next = this.from + Math.floor(((now - this.began) / 1000) * this.speed)
      if (next > this.last) {
        if (!this.loop) {
          this.viewer.setIndex(this.last)
          return this.pause()
        }
        this.began = now
        this.from = next = 0
      }
      if (next !== this.viewer.index) this.viewer.setIndex(next)
      this.timer = requestAnimationFrame(tick)
    }
    this.timer = requestAnimationFrame(tick)
  }

  pause() {
    if (!this.playing) return
    this.playing = false
    cancelAnimationFrame(this.timer)
    this.tell()
    this.viewer.sayTime()
  }

  tell() {
    this.button.classList.toggle("playing", this.playing)
    this.button.setAttribute("aria-label", this.playing ? "Pause" : "Play")
  }

  // the moment nearest to the hand; a key goes at least to the next one
  wanted(step) {
    const { seen, index } = this.viewer
    const near = nearestTo(seen.steps, step)
    return this.held || near !== index ? near : index + Math.sign(step - seen.steps[index])
  }

  // the slider is where the moment is on the axis above it
  follow() {
    const { seen, index } = this.viewer
    this.slider.max = seen.steps.at(-1)
    this.slider.value = seen.steps[index]
    this.slider.style.setProperty("--at", `${(100 * seen.steps[index]) / seen.steps.at(-1)}%`)
  }

  show(says) {
    this.follow()
    this.slider.setAttribute("aria-valuetext", says)
  }
}
