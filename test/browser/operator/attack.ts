import type { BrowserContext, Page } from 'playwright-core'

/** A form of the dashboard, as a person would fill it in. */
export interface SealedForm {
  readonly text: string
  readonly fields: Readonly<Record<string, string>>
}

/** Returns the forms of the page: one for each sealed order. */
export async function sealedForms(page: Page): Promise<readonly SealedForm[]> {
  return page.$$eval('form', (forms) =>
    forms.map((form) => {
      const button = form.querySelector('button:not([disabled])')
      const chosen = Array.from(form.querySelectorAll('select'), (select) => [
        select.name,
        select.options[1]?.value ?? '',
      ])
      const filled = Array.from(form.querySelectorAll('input'), (input) => [input.name, input.value || 'ida'])
      const pressed = button?.getAttribute('name') ? [[button.getAttribute('name'), button.getAttribute('value')]] : []
      return { text: button?.textContent ?? '', fields: Object.fromEntries([...filled, ...chosen, ...pressed]) }
    }),
  )
}

/** What script got. */
export interface Attack {
  /** What a fetch of the dashboard was: the type and status of the response, or the name of the error. */
  readonly read: string
  /** The same of each POST by fetch. */
  readonly posts: readonly string[]
  /** The addresses of frames in which the dashboard was shown. */
  readonly shown: readonly string[]
  /** The statuses of all POSTs that reached the gate. */
  readonly statuses: readonly number[]
}

/** Tries from the publisher's page what script can cause: fetch, forms in a frame, in a window and in its own place, frames, windows. */
export async function attackFrom(page: Page, dashboard: string, forms: readonly SealedForm[]): Promise<Attack> {
  const context = page.context()
  const statuses: number[] = []
  context.on('response', (answer) => {
    if (answer.request().method() === 'POST') statuses.push(answer.status())
  })
  const { read, posts } = await page.evaluate(fetchAll, { dashboard, forms })
  await page.evaluate(frameAll, { dashboard, forms })
  const tried = await Promise.all(
    page
      .frames()
      .map(async (frame) => ((await frame.$('.tiles, form input[name=do][value]')) === null ? [] : [frame.url()])),
  )
  const shown = tried.flat().filter((url) => url !== page.url())
  for (const form of [undefined, ...forms]) await openAndLose(page, context, dashboard, form)
  for (const form of forms) {
    const start = page.url()
    const loaded = page.waitForEvent('load')
    await page.evaluate(submit, { dashboard, form, target: '_self' })
    await loaded
    await page.goto(start)
  }
  return { read, posts, shown, statuses }
}

interface Given {
  readonly dashboard: string
  readonly forms: readonly SealedForm[]
}

async function fetchAll({ dashboard, forms }: Given): Promise<Pick<Attack, 'read' | 'posts'>> {
  const tried = async (init: RequestInit): Promise<string> => {
    try {
      const answer = await fetch(dashboard, { credentials: 'include', ...init })
      return `${answer.type} ${answer.status}`
    } catch (error) {
      return error instanceof Error ? error.name : ''
    }
  }
  const posts: string[] = []
  for (const { fields } of forms)
    for (const mode of ['cors', 'no-cors'] as const)
      posts.push(await tried({ method: 'POST', mode, body: new URLSearchParams(fields) }))
  return { read: await tried({}), posts }
}

/** Shows the dashboard in a frame, and posts each form into one. */
async function frameAll({ dashboard, forms }: Given): Promise<void> {
  const loaded = async (begin: (name: string) => void, name: string): Promise<void> => {
    const frame = document.body.appendChild(Object.assign(document.createElement('iframe'), { name }))
    const load = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }))
    begin(name)
    await load
  }
  for (const [at, { fields }] of forms.entries())
    await loaded((name) => {
      const form = document.body.appendChild(document.createElement('form'))
      Object.assign(form, { method: 'post', action: dashboard, target: name })
      for (const [field, value] of Object.entries(fields))
        form.appendChild(Object.assign(document.createElement('input'), { name: field, value }))
      form.submit()
    }, `sink-${at}`)
  await loaded((name) => {
    const frame = document.getElementsByName(name)[0]
    frame?.setAttribute('src', dashboard)
  }, 'shown')
}

function submit({
  dashboard,
  form: { fields },
  target,
}: {
  dashboard: string
  form: SealedForm
  target: string
}): void {
  const form = document.body.appendChild(document.createElement('form'))
  Object.assign(form, { method: 'post', action: dashboard, target })
  for (const [name, value] of Object.entries(fields))
    form.appendChild(Object.assign(document.createElement('input'), { name, value }))
  form.submit()
}

/** Opens a window with the dashboard in it, or with the answer to a form. Returns once its opener has nothing of it any more. */
async function openAndLose(
  page: Page,
  context: BrowserContext,
  dashboard: string,
  form: SealedForm | undefined,
): Promise<void> {
  const opened = context.waitForEvent('page')
  await page.evaluate(() => void Object.assign(window, { opened: window.open('about:blank', 'attack') }))
  const popup = await opened
  if (form === undefined) await page.evaluate((url) => void window.open(url, 'attack'), dashboard)
  else await page.evaluate(submit, { dashboard, form, target: 'attack' })
  await popup.waitForURL(dashboard)
  // The opener learns within moments that the window is no longer its own.
  await page.waitForFunction('window.opened.closed', undefined, { polling: 20 })
  await popup.close()
}
