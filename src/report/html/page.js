'use strict';
// Search, filter and order of the lists. The page is whole without it: rows are only taken out, put back and
// re-ordered, and nothing is read before the user asks for it.
(() => {
  const CHUNK = 100;
  const tools = document.getElementById('tools');
  const nothing = document.getElementById('nothing');
  const status = tools.querySelector('output');
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
  const number = new Intl.NumberFormat('en');

  const lists = [...document.querySelectorAll('[data-list]')].map(section => ({
    section,
    kind: section.dataset.kind,
    chunks: [...section.querySelectorAll('.chunk')],
    count: section.querySelector('.number'),
    total: section.querySelector('.number').textContent,
    heads: [...section.querySelectorAll('th')],
    items: null,
    touched: false,
    key: '',
    falling: false,
  }));

  const rowsOf = chunk => chunk.matches('.rows') ? chunk : chunk.querySelector('.rows');

  function read(list) {
    list.items ??= list.chunks.flatMap(chunk => [...rowsOf(chunk).children]).map(node => ({ node, text: null }));
    return list.items;
  }

  function textOf(item) {
    item.text ??= item.node.textContent.toLowerCase();
    return item.text;
  }

  // What an item is ordered by: of a file its name, since the lists are by folder already.
  function keyOf(node, key) {
    const cell = node.querySelector(key === 'f' ? '.f b' : '.' + key);
    return cell ? cell.dataset.s ?? cell.textContent.trim() : '';
  }

  function sorted(items, key, falling) {
    if (!key) return items;
    const keyed = items.map(item => ({ item, key: keyOf(item.node, key) }));
    // Rows without the thing come last either way.
    keyed.sort((a, b) => (a.key === '') - (b.key === '') || (falling ? -1 : 1) * collator.compare(a.key, b.key));
    return keyed.map(({ item }) => item);
  }

  function deal(list, items) {
    list.chunks.forEach((chunk, index) => {
      const part = items.slice(index * CHUNK, (index + 1) * CHUNK);
      rowsOf(chunk).replaceChildren(...part.map(item => item.node));
      chunk.hidden = part.length === 0;
      chunk.classList.toggle('full', part.length === CHUNK);
    });
  }

  function show() {
    const words = tools.elements.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const kinds = [...tools.querySelectorAll('[name=kind]:checked')].map(box => box.value);
    let shown = 0, all = 0;
    for (const list of lists) {
      const wanted = kinds.length === 0 || list.kind === undefined || kinds.includes(list.kind);
      let left = parseInt(list.total.replaceAll(',', ''), 10);
      const whole = left;
      if (wanted && (words.length > 0 || list.key || list.touched)) {
        const matching = read(list).filter(item => words.every(word => textOf(item).includes(word)));
        deal(list, sorted(matching, list.key, list.falling));
        left = matching.length;
        list.touched = left < whole || list.key !== '';
      }
      list.section.hidden = !wanted || left === 0;
      list.count.textContent = left === whole ? list.total : number.format(left) + ' of ' + list.total;
      for (const head of list.heads) {
        if (list.key && head.classList.contains(list.key)) head.ariaSort = list.falling ? 'descending' : 'ascending';
        else head.removeAttribute('aria-sort');
      }
      if (list.kind !== undefined) {
        all += whole;
        shown += wanted ? left : 0;
      }
    }
    const busy = words.length > 0 || kinds.length > 0;
    nothing.hidden = !busy || shown > 0;
    nothing.firstElementChild.textContent = words.length > 0
      ? `Nothing matches "${tools.elements.search.value.trim()}".` : 'Nothing matches.';
    status.textContent = busy ? number.format(shown) + ' of ' + number.format(all) + ' shown' : '';
  }

  for (const list of lists) {
    for (const head of list.heads.filter(head => head.closest('.heads'))) {
      const key = head.className;
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = head.textContent;
      head.replaceChildren(button);
      // Rising, falling, and back to the order of the folders.
      button.addEventListener('click', () => {
        if (list.key !== key) [list.key, list.falling] = [key, false];
        else if (!list.falling) list.falling = true;
        else [list.key, list.falling] = ['', false];
        show();
      });
    }
  }

  let waiting = 0;
  tools.addEventListener('input', event => {
    if (event.target.name === 'order') {
      for (const list of lists) {
        if (list.kind !== undefined) [list.key, list.falling] = [event.target.value, false];
      }
    }
    clearTimeout(waiting);
    waiting = setTimeout(show, event.target.name === 'search' ? 150 : 0);
  });
  tools.addEventListener('submit', event => event.preventDefault());
  nothing.querySelector('button').addEventListener('click', () => {
    tools.reset();
    for (const list of lists) list.key = '';
    show();
    tools.elements.search.focus();
  });
  tools.hidden = false;
  // The column heads stay below the tools, however many lines these take.
  new ResizeObserver(() => {
    const height = getComputedStyle(tools).position === 'sticky' ? tools.offsetHeight : 0;
    document.documentElement.style.setProperty('--tools', height + 'px');
  }).observe(tools);
})();
