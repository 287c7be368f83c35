/** The elements of the page, and the small changes that are made to them. */

export function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id)
  if (!(found instanceof kind)) throw new Error(`no #${id}`)
  return found
}

export const elements = {
  account: element('account', HTMLElement),
  answer: element('answer', HTMLElement),
  balance: element('balance', HTMLElement),
  calls: element('calls', HTMLElement),
  curl: element('curl', HTMLElement),
  facts: element('facts', HTMLElement),
  form: element('form', HTMLFormElement),
  model: element('model', HTMLSelectElement),
  most: element('most', HTMLInputElement),
  prompt: element('prompt', HTMLTextAreaElement),
  providers: element('providers', HTMLFieldSetElement),
  quote: element('quote', HTMLElement),
  refusal: element('refusal', HTMLElement),
  refusalText: element('refusal-text', HTMLElement),
  refusalTitle: element('refusal-title', HTMLElement),
  refusalTopUp: element('refusal-top-up', HTMLButtonElement),
  renew: element('renew', HTMLButtonElement),
  rows: element('rows', HTMLElement),
  send: element('send', HTMLButtonElement),
  stop: element('stop', HTMLButtonElement),
  text: element('text', HTMLElement),
  token: element('token', HTMLTextAreaElement),
  topUp: element('top-up', HTMLButtonElement),
  use: element('use', HTMLButtonElement),
}

function made(name: string, text: string, className = ''): HTMLElement {
  return Object.assign(document.createElement(name), { textContent: text, className })
}

/** Shows a value, and that it moved. */
export function show(target: HTMLElement, text: string): void {
  if (target.textContent === text) return
  const isFirst = target.textContent === '…'
  target.textContent = text
  if (isFirst) return
  target.classList.remove('moved')
  // Read, so that the animation begins anew.
  void target.offsetWidth
  target.classList.add('moved')
}

export function fact(term: string, value: string, isWide = false): void {
  const className = isWide ? 'wide' : ''
  const found = Array.from(elements.facts.children).find((each) => each.querySelector('dt')?.textContent === term)
  const entry = made('div', '', className)
  entry.append(made('dt', term), made('dd', value))
  if (found === undefined) elements.facts.append(entry)
  else found.replaceWith(entry)
}

const MOST_ROWS = 8

export function addRow(cells: readonly string[]): void {
  const row = document.createElement('tr')
  row.append(...cells.map((text, index) => made('td', text, index > 0 ? 'number' : '')))
  elements.rows.prepend(row)
  while (elements.rows.children.length > MOST_ROWS) elements.rows.lastElementChild?.remove()
  elements.calls.hidden = false
}

export function addProvider(name: string, label: string, isChosen: boolean): void {
  const input = Object.assign(document.createElement('input'), { type: 'radio', name: 'provider', value: name })
  input.checked = isChosen
  const wrapper = document.createElement('label')
  wrapper.append(input, label)
  elements.providers.append(wrapper)
}

export function chosenProvider(): string {
  return elements.providers.querySelector<HTMLInputElement>(':checked')?.value ?? ''
}

export function listModels(ids: readonly string[]): void {
  elements.model.replaceChildren(...ids.map((id) => new Option(id)))
}
