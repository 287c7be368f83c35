/** The articles, as Ghost's editor keeps them. What is paid has the word CANARY; addresses are of `a.test`, which nobody has. */

const AT = 'https://a.test'

const text = (value) => ({
  type: 'extended-text',
  version: 1,
  text: value,
  detail: 0,
  format: 0,
  mode: 'normal',
  style: '',
})
const block = (type, children, more) => ({
  type,
  version: 1,
  children,
  direction: 'ltr',
  format: '',
  indent: 0,
  ...more,
})
const paragraph = (value) => block('paragraph', [text(value)])
const card = (type, fields = {}) => ({ type, version: 1, ...fields })
const lexical = (...children) => JSON.stringify({ root: block('root', children) })

const FREE = paragraph('The FREE part of the bridge.')
const PAYWALL = card('paywall')
const PAID = [
  paragraph('CANARY in a paragraph.'),
  block('extended-heading', [text('CANARY in a heading')], { tag: 'h2' }),
  block('list', [block('listitem', [text('CANARY in a list')], { value: 1 })], {
    listType: 'bullet',
    start: 1,
    tag: 'ul',
  }),
  block('extended-quote', [text('CANARY in a quote')]),
  block('aside', [text('CANARY in an aside')]),
]

const picture = (name) => ({
  src: `${AT}/content/images/${name}.jpg`,
  fileName: `${name}.jpg`,
  width: 1200,
  height: 800,
})

const PICTURES = [
  card('image', {
    ...picture('CANARY'),
    alt: 'CANARY',
    title: 'CANARY',
    caption: '<span>CANARY in a caption</span>',
    href: `${AT}/CANARY`,
  }),
  card('gallery', {
    images: [1, 2, 3].map((row) => ({ ...picture(`CANARY-${row}`), row: 0, alt: 'CANARY' })),
    caption: 'CANARY under a gallery',
  }),
  card('video', {
    ...picture('CANARY'),
    src: `${AT}/CANARY.mp4`,
    mimeType: 'video/mp4',
    thumbnailSrc: `${AT}/CANARY.png`,
    caption: 'CANARY',
  }),
  card('audio', { src: `${AT}/CANARY.mp3`, title: 'CANARY', duration: 60, mimeType: 'audio/mpeg' }),
  card('file', {
    src: `${AT}/CANARY.pdf`,
    fileTitle: 'CANARY',
    fileCaption: 'CANARY',
    fileName: 'CANARY.pdf',
    fileSize: 1000,
  }),
]

const BOXES = [
  card('bookmark', {
    url: `${AT}/CANARY`,
    metadata: {
      title: 'CANARY',
      description: 'CANARY',
      author: 'CANARY',
      publisher: 'CANARY',
      icon: `${AT}/CANARY.ico`,
      thumbnail: `${AT}/CANARY.png`,
    },
    caption: 'CANARY',
  }),
  card('embed', {
    url: `${AT}/CANARY`,
    embedType: 'video',
    html: `<iframe src="${AT}/CANARY" title="CANARY"></iframe>`,
    metadata: {},
    caption: 'CANARY',
  }),
  card('toggle', { heading: 'CANARY that opens', content: '<p>CANARY that was closed</p>' }),
  card('callout', { calloutText: 'CANARY', calloutEmoji: '!', backgroundColor: 'blue' }),
  card('codeblock', { code: 'const canary = "CANARY</p>"', language: 'js', caption: 'CANARY' }),
  card('html', {
    html: '<table><tr><td>CANARY</td></tr></table><script>var a = "CANARY"</script><div data-a="CANARY">CANARY',
  }),
  card('markdown', { markdown: '## CANARY\n\n| CANARY |\n|---|\n| CANARY |\n\nCANARY[^1]\n\n[^1]: CANARY' }),
  card('product', {
    productImageSrc: `${AT}/CANARY.png`,
    productTitle: 'CANARY',
    productDescription: '<p>CANARY</p>',
    productRatingEnabled: true,
    productButtonEnabled: true,
    productButton: 'CANARY',
    productUrl: `${AT}/CANARY`,
  }),
  card('header', {
    version: 2,
    header: 'CANARY',
    subheader: 'CANARY',
    buttonEnabled: true,
    buttonText: 'CANARY',
    buttonUrl: `${AT}/CANARY`,
  }),
  card('call-to-action', { textValue: '<p>CANARY</p>', buttonText: 'CANARY', buttonUrl: `${AT}/CANARY` }),
  card('button', { buttonText: 'CANARY', buttonUrl: `${AT}/CANARY` }),
  card('signup', { version: 1, header: 'CANARY', subheader: 'CANARY', disclaimer: 'CANARY', labels: ['CANARY'] }),
]

/** What Ghost writes into mail alone: no page has it, whoever asks. */
const MAILED = [
  card('email', { html: '<p>CANARY, MAILED</p>' }),
  card('email-cta', { html: '<p>CANARY, MAILED</p>', segment: 'status:-free' }),
]

const PAYING = { nonMember: false, memberSegment: 'status:-free' }
const gated = (html) => card('html', { html, visibility: { web: PAYING, email: PAYING } })
const FEATURED = {
  feature_image: `${AT}/content/images/bridge.jpg`,
  feature_image_alt: 'A bridge',
  feature_image_caption: 'A bridge',
}
const DATA = JSON.stringify({ '@context': 'https://schema.org', '@type': 'NewsArticle', articleBody: 'CANARY, whole' })

/** An article of the first editor of Ghost, which newer ones still show. */
const mobiledoc = JSON.stringify({
  version: '0.3.1',
  ghostVersion: '4.0',
  atoms: [],
  cards: [
    ['markdown', { markdown: 'The FREE part of the bridge.\n\n<!--members-only-->\n\nCANARY in *the old* editor.' }],
  ],
  markups: [],
  sections: [
    [10, 0],
    [1, 'p', [[0, [], 0, 'CANARY after the card']]],
  ],
})

const ARTICLES = {
  paragraphs: { lexical: lexical(FREE, PAYWALL, ...PAID) },
  pictures: { ...FEATURED, lexical: lexical(FREE, PAYWALL, ...PICTURES) },
  boxes: { lexical: lexical(FREE, PAYWALL, ...BOXES, ...MAILED, paragraph('CANARY at the end')) },
  'by hand': { lexical: lexical(FREE, card('html', { html: '<div><!--members-only--><p>CANARY</p></div>' }), ...PAID) },
  mobiledoc: { mobiledoc },
  described: {
    ...FEATURED,
    custom_excerpt: 'What we know of bridges.',
    meta_description: 'CANARY in a paragraph.',
    og_description: 'CANARY in a paragraph.',
    codeinjection_head: `<script type="application/ld+json">${DATA}</script>`,
    codeinjection_foot: '<script>window.article = "CANARY in a paragraph."</script>',
    lexical: lexical(FREE, PAYWALL, ...PAID),
  },
  members: { visibility: 'paid', lexical: lexical(FREE, PAYWALL, gated('<p>CANARY for those who pay</p>'), ...PAID) },
  unmarked: {
    ...FEATURED,
    feature_image_caption: 'CANARY',
    feature_image_alt: 'CANARY',
    lexical: lexical(...PAID, ...PICTURES),
  },
}

export const POSTS = Object.entries(ARTICLES).map(([kind, fields]) => ({
  kind,
  post: { title: `The bridge: ${kind}`, slug: kind.replace(' ', '-'), tags: [{ name: 'Bridges' }], ...fields },
}))
