"""Turning pages as a visitor does, for the benchmarks and the browser tests.

A page's name stands in the page map itself, or in the menu of its group, which is opened first.
On a narrow screen the page map is in the sidebar, which is to be open already.
"""

GROUP = "stTopNavSection"


def turn_to(page, name: str) -> None:
    """Press the name of another page.

    Parameters
    ----------
    page : playwright.sync_api.Page
    name : str
        As the page map calls it.
    """
    entry, groups = _entry(page, name), page.get_by_test_id(GROUP)
    entry.or_(groups).first.wait_for()
    for number in range(groups.count()):
        if entry.count():
            break
        groups.nth(number).click()
        _opened(page, groups.nth(number)).wait_for()
    entry.click()


async def turn_to_soon(page, name: str) -> None:
    """The same for a playwright.async_api.Page."""
    entry, groups = _entry(page, name), page.get_by_test_id(GROUP)
    await entry.or_(groups).first.wait_for()
    for number in range(await groups.count()):
        if await entry.count():
            break
        await groups.nth(number).click()
        await _opened(page, groups.nth(number)).wait_for()
    await entry.click()


def _entry(page, name: str):
    page_map = page.get_by_role("navigation", name="App pages")
    in_a_menu = page.get_by_role("menuitem", name=name, exact=True)
    return page_map.get_by_role("link", name=name, exact=True).or_(in_a_menu).first


def _opened(page, group):
    """The button of a group whose menu is there."""
    return group.and_(page.locator("[aria-expanded=true]"))
