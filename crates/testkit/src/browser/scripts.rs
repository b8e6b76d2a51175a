//! What is asked of the page itself: functions that are called with an element of it as `this`. They work without JavaScript, too, which is
//! switched off for the page's own scripts only.

/// What covers the element at a point; null when nothing does. A label is as good as what it labels.
pub const COVERED: &str = "function (x, y) {
    const hit = document.elementFromPoint(x, y);
    if (!hit) return 'nothing is at its place';
    if (this.contains(hit) || hit.contains(this)) return null;
    if ([...(this.labels ?? [])].some(label => label.contains(hit))) return null;
    return '<' + hit.localName + '> ' + (hit.textContent ?? '').trim().slice(0, 60) + ' covers it';
}";

/// Gives a field the focus, with all that is in it selected.
pub const SELECT_ALL: &str = "function () { this.focus(); if (this.select) this.select(); }";

/// Whether text is put in by keys; dates, times and the like are set whole.
pub const TAKES_KEYS: &str = "function () {
    return this.localName !== 'input' || !['date', 'time', 'datetime-local', 'month', 'week', 'color', 'range'].includes(this.type);
}";

/// Sets a value as a person does who picks it.
pub const SET: &str = "function (value) {
    this.focus();
    this.value = value;
    for (const name of ['input', 'change']) this.dispatchEvent(new Event(name, { bubbles: true }));
}";

/// Picks an option of a list by its text; tells null, or what there is.
pub const PICK: &str = "function (text) {
    if (this.localName !== 'select') return 'it is no list';
    const shown = option => option.label.replace(/\\s+/g, ' ').trim();
    const found = [...this.options].filter(option => shown(option) === text);
    if (found.length !== 1) return found.length + ' options are ' + JSON.stringify(text) + ' of ' + [...this.options].map(shown).join(', ');
    if (found[0].disabled) return 'the option is disabled';
    this.focus();
    if (!this.multiple) this.selectedIndex = -1;
    found[0].selected = true;
    for (const name of ['input', 'change']) this.dispatchEvent(new Event(name, { bubbles: true }));
    return null;
}";

/// The text of the option that is picked.
pub const PICKED: &str = "function () {
    return this.localName === 'select' ? [...this.selectedOptions].map(option => option.label.trim()).join(', ') : null;
}";

/// What is to be read in an element.
pub const READ: &str = "function () { return this.innerText ?? this.documentElement?.innerText ?? this.textContent; }";

/// Rows of a table with the text of their cells, as far as they are shown.
pub const CELLS: &str = "function () {
    const shown = one => one.checkVisibility();
    const cells = row => [...row.querySelectorAll('th, td')].filter(shown).map(cell => cell.innerText.replace(/\\s+/g, ' ').trim());
    return [...this.querySelectorAll('tr')].filter(shown).map(cells);
}";

/// Whether one sees where the focus is: by an outline, or by how it or what it stands in looks different from without it.
pub const RING: &str = "function () {
    const around = [this, this.parentElement, this.parentElement?.parentElement].filter(one => one);
    const look = () => around.map(one => {
        const is = getComputedStyle(one);
        return [is.outlineStyle === 'none' ? '' : is.outline, is.boxShadow, is.borderColor, is.backgroundColor].join();
    }).join();
    const focused = look();
    this.blur();
    const differs = look() !== focused;
    this.focus();
    return differs;
}";

/// What reaches beyond the right edge of the page, outermost first.
pub const OVERFLOW: &str = "(() => {
    const page = document.scrollingElement, width = page.clientWidth;
    if (page.scrollWidth <= width) return [];
    const right = one => Math.round(one.getBoundingClientRect().right);
    const wide = [...document.body.querySelectorAll('*')].filter(one => one.checkVisibility() && right(one) > width + 1);
    return wide.slice(0, 10).map(one => one.localName + '.' + one.className + ' ' + right(one));
})()";

/// What axe-core finds serious or critical, one line each.
pub const AXE: &str = "axe.run(document, {
    resultTypes: ['violations'], preload: false, rules: { 'target-size': { enabled: true } },
}).then(found => found.violations.filter(one => ['serious', 'critical'].includes(one.impact)).flatMap(one =>
    one.nodes.map(node => one.id + ': ' + one.help + ': ' + node.target.join(' ') + ' ' + node.html.slice(0, 200) + ' ('
        + [...node.any, ...node.all, ...node.none].map(check => check.message).join('; ') + ')')))";
