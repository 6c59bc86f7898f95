// Colours as tables: a value of a layer is the index, an ABGR word for ImageData comes out. All
// are told apart without red-green vision: grey, purple-green, blue-orange, blue-yellow.

// ANN and SNN stand out from the page alike, so that neither side of their difference looks larger.
export const SIDES = {
  light: { ann: [140, 90, 160], snn: [16, 126, 70], cell: [200, 84, 0], membrane: [0, 96, 168] },
  dark: { ann: [212, 160, 240], snn: [70, 200, 122], cell: [255, 158, 80], membrane: [92, 184, 240] },
}
export const LEARNED = [255, 221, 0] // outlines over the image, on light and dark pages alike
// cividis (Nunez, Anderton, Renslow 2018), from few to many
const CIVIDIS = [
  [0, 34, 78], [35, 62, 108], [87, 93, 109], [124, 123, 120], [165, 155, 112], [211, 190, 90], [254, 232, 56],
]

function word([r, g, b], alpha = 255) {
  return ((alpha << 24) | (b << 16) | (g << 8) | r) >>> 0
}

const clamp = (value, low = 0, high = 255) => Math.min(high, Math.max(low, value))

// grey around the middle, or black and white about a threshold
export function greys(contrast, cut = null) {
  return Uint32Array.from({ length: 256 }, (_, v) => {
    const shown = cut === null ? Math.round(clamp(127.5 + (v - 127.5) * contrast)) : v > cut ? 255 : 0
    return word([shown, shown, shown])
  })
}

// -255..255: purple where the ANN's probability of cell is higher, green where the SNN's is, clear
// where they agree: the middle is the page itself, light or dark
export function differences(dark, contrast) {
  const { ann, snn } = SIDES[dark ? "dark" : "light"]
  return Uint32Array.from({ length: 511 }, (_, i) => {
    const d = i - 255
    // the root shows small differences; a tenth is a third of the way
    const alpha = Math.round(255 * Math.sqrt(clamp((Math.abs(d) / 255) * contrast, 0, 1)))
    return word(d < 0 ? ann : snn, alpha)
  })
}

// probability 0..255 of a pixel that is wrong; the farther from the threshold, the stronger
export function mistakes(dark, contrast, cut) {
  const { cell, membrane } = SIDES[dark ? "dark" : "light"]
  return Uint32Array.from({ length: 256 }, (_, v) => {
    const sure = Math.abs(v - cut) / 128
    return word(v > cut ? cell : membrane, Math.round(255 * clamp(0.5 + sure * contrast, 0, 1)))
  })
}

// 0..255 share of the largest count; none is clear
export function counts(contrast) {
  return Uint32Array.from({ length: 256 }, (_, v) => (v ? word(heat((v / 255) * contrast), 255) : 0))
}

// 0..255 share of the strongest flicker: clear where nothing moves
export function flicker(contrast) {
  return Uint32Array.from({ length: 256 }, (_, v) => {
    const share = clamp((v / 255) * contrast, 0, 1)
    return word(heat(0.4 + 0.6 * share), Math.round(255 * Math.sqrt(share)))
  })
}

// Three classes: blue, light yellow and vermilion (after Okabe and Ito 2008). Most of a section is cell, which
// is a tint alone, so that the image shows through.
export const CLASS_NAMES = ["membrane", "cell", "mitochondria"]
export const CLASS_COLOURS = [[0, 114, 178], [255, 236, 140], [213, 94, 0]]
const CLASS_ALPHA = [230, 60, 230]
export const classTable = () => Uint32Array.from(CLASS_NAMES, (_, i) => word(CLASS_COLOURS[i], CLASS_ALPHA[i]))

// one colour, as a word
export const solid = (rgb) => word(rgb)

export function heat(share) {
  const at = clamp(share, 0, 1) * (CIVIDIS.length - 1)
  const low = Math.min(Math.floor(at), CIVIDIS.length - 2)
  return CIVIDIS[low].map((c, i) => Math.round(c + (CIVIDIS[low + 1][i] - c) * (at - low)))
}

// a table as a CSS gradient, for legends
export function gradient(table) {
  const stops = []
  for (let i = 0; i <= 16; i++) {
    const value = table[Math.round((i / 16) * (table.length - 1))]
    const alpha = (value >>> 24) / 255
    stops.push(`rgba(${value & 255},${(value >>> 8) & 255},${(value >>> 16) & 255},${alpha.toFixed(3)})`)
  }
  return `linear-gradient(to right,${stops.join(",")})`
}

export const css = (rgb) => `rgb(${rgb.join(",")})`

// how light a colour of the page is, 0..1
export function lightness(colour) {
  const pen = document.createElement("canvas").getContext("2d")
  pen.fillStyle = colour || "#ffffff"
  const found = /^#(..)(..)(..)/.exec(pen.fillStyle)
  if (!found) return 1
  const [r, g, b] = found.slice(1).map((part) => parseInt(part, 16) / 255)
  return 0.3 * r + 0.6 * g + 0.1 * b
}
