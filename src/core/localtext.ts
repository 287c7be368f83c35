/** A text for people: one for every language, or one for each, by language tag (BCP 47). */
export type LocalText = string | Readonly<Record<string, string>>

/**
 * Returns the text in a language: that of the tag itself, else of its primary language, else the first that there is.
 */
export function localText(text: LocalText, language: string): string {
  if (typeof text === 'string') return text
  return text[language] ?? text[language.split('-')[0] ?? ''] ?? Object.values(text)[0] ?? ''
}
