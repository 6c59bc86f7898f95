// Questions to the server, one at a time: a click must not overtake the answer to the last one.

import { headed, unpack } from "./decode.js"

const MEETING = Symbol.for("snnlab.viewer")
const PATIENCE = 90_000 // ms; on a machine that may be busy

export function meeting() {
  return (globalThis[MEETING] ??= {})
}

export class Link {
  constructor(hear, lost) {
    this.desk = meeting()
    this.hear = hear // told what the page knows
    this.lost = lost // called when no answer came
    this.waiting = []
    this.open = null
    this.desk.serial ??= Date.now() % 1e9
    this.ear = this.desk.hear = (bytes) => this.listen(bytes)
    if (this.desk.told) this.listen(this.desk.told)
  }

  // result: what the question is about; resolves to { header, arrays }, or null if it was dropped
  ask(result, question) {
    return new Promise((resolve) => {
      // a newer question of the same kind makes one that still waits pointless
      this.waiting = this.waiting.filter((other) => {
        const same = other.question.want === question.want
        if (same) other.resolve(null)
        return !same
      })
      this.waiting.push({ question: { ...question, result, serial: ++this.desk.serial }, resolve })
      this.next()
    })
  }

  next() {
    if (this.open || !this.waiting.length || this.gone) return
    if (!this.desk.ask) return void setTimeout(() => this.next(), 100) // the other half is not there yet
    this.open = this.waiting.shift()
    this.timer = setTimeout(() => this.close(null), PATIENCE)
    this.desk.ask(this.open.question)
  }

  close(answer) {
    clearTimeout(this.timer)
    const { resolve } = this.open
    this.open = null
    if (!answer) this.lost()
    resolve(answer)
    this.next()
  }

  async listen(bytes) {
    const { header, rest } = headed(bytes)
    this.hear(header)
    if (!rest.byteLength) return
    const wanted = headed(rest).header.serial
    if (this.open?.question.serial !== wanted) return
    const answer = await unpack(rest)
    if (this.open?.question.serial === wanted) this.close(answer)
  }

  drop() {
    for (const { resolve } of this.waiting) resolve(null)
    this.waiting = []
    if (this.open) {
      clearTimeout(this.timer)
      this.open.resolve(null)
      this.open = null
    }
  }

  leave() {
    this.gone = true
    this.drop()
    if (this.desk.hear === this.ear) this.desk.hear = null // another page's viewer may be here already
  }
}
