const en = {
  legal: { terms: 'Terms', privacy: 'Privacy', imprint: 'Imprint' },
}

export type FrameWords = typeof en

const de: FrameWords = {
  legal: { terms: 'AGB', privacy: 'Datenschutz', imprint: 'Impressum' },
}

/** The words that every page has. */
export const FRAME_WORDS = { en, de }
