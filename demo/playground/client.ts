import {
  type Asked,
  at,
  callFields,
  type CallReceipt,
  curlOf,
  difference,
  errorIn,
  measureIn,
  messageIn,
  modelIds,
  piecesOf,
  PLAYGROUND,
  type PlaygroundProvider,
  quoteIn,
  receiptIn,
  string,
} from './calls.ts'
import { addProvider, addRow, chosenProvider, elements, fact, listModels, show } from './view.ts'

/** The page’s own state: whose token it sends, and the call under way. */
interface State {
  token: string
  shop: string
  balance: string
  running: AbortController | undefined
  /** What a call would reserve is asked once its writer pauses. */
  quoting: number | undefined
}

const state: State = { token: '', shop: '', balance: '', running: undefined, quoting: undefined }
const KEPT = 'faregate-playground-token'

function provider(): PlaygroundProvider {
  const found = PLAYGROUND[chosenProvider()] ?? PLAYGROUND['openai']
  if (found === undefined) throw new Error('no provider')
  return found
}

function asked(): Asked {
  const { model, prompt, most } = elements
  return { model: model.value, prompt: prompt.value, most: Math.max(1, Math.trunc(Number(most.value)) || 1) }
}

async function json(response: Response): Promise<unknown> {
  return response.json().catch(() => undefined)
}

/** The page names the shop, which makes accounts. */
function findShop(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="shop"]')?.content ?? ''
}

async function newAccount(): Promise<void> {
  const made = await json(await fetch(`${state.shop}/playground/accounts`, { method: 'POST' }))
  await useToken(string(at(made, 'token')))
}

async function useToken(token: string): Promise<void> {
  state.token = token
  sessionStorage.setItem(KEPT, token)
  elements.token.value = token
  await readBalance()
}

/** Shows what the account has now. Returns false if the gate does not take the token. */
async function readBalance(): Promise<boolean> {
  const response = await fetch('/__faregate/account', { headers: { authorization: `Bearer ${state.token}` } })
  const view = await json(response)
  if (!response.ok) return false
  state.balance = string(at(view, 'account', 'credit', 0, 'amount')) || '0'
  show(elements.balance, `${state.balance} ${string(at(view, 'account', 'credit', 0, 'currency')) || 'USD'}`)
  elements.account.textContent = `Account ${string(at(view, 'account', 'id'))}`
  return true
}

async function topUp(): Promise<void> {
  const headers = { authorization: `Bearer ${state.token}` }
  await fetch(`${state.shop}/playground/credit`, { method: 'POST', headers })
  await readBalance()
  showCall()
}

async function readModels(): Promise<void> {
  const { models } = provider()
  const response = await fetch(models, { headers: callFields(provider(), state.token) })
  listModels(response.ok ? modelIds(await json(response)).filter((id) => !id.includes('embed')) : [])
  showCall()
}

function showCall(): void {
  elements.curl.textContent = curlOf(provider(), asked(), location.origin)
  clearTimeout(state.quoting)
  state.quoting = window.setTimeout(() => void showQuote(), 250)
}

/** Asks what the call would reserve, and charges nothing. */
async function showQuote(): Promise<void> {
  const { path, body } = provider().request(asked())
  const headers = callFields(provider(), state.token)
  const url = `/__faregate/explain?target=${encodeURIComponent(path)}`
  const view = await json(await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) }))
  elements.quote.textContent = quoteIn(view)
}

function setRunning(running: AbortController | undefined): void {
  state.running = running
  elements.send.disabled = running !== undefined
  elements.stop.hidden = running === undefined
  elements.text.classList.toggle('running', running !== undefined)
}

async function send(): Promise<void> {
  const running = new AbortController()
  setRunning(running)
  elements.refusal.hidden = true
  elements.answer.hidden = true
  elements.facts.replaceChildren()
  elements.text.textContent = ''
  const before = state.balance
  try {
    const { path, body } = provider().request(asked())
    const headers = callFields(provider(), state.token)
    const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body), signal: running.signal })
    if (response.ok && response.body !== null) await follow(response, response.body, before)
    else refuse(response.status, await json(response))
  } catch {
    elements.answer.hidden = false
    fact('Ended', running.signal.aborted ? 'stopped by you' : 'the connection broke')
  } finally {
    setRunning(undefined)
    await readBalance()
    showCall()
  }
}

/** Shows the tokens as they come, and what they cost once that is known. */
async function follow(response: Response, body: ReadableStream<Uint8Array>, before: string): Promise<void> {
  elements.answer.hidden = false
  const called = provider()
  const { model } = asked()
  void readBalance().then(() => fact('Reserved', `${difference(before, state.balance)} USD`))
  let receipt: CallReceipt | undefined
  for await (const piece of piecesOf(body)) {
    if ('comment' in piece) receipt = receiptIn(piece.comment) ?? receipt
    else {
      elements.text.append(called.text(piece.data))
      const error = errorIn(piece.data)
      if (error !== undefined) fact('Error', error, true)
    }
  }
  await readBalance()
  const charged = receipt?.amount ?? difference(before, state.balance)
  fact('Charged', `${charged} ${receipt?.currency ?? 'USD'}`)
  const charge = receipt?.charge ?? response.headers.get('faregate-charge') ?? ''
  await showMeasure(charge)
  fact('Charge', charge, true)
  addRow([model, charged, state.balance])
}

/** Asks how the amount came about. */
async function showMeasure(charge: string): Promise<void> {
  const headers = { authorization: `Bearer ${state.token}` }
  const measure = measureIn(await json(await fetch(`/__faregate/charges/${charge}`, { headers })))
  if (measure !== '') fact('Made of', measure, true)
}

function refuse(status: number, body: unknown): void {
  elements.refusal.hidden = false
  elements.refusalTitle.textContent = `${status} ${string(at(body, 'title'))}`
  elements.refusalText.textContent = messageIn(body)
  elements.refusalTopUp.hidden = status !== 402
}

function listen(): void {
  const { form, providers, stop, renew, refusalTopUp, use, token } = elements
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void send()
  })
  form.addEventListener('input', showCall)
  providers.addEventListener('change', () => void readModels())
  stop.addEventListener('click', () => state.running?.abort())
  elements.topUp.addEventListener('click', () => void topUp())
  renew.addEventListener('click', () => void newAccount())
  refusalTopUp.addEventListener('click', () => void topUp().then(send))
  use.addEventListener('click', () => void useToken(token.value.trim()))
}

async function start(): Promise<void> {
  for (const [index, [name, { label }]] of Object.entries(PLAYGROUND).entries()) addProvider(name, label, index === 0)
  listen()
  state.shop = findShop()
  const kept = sessionStorage.getItem(KEPT)
  if (kept !== null) await useToken(kept)
  if (kept === null || !(await readBalance())) await newAccount()
  await readModels()
}

void start()
