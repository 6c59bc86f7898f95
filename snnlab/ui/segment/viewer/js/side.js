// The invisible half: hears from the page what changes, and asks it questions. The pictures are
// another component, so that their message never changes; both meet at one desk.

const DESK = Symbol.for("snnlab.viewer")

export default function ({ data, setTriggerValue }) {
  const desk = (globalThis[DESK] ??= {})
  const ask = (question) => setTriggerValue("ask", question)
  desk.ask = ask
  if (data?.byteLength) {
    desk.told = data
    desk.hear?.(data)
  }
  return () => {
    if (desk.ask === ask) desk.ask = desk.told = null
  }
}
