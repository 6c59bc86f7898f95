// Tables that are wider than the page can be scrolled by keys too, and say what they are.
const named = () => {
  for (const one of document.querySelectorAll(".md-typeset__scrollwrap:not([tabindex])")) {
    one.tabIndex = 0
    one.setAttribute("role", "group")
    one.setAttribute("aria-label", "Table")
  }
}
new MutationObserver(named).observe(document.documentElement, { childList: true, subtree: true })
named()
