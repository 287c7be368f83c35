/** A text with slots, cut at them: strings, and the numbers of the slots between. */
export type Template = readonly (string | number)[]

/** Private-use characters that stand for the slots while the text is written. Honest text has none of them. */
const SLOTS = '\ue000\ue001\ue002\ue003\ue004\ue005\ue006\ue007\ue008'

/** Returns the placeholder of a slot, 0 to 8, for use in a text that `compileTemplate` will cut. */
export function slot(index: number): string {
  return SLOTS.charAt(index)
}

/** Returns true if a text has a slot in it. */
export function hasSlots(text: string): boolean {
  return /[\ue000-\ue008]/.test(text)
}

export function compileTemplate(text: string): Template {
  return text
    .split(/([\ue000-\ue008])/)
    .map((part) => (SLOTS.includes(part) && part !== '' ? SLOTS.indexOf(part) : part))
}

/** Fills the slots with values, by position. A slot without a value is left empty. */
export function fill(template: Template, values: readonly string[]): string {
  let text = ''
  for (const part of template) text += typeof part === 'number' ? (values[part] ?? '') : part
  return text
}
