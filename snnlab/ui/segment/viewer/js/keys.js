// Everything by keyboard, while the viewer has the focus, and the list of it.

const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }

// keys as they are shown, what they do, what is called; a title has no keys
function table(viewer) {
  const { player, pointer } = viewer
  const middle = { x: 0.5, y: 0.5 }
  return [
    ["Time"],
    ["Space", "play or pause", [" "], () => player.toggle()],
    [", .", "one step back, one step on", [",", "."], (key) => player.step(key === "." ? 1 : -1)],
    ["Home End", "first step, last step", ["Home", "End"], (key) => player.go(key === "Home" ? 0 : player.last)],
    ["[ ]", "slower, faster", ["[", "]"], (key) => player.faster(key === "]" ? 1 : -1)],
    ["L", "play in a loop, or once", ["l"], () => player.setLoop(!player.loop)],
    ["Pictures"],
    ["1 2 4", "one, two or four pictures", ["1", "2", "4"], (key) => viewer.setLayout(Number(key))],
    ["V", "swipe between two layers", ["v"], () => viewer.setLayout("swipe")],
    ["N Shift+N", "next, previous layer of this picture", ["n", "N"], (key) => viewer.nextLayer(key === "n" ? 1 : -1)],
    ["P", "probability, or black and white mask", ["p"], () => viewer.setMask(!viewer.mask)],
    ["O", "layers: on and off, contrast", ["o"], () => viewer.panel.toggle()],
    ["Look closer"],
    ["+ − 0", "closer, farther, whole image", ["+", "=", "-", "0"], (key) => {
      if (key === "0") viewer.whole()
      else pointer.zoom(viewer.focusSpot() ?? middle, key === "-" ? 1 / 1.4 : 1.4)
    }],
    ["Shift + arrows", "move the image", [], null],
    ["M", "magnifier", ["m"], () => viewer.setLens(!viewer.lens)],
    ["Ask about a place"],
    ["Arrows", "move the cursor", [], null],
    ["Enter", "look at the pixel under the cursor", ["Enter"], () => viewer.chooseCursor(false)],
    ["Shift + Enter", "compare it with the one chosen before", [], null],
    ["B", "corner of a box, and the opposite corner", ["b", "B"], () => viewer.cornerHere()],
    ["Esc", "forget places and box", ["Escape"], () => viewer.forget()],
    ["Paint labels"],
    ["S", "take the brush, put it down", ["s"], () => viewer.brush.offered && viewer.brush.toggle()],
    ["X", "membrane, cell or eraser", ["x"], () => viewer.brush.nextInk()],
    ["< >", "thinner, thicker", ["<", ">"], (key) => viewer.brush.setWidth(viewer.brush.width + (key === ">" ? 1 : -1))],
    ["U", "take the last stroke back", ["u"], () => viewer.brush.undo()],
    ["?", "this list", ["?"], () => viewer.keys.open()],
  ]
}

export class Keys {
  constructor(viewer, root, dialog) {
    this.viewer = viewer
    this.dialog = dialog
    this.rows = table(viewer)
    this.actions = new Map(this.rows.flatMap(([, , keys, run]) => (keys ?? []).map((key) => [key, run])))
    root.addEventListener("keydown", (event) => this.press(event))
    dialog.querySelector(".close").onclick = () => dialog.close()
    dialog.onclick = (event) => {
      if (event.target === dialog) dialog.close() // beside it
    }
    this.write(dialog.querySelector("dl"))
  }

  write(list) {
    for (const [keys, does] of this.rows) {
      const name = document.createElement("dt")
      if (!does) {
        name.className = "title"
        name.textContent = keys
        list.append(name)
        continue
      }
      for (const key of keys.split(" ")) {
        if (key === "+" && keys.includes("Shift")) name.append(" + ")
        else name.append(Object.assign(document.createElement("kbd"), { textContent: key }), " ")
      }
      list.append(name, Object.assign(document.createElement("dd"), { textContent: does }))
    }
  }

  open() {
    if (!this.dialog.open) this.dialog.showModal()
  }

  press(event) {
    const { viewer } = this
    if (!viewer.seen || this.dialog.open || event.ctrlKey || event.metaKey || event.altKey) return
    const target = event.composedPath()[0]
    const plain = target.tagName === "CANVAS"
    if (target.tagName === "SELECT" || (target.tagName === "INPUT" && target.type === "number")) return
    // buttons and sliders have a use for these themselves
    const own = [" ", "Enter", "Home", "End", ...Object.keys(MOVES)]
    if (!plain && own.includes(event.key) && ["BUTTON", "INPUT"].includes(target.tagName)) return
    const move = MOVES[event.key]
    if (move) {
      if (event.shiftKey) viewer.pan(...move)
      else viewer.moveCursor(...move)
    } else if (event.key === "Enter" && event.shiftKey) viewer.chooseCursor(true)
    else {
      const run = this.actions.get(event.key) ?? this.actions.get(event.key.toLowerCase())
      if (!run) return
      run(event.key)
    }
    event.preventDefault()
    event.stopPropagation()
  }
}
