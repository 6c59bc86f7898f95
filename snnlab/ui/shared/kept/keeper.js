// Keeps the visitor's session in this browser, and hands it back when a session begins. What is
// kept are the parts of a session file, by their sha256, and for each tab a list of its parts.

const NAME = "snnlab"
const AGE = 30 * 24 * 3600e3 // ms
const MOST = 200 * 2 ** 20 // bytes of all sessions together
const REST = 1000 // ms without a change, after which one is kept
const PATIENCE = 10_000 // ms until the page has heard that a session is back
const [TAB, OFF] = ["snnlab-tab", "snnlab-kept-off"] // of this tab, in sessionStorage
const DESK = Symbol.for("snnlab.kept")

export default function ({ data, setTriggerValue }) {
  const keeper = (globalThis[DESK] ??= new Keeper())
  keeper.take(data, setTriggerValue)
}

class Keeper {
  constructor() {
    this.turn = Promise.resolve()
    this.token = null // address of the session that is served
    Object.assign(this, { saved: 0, heavy: 0, trouble: "", returning: false })
    addEventListener("beforeunload", (event) => this.asks() && event.preventDefault())
  }

  take(data, tell) {
    this.data = data
    this.tell = tell
    this.next(() => this.heed())
  }

  // one thing after another
  next(work) {
    this.turn = this.turn.then(work).catch((error) => this.fail(error))
  }

  fail(error) {
    console.info("snnlab: this session is not kept:", String(error))
    this.say("unavailable")
  }

  // whether to ask before what is not kept is left
  asks() {
    const { data } = this
    if (!data?.worth || (data.keep && data.off)) return false
    return !data.keep || data.unkept || this.trouble !== "" || data.heavy > this.heavy
  }

  say(trouble) {
    if (trouble !== this.trouble) this.tell("trouble", trouble || "none")
    this.trouble = trouble
  }

  async heed() {
    const { data } = this
    document.documentElement.dataset.kept = "no"
    if (!data.keep) {
      if (!this.cleared) await remove()
      this.cleared = true
      return
    }
    const fresh = this.token !== data.address
    if (fresh) {
      Object.assign(this, { token: data.address, saved: 0, heavy: 0, returning: false })
      if (sessionStorage.getItem(OFF) && !data.off) {
        this.unheard = true // until the page knows
        return this.tell("switched", Date.now())
      }
    }
    if (data.off) {
      this.unheard = false
      clearTimeout(this.timer)
      const first = !sessionStorage.getItem(OFF)
      sessionStorage.setItem(OFF, "yes")
      return first ? remove() : undefined
    }
    if (this.unheard) return
    if (sessionStorage.getItem(OFF)) {
      sessionStorage.removeItem(OFF) // switched on again
      this.saved = -1
    }
    if (fresh && data.open) {
      this.returning = true // what is kept is not to be written over before it is back
      if (await this.handBack()) return this.announce()
      this.returning = false
      if (data.awaited) this.tell("arrived", Date.now()) // nothing: the page need not wait
    }
    if (this.returning && data.open) return // the page has not taken it up yet
    this.returning = false
    document.documentElement.dataset.kept = data.serial > this.saved ? "late" : "yes"
    if (data.serial > this.saved) {
      clearTimeout(this.timer)
      this.timer = setTimeout(() => this.next(() => this.save()), REST)
    }
  }

  // a word that a busy page did not hear is said again
  announce() {
    this.tell("arrived", Date.now())
    clearTimeout(this.again)
    this.again = setTimeout(() => this.returning && this.data.open && this.announce(), PATIENCE)
  }

  url(name) {
    const base = window.__streamlit?.BACKEND_BASE_URL ?? new URL("./", location.href).href
    return new URL(this.data.address + name, base.endsWith("/") ? base : `${base}/`)
  }

  // hands in what was kept of this tab, or else by any other last; false if there is nothing
  async handBack() {
    const [sessions] = await read((stores) => [stores.sessions.getAll()])
    const young = sessions.filter(({ at }) => Date.now() - at < AGE).sort((a, b) => b.at - a.at)
    const found = young.find(({ id }) => id === tab()) ?? young[0]
    if (!found) return false
    for (const [name, [hash]] of Object.entries(found.parts)) {
      const [bytes] = await read((stores) => [stores.parts.get(hash)])
      if (!bytes) return false
      const said = await fetch(this.url(name), { method: "PUT", body: bytes })
      if (!said.ok) throw new Error(`the server does not take it back (${said.status})`)
    }
    return true
  }

  async save() {
    const { data } = this
    if (!data.keep || data.off || this.returning || data.serial <= this.saved) return
    const said = await fetch(this.url("parts.json"))
    if (!said.ok) return // the visitor's session is over; another one follows
    const { serial, heavy, parts, left } = await said.json()
    const size = sizeOf(parts)
    if (size > MOST) {
      await write(({ sessions }) => sessions.delete(tab()))
      this.saved = serial
      return this.say("large")
    }
    const wanted = Object.values(parts).map(([hash]) => hash)
    const [there] = await read((stores) => [stores.parts.getAllKeys()])
    const bytes = new Map()
    for (const hash of wanted) {
      if (there.includes(hash) || bytes.has(hash)) continue
      const got = await fetch(this.url(`${hash}.bin`))
      if (!got.ok) return this.next(() => this.save()) // something newer was listed meanwhile
      bytes.set(hash, await got.arrayBuffer())
    }
    await write(async (stores) => {
      for (const [hash, content] of bytes) stores.parts.put(content, hash)
      stores.sessions.put({ id: tab(), at: Date.now(), parts })
      await tidy(stores)
    })
    this.saved = serial
    this.heavy = heavy
    this.say(left)
    if (this.data.serial <= serial) document.documentElement.dataset.kept = "yes"
  }
}

const sizeOf = (parts) => Object.values(parts).reduce((sum, [, size]) => sum + size, 0)

// forgets sessions that are old or too many, and parts that are of none
async function tidy({ sessions, parts }) {
  const own = tab()
  const all = await done(sessions.getAll())
  all.sort((a, b) => (b.id === own) - (a.id === own) || b.at - a.at)
  const kept = new Set()
  let room = MOST
  for (const one of all) {
    const size = sizeOf(one.parts)
    if (Date.now() - one.at > AGE || size > room) sessions.delete(one.id)
    else {
      room -= size
      for (const [hash] of Object.values(one.parts)) kept.add(hash)
    }
  }
  for (const hash of await done(parts.getAllKeys())) if (!kept.has(hash)) parts.delete(hash)
}

function tab() {
  let name = sessionStorage.getItem(TAB)
  if (!name) {
    name = Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("-")
    sessionStorage.setItem(TAB, name)
  }
  return name
}

// ---- IndexedDB as promises -------------------------------------------------------------------

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

async function database() {
  const request = indexedDB.open(NAME, 1)
  request.onupgradeneeded = () => {
    request.result.createObjectStore("sessions", { keyPath: "id" })
    request.result.createObjectStore("parts")
  }
  return done(request)
}

async function within(mode, work) {
  const base = await database()
  try {
    const transaction = base.transaction(["sessions", "parts"], mode)
    const over = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve
      transaction.onerror = transaction.onabort = () => reject(transaction.error)
    })
    const stores = { sessions: transaction.objectStore("sessions"), parts: transaction.objectStore("parts") }
    const [found] = await Promise.all([work(stores), over])
    return found
  } finally {
    base.close()
  }
}

const read = (asked) => within("readonly", (stores) => Promise.all(asked(stores).map(done)))
const write = (work) => within("readwrite", work)

async function remove() {
  await done(indexedDB.deleteDatabase(NAME))
}
