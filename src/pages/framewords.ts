/** The words that every page has. */
export const en = {
  legal: { terms: 'Terms', privacy: 'Privacy', imprint: 'Imprint' },
}

export type FrameWords = typeof en

export const de: FrameWords = {
  legal: { terms: 'AGB', privacy: 'Datenschutz', imprint: 'Impressum' },
}
