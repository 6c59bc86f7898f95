// A table of pictures: a row a method, a column a number of timesteps, the ANN at its end.

function made(tag, name, text) {
  const element = document.createElement(tag)
  if (name) element.className = name
  if (text !== undefined) element.textContent = text
  return element
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".grid")
  if (!data) return
  const table = made("table")
  table.style.setProperty("--ratio", data.ratio)
  const head = table.createTHead().insertRow()
  for (const name of data.columns) {
    const cell = made("th", "", name)
    cell.scope = "col"
    head.append(cell)
  }
  const body = table.createTBody()
  for (const row of data.rows) {
    const title = made("th")
    title.colSpan = data.columns.length
    title.scope = "rowgroup"
    const named = made("span", "title", row.title) // stays in sight when the row is scrolled
    named.append(made("small", "", row.about))
    title.append(named)
    body.insertRow().append(title)
    const line = body.insertRow()
    if (row.error) {
      const cell = made("td", "error", row.error)
      cell.colSpan = data.columns.length
      line.append(cell)
      continue
    }
    line.className = "cells"
    row.cells.forEach((cell, i) => {
      const place = drawn(cell, data, setTriggerValue)
      place.dataset.column = data.columns[i] // said again in the cell where there is no room for a head
      line.append(place)
    })
  }
  const scroll = made("div", "scroll")
  scroll.append(table)
  const before = root.querySelector(".scroll")
  const left = before ? before.scrollLeft : 0
  root.replaceChildren(scroll)
  scroll.scrollLeft = left
  root.dataset.ready = "true"
  root.dataset.rows = data.rows.length
}

function drawn(cell, data, setTriggerValue) {
  const place = made("td", cell.opens ? "" : "ann")
  const button = made(cell.opens ? "button" : "div", "cell")
  if (cell.opens) {
    button.type = "button"
    button.setAttribute("aria-label", cell.label)
    button.title = cell.label
    button.onclick = () => setTriggerValue("open", cell.opens)
  }
  const view = made("span", "view")
  if (cell.note) {
    view.classList.add("none")
    view.textContent = cell.note
  } else {
    const image = made("img")
    image.src = cell.picture
    image.alt = cell.opens ? "" : cell.label
    view.append(image)
  }
  const says = made("span", "says")
  says.append(made("b", "", cell.first), made("span", "", cell.second))
  button.append(view, says)
  place.append(button)
  return place
}
