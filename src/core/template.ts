/** A text that is the same each time but for the values in its slots. */
export type Template = readonly (string | number)[]

/** Private-use characters stand for the slots while the text is made: no honest text has them. */
const SLOTS = '\ue000\ue001'

/** What to write where a value is to stand: the first value, the second. */
export function slot(index: number): string {
  return SLOTS.charAt(index)
}

/** True for a text with a slot in it. */
export function hasSlots(text: string): boolean {
  return /[\ue000\ue001]/.test(text)
}

/** Cuts a text at its slots. */
export function compileTemplate(text: string): Template {
  return text
    .split(/([\ue000\ue001])/)
    .map((part) => (SLOTS.includes(part) && part !== '' ? SLOTS.indexOf(part) : part))
}

/** Puts values into the slots. */
export function fill(template: Template, values: readonly string[]): string {
  let text = ''
  for (const part of template) text += typeof part === 'number' ? (values[part] ?? '') : part
  return text
}
