/** URLs as sites have them, without the folder they stand in. None of them is an attack, and none may be refused. */

function words(text: string): string[] {
  return text.trim().split(/\s+/)
}

const TITLES = String.raw`
  Grüße aus Köln | Où est la bibliothèque ? | El niño y el pingüino | Crème brûlée à la carte | Žluťoučký kůň |
  Zażółć gęślą jaźń | Árvíztűrő tükörfúrógép | İstanbul’da ılık bir gün | Þórshöfn á Íslandi |
  Smörgåsbord på Åland | Tiếng Việt dễ học | Ελληνική γλώσσα | Москва слезам не верит | Київ — столиця України |
  Ծաղկաձոր | საქართველო | שלום עולם | مرحبا بالعالم | خوش آمدید | हिन्दी में समाचार | বাংলা ভাষা |
  தமிழ் இலக்கியம் | తెలుగు వార్తలు | ಕನ್ನಡ ಸಾಹಿತ್ಯ | മലയാളം വിക്കിപീഡിയ | සිංහල | ภาษาไทยวันละคำ | ພາສາລາວ |
  မြန်မာဘာသာ | ភាសាខ្មែរ | አማርኛ | 中文新闻 | 臺灣繁體中文 | 日本語のニュース | ニュース速報 | 한국어 뉴스 | Монгол хэл | Қазақ тілі |
  O‘zbek tili | Ōtautahi | naïve café | Ångström | Brontë sisters | São Paulo | coöperate | ﬁrst edition |
  H₂O und CO₂ | x² + y² | ½ price | 20 € | £5 off | № 5 | … and more | “quoted” | em—dash | emoji 🎉 |
  👩‍👩‍👧‍👦 family | 🇺🇦 | ①②③ | Ｆｕｌｌｗｉｄｔｈ
`
  .split('|')
  .map((title) => title.trim())

const NAMES = words(String.raw`
  report.pdf archive.tar.gz archive.tar.gz.asc jquery-3.7.1.min.js jquery.min.js.map style.v2.css
  app.4f3c2b1a.chunk.js photo@2x.png IMG_0001.JPG README.md LICENSE Makefile .well-known .gitignore data.json
  feed.xml atom.xml index.html index.php default.aspx page.jsp sitemap.xml.gz robots.txt favicon.ico v1.2.3
  v2.0.0-rc.1+build.5 1.0 10.0.0.1 node-v24.1.0-linux-x64.tar.xz foo.d.ts a.b.c.d a.b.c.d.e.f version-1..2
  wait... etc. Mr._Smith U.S.A. e.g. C++ C%2B%2B C%23 F%23 A&B AT&T Q&A rock-n-roll rock'n'roll O%27Reilly a_b
  a-b a--b - _ ~user user~ ~ !important hello! (2024) Mercury_(planet) a,b,c 52.5200,13.4050 @52.52,13.405,12z
  @alice @scope @scope%2Fname alice@example.com mailto:alice@example.com urn:isbn:9780131103627
  doi:10.1000%2F182 Talk:Main_Page Special:Search File:Foo.jpg Category:1990s 12:30 2026-11-22T12:30:00Z
  2026-11-22T12:30:00+02:00 key=value a=1&b=2 $price $$ * ** a*b 2026-11-22 20261122 22.11.2026 1999
  123456789012 0 -1 +1 3.14159 1e10 0x1f 50%25 100%25 100%25-off %25 50%25%20off %E2%82%AC20 %20 two%20words
  two+words a%20b%20c a%2Fb a%2fb%2fc a%3Ab a%2Cb a%40b a%26b a%3Db a%22b a%7Cb a%5B0%5D %7Bid%7D a%3Fb what%3F
  matrix;v=1 items;color=red;size=l page;jsessionid=1A2B3C4D a;b x%3By 550e8400-e29b-41d4-a716-446655440000
  %7B550e8400%7D 01ARZ3NDEKTSV4RRFFQ69G5FAV dQw4w9WgXcQ aGVsbG8gd29ybGQ _-_AbC123-_ eyJhIjoxfQ
  QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnpV9b sha256:9f86d081884c7d65 9f86d081884c7d659a2feaa0c55ad015
  ABC-123 abc_DEF UPPER CamelCase MixedCASE.HTML K ſ members-only my-articles article articles-archive
  membership free index login a con nul.txt aux true null undefined NaN constructor __proto__ toString
`)

const QUERIES = words(String.raw`
  ? ?a ?a= ?a=1 ?a=1&b=2 ?a=1;b=2 ?q=two+words ?q=two%20words ?q=%E2%82%AC ?q=€ ?q='quoted' ?q=%22x%22
  ?q=%3Cb%3E ?q={x} ?q=[1,2] ?filter[name]=x ?filter%5Bname%5D=x ?a[]=1&a[]=2 ?q=a|b ?q=^x$ ?q=\d%2B ?q=100%
  ?q=100%25 ?q=% ?q=%zz ?q=%ff ?q=%00 ?q=%C0%AF ?return=https://example.com/a?b=c
  ?return=https%3A%2F%2Fexample.com%2Farticles%2F1 ?next=/articles/1 ?next=../members ?path=/../.. ?t=12:30
  ?ids=1,2,3 ?user=@alice ?a=b=c ?&& ?&a=1& ?? ?a?b ?! ?~ ?* ?(') ?_=1700000000000
  ?utm_source=a&utm_medium=b&utm_campaign=c%20d ?v=1.2.3 ?callback=jQuery_1&_=2 ?token=aGVsbG8
  ?json={%22a%22:[1,{%22b%22:null}]} ?😀=🎉 ?q=%F0%9F%8E%89 ?x=/ ?x=// ?x=; ?x=: ?x=+ ?page=2#top
`)

const FOLDERS = [
  '2026/11/22',
  'en-GB/docs/v1.0/guide',
  'wiki',
  '@scope/name/-',
  'a/b/c/d/e/f/g/h/i/j',
  'users/~alice',
  'tags/C%23',
  'shop/män/größe',
]

const LONG = [
  'x'.repeat(2048),
  'x'.repeat(8000),
  `${'segment/'.repeat(500)}end`,
  `${'a-long-slug-'.repeat(300)}end`,
  'Überlänge-'.repeat(100),
  encodeURIComponent('長い'.repeat(300)),
  `${'%20'.repeat(100)}x`,
  `${'a.'.repeat(100)}txt`,
  '1/'.repeat(1000),
  `file?${'k=v&'.repeat(2000)}`,
  `file?q=${'x'.repeat(8000)}`,
  `file?q=${encodeURIComponent('検索'.repeat(400))}`,
  `tiles/${'0123456789abcdef'.repeat(128)}.png`,
  'two%20words%20'.repeat(60),
  `${'a,b;c=d/'.repeat(40)}e`,
]

/** Names as a browser writes them, as some clients write them raw, and as wikis do. */
function titles(): string[] {
  return TITLES.flatMap((title) => [
    encodeURIComponent(title),
    encodeURIComponent(title).toLowerCase(),
    `${encodeURIComponent(title.replaceAll(' ', '_'))}.html`,
    title.replaceAll(' ', '-').replaceAll('?', ''),
  ])
}

/** At least five hundred paths with their queries, relative to a folder that anyone may read. */
export function ordinaryPaths(): readonly string[] {
  const inFolders = FOLDERS.flatMap((folder, index) =>
    NAMES.filter((_, at) => at % FOLDERS.length === index).map((name) => `${folder}/${name}`),
  )
  const asFolders = NAMES.filter((_, at) => at % 4 === 0).map((name) => `${name}/`)
  const queried = QUERIES.map((query) => `search${query}`)
  return [...new Set(['', ...NAMES, ...titles(), ...queried, ...inFolders, ...asFolders, ...LONG])]
}

/** Pages that are for sale, as their readers address them. */
export function paidPaths(): readonly string[] {
  const below = [
    '',
    '/',
    '/1',
    '/1/',
    '/2026/11/22/a-title',
    '/A-Title',
    '/a_title',
    '/title.html',
    '/title.json',
    '/title.tar.gz',
    '/1.0',
    '/v2.0.0-rc.1',
    '/two%20words',
    '/two+words',
    '/caf%C3%A9',
    '/café',
    '/%D0%9C%D0%BE%D1%81%D0%BA%D0%B2%D0%B0',
    '/中文',
    '/100%25',
    '/a%2Fb',
    '/a,b',
    '/a:b',
    '/@alice',
    '/~alice',
    '/(x)',
    '/a;b=c',
    '/C%23',
    '/C++',
    '/what%3F',
    '/550e8400-e29b-41d4-a716-446655440000',
    '/dQw4w9WgXcQ',
    '/index.html',
    '/photo@2x.png',
    '/1?a=1',
    '/1?a=1&b=%20',
    '/1?next=/free/',
    '/1?q=%22x%22',
    '/1?',
    '/search?q=two+words',
    `/${'x'.repeat(2000)}`,
    `/1?q=${'x'.repeat(4000)}`,
    '/wait...',
    '/👩‍👩‍👧‍👦',
    '/U.S.A.',
    '/2026-11-22T12:30:00Z',
    "/rock'n'roll",
  ].map((rest) => `/articles${rest}`)
  return [...below, '/members', '/members/', '/members?a=1', '/members?']
}
