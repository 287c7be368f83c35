/** A text with slots, cut at them: strings, and the numbers of the slots between. */
export type Template = readonly (string | number)[]

/** Private-use characters that stand for the slots while the text is written. Honest text has none of them. */
const SLOTS = '\ue000\ue001\ue002\ue003\ue004\ue005\ue006\ue007\ue008\ue009'

/** Returns the placeholder of a slot, 0 to 9, for use in a text that `compileTemplate` will cut. */
export function slot(index: number): string {
  return SLOTS.charAt(index)
}

/** Returns true if a text has a slot in it. */
export function hasSlots(text: string): boolean {
  return /[\ue000-\ue009]/.test(text)
}

/** The slot of the refused page's URL, as text within JSON: what rails add to a body is else the same for everyone. */
export const RESOURCE_SLOT = 9

export function compileTemplate(text: string): Template {
  return text
    .split(/([\ue000-\ue009])/)
    .map((part) => (SLOTS.includes(part) && part !== '' ? SLOTS.indexOf(part) : part))
}

/** Fills the slots with values, by position. A slot without a value is left empty. */
export function fill(template: Template, values: readonly string[]): string {
  let text = ''
  for (const part of template) text += typeof part === 'number' ? (values[part] ?? '') : part
  return text
}

/**
 * A template in UTF-8, for bodies: encoding a page for each response would cost more than all else that is done for it.
 */
export interface EncodedTemplate {
  readonly parts: readonly (Uint8Array | number)[]
  /** The length of the parts between the slots. */
  readonly bytes: number
}

const ENCODER = new TextEncoder()
const ASCII = /^[\0-\x7f]*$/

export function bytesOfText(text: string): Uint8Array {
  return ENCODER.encode(text)
}

export function encodeTemplate(template: Template): EncodedTemplate {
  const parts = template
    .filter((part) => part !== '')
    .map((part) => (typeof part === 'string' ? bytesOfText(part) : part))
  return { parts, bytes: parts.reduce<number>((sum, part) => sum + (typeof part === 'number' ? 0 : part.length), 0) }
}

/** Fills the slots with values, by position, as text or in UTF-8. A slot without a value is left empty. */
export function fillEncoded(
  { parts, bytes }: EncodedTemplate,
  values: readonly (string | Uint8Array)[],
): Uint8Array<ArrayBuffer> {
  const written = values.map((value) => (typeof value === 'string' && !ASCII.test(value) ? bytesOfText(value) : value))
  let length = bytes
  for (const part of parts) if (typeof part === 'number') length += written[part]?.length ?? 0
  const filled = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    const value = typeof part === 'number' ? (written[part] ?? '') : part
    if (typeof value === 'string')
      for (let index = 0; index < value.length; index++) filled[at + index] = value.charCodeAt(index)
    else filled.set(value, at)
    at += value.length
  }
  return filled
}
